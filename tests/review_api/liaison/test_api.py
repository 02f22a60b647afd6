"""The room of liaison over the API: from a draft to a signed letter, and from answers to a clock."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from models.liaison import Caution, Signature
from models.mark_checks import CheckResult, Compared, MarkCheck
from models.organisations import PowerOfAttorney
from tests.review_api.liaison.conftest import Room, Sent
from tests.review_api.world import check_marks


def batch_id_of(detail: dict[str, Any]) -> str:
    found: str = detail["batch"]["batch_id"]
    return found


def revision_of(room: Room, batch_id: str, whose: str = "yunjishi") -> int:
    found: int = room[whose].get(f"/api/v1/letters/{batch_id}").json()["progress"]["revision"]
    return found


def answered(room: Room, batch_id: str, item: str, state: str, **more: str) -> Any:
    json = {"answer": {"item_id": item, "state": state, **more}, "revision": revision_of(room, batch_id)}
    return room["yunjishi"].post(f"/api/v1/letters/{batch_id}/rows", json=json)


def test_a_draft_is_filled_from_what_was_referred_and_says_what_it_lacks(room: Room, notice: Sent) -> None:
    detail = notice("draft")
    (row,) = detail["batch"]["body"]["rows"]
    assert row["item_id"] == "linhai-7300102"
    assert row["platform"] == "云集市"
    assert row["words"]
    assert detail["batch"]["body"]["marks"][0]["registration_no"] == "90000001"
    assert {each["code"] for each in detail["lacks"]} >= {"certificate", "declaration", "reason", "evidence"}
    assert all(each["mend"]["zh"] and each["what"]["en"] for each in detail["lacks"])
    assert not detail["ready"]


def test_an_authority_writes_and_never_sends_a_notice(room: Room) -> None:
    case = room["linhai"].post("/api/v1/case-leads", json={"leads": {room.world.leads["linhai"][2]: 0}})
    number = case.json()["case_number"]
    refused = room["linhai"].post(
        "/api/v1/batches", json={"kind": "notice", "receiver_id": "yunjishi", "case_number": number}
    )
    assert refused.status_code == 422
    assert "advice" in refused.json()["mend"]
    made = room["linhai"].post(
        "/api/v1/batches", json={"kind": "data-request", "receiver_id": "haowujie", "case_number": number}
    )
    assert made.status_code == 201, made.text
    assert made.json()["batch"]["body"]["case_number"] == number
    assert room["linhai"].get("/api/v1/batches").json()["counts"] == {"draft": 1}
    holder = room["qingchuan"].post("/api/v1/batches", json={"kind": "advice", "receiver_id": "yunjishi"})
    assert holder.status_code == 422


def test_nothing_leaves_before_a_person_signed_it(room: Room, notice: Sent) -> None:
    holder = room["qingchuan"]
    detail = notice("checked")
    address = f"/api/v1/batches/{batch_id_of(detail)}"
    assert detail["ready"]
    for kind in ("xlsx", "csv", "docx", "pdf"):
        assert holder.get(f"{address}/files/{kind}").status_code == 409
    revision = detail["batch"]["revision"]
    assert holder.post(f"{address}/sending", json={"revision": revision}).status_code == 409
    signed = holder.post(f"{address}/signature", json={"name": "王晴", "revision": revision}).json()
    signature = signed["batch"]["signature"]
    assert (signature["name"], signature["by"], len(signature["digest"])) == ("王晴", "somebody@qingchuan", 64)
    assert holder.get(f"{address}/files/csv").status_code == 200
    body = {**signed["batch"]["body"], "asked": "请永久关店"}
    changed = holder("PUT", address, json={"body": body, "revision": signed["batch"]["revision"]}).json()
    assert (changed["batch"]["state"], changed["batch"]["signature"], changed["signed"]) == ("draft", None, False)
    assert holder.get(f"{address}/files/csv").status_code == 409
    acts = [each["act"] for each in holder.get(f"{address}/events").json()]
    assert acts == ["made", "changed", "checked", "signed", "exported", "changed", "voided"]


def test_without_the_check_on_the_signature_an_unsigned_batch_would_leave(
    room: Room, notice: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the test above: it is this check that holds files back."""
    detail = notice("signed")
    address = f"/api/v1/batches/{batch_id_of(detail)}"
    body = {**detail["batch"]["body"], "asked": "另一请求"}
    room["qingchuan"]("PUT", address, json={"body": body, "revision": detail["batch"]["revision"]})
    monkeypatch.setattr(
        "review_api.liaison.files.require_signed", lambda batch: (batch.letter, detail_signature(detail))
    )
    assert room["qingchuan"].get(f"{address}/files/csv").status_code == 200


