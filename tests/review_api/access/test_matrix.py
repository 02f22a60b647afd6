"""Who gets at what: the matrix on SQLite, and again on PostgreSQL with the application's own filter taken away."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi import Path as InPath
from sqlalchemy import create_engine, text

from models.errors import NotFoundError
from models.leads import Lead
from models.organisations import Role
from models.storage import ObjectSettings, StoreSettings, open_objects, open_store, walls
from review_api.access import policy
from review_api.access.policy import PERSON, POLICIES, policy_for
from review_api.app import create_app
from review_api.desk import Desk
from review_api.settings import ReviewSettings
from tests.review_api import world as worlds
from tests.review_api.access.matrix import ENDINGS, Matrix, routes
from tests.review_api.access.requests import BODIES, MISSING, address, filled
from tests.review_api.access.tenants import UNITS, Tenants, settle
from tests.review_api.access.unfiltered import without_organisation_filters
from tests.review_api.conftest import Caller
from tests.review_api.world import World


@pytest.fixture(scope="module")
def settled(pristine: World, tmp_path_factory: pytest.TempPathFactory) -> Tenants:
    """Built once; nobody writes to it."""
    folder = tmp_path_factory.mktemp("tenants") / "world"
    shutil.copytree(pristine.folder, folder)
    world = at(folder, pristine)
    tenants = settle(world)
    world.store.close()
    return tenants


@pytest.fixture
def tenants(settled: Tenants, tmp_path: Path) -> Iterator[Tenants]:
    """A copy that a test may change."""
    folder = tmp_path / "tenants"
    shutil.copytree(settled.world.folder, folder)
    world = at(folder, settled.world)
    yield Tenants(world, settled.things, settled.people, settled.keys)
    world.store.close()


def at(folder: Path, like: World) -> World:
    return World(
        store=open_store(StoreSettings(url=f"sqlite:///{folder / 'review.sqlite'}")),
        objects=open_objects(ObjectSettings(url=str(folder / "objects"))),
        folder=folder,
        accounts=like.accounts,
        leads=dict(like.leads),
        pictures=like.pictures,
    )


def application(tenants: Tenants, store: Any = None) -> FastAPI:
    world = tenants.world
    return create_app(store or world.store, world.objects, world.port, ReviewSettings())


@pytest.fixture
def matrix(tenants: Tenants, portal: BlockingPortal) -> Matrix:
    return Matrix(application(tenants), tenants, portal)


def contents(tenants: Tenants) -> list[str]:
    """The whole database but the sessions, which the callers open."""
    with sqlite3.connect(tenants.world.folder / "review.sqlite") as connection:
        lines = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "sessions"')]
    connection.close()
    return lines


@pytest.mark.timeout(900)  # many thousands of requests: on a busy machine that takes a while
def test_nobody_gets_beyond_the_policy_and_nobody_at_another_s_things(matrix: Matrix, tenants: Tenants) -> None:
    before = contents(tenants)
    found = matrix.refusals()
    assert found.broken == []
    assert found.tried > 3000
    assert contents(tenants) == before


def test_lists_show_nothing_of_others(matrix: Matrix) -> None:
    found = matrix.lists()
    assert found.broken == []
    assert found.tried > 200


def test_own_things_are_there(matrix: Matrix) -> None:
    found = matrix.owned()
    assert found.broken == []
    assert found.tried > 150


def test_every_role_and_kind_is_let_in_somewhere(matrix: Matrix) -> None:
    """A role that opened nothing would make its refusals worth nothing."""
    everybody = {"GET /", "GET /profile", "GET /api/v1/session", "GET /api/v1/openapi.json"}
    opened: dict[str, set[str]] = {}
    for name, _, _, admits in matrix.callers():
        opened[name] = {f"{method} {path}" for method, path, each, _ in matrix.operations() if admits(each)}
    assert all(everybody <= calls for name, calls in opened.items() if "machine" not in name)
    liaison = opened["liaison of yunjishi"] - everybody
    assert all("/letters" in call or call == "GET /statements" for call in liaison), "a liaison has letters and no more"
    assert "GET /letters" in liaison
    assert opened["holder-editor of qingchuan"] - everybody == opened["agent of zhihe"] - everybody
    assert all("GET /audit" in calls for name, calls in opened.items() if name.startswith("auditor"))
    assert not [call for call in opened["viewer of linhai"] if not call.startswith("GET ")]
    machine = opened["a machine of linhai"]
    assert "GET /api/v1/leads" in machine
    assert not [call for call in machine if "/decisions" in call or call == "POST /api/v1/case-leads"]


def test_nothing_answers_without_a_session_but_four_routes(
    matrix: Matrix, tenants: Tenants, portal: BlockingPortal
) -> None:
    anybody = Caller(matrix.app, portal)
    before, answering = contents(tenants), set()
    things = MISSING | tenants.things["linhai"]
    for method, path in [*routes(matrix.app), ("GET", "/static")]:
        body = filled(BODIES.get(f"{method} {path}", {}), things)
        where = "/static/console.css" if path == "/static" else address(path, things)
        answer = anybody(method, where, **body)
        if answer.status_code < 300:
            answering.add(f"{method} {path}")
        elif f"{method} {path}" not in {"POST /signin", "POST /api/v1/session"} and "oidc" not in path:
            assert answer.status_code == (401 if path.startswith("/api/") else 303), (method, path)
    assert answering == {"GET /healthz", "GET /readyz", "GET /signin", "GET /static"}
    assert answering == {call for call, each in POLICIES.items() if each == policy.ANYBODY}
    added = [line for line in contents(tenants) if line not in before]
    assert all("sign_in_attempts" in line or "audit_trail" in line or "counters" in line for line in added)


def test_no_change_is_made_with_a_cookie_and_without_the_form_token(matrix: Matrix, tenants: Tenants) -> None:
    before, tried = contents(tenants), 0
    everything = Caller(matrix.app, matrix.portal)
    person = tenants.people["linhai", Role.OFFICER].model_copy(update={"roles": tuple(Role)[:5]})
    tenants.world.store.accounts.save(person)
    everything.enter_as(tenants.world.store, person.account_id)
    before = contents(tenants)
    things = MISSING | tenants.things["linhai"]
    for method, path in routes(matrix.app):
        each = policy_for(method, path)
        if method == "GET" or each is None or each.open_to_all:
            continue
        for headers in ({}, {"X-CSRF-Token": "0" * 64}):
            body = filled(BODIES.get(f"{method} {path}", {}), things)
            answer = everything(
                method, address(path, things), csrf=False, **{**body, "headers": {**body.get("headers", {}), **headers}}
            )
            assert answer.status_code == 403, (method, path)
            assert answer.headers.get("set-cookie") is None
            tried += 1
    assert tried >= 50
    assert contents(tenants) == before


def test_signing_out_ends_that_session_alone(matrix: Matrix) -> None:
    for ending in sorted(ENDINGS):
        method, path = ending.split(" ")
        one, other = matrix.person("linhai", Role.OFFICER), matrix.person("linhai", Role.OFFICER)
        assert one(method, path).status_code in {204, 303}
        assert one.get("/api/v1/session").status_code == 401
        assert other.get("/api/v1/session").status_code == 200


def undeclared(app: FastAPI) -> set[str]:
    return {f"{method} {path}" for method, path in routes(app) if policy_for(method, path) is None}


def test_every_route_declares_its_policy_and_every_policy_has_its_route(matrix: Matrix) -> None:
    assert undeclared(matrix.app) == set()
    served = {f"{method} {path.replace(':path', '')}" for method, path in routes(matrix.app)} | {"GET /static"}
    assert set(POLICIES) == served


def test_a_route_without_a_policy_is_noticed_and_answers_nobody(tenants: Tenants, portal: BlockingPortal) -> None:
    """Negative control of the test above."""
    app = application(tenants)
    app.add_api_route("/api/v1/forgotten", lambda: "open to all")
    assert undeclared(app) == {"GET /api/v1/forgotten"}
    assert Matrix(app, tenants, portal).person("linhai", Role.SUPERVISOR).get("/api/v1/forgotten").status_code == 403
    assert Caller(app, portal).get("/api/v1/forgotten").status_code == 401


def test_a_route_that_leaks_is_caught(
    tenants: Tenants, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: a route that asks the whole installation's store for whichever organisation has the lead."""
    app = application(tenants)
    whole: Desk = app.state.desk

    def leak(lead_id: str = InPath()) -> Lead:
        return anyone_s_lead(whole.store, lead_id)

    app.add_api_route("/api/v1/leaky/{lead_id}", leak)
    monkeypatch.setitem(POLICIES, "GET /api/v1/leaky/{lead_id}", PERSON)
    found = Matrix(app, tenants, portal, only="/api/v1/leaky/{lead_id}").refusals()
    assert len(found.broken) > 10
    assert all("on a thing of" in line for line in found.broken)


