"""Every page of the console, for everybody who may see it, found by walking the routes of the application: a new page
is among them without being named here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.access import Account
from models.organisations import OrganisationKind, Role
from models.scoring_ports import PicturePort
from review_api.access.policy import policy_for
from review_api.app import create_app
from review_api.sessions import Visitor
from review_api.settings import ReviewSettings
from tests.review_api.access.matrix import routes
from tests.review_api.access.requests import BODIES, address, filled, sorts
from tests.review_api.access.tenants import ORGANISATIONS, Tenants, settle
from tests.review_api.conftest import Caller
from tests.review_api.world import World

# Seen by no walk along the routes: states of pages, as path and the role that is shown it.
STATES: tuple[tuple[str, Role | None], ...] = (
    ("/signin", None),
    ("/leads?text=nothing-like-this", Role.OFFICER),
    ("/nowhere", Role.OFFICER),
    ("/people", Role.VIEWER),
    ("/case-leads/1999-00001", Role.OFFICER),
    ("/leads/{lead-with-pictures}", Role.OFFICER),
    ("/leads/{parcel}", Role.OFFICER),
)
# One of each kind of organisation is enough: their pages are alike.
SEEN_BY = ("linhai", "youzheng", "qingchuan", "zhihe", "yunjishi")


@dataclass(frozen=True)
class Stop:
    """A page and somebody who sees it; nobody in particular where `account` is None."""

    route: str
    path: str
    account: Account | None
    text: str

    @property
    def name(self) -> str:
        return f"{self.route} by {self.account.account_id if self.account else 'nobody'}"

    @property
    def account_id(self) -> str:
        return self.account.account_id if self.account else ""


def peopled(world: World, decoder: PicturePort | None = None) -> tuple[Tenants, FastAPI]:
    """The world with everybody in it, and the application; pictures can be uploaded where it has a decoder."""
    tenants = settle(world)
    return tenants, create_app(world.store, world.objects, world.port, ReviewSettings(), decoder=decoder)


def stops(app: FastAPI, tenants: Tenants, portal: BlockingPortal) -> list[Stop]:
    """Every page, for each person who may see it; those that look the same are one."""
    return walk(app, tenants, portal)[0]


def walk(app: FastAPI, tenants: Tenants, portal: BlockingPortal) -> tuple[list[Stop], set[str]]:
    """The pages, and the routes that answered with a file instead."""
    seen: dict[tuple[str, str], Stop] = {}
    files: set[str] = set()
    for route, path, account in _visits(app, tenants):
        caller = Caller(app, portal)
        if account is not None:
            caller.enter_as(tenants.world.store, account.account_id)
        answer = caller.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            files |= {route} if answer.status_code == 200 else set()
            continue
        seen.setdefault((route, _alike(answer.text)), Stop(route, path, account, answer.text))
    return list(seen.values()), files


def fullest(found: list[Stop]) -> list[Stop]:
    """Of each page the one with most on it: whoever may do most there."""
    by_route: dict[tuple[str, str], Stop] = {}
    for stop in found:
        key = (stop.route, stop.account.organisation_id if stop.account else "")
        if key not in by_route or _size(stop) > _size(by_route[key]):
            by_route[key] = stop
    kept = {stop.route: stop for stop in sorted(by_route.values(), key=_size)}
    return list(kept.values())


def pages_routed(app: FastAPI) -> set[str]:
    """Paths of the console that a page is read from."""
    return {
        path
        for method, path in routes(app)
        if method == "GET" and not path.startswith(("/api/", "/healthz", "/readyz"))
    }


def _visits(app: FastAPI, tenants: Tenants) -> Iterator[tuple[str, str, Account | None]]:
    kinds = {each.organisation_id: each for each in ORGANISATIONS}
    for path in sorted(pages_routed(app)):
        policy = policy_for("GET", path)
        if policy is None or policy.open_to_all:
            continue
        asked = BODIES.get(f"GET {path.replace(':path', '')}", {})
        for (organisation_id, _), account in tenants.people.items():
            things = tenants.things[organisation_id]
            visitor = Visitor(account, "", kinds[organisation_id])
            if organisation_id in SEEN_BY and visitor.admitted(policy) and sorts(path, asked) <= set(things):
                yield path, _with_query(address(path, things), filled(asked, things)), account
    leads = tenants.world.leads["linhai"]
    for path, role in STATES:
        filled_in = path.replace("{lead-with-pictures}", leads[0]).replace("{parcel}", leads[-1])
        yield path, filled_in, tenants.people["linhai", role] if role else None


def _with_query(path: str, asked: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(asked['params'], doseq=True)}" if "params" in asked else path


def _alike(text: str) -> str:
    """A page without what differs from person to person and says nothing of how it looks."""
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    return re.sub(r'<a class="who".*?</a>', "", text, flags=re.DOTALL)


def _size(stop: Stop) -> tuple[int, int]:
    return len(re.findall(r"<(?:input|select|textarea|button|a|summary)\b", stop.text)), len(stop.text)


def may_see_something(kind: OrganisationKind, found: list[Stop]) -> bool:
    """Whether somebody of such an organisation is among those who are shown a page."""
    of_kind = {each.organisation_id for each in ORGANISATIONS if each.kind == kind}
    return any(stop.account and stop.account.organisation_id in of_kind for stop in found)