def detail_signature(detail: dict[str, Any]) -> Any:
    return Signature.model_validate(detail["batch"]["signature"])


def test_what_speaks_against_a_row_is_not_edited_away(room: Room, notice: Sent) -> None:
    holder = room["qingchuan"]
    detail = notice("draft", receiver_id="", platform="云集市")
    store, before = room.world.store.liaison, detail["batch"]
    batch = store.get("qingchuan", before["batch_id"])
    doubtful = batch.body.rows[0].model_copy(update={"cautions": (Caution(code="second-hand", zh="二手"),)})
    forged = batch.body.model_copy(update={"rows": (doubtful,)})
    store.save(batch, batch.model_copy(update={"body": forged, "revision": 1}), ())
    address = f"/api/v1/batches/{before['batch_id']}"
    body = {**before["body"], "rows": [{**before["body"]["rows"][0], "cautions": [], "lead_id": ""}]}
    kept = holder("PUT", address, json={"body": body, "revision": 1}).json()
    assert [each["code"] for each in kept["batch"]["body"]["rows"][0]["cautions"]] == ["second-hand"]
    assert "second-hand" in {each["code"] for each in kept["doubts"]}


def test_the_platform_sees_what_was_sent_and_nothing_before(room: Room, notice: Sent) -> None:
    platform, other = room["yunjishi"], room["haowujie"]
    draft = notice("signed")
    assert platform.get("/api/v1/letters").json() == []
    assert platform.get(f"/api/v1/letters/{batch_id_of(draft)}").status_code == 404
    sent = notice()
    address = f"/api/v1/letters/{batch_id_of(sent)}"
    shown = platform.get(address)
    assert shown.status_code == 200
    for secret in ("cautions", "lead_id", "已核对", "doubt"):
        assert secret not in shown.text
    assert [row["state"] for row in shown.json()["progress"]["rows"]] == ["sent"] * 3
    for call in (address, f"{address}/events", f"{address}/files/xlsx", f"{address}/documents/{'b' * 64}"):
        assert other.get(call).status_code == 404, call
    assert platform.get(f"/api/v1/batches/{batch_id_of(sent)}").status_code == 403
    assert [each["act"] for each in platform.get(f"{address}/events").json()] == ["sent"]


def test_an_agent_writes_within_its_power(room: Room, notice: Sent) -> None:
    sent = notice("signed", sender="zhihe")
    assert sent["batch"]["body"]["holder_id"] == "qingchuan"
    at = room.clock()
    over = PowerOfAttorney(
        holder_id="qingchuan", agent_id="zhihe", valid_from=at - timedelta(days=2), valid_to=at - timedelta(days=1)
    )
    room.world.store.organisations.empower(over)
    address = f"/api/v1/batches/{batch_id_of(sent)}/sending"
    assert room["zhihe"].post(address, json={"revision": sent["batch"]["revision"]}).status_code == 403
    narrow = over.model_copy(update={"valid_to": at + timedelta(days=1), "mark_ids": ("OTHER",)})
    room.world.store.organisations.empower(narrow)
    assert room["zhihe"].post(address, json={"revision": sent["batch"]["revision"]}).status_code == 403


def test_answers_come_back_in_the_same_workbook(room: Room, notice: Sent) -> None:
    platform, holder = room["yunjishi"], room["qingchuan"]
    batch_id = batch_id_of(notice())
    address = f"/api/v1/letters/{batch_id}"
    file = platform.get(f"{address}/files/xlsx")
    assert file.headers["content-disposition"] == f'attachment; filename="{batch_id}.xlsx"'
    book = load_workbook(io.BytesIO(file.content))
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:3] == ["投诉批次", "宝贝编号", "宝贝链接"]
    place = {heading: number for number, heading in enumerate(headings, start=1)}
    assert all(sheet.cell(row, place["投诉批次"]).value == batch_id for row in (2, 3, 4))
    for row, (answer, reason) in enumerate([("下架", ""), ("不成立", "材料不足"), ("也许", "")], start=2):
        sheet.cell(row, place["处理结论"]).value = answer
        sheet.cell(row, place["结论理由"]).value = reason
    stream = io.BytesIO()
    book.save(stream)
    looked = platform.post(f"{address}/answer-files", files={"file": ("回执.xlsx", stream.getvalue())}).json()
    assert looked["counts"] == {
        "taken": 2, "known": 0, "unmatched": 0, "repeated": 0, "contradictory": 0, "faulty": 1,
    }  # fmt: skip
    assert {row["state"] for row in holder.get(address).json()["progress"]["rows"]} == {"sent"}, "only looked at"
    asked = {"sha256": looked["sha256"], "revision": looked["revision"]}
    once = {"Idempotency-Key": "answers-1"}
    taken = platform.post(f"{address}/answers", json=asked, headers=once)
    assert taken.status_code == 200, taken.text
    again = platform.post(f"{address}/answers", json=asked, headers=once)
    assert again.headers["idempotency-replayed"] == "true"
    states = [row["state"] for row in holder.get(address).json()["progress"]["rows"]]
    assert states == ["removed", "refused", "sent"]
    before = holder.get(f"{address}/events").json()
    fresh = platform.post(f"{address}/answers", json={**asked, "revision": revision_of(room, batch_id)})
    assert [each["fate"] for each in fresh.json()["lines"]] == ["known", "known", "faulty"]
    assert holder.get(f"{address}/events").json() == before


