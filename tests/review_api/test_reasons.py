"""Reasons to dismiss a lead: the shipped list, and what an organisation adds."""

from models.dismissals import is_code, shipped_reasons
from tests.review_api.conftest import Caller
from tests.review_api.test_sign_in import form_token
from tests.review_api.world import World

HOME = "linhai"


def test_the_shipped_list_is_whole_in_both_languages() -> None:
    reasons = shipped_reasons()
    assert {"authorised", "second-hand", "duplicate", "mark-not-in-force", "other"} <= set(reasons)
    assert all(reason.zh != reason.en and is_code(code) for code, reason in reasons.items())
    assert reasons["other"].words_needed
    assert not is_code("own-")
    assert not is_code("own-x: y")


def test_an_organisation_adds_its_own_and_dismisses_with_it(officer: Caller, stranger: Caller, world: World) -> None:
    added = officer.post("/api/v1/dismissal-reasons", json={"zh": "专项外商品", "en": "outside the campaign"})
    assert added.status_code == 201
    code = added.json()["code"]
    assert code.startswith("own-")
    assert added.json()["added_by"] == "he.lan"
    assert officer.post("/api/v1/dismissal-reasons", json={"zh": " 专项外商品 "}).status_code == 422
    listed = [each["code"] for each in officer.get("/api/v1/dismissal-reasons").json()]
    assert listed == [*shipped_reasons(), code]
    lead = world.leads[HOME][0]
    page = officer.get(f"/leads/{lead}").text
    data = {"csrf_token": form_token(page), "disposition": "dismissed", "revision": 0, "reason_code": code}
    assert "专项外商品" in page
    assert officer.post(f"/leads/{lead}/decision", data=data).status_code == 303
    assert "专项外商品" in officer.get(f"/leads/{lead}").text
    assert "outside the campaign" in officer.get(f"/leads/{lead}?lang=en").text
    theirs = {"disposition": "dismissed", "reason_code": code, "revision": 0}
    refused = stranger.post(f"/api/v1/leads/{world.leads['qiaonan'][0]}/decisions", json=theirs)
    assert (refused.status_code, refused.json()["where"]) == (422, "reason_code")
    assert "专项外商品" not in stranger.get("/triage").text


def test_a_reason_may_ask_for_words(officer: Caller, world: World) -> None:
    page = officer.get("/triage").text
    data = {"csrf_token": form_token(page), "zh": "另案处理", "words_needed": "yes"}
    assert officer.post("/triage/reasons", data=data).status_code == 303
    code = officer.get("/api/v1/dismissal-reasons").json()[-1]["code"]
    body = {"disposition": "dismissed", "reason_code": code, "revision": 0}
    at = f"/api/v1/leads/{world.leads[HOME][0]}/decisions"
    assert officer.post(at, json=body).status_code == 422
    assert officer.post(at, json={**body, "reason": "见 2026-00001"}).status_code == 200
    assert "另案处理" in officer.get("/triage").text
