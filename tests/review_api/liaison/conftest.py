"""People who write to platforms and a platform that answers, in the world of the review API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.access import Account
from models.organisations import ROLES, Organisation, OrganisationKind, PowerOfAttorney
from models.referrals import refer
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api.conftest import Caller
from tests.review_api.world import World

K = OrganisationKind
ORGANISATIONS = (
    Organisation(organisation_id="qingchuan", kind=K.RIGHTS_HOLDER, name="晴川茶业有限公司"),
    Organisation(organisation_id="zhihe", kind=K.AGENT, name="知禾代理"),
    Organisation(organisation_id="yunjishi", kind=K.PLATFORM, name="云集市"),
    Organisation(organisation_id="haowujie", kind=K.PLATFORM, name="好物街"),
)


@dataclass
class Clock:
    """A clock that tests move: what the application takes for the present."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Room:
    """The application with its people: callers by organisation."""

    app: FastAPI
    world: World
    clock: Clock
    people: dict[str, Caller]
    referrals: dict[str, str]

    def __getitem__(self, organisation_id: str) -> Caller:
        return self.people[organisation_id]


@pytest.fixture
def room(world: World, portal: BlockingPortal) -> Room:
    clock = Clock()
    app = create_app(world.store, world.objects, world.port, ReviewSettings(), clock=clock)
    people = {}
    for organisation in ORGANISATIONS:
        world.store.organisations.save(organisation)
        name = f"somebody@{organisation.organisation_id}"
        account = Account(
            organisation_id=organisation.organisation_id, account_id=name, name=name, display_name="某人",
            password_hash="none", roles=tuple(sorted(ROLES[organisation.kind])),
        )  # fmt: skip
        world.store.accounts.save(account)
        people[organisation.organisation_id] = Caller(app, portal)
        people[organisation.organisation_id].enter_as(world.store, name)
    people["linhai"] = Caller(app, portal)
    people["linhai"].enter(world, "linhai")
    at = datetime.now(UTC)
    world.store.organisations.empower(
        PowerOfAttorney(holder_id="qingchuan", agent_id="zhihe", valid_from=at, valid_to=at + timedelta(days=9))
    )
    return Room(app, world, clock, people, referred(world))


def referred(world: World) -> dict[str, str]:
    """What the holder has been handed: the tea on 好物街 and the other on 云集市, by platform."""
    found = {}
    for number in (0, 1):
        lead = world.store.leads.get("linhai", world.leads["linhai"][number])
        registry = world.store.registry.at_version("linhai", lead.screening.registry_version)
        referral = refer(
            lead, registry, world.store.organisations.get("qingchuan"),
            unit=world.store.organisations.get("linhai"), referral_id=f"{number + 1:032x}", by="li",
            at=datetime.now(UTC),
        )  # fmt: skip
        world.store.referrals.add(referral)
        found[referral.projection.listing.platform] = referral.referral_id
    return found


CERTIFICATE = {"name": "商标注册证.pdf", "sha256": "a" * 64}


def whole(detail: dict[str, Any]) -> dict[str, Any]:
    """The content of a draft with everything that is missing filled in."""
    body: dict[str, Any] = detail["batch"]["body"]
    body |= {"declared": True}
    body["sender"] |= {"contact": "0571-0000000"}
    body["holder"] |= {"code": "91330100MA0000000X"}
    body["marks"] = [{**mark, "certificate": CERTIFICATE} for mark in body["marks"]]
    rows = [{**row, "reason": "102", "evidence": [{"name": "页面", "sha256": "b" * 64}]} for row in body["rows"]]
    body["rows"] = rows
    return body


Sent = Callable[..., dict[str, Any]]


@pytest.fixture
def notice(room: Room) -> Sent:
    """A notice of the holder on three rows of 云集市, made over the API as far as `until`."""

    def make(until: str = "sent", sender: str = "qingchuan", **more: Any) -> dict[str, Any]:
        caller = room[sender]
        asked = {"kind": "notice", "receiver_id": "yunjishi", "referrals": [room.referrals["云集市"]], **more}
        made = caller.post("/api/v1/batches", json=asked)
        assert made.status_code == 201, made.text
        detail: dict[str, Any] = made.json()
        address = made.headers["location"]
        if until == "draft":
            return detail
        body = whole(detail)
        spare = {**body["rows"][0], "lead_id": "", "cautions": []}
        for number in (2, 3):
            item = {"item_id": f"7300{number}", "url": f"https://shop.example.cn/item/7300{number}"}
            body["rows"].append({**spare, **item})
        if sender == "zhihe":
            body["warrant"] = {"document": {"name": "委托书.pdf", "sha256": "c" * 64}}
        steps: list[tuple[str, str, dict[str, Any]]] = [("PUT", "", {"body": body})]
        for method, place, json in steps:
            detail = _done(caller, method, address + place, json, detail)
        checked = [{"doubt_id": each, "words": "已核对"} for each in detail["unchecked"]]
        detail = _done(caller, "POST", f"{address}/checks", {"checked": checked}, detail)
        if until == "checked":
            return detail
        detail = _done(caller, "POST", f"{address}/signature", {"name": "王晴"}, detail)
        return detail if until == "signed" else _done(caller, "POST", f"{address}/sending", {}, detail)

    return make


def _done(caller: Caller, method: str, address: str, json: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    answer = caller(method, address, json=json, headers={"If-Match": f'"{before["batch"]["revision"]}"'})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
