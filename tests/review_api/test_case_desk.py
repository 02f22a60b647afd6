"""The case lead's page as a desk: figures and files entered there, a clock that waits, twins that come along, and
nothing to press for whoever only reads."""

import re

import pytest

from models.access import Account
from models.case_leads import CaseAct, Ground
from models.organisations import Role
from models.subjects import Listing, Seller
from tests.review_api.conftest import Caller
from tests.review_api.evidence import fact, screening
from tests.review_api.scene import START
from tests.review_api.world import World


def registered(officer: Caller, world: World, *numbers: int) -> str:
    leads = {world.leads["linhai"][number]: 0 for number in numbers}
    made = officer.post("/api/v1/case-leads", json={"leads": leads})
    assert made.status_code == 201, made.text
    number: str = made.json()["case_number"]
    return number


def test_an_officer_enters_figures_with_their_method(officer: Caller, world: World) -> None:
    number = registered(officer, world, 0)
    lead_id = world.leads["linhai"][0]
    page = officer.get(f"/case-leads/{number}").text
    assert "页面数据推算，不作为违法经营额认定依据" in page
    form = {
        "lead": [lead_id, ""],
        "goods": ["", "仓库存货"],
        "currency": ["CNY", "CNY"],
        "low": ["7,980", "100"],
        "middle": ["12450.5", ""],
        "high": ["￥40250", "200"],
        "words": ["按平台提供的订单数", "现场清点"],
    }
    told = {**form, "reason": "补充推算", "revision": "0"}
    assert officer.post(f"/case-leads/{number}/estimate", data=told).status_code == 303
    dossier = officer.get(f"/api/v1/case-leads/{number}").json()["case_lead"]["dossier"]
    lines = dossier["estimate"]["lines"]
    assert [(line["low"], line["middle"], line["high"]) for line in lines] == [
        ("7980.00", "12450.50", "40250.00"), ("100.00", None, "200.00"),
    ]  # fmt: skip
    assert {line["low_method"] for line in lines} == {"officer"}
    assert lines[0]["words"] == "按平台提供的订单数"


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": "abc"},
        {"low": "-1"},
        {"low": "1e99"},
        {"low": "NaN"},
        {"low": "3", "middle": "2"},
        {"words": " "},
        {"low": "", "middle": "", "high": ""},
        {"currency": "yuan"},
        {"lead": "f" * 32},
    ],
)
def test_what_is_no_figure_is_refused_and_nothing_changes(officer: Caller, world: World, wrong: dict[str, str]) -> None:
    number = registered(officer, world, 0)
    whole = {"lead": "", "goods": "货", "currency": "CNY", "low": "1", "middle": "2", "high": "3", "words": "清点"}
    told = {**whole, **wrong, "reason": "补", "revision": "0"}
    assert officer.post(f"/case-leads/{number}/estimate", data=told).status_code == 422
    assert officer.get(f"/api/v1/case-leads/{number}").json()["standing"]["revision"] == 0


def test_a_file_is_attached_by_its_hash(officer: Caller, world: World) -> None:
    number = registered(officer, world, 0)
    told = {"reason": "权利人辨认意见", "source": "权利人来函", "revision": "0"}
    files = {"file": ("辨认意见.pdf", b"%PDF identification")}
    assert officer.post(f"/case-leads/{number}/attachments", data=told, files=files).status_code == 303
    (attached,) = officer.get(f"/api/v1/case-leads/{number}").json()["case_lead"]["dossier"]["attachments"]
    assert (attached["name"], attached["source"]) == ("辨认意见.pdf", "权利人来函")
    assert world.objects.get(attached["sha256"]) == b"%PDF identification"
    assert attached["sha256"] in officer.get(f"/case-leads/{number}").text
    empty = officer.post(
        f"/case-leads/{number}/attachments", data={**told, "revision": "1"}, files={"file": ("a", b"")}
    )
    assert empty.status_code == 422