def test_a_file_that_another_organisation_looked_at_is_not_taken(room: Room, notice: Sent) -> None:
    first, second = batch_id_of(notice()), batch_id_of(notice())
    data = f"投诉批次,宝贝编号,处理结论\r\n{first},73002,下架\r\n".encode()
    looked = room["yunjishi"].post(f"/api/v1/letters/{first}/answer-files", files={"file": ("a.csv", data)}).json()
    for whose, batch_id in (("yunjishi", second), ("haowujie", first)):
        asked = {"sha256": looked["sha256"], "revision": 1}
        assert room[whose].post(f"/api/v1/letters/{batch_id}/answers", json=asked).status_code == 404
    picture = room.world.pictures["linhai"]
    asked = {"sha256": picture, "revision": 1}
    assert room["yunjishi"].post(f"/api/v1/letters/{first}/answers", json=asked).status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.csv", b"", "answers"),
        ("a.csv", "甲,乙\r\n1,2\r\n".encode(), "column"),
        ("a.csv", b"\x00\x01\x02", "no table"),
        ("a.xlsx", b"PK\x03\x04garbage", "no workbook"),
        ("a.csv", "投诉批次,宝贝编号,处理结论\r\n".encode(), "answers"),
    ],
)
def test_a_file_that_is_no_table_of_answers_is_refused_in_words(
    room: Room, notice: Sent, name: str, data: bytes, told: str
) -> None:
    address = f"/api/v1/letters/{batch_id_of(notice())}/answer-files"
    refused = room["yunjishi"].post(address, files={"file": (name, data)})
    assert refused.status_code == 422, refused.text
    assert told in refused.json()["detail"] + str(refused.json()["errors"]) or not data
    page = room["yunjishi"].post(address.replace("/api/v1", ""), files={"file": (name, data)})
    assert page.status_code == 422


