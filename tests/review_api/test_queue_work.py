"""Working the queue: turns, acts on many and their undoing, views, capacity, campaigns, operators, statements, search;
over the API and on the pages."""

import asyncio
import re
import secrets
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from models.access import Account
from models.audit import Act
from models.moments import now
from models.organisations import Role
from models.public_records import RECORDS, PublicRecords, records_to_bytes
from models.registry import Operator, Penalty
from models.subjects import Seller
from review_api.retrying import HEADER, REPLAYED
from review_api.sessions import CSRF_HEADER, cookie_name
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_token, token_hash
from tests.review_api.conftest import Caller
from tests.review_api.evidence import fact, screening
from tests.review_api.scene import subjects
from tests.review_api.world import NAMES, World

OFFICERS = 50
CODE = "91331082MA2AAAAA0X"
CAMPAIGN = {"name": "春茶行动", "starts_on": "2026-03-01", "ends_on": "2026-12-31", "words": ["绿茶"]}


@pytest.fixture
def leads(world: World) -> list[str]:
    return world.leads["linhai"]


@pytest.fixture
def supervisor(app: FastAPI, portal: BlockingPortal, world: World) -> Caller:
    return colleague(app, portal, world, "zhang.wei", Role.SUPERVISOR)


@pytest.fixture
def other(app: FastAPI, portal: BlockingPortal, world: World) -> Caller:
    """Another officer of the same unit."""
    return colleague(app, portal, world, "wu.jun", Role.OFFICER)


def colleague(app: FastAPI, portal: BlockingPortal, world: World, name: str, role: Role) -> Caller:
    account = Account(
        organisation_id="linhai",
        account_id=f"a-{name}",
        name=name,
        display_name=name,
        password_hash="none",
        roles=(role,),
    )
    world.store.accounts.save(account)
    caller = Caller(app, portal)
    caller.enter_as(world.store, account.account_id)
    return caller


def test_of_fifty_officers_one_claims_the_lead(
    app: FastAPI, portal: BlockingPortal, world: World, leads: list[str]
) -> None:
    """Over HTTP, all at once: one 200 and forty-nine 409."""
    tokens = []
    for number in range(OFFICERS):
        account = Account(
            organisation_id="linhai", account_id=f"o-{number}", name=f"officer-{number}", password_hash="none",
            roles=(Role.OFFICER,),
        )  # fmt: skip
        world.store.accounts.save(account)
        token, at = secrets.token_urlsafe(32), now()
        world.store.accounts.open_session(
            token_hash(token), account.account_id, at=at, expires_at=at + timedelta(hours=1)
        )
        tokens.append(token)

    async def all_at_once() -> list[int]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test", timeout=60) as client:

            async def ask(token: str) -> int:
                headers = {CSRF_HEADER: csrf_token(token), "cookie": f"{cookie_name(ReviewSettings())}={token}"}
                return (await client.post(f"/api/v1/leads/{leads[0]}/claim", headers=headers)).status_code

            return list(await asyncio.gather(*(ask(token) for token in tokens)))

    assert Counter(portal.call(all_at_once)) == {200: 1, 409: OFFICERS - 1}


def test_a_turn_is_seen_respected_and_given_back(
    officer: Caller, other: Caller, supervisor: Caller, leads: list[str]
) -> None:
    path = f"/api/v1/leads/{leads[0]}"
    assert officer.post(f"{path}/claim", headers={"If-Match": '"7"'}).status_code == 409
    claimed = officer.post(f"{path}/claim", headers={"If-Match": '"0"'})
    assert (claimed.status_code, claimed.json()["holder"]) == (200, NAMES["linhai"])
    refused = other.post(
        f"{path}/decisions", json={"disposition": "dismissed", "reason_code": "duplicate", "revision": 0}
    )
    assert (refused.status_code, NAMES["linhai"] in refused.json()["detail"]) == (409, True)
    assert other("DELETE", f"{path}/claim").status_code == 409
    assert other.get(path).json()["claim"]["holder"] == NAMES["linhai"]
    assert "何岚 认领" in other.get("/leads").text
    mine, free = (officer.get(f"/api/v1/leads?turn={turn}").json()["total"] for turn in ("mine", "free"))
    assert (mine, free) == (1, len(leads) - 1)
    assert other.post(f"{path}/assignment", json={"officer": "wu.jun"}).status_code == 403
    assert supervisor.post(f"{path}/assignment", json={"officer": "nobody"}).status_code == 422
    given = supervisor.post(f"{path}/assignment", json={"officer": "wu.jun"}).json()
    assert (given["holder"], given["assigned_by"]) == ("wu.jun", "zhang.wei")
    assert supervisor("DELETE", f"{path}/claim").status_code == 204
    assert officer.get(path).json()["claim"] is None


