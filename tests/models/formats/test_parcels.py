"""Parcels: no personal data comes in, and none goes into the rejects file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.formats import Rejects, read_parcels
from models.subjects import ParcelRecord

PHONE, PERSON, STREET, IDENTITY = "13812345678", "王小明", "文三路 478 号 3 幢", "110101199003078515"
ROW = {
    "parcel_token": "t-0001",
    "carrier": "飞驿",
    "accepted_at": "2026-03-01T09:00:00+08:00",
    "declared_goods": "洗衣液",
}


def read(folder: Path, *given: dict[str, Any] | str) -> tuple[list[ParcelRecord], Rejects, str]:
    path = folder / "parcels.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in given)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    place = folder / "rejects.jsonl"
    with Rejects(place) as rejects:
        records = list(read_parcels(path, rejects))
    return records, rejects, place.read_text("utf-8") if place.exists() else ""


def test_a_full_record(tmp_path: Path) -> None:
    full = {
        **ROW, "origin": "330100", "destination": "浙江省杭州市西湖区", "declared_value": "120元", "weight_g": "1500",
        "inspected_at_acceptance": "是", "real_name_verified": False, "xray_screened": "unknown",
        "events": [{"time": "2026-03-01 10:00:00", "place": "330100", "code": "ACCEPT", "courier": PERSON}],
    }  # fmt: skip
    records, rejects, _ = read(tmp_path, full)
    record = records[0]
    assert (record.inspected_at_acceptance, record.real_name_verified, record.xray_screened) == (True, False, None)
    assert record.events[0].time == datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert record.zone_assumed
    assert record.weight_g == 1500
    assert rejects.rejected == 0
    assert PERSON not in record.model_dump_json()


def test_unknown_columns_are_dropped_unread(tmp_path: Path) -> None:
    records, _, written = read(tmp_path, {**ROW, "receiver_name": PERSON, "phone": PHONE, "address": STREET})
    dumped = records[0].model_dump_json()
    assert not any(secret in dumped + written for secret in (PERSON, PHONE, STREET))


def test_what_is_personal_inside_known_texts_is_removed_and_said(tmp_path: Path) -> None:
    row = {**ROW, "declared_goods": f"衣服 {PHONE}", "destination": f"浙江省杭州市{STREET}", "outlet": f"点 {IDENTITY}"}
    records, rejects, written = read(tmp_path, row)
    dumped = records[0].model_dump_json()
    assert not any(secret in dumped + written for secret in (PHONE, "478", IDENTITY))
    assert rejects.counts["personal-data-removed"] == 3


def test_a_token_that_was_never_made_refuses_the_row_without_repeating_it(tmp_path: Path) -> None:
    rows = [
        {**ROW, "parcel_token": PHONE},
        {**ROW, "parcel_token": "t2", "sender_token": IDENTITY},
        {**ROW, "parcel_token": "t3", "sender_uscc": IDENTITY},
    ]
    records, rejects, written = read(tmp_path, *rows)
    assert records == []
    assert rejects.counts == {"token-not-made": 3}
    assert PHONE not in written
    assert IDENTITY not in written


def test_the_rejects_file_shows_shapes_and_never_content(tmp_path: Path) -> None:
    bad: list[dict[str, Any] | str] = [
        {**ROW, "parcel_token": "t4", "accepted_at": f"{PERSON} 13-45", "note": PHONE},
        {**ROW, "parcel_token": "t5", "events": PERSON},
        {**ROW, "parcel_token": PERSON, "carrier": ""},
        f'{{"parcel_token": "{PHONE}", {PERSON}',
        {**ROW, "parcel_token": "t6", "declared_value": PERSON},
        {**ROW, "parcel_token": "t6"},
    ]
    _, rejects, written = read(tmp_path, *bad)
    assert rejects.rejected == 5
    assert not any(secret in written for secret in (PHONE, PERSON, "t6"))
    assert json.loads(written.splitlines()[0])["fields"]["accepted_at"] == "某某某 ##-##"
    assert "note" not in json.loads(written.splitlines()[0])["fields"]


def test_invalid_bytes_in_a_parcels_file_are_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "parcels.csv"
    good = "parcel_token,carrier,origin\nt1,飞驿,杭州\n".encode()
    path.write_bytes(good + b"t2," + PHONE.encode() + b",\xff\xff\n")
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        assert len(list(read_parcels(path, rejects))) == 1
    assert PHONE not in (tmp_path / "rejects.jsonl").read_text("utf-8")


def test_csv_events_are_written_in_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "parcels.csv"
    path.write_text(
        "parcel_token,carrier,events\nt1,飞驿,2026-03-01T10:00:00+08:00|330100|A;2026-03-01T12:00:00+08:00|310000|B\n",
        "utf-8",
    )
    record = next(read_parcels(path, Rejects()))
    assert [event.code for event in record.events] == ["A", "B"]