def test_a_statement_starts_the_clock_and_the_holder_answers_in_time(room: Room, notice: Sent) -> None:
    platform, holder = room["yunjishi"], room["qingchuan"]
    batch_id = batch_id_of(notice())
    address = f"/api/v1/letters/{batch_id}"
    early = {"item_id": "73002", "words": "系正品", "reached_at": datetime.now(UTC).isoformat()}
    told = {"statement": early, "revision": 1}
    assert platform.post(f"{address}/statements", json=told).status_code == 409, "no measure was taken yet"
    assert answered(room, batch_id, "73002", "removed").status_code == 200
    late = {**early, "reached_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    ahead = platform.post(f"{address}/statements", json={"statement": late, "revision": 2})
    assert ahead.status_code == 422
    reached = {**early, "reached_at": datetime.now(UTC).isoformat()}
    stated = platform.post(f"{address}/statements", json={"statement": reached, "revision": 2})
    assert stated.status_code == 200, stated.text
    (line,) = holder.get("/api/v1/letters/statements").json()
    assert line["phase"] == "running"
    assert line["standing"]["clock"]["days"] == 15
    statement_id = line["standing"]["statement_id"]
    bare = {"reply": {"statement_id": statement_id, "kind": "sued"}, "revision": 3}
    assert holder.post(f"{address}/replies", json=bare).status_code == 422
    assert platform.post(f"{address}/replies", json=bare).status_code == 403
    given = {"reply": {"statement_id": statement_id, "kind": "sued", "reference": "（2026）某01民初1号"}, "revision": 3}
    assert holder.post(f"{address}/replies", json=given).status_code == 200
    (line,) = platform.get("/api/v1/letters/statements").json()
    assert (line["phase"], line["standing"]["reply"]["reference"]) == ("held", "（2026）某01民初1号")


def test_a_withdrawal_reaches_the_platform(room: Room, notice: Sent) -> None:
    sent = notice()
    batch_id = batch_id_of(sent)
    assert answered(room, batch_id, "73002", "removed").status_code == 200
    told = room["qingchuan"].post(
        f"/api/v1/batches/{batch_id}/withdrawal",
        json={"reason": "确认为正品", "revision": sent["batch"]["revision"]},
    )
    assert told.json() == {"receivers": ["云集市"]}
    (line,) = room["yunjishi"].get("/api/v1/letters").json()
    assert line["withdrawn"]
    assert "确认为正品" in room["yunjishi"].get(f"/letters/{batch_id}").text
    assert answered(room, batch_id, "73003", "removed").status_code == 409
    assert answered(room, batch_id, "73002", "restored").status_code == 200


def test_a_platform_without_people_here_is_answered_for_by_the_sender(room: Room, notice: Sent) -> None:
    sent = notice(receiver_id="", platform="云集市")
    batch_id = batch_id_of(sent)
    json = {"answer": {"item_id": "73002", "state": "removed"}, "revision": 1}
    assert room["qingchuan"].post(f"/api/v1/letters/{batch_id}/rows", json=json).status_code == 200
    other = batch_id_of(notice())
    assert room["qingchuan"].post(f"/api/v1/letters/{other}/rows", json=json).status_code == 409
    assert room["yunjishi"].get(f"/api/v1/letters/{batch_id}").status_code == 404


def test_stale_changes_are_refused(room: Room, notice: Sent) -> None:
    detail = notice("draft")
    address = f"/api/v1/batches/{batch_id_of(detail)}"
    body = detail["batch"]["body"]
    holder = room["qingchuan"]
    assert holder("PUT", address, json={"body": body}).status_code == 422, "the revision is missing"
    assert holder("PUT", address, json={"body": body}, headers={"If-Match": '"0"'}).status_code == 200
    assert holder("PUT", address, json={"body": body}, headers={"If-Match": '"0"'}).status_code == 409


def test_what_was_done_stands_in_the_trail(room: Room, notice: Sent) -> None:
    notice()
    acts = [each.entry.act.value for each in room.world.store.audit.entries("qingchuan")]
    assert acts == ["batch-sent", "batch-signed", "batch-changed", "batch-changed", "batch-made"]


def test_a_unit_s_letter_rests_on_marks_that_an_officer_checked(room: Room) -> None:
    officer = room["linhai"]
    case = officer.post("/api/v1/case-leads", json={"leads": {room.world.leads["linhai"][1]: 0}})
    asked = {"kind": "advice", "receiver_id": "yunjishi", "case_number": case.json()["case_number"]}
    detail = officer.post("/api/v1/batches", json=asked).json()
    body = detail["batch"]["body"]
    body |= {"reference": "临市监函〔2026〕1号", "second_officer": "吴"}
    body["sender"] |= {"contact": "0576-0000000"}
    body["rows"] = [{**row, "reason": "202"} for row in body["rows"]]
    address = f"/api/v1/batches/{batch_id_of(detail)}"
    detail = officer("PUT", address, json={"body": body, "revision": 0}).json()
    assert detail["lacks"] == []
    checked = [{"doubt_id": each, "words": "已核对"} for each in detail["unchecked"]]
    detail = officer.post(f"{address}/checks", json={"checked": checked, "revision": 1}).json()
    at = room.clock()
    mark = room.world.store.registry.current("linhai").mark_by_id["QC-30"]
    differs = MarkCheck(
        organisation_id="linhai", mark=mark, compared=(Compared.STATUS,), source="公告", result=CheckResult.DIFFERS,
        by="li", at=at, valid_until=at.date() + timedelta(days=9),
    )  # fmt: skip
    room.world.store.mark_checks.add(differs)
    refused = officer.post(f"{address}/signature", json={"name": "何岚", "revision": 2})
    assert refused.status_code == 409
    assert "晴川" in refused.json()["detail"]
    check_marks(room.world.store, "linhai", [mark])
    signed = officer.post(f"{address}/signature", json={"name": "何岚", "revision": 2})
    assert signed.status_code == 200, signed.text
    assert officer.post(f"{address}/sending", json={"revision": 3}).status_code == 200
    assert room["yunjishi"].get("/api/v1/letters").json()[0]["kind"] == "advice"