def test_the_next_leads_are_claimed_in_the_order_of_the_queue(
    officer: Caller, other: Caller, leads: list[str], world: World
) -> None:
    order = [each["lead_id"] for each in officer.get("/api/v1/leads?order=value").json()["leads"]]
    path = "/api/v1/claims?order=value&count=2"
    first = officer.post(path, headers={HEADER: "next"})
    again = officer.post(path, headers={HEADER: "next"})
    assert [each["lead_id"] for each in first.json()] == order[:2]
    assert (again.json(), REPLAYED in again.headers) == (first.json(), True)
    page = other.post("/leads/next", data={"place": "order=value"})
    assert (page.status_code, page.headers["location"].split("?")[0]) == (303, f"/leads/{order[2]}")
    assert [each["lead_id"] for each in other.post("/api/v1/claims?order=value&count=50").json()] == order[3:]
    assert officer.post("/api/v1/claims").json() == []
    nothing = officer.post("/leads/next", data={"place": "order=value"})
    assert "turn=free" in nothing.headers["location"]
    assert "领取下一条" in officer.get(nothing.headers["location"]).text
    assert officer.post("/api/v1/claims?disposition=dismissed").status_code == 422
    assert officer.post("/api/v1/claims?count=51").status_code == 422
    taken = [each.entry.details.get("leads") for each in world.store.audit.entries("linhai", act=Act.CLAIMED)]
    assert ", ".join(order[:2]) in taken


def test_many_are_dismissed_and_the_act_is_taken_back(officer: Caller, other: Caller, leads: list[str]) -> None:
    chosen = [{"lead_id": lead, "revision": 0} for lead in leads[:3]]
    asked = {"act": "dismiss", "leads": chosen, "reason_code": "duplicate"}
    assert officer.post("/api/v1/bulk-acts", json=asked | {"reason_code": ""}).status_code == 422
    assert officer.post("/api/v1/bulk-acts", json=asked | {"act": "accept"}).status_code == 422
    made = officer.post("/api/v1/bulk-acts", json=asked, headers={HEADER: "once"})
    again = officer.post("/api/v1/bulk-acts", json=asked, headers={HEADER: "once"})
    assert (made.status_code, again.json(), REPLAYED in again.headers) == (201, made.json(), True)
    assert officer.get("/api/v1/leads?disposition=dismissed").json()["total"] == 3
    undo = f"/api/v1/bulk-acts/{made.json()['act_id']}/undo"
    assert other.post(undo).status_code == 404
    assert officer.post(undo).json()["undone_by"] == NAMES["linhai"]
    assert officer.get("/api/v1/leads?disposition=open").json()["total"] == len(leads)
    assert officer.post(undo).status_code == 409
    assert officer.get("/api/v1/bulk-acts").json()[0]["undone_by"] == NAMES["linhai"]
    assert officer.post("/api/v1/bulk-acts", json=asked).status_code == 409, "the revisions seen are old now"
    assign = {"act": "assign", "leads": [{"lead_id": leads[0], "revision": 2}]}
    assert officer.post("/api/v1/bulk-acts", json=assign | {"officer": "wu.jun"}).status_code == 403
    assert officer.post("/api/v1/bulk-acts", json=assign | {"officer": NAMES["linhai"]}).status_code == 201


