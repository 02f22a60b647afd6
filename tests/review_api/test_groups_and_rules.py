"""Groups of twins and the rules, as officers and programs meet them."""

import html
from datetime import timedelta

from models.leads import Flip
from models.policy import LeadChange, MarkChange, RulesComparison
from tests.review_api.conftest import Caller
from tests.review_api.scene import START
from tests.review_api.test_sign_in import form_token
from tests.review_api.world import World

HOME = "linhai"


def twins(world: World, count: int = 3) -> list[str]:
    """The first leads made one group by proposal."""
    leads = world.leads[HOME][:count]
    world.store.groups.repropose(HOME, [leads], (), at=START)
    return leads


def test_twins_are_one_card_that_opens(officer: Caller, world: World) -> None:
    leads = twins(world)
    every = officer.get("/leads?disposition=all&grouped=no").text
    cards = officer.get("/leads?disposition=all").text
    assert every.count('class="subject-title"') == len(world.leads[HOME])
    assert cards.count('class="subject-title"') == len(world.leads[HOME]) - 2
    assert f"共 {len(world.leads[HOME]) - 2} 组" in cards
    assert "同款 3 条，展开" in cards
    group = world.store.groups.of_lead(HOME, leads[0]).group_id
    opened = officer.get(f"/leads?disposition=all&group={group}").text
    assert opened.count('class="subject-title"') == 3
    assert "同款 3 条，展开" not in opened


