"""Case leads as programs and officers carry them: from registration to hand-over, correction and withdrawal."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from docx import Document

from models.case_leads import CaseStanding, CaseState
from models.case_leads.records import ExportKind
from review_api.cases import exporting
from review_api.cases.clock import ClockPhase, clock_view
from review_api.exports import verify_json
from tests.review_api.conftest import Caller
from tests.review_api.test_sign_in import form_token
from tests.review_api.world import World

HOME = "linhai"


@pytest.fixture
def register(officer: Caller, world: World) -> Callable[..., str]:
    def made(*numbers: int, **more: object) -> str:
        leads = {world.leads[HOME][number]: 0 for number in numbers}
        answer = officer.post("/api/v1/case-leads", json={"leads": leads, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_number"])

    return made


def test_from_registration_to_withdrawal(officer: Caller, register: Callable[..., str]) -> None:
    number = register(0, 4, source="report", source_detail="举报单 7")
    at = f"/api/v1/case-leads/{number}"
    found = officer.get(at)
    assert found.headers["etag"] == '"0"'
    assert found.json()["case_lead"]["dossier"]["source"]["zh"] == "投诉举报"
    assert set(found.json()["acts"]) >= {"verify", "withdraw", "split", "merge", "amend"}
    assert officer.post(f"{at}/moves", json={"act": "hand-over", "receiver": "甲局", "revision": 0}).status_code == 409
    moved = officer.post(f"{at}/moves", json={"act": "verify"}, headers={"If-Match": '"0"'})
    assert (moved.status_code, moved.headers["etag"], moved.json()["standing"]["state"]) == (200, '"1"', "verifying")
    assert set(moved.json()["open_points"]) == {"second-officer", "strong-counters", "operator-basis"}
    refused = officer.post(f"{at}/moves", json={"act": "hand-over", "receiver": "甲局", "revision": 1})
    assert refused.status_code == 409
    assert "strong-counters" in refused.json()["detail"]
    answers = [{"finding_id": each["finding"]["finding_id"], "words": "已核对"} for each in moved.json()["counters"]]
    amendment = {
        "reason": "核查", "second_officer": "shen.mo", "answers": answers, "operator": {"basis": "同一执照"},
        "revision": 1,
    }  # fmt: skip
    amended = officer.post(f"{at}/amendments", json=amendment).json()
    assert (amended["open_points"], amended["case_lead"]["dossier"]["version"]) == ([], 2)
    handed = officer.post(f"{at}/moves", json={"act": "hand-over", "receiver": "甲局", "revision": 2})
    assert handed.json()["standing"]["state"] == "handed-over"
    letter = officer.post(f"{at}/exports", json={"kind": "transfer-docx", "receiver": "甲局"})
    assert letter.status_code == 201
    file = officer.get(letter.headers["location"])
    assert hashlib.sha256(file.content).hexdigest() == letter.json()["sha256"]
    assert file.headers["content-disposition"] == f'attachment; filename="transfer-{number}.docx"'
    assert any("甲局" in each.text for each in Document(io.BytesIO(file.content)).paragraphs)
    gone = officer.post(f"{at}/moves", json={"act": "withdraw", "reason": "正品", "revision": 3})
    assert gone.json()["standing"]["result"] == "withdrawn"
    assert officer.get(f"{at}/events").json()[0]["receivers"] == ["甲局"]
    assert officer.get(at).json()["acts"] == []
    first = officer.get(f"{at}?version=1").json()["case_lead"]["dossier"]
    assert (first["version"], first["answers"]) == (1, [])
    assert [each["version"] for each in officer.get(f"{at}/versions").json()] == [1, 2]


def test_every_file_that_leaves_is_recorded(officer: Caller, world: World, register: Callable[..., str]) -> None:
    number = register(0)
    at = f"/api/v1/case-leads/{number}"
    assert verify_json(officer.get(f"{at}/dossier.json").content)
    officer.get(f"{at}/dossier.xlsx")
    officer.get(f"/case-leads/{number}/dossier.json")
    table = officer.post(f"{at}/exports", json={"kind": "csv", "receiver": "平台甲", "language": "en"})
    assert officer.get(table.headers["location"]).content.startswith("\ufeff".encode())
    records = officer.get(f"{at}/exports").json()
    assert [(each["kind"], each["receiver"], each["by"]) for each in records] == [
        ("csv", "平台甲", "he.lan"), ("json", "", "he.lan"), ("xlsx", "", "he.lan"), ("json", "", "he.lan")
    ]  # fmt: skip
    for each in records:
        assert hashlib.sha256(world.objects.get(each["sha256"])).hexdigest() == each["sha256"]
    before = len(records)
    assert officer.post(f"{at}/exports", json={"kind": "transfer-docx"}).status_code == 422
    assert officer.get(f"{at}/exports/99").status_code == 404
    assert len(officer.get(f"{at}/exports").json()) == before


def test_a_letter_of_transfer_asks_for_what_a_hand_over_asks_for(officer: Caller, register: Callable[..., str]) -> None:
    at = f"/api/v1/case-leads/{register(0)}"
    letter = {"kind": "transfer-docx", "receiver": "甲局"}
    refused = officer.post(f"{at}/exports", json=letter)
    assert (refused.status_code, "second-officer" in refused.json()["detail"]) == (409, True)
    assert officer.get(f"{at}/exports").json() == []
    officer.post(f"{at}/amendments", json={"reason": "二人核查", "second_officer": "shen.mo", "revision": 0})
    assert officer.post(f"{at}/exports", json=letter).status_code == 201
    assert officer.post(f"{at}/exports", json={**letter, "version": 1}).status_code == 409


def test_where_pdf_cannot_be_made_nothing_is_recorded(
    officer: Caller, register: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from review_api.exports.documents import pdf

    monkeypatch.setattr(pdf, "PROGRAMS", ("no-such-program",))
    number = register(0)
    answer = officer.post(f"/api/v1/case-leads/{number}/exports", json={"kind": "registration-pdf"})
    assert (answer.status_code, answer.json()["code"]) == (501, "not-installed")
    assert "LibreOffice" in answer.json()["detail"]
    assert officer.get(f"/api/v1/case-leads/{number}/exports").json() == []
    page = officer.get(f"/case-leads/{number}").text
    assert "本机不能生成 PDF" in page
    assert "registration-pdf" not in page


def test_split_and_merge(officer: Caller, world: World, register: Callable[..., str]) -> None:
    number = register(0, 4)
    at = f"/api/v1/case-leads/{number}"
    body = {"leads": [world.leads[HOME][4]], "reason": "另一家店", "revision": 0}
    new = officer.post(f"{at}/split", json=body)
    other = new.json()["standing"]["case_number"]
    assert (new.status_code, new.headers["location"]) == (201, f"/api/v1/case-leads/{other}")
    merged = officer.post(f"{at}/merge", json={"others": {other: 0}, "reason": "确为一家", "revision": 1})
    assert merged.json()["standing"]["leads"] == 2
    assert officer.get(f"/api/v1/case-leads/{other}").json()["standing"]["successor"] == number
    assert "已并入" in officer.get(f"/case-leads/{other}").text


@pytest.mark.parametrize(
    "change",
    [
        ("moves", {"act": "verify"}),
        ("amendments", {"reason": "x"}),
        ("split", {"leads": ["0" * 32], "reason": "x"}),
        ("merge", {"others": {"2026-00002": 0}, "reason": "x"}),
    ],
)
def test_every_change_names_the_revision_it_saw(
    officer: Caller, register: Callable[..., str], change: tuple[str, dict[str, object]]
) -> None:
    at = f"/api/v1/case-leads/{register(0)}/{change[0]}"
    missing = officer.post(at, json=change[1])
    assert (missing.status_code, missing.json()["where"]) == (422, "revision")
    assert officer.post(at, json={**change[1], "revision": 5}).status_code == 409
    assert officer.post(at, json=change[1], headers={"If-Match": '"x"'}).status_code == 422


def test_the_list_is_filtered_and_paged(officer: Caller, register: Callable[..., str]) -> None:
    numbers = [register(number) for number in (0, 2, 3)]
    officer.post(f"/api/v1/case-leads/{numbers[0]}/moves", json={"act": "verify", "revision": 0})
    page = officer.get("/api/v1/case-leads?limit=2").json()
    rest = officer.get(f"/api/v1/case-leads?limit=2&after={page['next_cursor']}").json()
    told = [each["standing"]["case_number"] for each in [*page["case_leads"], *rest["case_leads"]]]
    assert told == numbers[::-1]
    assert rest["next_cursor"] == ""
    assert page["counts"] == {"registered": 2, "verifying": 1}
    verifying = officer.get("/case-leads?state=verifying").text
    assert numbers[0] in verifying
    assert numbers[1] not in verifying
    assert "个工作日" in verifying
    assert "该状态下暂无案件线索" in officer.get("/case-leads?state=filed").text
    assert officer.get("/case-leads?state=nonsense").status_code == 422


def test_an_officer_carries_it_by_the_page_s_forms(officer: Caller, world: World, register: Callable[..., str]) -> None:
    number = register(0, 4)
    at = f"/case-leads/{number}"

    def send(way: str, **data: object) -> int:
        token = form_token(officer.get(at).text)
        revision = world.store.case_leads.standing(HOME, number).revision
        answer = officer.post(f"{at}/{way}", data={"csrf_token": token, "revision": revision, **data})
        return answer.status_code

    assert send("move", act="verify") == 303
    assert "尚未指定第二经办人" in officer.get(at).text
    assert send("amend", reason=" ", second_officer="shen.mo") == 422
    assert send("amend", reason="二人核查", second_officer="shen.mo", operator_basis="同一执照") == 303
    counters = world.store.case_leads.get(HOME, number).dossier.counters
    ids = [each.finding.finding_id for each in counters]
    assert send("answers", reason="回应", finding=ids, words=[""] * len(ids)) == 422
    assert send("answers", reason="回应", finding=ids, words=["<b>已核对"] * len(ids)) == 303
    page = officer.get(at).text
    assert "&lt;b&gt;已核对" in page
    assert "移送前待完成" not in page
    assert send("move", act="hand-over", receiver="甲局") == 303
    assert send("exports", kind="registration-docx", receiver="甲局") == 303
    page = officer.get(at).text
    assert "接收单位：甲局" in page
    record = world.store.case_leads.exports(HOME, number)[0]
    assert record.sha256 in page
    assert officer.get(f"{at}/exports/{record.number}").content.startswith(b"PK")
    assert send("move", act="withdraw") == 422
    assert send("move", act="withdraw", reason="辨认为正品") == 303
    assert "须告知：甲局" in officer.get(at).text
    assert "正在查看第 1 版" in officer.get(f"{at}?version=1").text
    assert officer.get(f"{at}?version=9").status_code == 404


def test_forms_split_and_merge(officer: Caller, world: World, register: Callable[..., str]) -> None:
    number = register(0, 4)
    data = {"csrf_token": form_token(officer.get(f"/case-leads/{number}").text), "revision": 0, "reason": "另一家"}
    split = officer.post(f"/case-leads/{number}/split", data={**data, "lead": world.leads[HOME][0]})
    new = split.headers["location"].removeprefix("/case-leads/")
    assert split.status_code == 303
    data |= {"revision": 1, "other": new}
    assert officer.post(f"/case-leads/{number}/merge", data=data).status_code == 303
    assert world.store.case_leads.standing(HOME, new).successor == number
    data |= {"revision": 2, "other": number}
    assert officer.post(f"/case-leads/{number}/merge", data=data).status_code == 422


def standing(state: CaseState = CaseState.VERIFYING) -> CaseStanding:
    at = datetime(2026, 11, 25, tzinfo=UTC)
    return CaseStanding(
        case_number="2026-00001", state=state, due_on=date(2026, 12, 16), registered_at=at, changed_at=at
    )


@pytest.mark.parametrize(
    ("at", "phase", "days"),
    [
        (datetime(2026, 11, 25, 1, tzinfo=UTC), ClockPhase.LEFT, 15),
        (datetime(2026, 12, 15, 15, 59, tzinfo=UTC), ClockPhase.LEFT, 1),
        (datetime(2026, 12, 15, 16, 0, tzinfo=UTC), ClockPhase.TODAY, 0),
        (datetime(2026, 12, 17, 16, 0, tzinfo=UTC), ClockPhase.OVERDUE, 2),
    ],
)
def test_the_clock_counts_working_days_of_shanghai(at: datetime, phase: ClockPhase, days: int) -> None:
    view = clock_view(standing(), at)
    assert (view.phase, view.days, view.calendar_known) == (phase, days, True)


def test_the_clock_stops_and_says_what_it_does_not_know() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    assert clock_view(standing(CaseState.FILED), at).phase is ClockPhase.STOPPED
    assert clock_view(standing().model_copy(update={"due_on": None}), at).phase is ClockPhase.NONE
    later = standing().model_copy(update={"due_on": date(2027, 3, 1)})
    assert not clock_view(later, at + timedelta(days=1)).calendar_known


def test_every_kind_of_export_has_a_format() -> None:
    assert set(exporting.FORMATS) == set(ExportKind)
    assert {kind for kind in exporting.FORMATS if kind.endswith(("docx", "pdf"))} == set(exporting.DOCUMENTS)
