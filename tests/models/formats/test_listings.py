"""listings.jsonl and .csv: which faults refuse a row, which are only remarked on."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.formats import ColumnMap, Rejects, listing_line, read_listings, read_placed
from models.subjects import Listing

INTAKE = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
ROW = {"listing_id": "L1", "platform": "云市", "title": "晴川 洗衣液", "price": 12.5, "currency": "CNY"}


def read(folder: Path, *given: dict[str, Any], columns: ColumnMap | None = None) -> tuple[list[Listing], Rejects]:
    path = folder / "listings.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in given), "utf-8")
    rejects = Rejects()
    return list(read_listings(path, rejects, intake_at=INTAKE, columns=columns)), rejects


def read_csv(folder: Path, text: str) -> tuple[list[Listing], Rejects]:
    path = folder / "listings.csv"
    path.write_text(text, "utf-8")
    rejects = Rejects()
    return list(read_listings(path, rejects, intake_at=INTAKE)), rejects


def test_a_full_row(tmp_path: Path) -> None:
    full = {
        **ROW, "url": "https://shop.example/1", "list_price": "¥20.00", "sales": "5万+人付款", "category": "家清",
        "nice_class": 3, "availability": "https://schema.org/InStock", "condition": "全新",
        "seller": {"name": "晴川官方旗舰店", "uscc": "91310000ma1fl0000x", "since": "2020"},
        "images": ["a.jpg", "b.jpg"],
        "captured_at": "2026-02-03T10:00:00", "attributes": {"colour": "blue"}, "page_rank": 3,
    }  # fmt: skip
    listings, rejects = read(tmp_path, full)
    listing = listings[0]
    assert (listing.price, listing.list_price, listing.sales) == (Decimal("12.5"), Decimal("20.00"), 50000)
    assert (listing.nice_class, listing.availability, listing.condition) == (3, "InStock", "new")
    assert listing.captured_at == datetime(2026, 2, 3, 2, 0, tzinfo=UTC)
    assert listing.zone_assumed
    assert listing.seller.uscc == "91310000MA1FL0000X"
    assert listing.attributes == {
        "colour": "blue", "page_rank": "3", "sales_text": "5万+人付款", "seller.since": "2020"
    }  # fmt: skip
    assert rejects.rejected == 0


def test_missing_id_platform_or_title_refuses_the_row(tmp_path: Path) -> None:
    faulty = [{**ROW, "listing_id": f"L{n}", name: ""} for n, name in enumerate(("listing_id", "platform", "title"))]
    listings, rejects = read(tmp_path, *faulty, {**ROW, "listing_id": "good"})
    assert [listing.listing_id for listing in listings] == ["good"]
    assert [(e["line"], e["code"], e["field"]) for e in rejects.samples] == [
        (1, "missing", "listing_id"),
        (2, "missing", "platform"),
        (3, "missing", "title"),
    ]


def test_the_second_of_two_equal_ids_is_refused_and_names_the_first(tmp_path: Path) -> None:
    listings, rejects = read(tmp_path, ROW, {**ROW, "title": "别的"})
    assert [listing.title for listing in listings] == ["晴川 洗衣液"]
    assert rejects.samples[0]["code"] == "duplicate"
    assert "第 1 行" in str(rejects.samples[0]["reason"])


def test_a_price_that_is_none_keeps_the_row(tmp_path: Path) -> None:
    prices = ["面议", "-3", "NaN", "12.00-35.00", "1e999", float("nan")]
    listings, rejects = read(tmp_path, *({**ROW, "listing_id": f"L{n}", "price": p} for n, p in enumerate(prices)))
    assert [listing.price for listing in listings] == [None, None, None, Decimal("12.00"), None, None]
    assert listings[3].attributes["price_range"] == "12.00-35.00"
    assert listings[0].attributes["price"] == "面议"
    assert rejects.rejected == 0
    assert [entry["code"] for entry in rejects.samples] == [
        "price-on-request", "price-negative", "price-unreadable", "price-range", "price-unreadable", "price-unreadable"
    ]  # fmt: skip


def test_unreadable_extras_become_attributes_with_a_remark(tmp_path: Path) -> None:
    row = {**ROW, "nice_class": "99", "sales": "很多", "condition": "九成新", "captured_at": "昨天", "currency": "贝壳"}
    listings, rejects = read(tmp_path, row)
    listing = listings[0]
    assert (listing.nice_class, listing.sales, listing.condition, listing.currency) == (None, None, None, None)
    assert listing.captured_at == INTAKE
    assert {name: listing.attributes[name] for name in ("nice_class", "sales", "condition", "captured_at")} == {
        "nice_class": "99", "sales": "很多", "condition": "九成新", "captured_at": "昨天"
    }  # fmt: skip
    assert rejects.notices == 5


def test_a_file_cannot_name_its_organisation(tmp_path: Path) -> None:
    listings, _ = read(tmp_path, {**ROW, "organisation_id": "somebody-else"})
    assert listings[0].organisation_id == "local"
    assert listings[0].attributes["organisation_id"] == "somebody-else"


def test_a_wrong_type_refuses_its_row_and_half_a_character_none(tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    bad = [
        '{"listing_id": {"a": 1}, "platform": "p", "title": "t"}',
        '{"listing_id": "x", "platform": "p", "title": "\\ud800"}',
    ]
    path.write_text("\n".join([*bad, json.dumps(ROW)]) + "\n", "utf-8")
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        listings = list(read_listings(path, rejects, intake_at=INTAKE))
    assert [(listing.listing_id, listing.title) for listing in listings] == [("x", "\ufffd"), ("L1", ROW["title"])]
    assert (rejects.rejected, rejects.notices) == (1, 1)
    assert len((tmp_path / "rejects.jsonl").read_text("utf-8").splitlines()) == 2


def test_csv_has_dotted_names_and_lists(tmp_path: Path) -> None:
    text = (
        "listing_id,platform,title,price,seller.name,images,attributes.size\n1,云市,晴川,1299,晴川店,a.jpg;b.jpg,XL\n"
    )
    listings, _ = read_csv(tmp_path, text)
    assert listings[0].seller.name == "晴川店"
    assert listings[0].images == ("a.jpg", "b.jpg")
    assert listings[0].attributes == {"size": "XL"}


def test_a_column_map_renames_fills_in_and_makes_ids(tmp_path: Path) -> None:
    columns = ColumnMap(
        rename={"title": "name", "price": "offer.amount", "seller.name": "shop", "sales": "paid"},
        constants={"platform": "云市", "currency": "CNY"},
        id_from=("title", "seller.name"),
    )
    rows = [
        {"name": "晴川", "offer": {"amount": "¥9.90"}, "shop": "甲店", "paid": "100+"},
        {"name": "晴川", "offer": {"amount": "¥8.90"}, "shop": "乙店", "paid": ""},
    ]
    listings, rejects = read(tmp_path, *rows, columns=columns)
    assert [(str(entry.price), entry.seller.name, entry.sales) for entry in listings] == [
        ("9.90", "甲店", 100),
        ("8.90", "乙店", None),
    ]
    assert len({entry.listing_id for entry in listings}) == 2
    assert rejects.rejected == 0


def test_places_allow_reading_on_and_still_see_earlier_ids(tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    rows = [{**ROW, "listing_id": name} for name in ("a", "b", "a", "c")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    whole = list(read_placed(path, Rejects(), intake_at=INTAKE))
    assert whole[-1].end == path.stat().st_size
    rejects = Rejects()
    rest = list(read_placed(path, rejects, intake_at=INTAKE, after_line=2))
    assert [entry.listing.listing_id for entry in rest] == ["c"]
    assert rejects.counts["duplicate"] == 1


def test_a_written_line_reads_back_the_same(tmp_path: Path) -> None:
    listings, _ = read(tmp_path, {**ROW, "images": ["x.jpg"], "seller": {"name": "晴川店"}, "extra": "1"})
    again, _ = read(tmp_path, listing_line(listings[0]))
    assert again == listings
