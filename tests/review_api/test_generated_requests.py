"""Requests generated from the OpenAPI document by schemathesis: single ones, sound and unsound, and walks along its
links that use what was answered before. No answer is a fault of ours (5xx), and every answer is as the document says:
its status, its headers, its body.

The short form runs with the suite; `make soak` sends 20,000.
"""

import copy
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings

from models.access import Account
from models.moments import now
from models.organisations import ROLES, Organisation
from review_api.access.policy import policy_for
from review_api.links import SOURCES, Source
from review_api.sessions import CSRF_HEADER, Visitor, cookie_name
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_token, token_hash
from tests.review_api import world as worlds
from tests.review_api.access.requests import BODIES, NAMES, filled
from tests.review_api.access.tenants import ORGANISATIONS, Tenants
from tests.review_api.console.stops import peopled

schemathesis = pytest.importorskip("schemathesis")
checks = pytest.importorskip("schemathesis.checks")

STEPS = 6
PATIENCE_S = 300.0  # a busy machine is no fault
# Ends what the caller calls with; a session of its own is tried in test_sign_in.
LEFT_OUT = {("DELETE", "/api/v1/session")}
LISTS = {source.call for sources in SOURCES.values() for source in sources if source.call.startswith("GET")}


def copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@dataclass
class Driver:
    """Sends generated requests as somebody whom the policy lets in, and counts what came back."""

    app: FastAPI
    tenants: Tenants
    people: list[tuple[Account, Organisation]]
    statuses: dict[int, int] = field(default_factory=dict)
    calls: dict[str, set[int]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    turn: int = 0

    def __post_init__(self) -> None:
        self._file = self.tenants.world.folder / "review.sqlite"
        self._first = self.tenants.world.folder / "first.sqlite"
        copy_database(self._file, self._first)

    def start_again(self) -> None:
        """Everything as it was at first: a walk finds the same things whatever was done on the one before."""
        copy_database(self._first, self._file)
        self.sessions.clear()
        self.turn = 0

    @property
    def sent(self) -> int:
        return sum(self.statuses.values())

    def caller(self, method: str, path: str) -> Account:
        """The first person whom the policy lets in."""
        policy = policy_for(method, path)
        return next((each for each, of in self.people if Visitor(each, "", of).admitted(policy)), self.people[0][0])

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The cookie and form token of a session."""
        account = self.caller(method, path)
        if account.account_id not in self.sessions:
            token = secrets.token_urlsafe(32)
            accounts, at = self.tenants.world.store.accounts, now()
            accounts.save(account)  # put right, whatever an earlier request made of it
            accounts.open_session(token_hash(token), account.account_id, at=at, expires_at=at + timedelta(hours=9))
            self.sessions[account.account_id] = token
        token = self.sessions[account.account_id]
        return {"Cookie": f"{cookie_name(ReviewSettings())}={token}", CSRF_HEADER: csrf_token(token)}

    def steer(self, case: Any) -> Any:
        """Towards what is there: of three requests one stays as generated, one names a thing that the caller has, one
        has a body that would do as well. What a link or a generator put beside that stays."""
        method, path = case.method.upper(), case.operation.path
        things = self.tenants.things[self.caller(method, path).organisation_id]
        turn = self.turn % 3
        if turn and all(NAMES.get(name) in things for name in case.path_parameters or ()):
            case.path_parameters = {name: things[NAMES[name]] for name in case.path_parameters or ()}
        template = BODIES.get(f"{method} {path}", {})
        if turn == 2 and "json" in template and set(re.findall(r"{(\w+)}", str(template))) <= set(things):
            case.body = filled(template["json"], things)
        return self.unfiltered(case)

    def unfiltered(self, case: Any) -> Any:
        """A list that links start from shows something, every other time."""
        if self.turn % 2 and f"GET {case.operation.path}" in LISTS and case.method.upper() == "GET":
            case.query = {}
        return case

    def send(self, case: Any) -> Any:
        self.turn += 1
        headers = self.headers(case.method.upper(), case.operation.path)
        answer = case.call(headers=headers, timeout=PATIENCE_S)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        self.calls.setdefault(case.operation.label, set()).add(answer.status_code)
        if case.operation.path.startswith("/api/v1/people/"):
            self.sessions.clear()
        return answer

    def check(self, case: Any, answer: Any) -> None:
        case.validate_response(answer, checks=CHECKS)


CHECKS = [
    checks.not_a_server_error,
    *(
        getattr(pytest.importorskip("schemathesis.specs.openapi.checks"), name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        )
    ),
]


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    tenants, app = peopled(worlds.build(tmp_path))
    people = []
    for organisation in ORGANISATIONS:
        if organisation.organisation_id in {"linhai", "qingchuan", "yunjishi"}:
            everything = tenants.people[organisation.organisation_id, min(ROLES[organisation.kind])].model_copy(
                update={"roles": tuple(sorted(ROLES[organisation.kind]))}
            )
            people.append((everything, organisation))
    yield Driver(app, tenants, people)
    tenants.world.store.close()


def schema_of(driver: Driver, document: dict[str, Any] | None = None) -> Any:
    schema = schemathesis.openapi.from_dict(document or driver.app.openapi())
    schema.app = driver.app
    schema.config.generation.with_security_parameters = False
    for method, path in LEFT_OUT:
        schema = schema.exclude(method=method, path=path)
    return schema


def single(driver: Driver, examples: int) -> None:
    """Requests on their own: those that fit the document and those that do not."""
    schema = schema_of(driver)
    strategy = schema.as_strategy()

    @settings(max_examples=examples, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=strategy)
    def each(case: Any) -> None:
        driver.check(case, driver.send(driver.steer(case)))

    each()


def walks(driver: Driver, examples: int) -> None:
    """Walks along the links."""
    machine: Any = schema_of(driver).as_state_machine()

    class Walk(machine):  # type: ignore[misc]
        def setup(self) -> None:
            driver.start_again()

        def call(self, case: Any, **_: Any) -> Any:
            return driver.send(driver.unfiltered(case))

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            driver.check(case, response)

    walking = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    Walk.run(settings=walking)


def test_generated_requests_are_answered_as_the_document_says(driver: Driver) -> None:
    single(driver, 50)
    walks(driver, 10)
    assert {200, 404, 422} <= set(driver.statuses)
    assert driver.statuses.get(401, 0) * 20 < 500, "the caller was not signed in"


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_twenty_thousand_generated_requests(driver: Driver) -> None:
    single(driver, 8_000)
    while driver.sent < 20_000:
        walks(driver, 400)
    told = {call: sorted(statuses) for call, statuses in sorted(driver.calls.items())}
    print(driver.sent, driver.statuses, told)  # noqa: T201  the figures of the long drive
    operations = sum(len(each) for each in driver.app.openapi()["paths"].values()) - len(LEFT_OUT)
    assert len(driver.calls) == operations
    done = [call for call, statuses in driver.calls.items() if min(statuses) < 300]
    # What takes a chain of right answers in turn (a batch checked, signed, sent) has tests of its own.
    assert len(done) > 0.75 * operations, "most calls were only ever refused"


def test_a_fault_and_an_answer_beside_the_document_are_caught(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative controls: a route that fails, and one whose answer lacks what the document promises."""
    case = schema_of(driver)["/api/v1/leads/counts"]["GET"].Case()

    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(type(driver.tenants.world.store.leads), "facets", broken)
        with pytest.raises(BaseException, match="a fault"):
            driver.check(case, driver.send(case))
    driver.check(case, driver.send(case))
    document = copy.deepcopy(driver.app.openapi())
    document["components"]["schemas"]["LeadCounts"]["required"].append("never-sent")
    case = schema_of(driver, document)["/api/v1/leads/counts"]["GET"].Case()
    with pytest.raises(BaseException, match="never-sent"):
        driver.check(case, driver.send(case))


def test_links_lead_from_what_an_answer_tells_to_what_a_call_asks(driver: Driver) -> None:
    """Every pointer of the table is in the documented answer, and every link has what its target's path needs."""
    document = driver.app.openapi()
    assert not [source for sources in SOURCES.values() for source in sources if not told(document, source)]
    links = [
        link
        for operations in document["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert len(links) > 60
    by_id = {each["operationId"]: each for paths in document["paths"].values() for each in paths.values()}
    for link in links:
        asked = {each["name"] for each in by_id[link["operationId"]]["parameters"] if each["in"] == "path"}
        assert asked == set(link["parameters"])


def told(document: dict[str, Any], source: Source) -> bool:
    method, path = source.call.split(" ")
    content = document["paths"][path][method.lower()]["responses"][source.status]["content"]
    schema = content["application/json"]["schema"]
    for part in source.pointer.strip("/").split("/"):
        while "$ref" in schema or "anyOf" in schema:  # of what may be missing, what it is where it is there
            schema = schema["anyOf"][0] if "anyOf" in schema else schema
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        if part == "0" and "items" in schema:
            schema = schema["items"]
        elif part in schema.get("properties", {}):
            schema = schema["properties"][part]
        else:
            return False
    return True