def test_what_a_person_takes_out_stays_out(officer: Caller, world: World) -> None:
    leads = twins(world)
    page = officer.get(f"/leads/{leads[0]}").text
    assert "展开同款 3 条" in page
    data = {"csrf_token": form_token(page), "member": [leads[1]], "reason": "规格不同"}
    answer = officer.post(f"/leads/{leads[0]}/group/split?order=newest", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/leads/{leads[0]}?disposition=open&order=newest")
    world.store.groups.repropose(HOME, [leads], (), at=START)
    page = officer.get(f"/leads/{leads[0]}").text
    assert "展开同款 2 条" in page
    assert "规格不同" in page
    assert "已由人工调整" in page
    alone = officer.get(f"/leads/{leads[1]}").text
    assert "暂无同款" in alone
    data = {"csrf_token": form_token(alone), "other": leads[0], "reason": "实为同款"}
    assert officer.post(f"/leads/{leads[1]}/group/merge", data=data).status_code == 303
    assert world.store.groups.of_lead(HOME, leads[2]).size == 3


def test_taking_out_without_a_choice_takes_out_this_one(officer: Caller, world: World) -> None:
    leads = twins(world)
    data = {"csrf_token": form_token(officer.get(f"/leads/{leads[2]}").text)}
    assert officer.post(f"/leads/{leads[2]}/group/split", data=data).status_code == 303
    assert [world.store.groups.of_lead(HOME, lead).size for lead in leads] == [2, 2, 1]


def test_programs_split_and_merge_too(officer: Caller, world: World) -> None:
    leads = twins(world)
    group = officer.get(f"/api/v1/leads/{leads[0]}/group").json()
    assert (group["size"], group["settled"]) == (3, False)
    assert {member["lead_id"] for member in group["members"]} == set(leads)
    split = officer.post(f"/api/v1/leads/{leads[0]}/group/split", json={"leads": [leads[1]], "reason": "r"})
    assert (split.status_code, split.json()["size"]) == (200, 2)
    assert split.json()["decisions"][0]["decided_by"] == world.accounts[HOME].name
    assert officer.post(f"/api/v1/leads/{leads[0]}/group/merge", json={"other": leads[1]}).json()["size"] == 3
    assert officer.post(f"/api/v1/leads/{leads[0]}/group/merge", json={"other": leads[1]}).status_code == 422
    grouped = officer.get("/api/v1/leads?grouped=true").json()
    assert grouped["total"] == len(world.leads[HOME]) - 2


def test_a_point_is_set_with_its_reason_and_stays_on_record(officer: Caller, stranger: Caller, world: World) -> None:
    page = officer.get("/triage").text
    assert "12.5" in page  # what the port says holds
    data = {"csrf_token": form_token(page), "kind": "listing", "point": "11.5", "reason": "人手不足"}
    assert officer.post("/triage/points", data={**data, "reason": " "}).status_code == 422
    assert officer.post("/triage/points", data={**data, "point": "-1"}).status_code == 422
    assert officer.post("/triage/points", data=data).status_code == 303
    assert world.store.triage.points(HOME) == {"listing": 11.5}
    page = officer.get("/triage").text
    assert "人手不足" in page
    assert "人手不足" not in stranger.get("/triage").text
    told = officer.post("/api/v1/triage/points", json={"kind": "parcel", "point": 8, "reason": "专项"})
    assert told.status_code == 200
    assert [entry["kind"] for entry in told.json()["history"]] == ["parcel", "listing"]


def test_what_other_rules_would_change_is_shown_with_links(officer: Caller, stranger: Caller, world: World) -> None:
    assert "尚无对比" in officer.get("/triage").text
    lead = world.leads[HOME][0]
    lost = LeadChange(
        lead_id=lead, title="<b>晴川", mark_id="QC-30", score=12, new_score=8, because=(("price-below", 9.0, 5.0),)
    )
    comparison = RulesComparison(
        organisation_id=HOME, rules_version="a" * 32, new_version="b" * 32, note="每季复核", subjects=9, leads=5,
        lost_count=1, lost=(lost,), marks=(MarkChange(mark_id="QC-30", lost=1),), compared_by="he.lan",
        compared_at=START,
    )  # fmt: skip
    world.store.triage.save_comparison(HOME, comparison)
    later = comparison.model_copy(update={"note": "另一版", "compared_at": START + timedelta(days=1)})
    world.store.triage.save_comparison(HOME, later)
    page = officer.get("/triage?comparison=1").text
    assert "每季复核" in page
    assert f'href="/leads/{lead}"' in page
    assert html.escape("<b>晴川") in page
    assert "12.00 → 8.00" in page or "12.0 → 8.0" in page
    assert "另一版" in officer.get("/triage").text
    assert "每季复核" not in stranger.get("/triage?comparison=1").text
    for nonsense in ("9", "x", "٣", "9" * 40):
        assert officer.get(f"/triage?comparison={nonsense}").status_code == 200
    assert [each["number"] for each in officer.get("/api/v1/triage/comparisons").json()] == [2, 1]


def test_the_outcome_of_a_case_is_recorded_on_its_page(officer: Caller, world: World) -> None:
    made = officer.post("/api/v1/case-leads", json={"leads": {world.leads[HOME][0]: 0}}).json()
    number = made["case_number"]
    page = officer.get(f"/case-leads/{number}").text
    assert "立案结果" not in page
    data = {"csrf_token": form_token(page), "filed": "yes", "reason": "证据充分"}
    assert officer.post(f"/case-leads/{number}/outcome", data=data).status_code == 303
    page = officer.get(f"/case-leads/{number}").text
    assert "证据充分" in page
    again = officer.post(f"/api/v1/case-leads/{number}/outcomes", json={"filed": False, "reason": "撤回"})
    assert [each["filed"] for each in again.json()] == [False, True]
    assert officer.get(f"/api/v1/case-leads/{number}/outcomes").json() == again.json()


def test_flips_are_told_in_words_with_both_scores(officer: Caller, world: World) -> None:
    answer = officer.get(f"/api/v1/leads/{world.leads[HOME][0]}").json()
    score = answer["lead"]["screening"]["assessment"]["score"]
    assert len(answer["flips"]) == len(answer["flip_sentences"]) > 3
    for flip, words in zip(answer["flips"], answer["flip_sentences"], strict=True):
        Flip.model_validate(flip)
        assert words["zh"].endswith(f"：{score:.2f} → {flip['score']:.2f}")
        assert words["en"].endswith(f": {score:.2f} → {flip['score']:.2f}")
