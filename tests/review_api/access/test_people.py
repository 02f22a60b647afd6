"""What administrators do, what keys may and may not, what holders see, and what the trail says of it."""

from datetime import timedelta
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.audit import Act
from models.errors import TransientFault
from models.organisations import Organisation, OrganisationKind, Role
from review_api.app import create_app
from review_api.settings import ReviewSettings
from tests.review_api.conftest import Caller
from tests.review_api.test_sign_in import Clock
from tests.review_api.world import World

HOLDER = Organisation(organisation_id="kestrello", kind=OrganisationKind.RIGHTS_HOLDER, name="KESTRELLO s.r.l.")


def acts(world: World, organisation_id: str = "linhai") -> list[Act]:
    return [each.entry.act for each in world.store.audit.entries(organisation_id)]


def hand_over(world: World, lead: str, officer: Caller, holder: str = "kestrello") -> Any:
    return officer.post(f"/api/v1/leads/{lead}/referrals", json={"holder_id": holder})


@pytest.fixture
def holder(app: FastAPI, portal: BlockingPortal, world: World) -> Caller:
    """An editor of the rights holder of one mark; its name differs from the registry's in case alone."""
    world.store.organisations.save(HOLDER)
    account = world.accounts["linhai"].model_copy(
        update={
            "organisation_id": "kestrello",
            "account_id": "editor",
            "name": "editor",
            "roles": (Role.HOLDER_EDITOR,),
        }
    )
    world.store.accounts.save(account)
    caller = Caller(app, portal)
    caller.enter_as(world.store, "editor")
    return caller


def test_an_administrator_adds_changes_and_closes(officer: Caller, anybody: Caller, world: World) -> None:
    made = officer.post("/api/v1/people", json={"name": "chen", "roles": ["viewer"]}).json()
    assert anybody.sign_in("chen", made["password"]).status_code == 200
    assert anybody.get("/api/v1/leads").status_code == 200
    assert anybody.get("/api/v1/audit").status_code == 403
    path = f"/api/v1/people/{made['person']['account_id']}"
    assert officer("PATCH", path, json={"roles": ["auditor"]}).status_code == 200
    assert anybody.get("/api/v1/leads").status_code == 403, "a change of roles holds at the next call"
    assert anybody.get("/api/v1/audit").status_code == 200
    assert officer("PATCH", path, json={"roles": ["auditor"], "active": False}).status_code == 200
    assert anybody.get("/api/v1/audit").status_code == 401
    assert anybody.sign_in("chen", made["password"]).status_code == 401
    changes = [each.entry for each in world.store.audit.entries("linhai", act=Act.PERSON_CHANGED)]
    assert (changes[1].details["roles_before"], changes[1].details["roles"]) == ("viewer", "auditor")
    assert (changes[0].actor, changes[0].about, changes[0].address) == ("he.lan", "chen", "127.0.0.1")
    assert made["password"] not in str(world.store.audit.entries("linhai"))


def test_a_new_password_ends_sessions_and_unlocks(officer: Caller, anybody: Caller) -> None:
    made = officer.post("/api/v1/people", json={"name": "chen", "roles": ["viewer"]}).json()
    anybody.sign_in("chen", made["password"])
    for _ in range(10):
        officer_less = anybody.sign_in("chen", "wrong password")
    assert officer_less.status_code == 401
    assert anybody.sign_in("chen", made["password"]).status_code == 429
    told = officer.post(f"/api/v1/people/{made['person']['account_id']}/password").json()["password"]
    assert anybody.get("/api/v1/session").status_code == 401
    assert anybody.sign_in("chen", told).status_code == 200


def test_nobody_changes_their_own_roles(officer: Caller, world: World) -> None:
    own = world.accounts["linhai"].account_id
    assert officer("PATCH", f"/api/v1/people/{own}", json={"roles": ["auditor"]}).status_code == 409


@pytest.mark.parametrize("roles", [[], ["liaison"], ["viewer", "holder-editor"], ["nothing"]])
def test_roles_are_those_of_the_kind(officer: Caller, roles: list[str]) -> None:
    assert officer.post("/api/v1/people", json={"name": "chen", "roles": roles}).status_code == 422


def test_a_name_is_taken_in_whichever_organisation(officer: Caller) -> None:
    assert officer.post("/api/v1/people", json={"name": "shen.mo", "roles": ["viewer"]}).status_code == 409