def test_a_clock_is_suspended_with_its_ground_and_runs_again(officer: Caller, world: World) -> None:
    number = registered(officer, world, 0)
    address = f"/api/v1/case-leads/{number}/moves"
    due = officer.get(f"/api/v1/case-leads/{number}").json()["standing"]["due_on"]
    assert officer.post(address, json={"act": "suspend", "reason": "送检", "revision": 0}).status_code == 422
    asked = {"act": "suspend", "reason": "送检", "ground": "testing", "revision": 0}
    suspended = officer.post(address, json=asked).json()
    assert suspended["clock"]["phase"] == "paused"
    assert suspended["standing"]["ground"] == Ground.TESTING
    assert set(suspended["acts"]) == {CaseAct.AMEND, CaseAct.RESUME, CaseAct.WITHDRAW}
    page = officer.get(f"/case-leads/{number}").text
    assert "暂停计算" in page
    assert "检测、检验、检疫" in page
    assert officer.post(address, json={"act": "verify", "revision": 1}).status_code == 409
    resumed = officer.post(f"/case-leads/{number}/move", data={"act": "resume", "revision": "1"})
    assert resumed.status_code == 303
    after = officer.get(f"/api/v1/case-leads/{number}").json()
    assert after["clock"]["phase"] == "left"
    assert after["standing"]["due_on"] == due, "no working day went by"


def test_whoever_only_reads_has_nothing_to_press(officer: Caller, world: World, anybody: Caller) -> None:
    number = registered(officer, world, 0)
    viewer = Account(organisation_id="linhai", account_id="viewer", name="viewer", roles=(Role.VIEWER,))
    world.store.accounts.save(viewer)
    anybody.enter_as(world.store, "viewer")
    page = anybody.get(f"/case-leads/{number}").text
    posts = re.findall(r'method="post" action="([^"]+)"', page)
    assert [each for each in posts if each != "/signout"] == []
    assert "outcome" not in page
    officers = officer.get(f"/case-leads/{number}").text
    assert len(re.findall(r'method="post" action="/case-leads', officers)) >= 8


def twin(number: int, seller: str, uscc: str = "") -> Listing:
    return Listing(
        organisation_id="linhai", listing_id=f"twin-{number}", platform="云集市", title="睛川 明前绿茶 特级 250g",
        price="59.90", currency="CNY", url=f"https://shop.example.cn/{number}", seller=Seller(name=seller, uscc=uscc),
        captured_at=START,
    )  # fmt: skip


def test_accepting_a_card_takes_the_operator_s_twins_along(officer: Caller, world: World) -> None:
    registry = world.store.registry.current("linhai")
    seen = [
        ("trademark", fact("similar-shape", score=0.94, mark="QC-30", seen="睛川", reference="晴川", span=(0, 2),
                           params={"nearness": "similar", "goods_relation": "same"})),
        ("price", fact("price-far-below", score=0.96, mark="QC-30", at="price", seen="59.90")),
    ]  # fmt: skip
    subjects = [twin(1, "甲店"), twin(2, "甲店"), twin(3, "乙店"), twin(4, "甲店")]
    world.store.screenings.record([screening(each, seen, registry, at=START) for each in subjects])
    tokens = [each.key.token for each in subjects]
    for other in tokens[1:]:
        world.store.groups.merge("linhai", tokens[0], other, by="li", at=START)
    dismissed = {"disposition": "dismissed", "reason_code": "duplicate", "revision": 0}
    assert officer.post(f"/api/v1/leads/{tokens[3]}/decisions", json=dismissed).status_code == 200
    page = officer.get(f"/case-leads/new?lead={tokens[0]}").text
    offered = re.findall(r'name="lead" value="([0-9a-f]{32}):', page)
    assert set(offered) == set(tokens[:2]), "the same shop's open twin, and neither the other shop's nor the dismissed"
    assert "同款，同一经营主体" in page
    told = {"lead": [f"{each}:0" for each in offered], "checked": "yes"}
    made = officer.post("/case-leads", data=told)
    assert made.status_code == 303
    number = made.headers["location"].rpartition("/")[2]
    assert officer.get(f"/api/v1/case-leads/{number}").json()["standing"]["leads"] == 2
