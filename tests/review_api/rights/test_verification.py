"""A holder's first opinion and its deadline, the unit's feedback, records about goods and their way into the annex."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from models.case_leads.annex import annex
from models.moments import now
from tests.review_api import drawings
from tests.review_api.conftest import Caller
from tests.review_api.rights.conftest import Everybody
from tests.review_api.world import World

OPINION = {"opinion": "not-genuine", "words": "喷码格式不符", "person": "王芳"}


@pytest.fixture
def lead(world: World) -> str:
    return world.leads["linhai"][0]


@pytest.fixture
def referral(officer: Caller, lead: str) -> str:
    made = officer.post(f"/api/v1/leads/{lead}/referrals", json={"holder_id": "qingchuan", "answer_days": 3})
    assert made.status_code == 201, made.text
    assert made.json()["answer_by"]
    return str(made.json()["referral_id"])


def test_an_opinion_reaches_the_unit_and_a_word_comes_back(
    officer: Caller, editor: Caller, rival: Caller, stranger: Caller, lead: str, referral: str
) -> None:
    at = f"/api/v1/referrals/{referral}"
    for caller in (rival, stranger):
        assert caller.post(f"{at}/opinions", json=OPINION).status_code in {403, 404}
        assert caller.get(f"{at}/answers").status_code in {403, 404}
    assert editor.post(f"{at}/opinions", json={**OPINION, "words": " "}).status_code == 422
    assert editor.post(f"{at}/opinions", json={**OPINION, "person": ""}).status_code == 422
    assert editor.post(f"{at}/opinions", json={**OPINION, "opinion": "假货"}).status_code == 422
    given = editor.post(f"{at}/opinions", json=OPINION)
    assert given.status_code == 201, given.text
    page = officer.get(f"/leads/{lead}/records").text
    assert "非正品" in page
    assert "喷码格式不符" in page
    assert "非正品" in officer.get(f"/leads/{lead}").text
    told = {"referral_id": referral, "feedback": "penalised", "words": "已作出处罚决定"}
    assert stranger.post(f"/api/v1/leads/{lead}/feedback", json=told).status_code == 404
    assert officer.post(f"/api/v1/leads/{lead}/feedback", json=told).status_code == 201
    theirs = editor.get(f"/referrals/{referral}").text
    assert "处理结果：已处罚" in theirs
    assert "已作出处罚决定" in theirs
    listed = editor.get("/referrals").text
    assert "处理结果：已处罚" in listed
    assert [each["opinion"] or each["feedback"] for each in editor.get(f"{at}/answers").json()] == [
        "penalised",
        "not-genuine",
    ]


def test_an_opinion_that_lacks_something_comes_back_with_what_was_typed(editor: Caller, referral: str) -> None:
    page = editor.post(f"/referrals/{referral}/opinion", data={"opinion": "unsure", "words": "看不清"})
    assert (page.status_code, "请写明作出意见的人员" in page.text, ">看不清</textarea>" in page.text) == (
        422,
        True,
        True,
    )
    assert editor.post(f"/referrals/{referral}/opinion", data=OPINION).status_code == 303
    again = editor.post(f"/referrals/{referral}/opinion", data={**OPINION, "opinion": "outside-channel"})
    assert again.status_code == 303
    page = editor.get(f"/referrals/{referral}")
    assert page.text.index("正品，非授权渠道") < page.text.index("喷码格式不符")


def test_a_late_answer_is_shown_as_overdue_to_both(
    officer: Caller, editor: Caller, world: World, lead: str, referral: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "逾期" not in editor.get("/referrals").text + officer.get(f"/leads/{lead}/records").text
    given = world.store.referrals.received("qingchuan")[0]
    late = given.model_copy(update={"answer_by": now() - timedelta(minutes=1)})
    monkeypatch.setattr("models.storage.referrals.Referral.model_validate_json", lambda _: late)
    for page in (editor.get("/referrals"), editor.get(f"/referrals/{referral}"), officer.get(f"/leads/{lead}/records")):
        assert "已逾期" in page.text, page.url
    assert editor.post(f"/api/v1/referrals/{referral}/opinions", json=OPINION).status_code == 201
    assert "已逾期" not in editor.get("/referrals").text


def test_an_agent_answers_within_its_power(everybody: Everybody, agent: Caller, referral: str) -> None:
    at = f"/api/v1/referrals/{referral}/opinions"
    assert agent.post(at, json=OPINION).status_code == 404
    everybody.empower("YDL-25")
    assert agent.post(at, json=OPINION).status_code == 404
    everybody.empower("QC-30")
    assert agent.post(at, json=OPINION).json()["organisation_id"] == "zhihe"


def test_an_identification_without_goods_or_sample_is_refused(officer: Caller, world: World, lead: str) -> None:
    at = f"/api/v1/leads/{lead}/records"
    seen = {
        "conclusion": "not-genuine",
        "holder": "晴川茶业有限公司",
        "person": "王芳",
        "basis": "sample",
        "item": "F-1",
    }
    for missing in ("basis", "item", "holder", "person", "conclusion"):
        body = {"identification": {name: value for name, value in seen.items() if name != missing}}
        assert officer.post(at, json=body).status_code == 422, missing
        form = {"kind": "identification", **body["identification"]}
        page = officer.post(f"/leads/{lead}/records", data=form)
        assert (page.status_code, "请填写或检查" in page.text) == (422, True), missing
    page = officer.post(f"/leads/{lead}/records", data={"kind": "identification", **seen, "item": ""})
    assert "仅凭页面不能形成" in page.text
    assert officer.post(at, json={"identification": {**seen, "item": " "}}).status_code == 422
    assert officer.post(at, json={}).status_code == 422
    both = {"identification": seen, "purchase": {"order_no": "1"}}
    assert officer.post(at, json=both).status_code == 422
    assert world.store.verification.records("linhai", lead) == ()
    assert officer.post(at, json={"identification": seen}).status_code == 201


def test_records_and_their_files_come_into_the_annex(
    officer: Caller, stranger: Caller, world: World, lead: str
) -> None:
    picture, report = drawings.png(drawings.tin()), b"%PDF-1.7 report"
    files = [
        {"name": name, "data": base64.b64encode(data).decode()}
        for name, data in (("封样.png", picture), ("报告.pdf", report))
    ]
    bought = {
        "platform": "云集市",
        "order_no": "DD-7",
        "waybill_no": "SF1",
        "sealed_sample": "FY-1",
        "spare_sample": "FY-2",
    }
    at = f"/api/v1/leads/{lead}/records"
    key = {"Idempotency-Key": "purchase-1"}
    for _ in range(2):
        made = officer.post(at, json={"purchase": bought, "files": files}, headers=key)
        assert made.status_code == 201, made.text
    examined = {
        "institution": "某检验中心",
        "report_no": "R-9",
        "basis": "sample",
        "item": "FY-1",
        "conclusion": "不符",
    }
    assert officer.post(at, json={"appraisal": examined}).status_code == 201
    assert [record["number"] for record in officer.get(at).json()] == [2, 1]
    sha256 = hashlib.sha256(report).hexdigest()
    fetched = officer.get(f"/leads/{lead}/records/{sha256}")
    assert (fetched.content, fetched.headers["content-disposition"].startswith("attachment")) == (report, True)
    assert stranger.get(f"/leads/{lead}/records/{sha256}").status_code == 404
    shown = officer.get(f"/leads/{lead}/records").text
    assert all(word in shown for word in ("DD-7", "FY-1", "FY-2", "封样.png", "某检验中心"))
    case = officer.post("/api/v1/case-leads", json={"leads": {lead: 0}}).json()["case_number"]
    attached = officer.post(f"/case-leads/{case}/records", data={"revision": "0"})
    assert attached.status_code == 303, attached.text
    dossier = world.store.case_leads.get("linhai", case).dossier
    lines = {line.name: line for line in annex(dossier)}
    assert lines["购样记录 1 报告.pdf"].sha256 == sha256
    assert "封样 FY-1；备样 FY-2" in lines["购样记录 1（记录）"].source
    assert b"DD-7" in world.objects.get(lines["购样记录 1（记录）"].sha256)
    assert {"购样记录 1 封样.png", "鉴定报告 2（记录）"} <= set(lines)
    assert (dossier.version, dossier.amendment) == (2, "列入核实记录")
    assert officer.post(f"/case-leads/{case}/records", data={"revision": "1"}).status_code == 422
    assert "报告.pdf" in officer.get(f"/case-leads/{case}").text
    assert "购样记录 1" in officer.get(f"/api/v1/case-leads/{case}/dossier.json").text


def test_files_that_are_no_pictures_and_no_reports_are_refused(officer: Caller, world: World, lead: str) -> None:
    def tried(data: bytes) -> Any:
        return officer.post(
            f"/leads/{lead}/records",
            data={"kind": "purchase", "order_no": "DD-1"},
            files={"files": ("a.png", data, "image/png")},
        )

    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    for data in (svg, b"<html><script>", b"MZ\x90", b"GIF89a<script>", b"\x89PNG\r\n\x1a\n"):
        refused = tried(data)
        assert refused.status_code == 422, data
        assert 'value="DD-1"' in refused.text
    assert world.store.verification.records("linhai", lead) == ()
    assert tried(drawings.png(drawings.tin())).status_code == 303