def test_a_key_works_within_its_scopes_until_it_is_revoked(officer: Caller, anybody: Caller, world: World) -> None:
    told = officer.post("/api/v1/keys", json={"name": "报表", "scopes": ["leads:read"], "days": 2}).json()
    anybody.bearer = told["secret"]
    assert anybody.get("/api/v1/leads").json()["total"] == 8
    whoami = anybody.get("/api/v1/session").json()
    assert (whoami["scopes"], whoami["roles"], whoami["organisation_id"]) == (["leads:read"], [], "linhai")
    for path in ("/api/v1/registry", "/api/v1/people", "/leads", "/api/v1/audit"):
        assert anybody.get(path).status_code == 403, path
    lead = world.leads["linhai"][0]
    assert anybody.post(f"/api/v1/leads/{lead}/decisions", json={"disposition": "open"}).status_code == 403
    assert officer("DELETE", f"/api/v1/keys/{told['key']['key_id']}").status_code == 200
    assert anybody.get("/api/v1/leads").status_code == 401, "refused from the next call on"
    assert acts(world)[:2] == [Act.KEY_REVOKED, Act.KEY_ADDED]
    assert told["secret"] not in str(world.store.keys.all("linhai"))


def test_a_key_that_is_over_or_made_up_is_refused(world: World, portal: BlockingPortal) -> None:
    clock = Clock()
    app = create_app(world.store, world.objects, world.port, ReviewSettings(), clock=clock)
    officer, machine = Caller(app, portal), Caller(app, portal)
    officer.enter(world, "linhai")
    told = officer.post("/api/v1/keys", json={"name": "短期", "scopes": ["leads:read"], "days": 1}).json()
    machine.bearer = told["secret"]
    assert machine.get("/api/v1/leads").status_code == 200
    clock.at += timedelta(days=1, seconds=1)
    assert machine.get("/api/v1/leads").status_code == 401
    for bearer in ("jz_made-up", told["secret"][3:], "", told["secret"].upper()):
        machine.bearer = bearer
        assert machine.get("/api/v1/leads").status_code == 401


def test_a_key_counts_though_a_cookie_came_along(officer: Caller) -> None:
    """Whoever sends a key speaks as the key: a bad one is not made good by a cookie."""
    officer.bearer = "jz_made-up"
    assert officer.get("/api/v1/leads").status_code == 401
    officer.bearer = ""
    answer = officer.get("/api/v1/leads", headers={"authorization": "Basic b2ZmaWNlOnByb3h5"})
    assert answer.status_code == 200, "a proxy's own header is none of ours"


def test_a_holder_sees_its_part_and_nothing_else(officer: Caller, holder: Caller, world: World) -> None:
    bag, tea = world.leads["linhai"][3], world.leads["linhai"][0]
    assert holder.get("/api/v1/referrals").json() == []
    assert hand_over(world, bag, officer).status_code == 201
    assert hand_over(world, bag, officer).status_code == 409, "it has this already"
    assert hand_over(world, tea, officer).status_code == 404, "no mark of this holder is on it"
    assert hand_over(world, world.leads["linhai"][-1], officer).status_code == 404, "a parcel is nobody's"
    [line] = holder.get("/api/v1/referrals").json()
    part = holder.get(f"/api/v1/referrals/{line['referral_id']}").json()
    findings = part["projection"]["findings"]
    assert {finding["mark_id"] for finding in findings} == {"KES-18"}
    points = {each["finding_id"]: each["points"] for each in part["projection"]["contributions"]}
    assert part["projection"]["score"] == pytest.approx(sum(points.values()))
    assert set(part["explanations"]) == {finding["finding_id"] for finding in findings}
    for path in (f"/api/v1/leads/{bag}", "/api/v1/leads", "/leads", "/registry", "/case-leads", "/people", "/audit"):
        assert holder.get(path).status_code == 403, path
    page = holder.get(f"/referrals/{line['referral_id']}").text
    assert "KESTRELL0 Ala" in page
    entry = world.store.audit.entries("linhai", act=Act.REFERRED)[0].entry
    assert (entry.about, entry.details) == (bag, {"holder": "kestrello"})


