"""A thousand hand-made nasty requests: whatever is put wherever, it is the caller's fault or an answer, never ours."""

import pytest
from anyio.from_thread import BlockingPortal

from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api.access.matrix import routes
from tests.review_api.access.tenants import Tenants, settle
from tests.review_api.conftest import Caller
from tests.review_api.nasties import NASTIES, PLACES, calls, requests
from tests.review_api.world import World

ROUNDS = 3  # 1,404 requests
MANY = 1_000


class Sent:
    """What came back."""

    def __init__(self) -> None:
        self.count = 0
        self.faults: list[str] = []
        self.statuses: dict[int, int] = {}
        self.routes: set[str] = set()


def send_all(
    tenants: Tenants, portal: BlockingPortal, rounds: int, *, every: int = 1, only: list[tuple[str, str]] | None = None
) -> Sent:
    world = tenants.world
    app = create_app(world.store, world.objects, world.port, ReviewSettings())
    caller = Caller(app, portal)
    account = world.accounts["linhai"]
    sent = Sent()
    for request in requests(calls(only or routes(app), tenants, "linhai"), rounds, every=every):
        if sent.count % 50 == 0:  # whatever an earlier one did to the account or its session
            world.store.accounts.save(account)
            caller.enter_as(world.store, account.account_id)
        headers = request.more.get("headers", {})
        pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
        more = {**request.more, "headers": [*pairs, ("X-CSRF-Token", caller.csrf)]}
        answer = caller(request.method, request.path, csrf=False, **more)
        sent.count += 1
        sent.routes.add(request.told.split(" of ")[-1])
        sent.statuses[answer.status_code] = sent.statuses.get(answer.status_code, 0) + 1
        if answer.status_code >= 500 or "traceback" in answer.text.lower():
            sent.faults.append(f"{answer.status_code} {request.told}")
        if "x=1" in answer.headers.get("set-cookie", ""):
            sent.faults.append(f"a header of theirs: {request.told}")
        if answer.headers.get("location", "/").startswith(("//", "http", "javascript", "/\\")):
            sent.faults.append(f"sent elsewhere: {request.told}")
    return sent


def test_nasty_requests_are_no_fault_of_ours(world: World, portal: BlockingPortal) -> None:
    """Short form: every value in half of the places, in calls that take turns."""
    sent = send_all(settle(world), portal, 1, every=2)
    assert not sent.faults, "\n".join(sent.faults)
    assert sent.count == len(NASTIES) * len(PLACES) // 2
    assert {200, 404, 422} <= set(sent.statuses)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_thousand_nasty_requests_are_no_fault_of_ours(world: World, portal: BlockingPortal) -> None:
    sent = send_all(settle(world), portal, ROUNDS)
    assert not sent.faults, "\n".join(sent.faults)
    assert sent.count >= MANY
    assert len(sent.routes) > 70


def test_a_fault_is_noticed(world: World, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a store that chokes on a value."""

    def choke(*_: object, **__: object) -> None:
        raise RuntimeError("choked")

    tenants = settle(world)
    monkeypatch.setattr(type(world.store.leads), "find", choke)
    few = [("GET", "/leads"), ("POST", "/triage/points")]
    monkeypatch.setattr("tests.review_api.nasties.NASTIES", {"NUL": b"a\x00b", "SQL": b"'; --"})
    assert any("/leads" in fault for fault in send_all(tenants, portal, 1, only=few).faults)