def test_on_the_page_without_scripts(officer: Caller, leads: list[str]) -> None:
    page = officer.get("/leads").text
    boxes = re.findall(r'name="lead" value="([0-9a-f]{32}:\d+:\d+)"', page)
    assert len(boxes) == len(leads)
    form = {"lead": boxes[:2], "act": "dismiss", "reason_code": "duplicate", "place": "order=score"}
    answer = officer.post("/leads/bulk", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads?disposition=open&order=score")
    page = officer.get("/leads").text
    assert "已排除 2 条。" in page
    assert "已处理 2，还可处理 38" in page
    act = re.search(r'action="/leads/undo/([0-9a-f]{32})"', page)
    assert act is not None
    assert officer.post(f"/leads/undo/{act.group(1)}", data={}).status_code == 303
    assert "已排除 2 条。" not in officer.get("/leads").text
    chosen = officer.post("/leads/chosen", data={"lead": boxes[:2]})
    assert chosen.headers["location"] == "/case-leads/new?" + "&".join(f"lead={box[:32]}" for box in boxes[:2])
    assert officer.get(chosen.headers["location"]).status_code == 200


def test_the_next_lead_follows_and_nothing_else_of_a_form_does(officer: Caller, leads: list[str]) -> None:
    form = {
        "lead": f"{leads[0]}:0:1",
        "act": "dismiss",
        "reason_code": "duplicate",
        "opened": str(int(now().timestamp())),
    }
    answer = officer.post("/leads/bulk", data=form | {"then": f"/leads/{leads[1]}?mark=QC-30&x=1"})
    assert answer.headers["location"] == f"/leads/{leads[1]}?disposition=open&mark=QC-30&order=value"
    assert "已排除 1 条。" in officer.get(answer.headers["location"]).text
    form["lead"] = f"{leads[1]}:0:1"
    assert (
        officer.post("/leads/bulk", data=form | {"then": "https://evil.example/"})
        .headers["location"]
        .startswith("/leads?")
    )
    accepted = officer.post(
        f"/leads/{leads[2]}/acceptance", data={"revision": "0", "checked": "yes", "then": f"/leads/{leads[3]}"}
    )
    assert re.fullmatch(rf"/leads/{leads[3]}\?.*&registered=\d{{4}}-\d{{5}}", accepted.headers["location"])
    assert "已登记为案件线索" in officer.get(accepted.headers["location"]).text


def test_views_and_capacity(officer: Caller, other: Caller, supervisor: Caller) -> None:
    own = officer.post("/api/v1/views", json={"name": "童鞋", "filters": "mark=YDL-25&order=value"}).json()
    officer.post("/leads/views", data={"name": "箱包", "place": "category=箱包", "shared": "yes"})
    assert [view["name"] for view in officer.get("/api/v1/views").json()] == ["童鞋", "箱包"]
    (shared,) = other.get("/api/v1/views").json()
    assert (shared["name"], shared["owner_name"]) == ("箱包", "何岚")
    assert "category=%E7%AE%B1%E5%8C%85" in other.get("/leads").text
    assert other("DELETE", f"/api/v1/views/{own['view_id']}").status_code == 404
    assert other("DELETE", f"/api/v1/views/{shared['view_id']}").status_code == 404
    assert supervisor("DELETE", f"/api/v1/views/{shared['view_id']}").status_code == 204
    assert officer.post(f"/leads/views/{own['view_id']}/removal", data={}).status_code == 303
    assert officer.get("/api/v1/views").json() == []
    assert officer("PUT", "/api/v1/capacity", json={"leads": 3}).json()["leads"] == 3
    assert officer("PUT", "/api/v1/capacity", json={"leads": 0}).status_code == 422
    page = officer.get("/leads").text
    assert "今日处理能力 3，按每分钟预期价值排序" in page
    assert page.index("今日处理能力 3 到此") > page.index("lead-row")
    assert "今日处理能力 40" in other.get("/leads").text


def test_campaigns_are_a_supervisor_s_and_filter(officer: Caller, supervisor: Caller, leads: list[str]) -> None:
    assert officer.post("/api/v1/campaigns", json=CAMPAIGN).status_code == 403
    assert supervisor.post("/api/v1/campaigns", json=CAMPAIGN | {"ends_on": "2026-02-01"}).status_code == 422
    made = supervisor.post("/api/v1/campaigns", json=CAMPAIGN)
    campaign = made.json()
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    found = officer.get(f"/api/v1/leads?campaign_id={campaign['campaign_id']}").json()
    assert {lead["lead_id"] for lead in found["leads"]} == {leads[0], leads[1]}
    assert officer.get("/api/v1/leads?campaign_id=" + "f" * 32).status_code == 404
    path = f"/api/v1/campaigns/{campaign['campaign_id']}"
    assert supervisor("PUT", path, json=CAMPAIGN, headers={"If-Match": '"9"'}).status_code == 409
    changed = supervisor("PUT", path, json=CAMPAIGN | {"words": ["双肩包"]}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    form = {
        "name": "箱包行动",
        "starts_on": "2026-03-01",
        "ends_on": "2026-04-01",
        "words": "双肩包；背包",
        "revision": "2",
    }
    assert supervisor.post(f"/campaigns/{campaign['campaign_id']}", data=form).status_code == 303
    assert "双肩包、背包" in officer.get("/campaigns").text
    assert supervisor.post("/campaigns", data=form | {"regions": "浙江"}).status_code == 422
    assert "新增专项行动" not in officer.get("/campaigns").text


def test_an_operator_with_its_shops_permits_and_penalties(officer: Caller, stranger: Caller, world: World) -> None:
    subject, _ = subjects("linhai")[1]
    firm = subject.model_copy(
        update={"listing_id": "firm-1", "seller": Seller(name="茗香源茶行二店", uscc=CODE, location="浙江")}
    )
    seen = fact("identical-mark", mark="QC-30", seen="晴川", reference="晴川", span=(0, 2))
    price = fact("price-far-below", mark="QC-30", at="price")
    copied = fact("copied-official-picture", mark="QC-30", at="images")
    registry = world.store.registry.current("linhai")
    world.store.screenings.record(
        [screening(firm, [("trademark", seen), ("price", price), ("pictures", copied)], registry, at=now())]
    )
    records = PublicRecords(
        operators=(Operator(uscc=CODE, name="临海茗香贸易有限公司", permits=("食品经营许可",), status="存续"),),
        penalties=(Penalty(uscc=CODE, authority="某局", case_no="〔2024〕1号", ground="商标"),),
    )
    world.store.market.publish("linhai", RECORDS, records.version, records_to_bytes(records), at=now())
    listed = officer.get("/api/v1/operators?text=二店").json()
    (operator,) = listed["operators"]
    assert (operator["uscc"], operator["open_leads"], operator["division"]) == (CODE, 1, "331082")
    card = officer.get(f"/api/v1/operators/{operator['party_key']}").json()
    assert card["registered"]["permits"] == ["食品经营许可"]
    assert card["penalties"][0]["case_no"] == "〔2024〕1号"
    assert [shop["name"] for shop in card["shops"]] == ["茗香源茶行二店"]
    assert stranger.get(f"/api/v1/operators/{operator['party_key']}").status_code == 404
    for path in (f"/operators/{operator['party_key']}", f"/leads/{firm.key.token}"):
        page = officer.get(path).text
        assert all(words in page for words in ("食品经营许可", "〔2024〕1号", CODE)), path
    assert "茗香源茶行二店" in officer.get("/operators").text
    assert officer.get(f"/leads?operator={operator['party_key']}").text.count("lead-row") == 1
    found = officer.get(f"/api/v1/search?q={CODE[:12]}").json()
    assert [hit["thing_id"] for hit in found["operators"]] == [operator["party_key"]]


def test_a_statement_is_recorded_and_shown_beside_the_reasons(officer: Caller, leads: list[str]) -> None:
    said: dict[str, Any] = {
        "by_whom": "店主",
        "given_on": "2026-03-20",
        "form": "written",
        "words": "系<b>正品</b>转售。",
    }
    path = f"/api/v1/leads/{leads[0]}/statements"
    assert officer.post(path, json=said, headers={"If-Match": '"4"'}).status_code == 409
    assert officer.post(path, json=said | {"words": " "}).status_code == 422
    assert officer.post(path, json=said, headers={"If-Match": '"0"'}).json()[0]["recorded_by"] == NAMES["linhai"]
    officer.post(
        f"/leads/{leads[0]}/statements", data=said | {"words": "可提供单据。", "revision": "0", "form": "oral"}
    )
    page = officer.get(f"/leads/{leads[0]}").text
    assert "系&lt;b&gt;正品&lt;/b&gt;转售。" in page
    assert page.index("可提供单据。") < page.index("系&lt;b&gt;") < page.index('class="lead-side"')


@pytest.mark.parametrize(
    ("asked", "kind", "count"),
    [("晴川", "marks", 1), ("明前绿茶", "leads", 2), ("茗香源", "shops", 1), ("kestr", "leads", 1)],
)
def test_search_finds_and_shows_where(officer: Caller, stranger: Caller, asked: str, kind: str, count: int) -> None:
    found = officer.get("/api/v1/search", params={"q": asked}).json()
    assert len(found[kind]) >= count
    assert all(hit["spans"] for hit in found[kind])
    page = officer.get("/search", params={"q": asked}).text
    assert re.search(r"<mark>[^<]+</mark>", page)
    theirs = {hit["thing_id"] for hit in stranger.get("/api/v1/search", params={"q": asked}).json()["leads"]}
    assert not theirs & {hit["thing_id"] for hit in found["leads"]}


def test_a_search_for_nothing(officer: Caller) -> None:
    assert officer.get("/api/v1/search?q=，。").status_code == 422
    assert officer.get("/search?q=，。").status_code == 200
    assert "没有找到" in officer.get("/search?q=無此物也").text


def test_the_order_is_told_with_its_numbers(officer: Caller, leads: list[str]) -> None:
    told = officer.get("/api/v1/queue-order").json()
    assert (told["order"]["halving"], told["rates"]["strands"]) == (10.0, [])
    page = officer.get(f"/leads/{leads[0]}").text
    assert "86%" in page, "28.39 points: one less 2 to the power of -2.839"
    listed = officer.get("/api/v1/leads?order=value").json()["leads"]
    assert [lead["value"] for lead in listed] == sorted((lead["value"] for lead in listed), reverse=True)


def test_one_name_seen_at_three_places_is_one_reason(officer: Caller, world: World) -> None:
    subject, _ = subjects("linhai")[1]
    named = subject.model_copy(update={"listing_id": "thrice", "brand": "晴川", "description": "晴川绿茶"})
    places = [
        fact("identical-mark", mark="QC-30", seen="晴川", reference="晴川", at=at, span=(0, 2))
        for at in ("title", "brand", "description")
    ]
    strong = fact("counterfeit-wording", mark="QC-30", seen="原单", reference="晴川")
    registry = world.store.registry.current("linhai")
    made = screening(named, [("trademark", each) for each in (*places, strong)], registry, at=now())
    world.store.screenings.record(
        [made.model_copy(update={"assessment": made.assessment.model_copy(update={"flagged": True})})]
    )
    page = officer.get(f"/leads/{named.key.token}").text
    assert "见于 3 处" in page
    assert page.count('<li class="finding">') == 2


def test_a_price_without_a_finding_is_compared_and_plotted(officer: Caller, leads: list[str], world: World) -> None:
    subject, _ = subjects("linhai")[1]
    plain = subject.model_copy(update={"listing_id": "plain", "images": (), "title": "晴川 明前绿茶 250g*2"})
    seen = fact("identical-mark", mark="QC-30", seen="晴川", reference="晴川", span=(0, 2))
    registry = world.store.registry.current("linhai")
    made = screening(plain, [("trademark", seen)], registry, at=now())
    world.store.screenings.record(
        [made.model_copy(update={"assessment": made.assessment.model_copy(update={"flagged": True})})]
    )
    page = officer.get(f"/leads/{plain.key.token}").text
    assert "32%" in page
    assert 'class="chart-here"' in page
    assert "样本 24 家店铺" in page