def test_acts_are_written_down_with_who_and_on_which(officer: Caller, world: World) -> None:
    lead, other = world.leads["linhai"][0], world.leads["linhai"][1]
    officer.post(f"/api/v1/leads/{lead}/decisions", json={"disposition": "more-information", "revision": 0})
    case = officer.post("/api/v1/case-leads", json={"leads": {other: 0}}).json()["case_number"]
    officer.get(f"/api/v1/case-leads/{case}/dossier.json")
    officer.get(f"/case-leads/{case}/dossier.xlsx")
    officer.get("/api/v1/leads")
    officer.post(f"/api/v1/leads/{lead}/decisions", json={"disposition": "dismissed", "revision": 0})  # refused
    entries = [each.entry for each in world.store.audit.entries("linhai")]
    assert [(entry.act, entry.about) for entry in entries] == [
        (Act.EXPORTED, case), (Act.EXPORTED, case), (Act.REGISTERED, case), (Act.DECIDED, lead),
    ]  # fmt: skip
    assert {(entry.actor, entry.address) for entry in entries} == {("he.lan", "127.0.0.1")}
    assert entries[-1].details == {"disposition": "more-information"}
    assert world.store.audit.entries("qiaonan") == ()


class FullDisk:
    """A trail that cannot be written."""

    def append(self, entry: object) -> int:
        raise TransientFault("the database takes no writes now")


class Unwritable:
    """A store whose trail cannot be written."""

    def __init__(self, store: Any) -> None:
        self._store, self.audit = store, FullDisk()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def acting_for(self, organisation_id: str) -> "Unwritable":
        return Unwritable(self._store.acting_for(organisation_id))


def test_an_export_that_cannot_be_written_down_is_not_handed_out(
    officer: Caller, world: World, portal: BlockingPortal
) -> None:
    lead = world.leads["linhai"][1]
    case = officer.post("/api/v1/case-leads", json={"leads": {lead: 0}}).json()["case_number"]
    store: Any = Unwritable(world.store)
    caller = Caller(create_app(store, world.objects, world.port, ReviewSettings()), portal)
    caller.enter(world, "linhai")
    answer = caller.get(f"/api/v1/case-leads/{case}/dossier.json")
    assert answer.status_code == 503
    assert "dossier_digest" not in answer.text


def test_the_pages_work_by_forms_alone(officer: Caller, anybody: Caller, world: World) -> None:
    token = {"csrf_token": officer.csrf}
    page = officer.post("/people", data={**token, "name": "chen", "role": ["viewer", "auditor"]})
    password = page.text.split('<code class="secret">')[1].split("<")[0]
    anybody.sign_in("chen", password)
    trail = anybody.get("/audit?act=person-added&before=nonsense").text
    assert "chen" in trail
    assert 'href="/people"' not in trail, "an auditor is offered the trail, not the people"
    account = world.store.accounts.by_name("chen")
    assert account is not None
    officer.post(f"/people/{account.account_id}", data={**token, "role": "viewer", "active": "yes"})
    assert anybody.get("/audit").status_code == 403
    made = officer.post("/keys", data={**token, "name": "报表", "scope": "leads:read", "days": "3"}).text
    assert "jz_" in made
    key = world.store.keys.all("linhai")[0]
    assert "jz_" not in officer.get("/people").text
    assert officer.post(f"/keys/{key.key_id}/revocation", data=token).status_code == 200
    again = officer.post(f"/people/{account.account_id}/password", data=token).text
    assert '<code class="secret">' in again


def test_a_visit_begins_where_the_visitor_may_go(holder: Caller, officer: Caller, anybody: Caller) -> None:
    assert officer.get("/").headers["location"] == "/leads"
    assert officer.get("/?lang=en&theme=dark&other=1").headers["location"] == "/leads?lang=en&theme=dark"
    assert holder.get("/").headers["location"] == "/referrals"
    made = officer.post("/api/v1/people", json={"name": "shenji", "roles": ["auditor"]}).json()
    anybody.sign_in("shenji", made["password"])
    assert anybody.get("/").headers["location"] == "/audit"
    assert "网络交易监管单位" in anybody.get("/profile").text


def test_a_viewer_is_offered_nothing_that_would_be_refused(officer: Caller, anybody: Caller, world: World) -> None:
    made = officer.post("/api/v1/people", json={"name": "chen", "roles": ["viewer"]}).json()
    anybody.sign_in("chen", made["password"])
    for path in ("/leads", f"/leads/{world.leads['linhai'][0]}", "/triage", "/registry"):
        page = anybody.get(path).text
        forms = [part.split('"')[0] for part in page.split('method="post" action="')[1:]]
        assert set(forms) <= {"/signout"} or all("/group/split" in form or form == "/signout" for form in forms), path