def anyone_s_lead(store: Any, lead_id: str) -> Lead:
    for unit in UNITS:
        try:
            found: Lead = store.leads.get(unit, lead_id)
        except NotFoundError:
            continue
        return found
    raise NotFoundError("no such lead")


class CarelessLeads:
    """Finds a lead whoever asks for it."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store.leads, name)

    def get(self, organisation_id: str, lead_id: str) -> Lead:
        return anyone_s_lead(self._store, lead_id)


class CarelessStore:
    """A store that forgets in one place whose things are asked for."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.leads = CarelessLeads(store)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def acting_for(self, organisation_id: str) -> "CarelessStore":
        return CarelessStore(self._store)


def test_a_store_that_forgets_the_organisation_is_caught(tenants: Tenants, portal: BlockingPortal) -> None:
    careless = CarelessStore(tenants.world.store)
    found = Matrix(application(tenants, careless), tenants, portal, only="/api/v1/leads/{lead_id}").refusals()
    assert found.broken
    assert all("on a thing of" in line for line in found.broken)


def test_a_policy_that_lets_too_many_in_is_caught(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the gate lets everybody in, whatever the table says."""
    monkeypatch.setattr("review_api.desk.policy_for", lambda method, path: policy.CALLER)
    matrix.only = "/api/v1/leads"
    assert any("liaison" in line for line in matrix.refusals().broken)


def test_the_same_lead_id_in_two_organisations_is_two_leads(matrix: Matrix, tenants: Tenants) -> None:
    same = tenants.things["linhai"]["lead"]
    theirs = tenants.world.leads["qiaonan"][0]
    url = f"sqlite:///{tenants.world.folder / 'review.sqlite'}"
    rename_lead(url, "qiaonan", theirs, same)
    officers = {unit: matrix.person(unit, Role.OFFICER) for unit in ("linhai", "qiaonan")}
    titles = {
        unit: officer.get(f"/api/v1/leads/{same}").json()["lead"]["screening"]["subject"]["listing_id"]
        for unit, officer in officers.items()
    }
    assert all(listing_id.startswith(unit) for unit, listing_id in titles.items())
    decided = {"disposition": "dismissed", "reason_code": "duplicate", "revision": 0}
    assert officers["linhai"].post(f"/api/v1/leads/{same}/decisions", json=decided).status_code == 200
    assert officers["qiaonan"].get(f"/api/v1/leads/{same}").json()["lead"]["disposition"] == "open"
    assert officers["qiaonan"].get("/leads/" + same).text.count("linhai-") == 0


def rename_lead(url: str, organisation_id: str, before: str, after: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE leads SET lead_id = :after WHERE organisation_id = :whose AND lead_id = :before"),
            {"after": after, "before": before, "whose": organisation_id},
        )
    engine.dispose()


@pytest.fixture(scope="module")
def served(postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    url = postgres_server.create_database()
    world = worlds.build(tmp_path_factory.mktemp("served"), url)
    yield settle(world)
    world.store.close()


@pytest.mark.timeout(900)
@pytest.mark.postgres
@pytest.mark.xdist_group("walls")
def test_with_the_application_s_filter_gone_the_walls_still_stand(served: Tenants, portal: BlockingPortal) -> None:
    with without_organisation_filters() as switched_off:
        matrix = Matrix(application(served), served, portal)
        refusals, lists = matrix.refusals(admitted_only=True), matrix.lists()
    assert switched_off.statements > 1000
    assert refusals.broken == []
    assert lists.broken == []
    assert refusals.tried > 300


@pytest.mark.postgres
@pytest.mark.xdist_group("walls")
def test_without_filter_and_walls_the_matrix_finds_foreign_rows(
    served: Tenants, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: it is the walls that held, and the matrix would have seen it had they not."""
    monkeypatch.setattr(walls, "enter", walls.enter_as_owner)
    with without_organisation_filters():
        app = application(served)
        leads = Matrix(app, served, portal, only="/api/v1/leads/{lead_id}").refusals(admitted_only=True)
        people = Matrix(app, served, portal, only="/api/v1/people").lists()
    assert any("GET /api/v1/leads/{lead_id}" in line for line in leads.broken)
    assert any("GET /api/v1/people" in line for line in people.broken)
