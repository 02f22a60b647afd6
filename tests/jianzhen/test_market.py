"""Prices against the market, from the command line: a file's own listings as peers, published peers, and the model."""

from pathlib import Path

from models.moments import now
from tests.jianzhen.command_line import MARKS, Inside, listing

SCAN = ("scan", "--marks", "marks.csv", "--listings", "listings.jsonl", "--as-of", "2026-03-20T00:00:00+08:00")


def crowd(sellers: int, *, cheap: int = 9) -> list[str]:
    """So many shops at about 100 and one far below them."""
    rows = [
        listing(
            f"P{n}",
            "白鹭泉 爽肤水 100ml",
            price=95 + n % 11,
            list_price=100 + n % 11,
            seller={"name": f"店{n}"},
            sales=100 + n % 17,
        )
        for n in range(sellers)
    ]
    return [*rows, listing("LOW", "白鹭泉 爽肤水 100ml", price=cheap, seller={"name": "折扣仓"})]


def prepared(jianzhen: Inside, rows: list[str]) -> None:
    (jianzhen.folder / "marks.csv").write_text(MARKS, "utf-8")
    (jianzhen.folder / "listings.jsonl").write_text("".join(rows), "utf-8")


def facts(jianzhen: Inside, name: str) -> dict[str, set[str]]:
    return {
        lead["listing_id"]: {finding["fact"] for finding in lead["findings"] if finding["detector"] == "price"}
        for lead in jianzhen.lines(name)
    }


def test_scan_compares_a_files_listings_with_each_other_and_stays_silent_on_few(jianzhen: Inside) -> None:
    prepared(jianzhen, crowd(80))
    assert jianzhen(*SCAN, "--out", "many.jsonl").code == 0
    found = facts(jianzhen, "many.jsonl")
    assert found["LOW"] == {"price-far-below-peers"}
    assert not any(said for name, said in found.items() if name != "LOW")
    prepared(jianzhen, crowd(40))
    assert jianzhen(*SCAN, "--out", "few.jsonl").code == 0
    assert not any(facts(jianzhen, "few.jsonl").values())


def test_a_trained_model_gives_a_second_opinion_and_nothing_else_changes(jianzhen: Inside) -> None:
    prepared(jianzhen, crowd(400, cheap=8))
    train = ("price", "train", "--marks", "marks.csv", "--listings", "listings.jsonl")
    trained = jianzhen(*train, "--out", "model.npz")
    assert trained.code == 0
    assert "401" in trained.said
    assert jianzhen(*train, "--out", "again.npz").code == 0
    assert (jianzhen.folder / "model.npz").read_bytes() == (jianzhen.folder / "again.npz").read_bytes()
    assert jianzhen(*SCAN, "--out", "with.jsonl", "--price-model", "model.npz").code == 0
    assert facts(jianzhen, "with.jsonl")["LOW"] == {"price-far-below-peers", "price-second-opinion"}
    (jianzhen.folder / "wrong.npz").write_text("no model")
    refused = jianzhen(*SCAN, "--out", "wrong.jsonl", "--price-model", "wrong.npz")
    assert refused.code == 2
    assert "wrong.npz" in refused.said


def test_too_few_listings_train_nothing(jianzhen: Inside) -> None:
    prepared(jianzhen, crowd(30))
    refused = jianzhen("price", "train", "--marks", "marks.csv", "--listings", "listings.jsonl", "--out", "model.npz")
    assert refused.code == 2
    assert "256" in refused.said
    assert not (jianzhen.folder / "model.npz").exists()


def test_stored_listings_become_the_peers_of_later_ones(jianzhen: Inside) -> None:
    at = now().isoformat()
    rows = [row for row in crowd(80) if "LOW" not in row]
    prepared(jianzhen, rows)
    for words in (
        ("prepare",),
        ("registry", "import", "--marks", "marks.csv"),
        ("ingest", "listings", "listings.jsonl"),
        ("worker", "--until-idle"),
        ("peers", "build"),
    ):
        assert jianzhen(*words).code == 0
    again = jianzhen("peers", "build")
    assert "80" in again.said
    low = listing("LOW", "白鹭泉 爽肤水 100ml", price=1, seller={"name": "折扣仓"}, captured_at=at)
    Path(jianzhen.folder / "later.jsonl").write_text(low, "utf-8")
    assert jianzhen("ingest", "listings", "later.jsonl").code == 0
    assert jianzhen("worker", "--until-idle").code == 0
    from jianzhen.engine import Engine
    from jianzhen.settings import load_settings
    from models.ports import LeadQuery

    with Engine(load_settings()) as engine:
        page = engine.store.leads.find("local", LeadQuery(detector="price"))
        assert [lead.native_id for lead in page.leads] == ["LOW"]
        assert "price-far-below-peers" in page.leads[0].facts
