"""Feeds: resumed where they stopped, nothing lost, nothing taken twice."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from crawlers import read_source
from crawlers.feeds import FeedProgress, FeedReport, import_feed
from models.errors import FetchError, FileRejected, InputError
from models.subjects import Listing
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.settings import BusSettings
from tests.crawlers.importer import BATCH

ROWS = 1000


def row(number: int, **more: object) -> str:
    return json.dumps(
        {"listing_id": f"L{number}", "platform": "云市", "title": f"晴川 {number} 号", "price": 9.9, **more}
    )


def feed(folder: Path, lines: Sequence[str], name: str = "feed.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def run(folder: Path, point: str = "none", batch: int = 0, order: str = "right") -> int:
    """The exit status of one import."""
    command = [sys.executable, "-m", "tests.crawlers.importer", str(folder), point, str(batch), order]
    return subprocess.run(command, check=False, timeout=60, cwd=Path(__file__).parents[2]).returncode


def published(folder: Path) -> list[Listing]:
    """Every message on the bus, repeated ones included."""
    bus = open_bus(BusSettings(url=f"sqlite:///{folder / 'bus'}"))
    found: list[Listing] = []
    try:
        with bus.subscribe(LISTINGS, group="test", member="one") as subscription:
            while deliveries := subscription.poll(limit=5000, timeout_s=0.2):
                found += [delivery.payload() for delivery in deliveries]
                subscription.ack(deliveries)
    finally:
        bus.close()
    return found


def effects(listings: Sequence[Listing]) -> list[str]:
    """What receivers keep of the messages: each observation of a subject once."""
    return sorted({f"{entry.listing_id} {entry.observation_id}" for entry in listings})


def test_killed_anywhere_and_run_again_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    lines = [row(number) for number in range(ROWS)]
    lines.insert(350, "{broken")
    feed(tmp_path, lines)
    kills = [("before", 1), ("between", 2), ("after", 1), ("between", 1), ("before", 3)]
    for point, batch in kills:
        assert run(tmp_path, point, batch) == -signal.SIGKILL
    assert run(tmp_path) == 0
    messages = published(tmp_path)
    assert len(effects(messages)) == ROWS
    assert {entry.listing_id for entry in messages} == {f"L{number}" for number in range(ROWS)}
    between = sum(point == "between" for point, _ in kills)
    assert ROWS < len(messages) <= ROWS + between * BATCH, "a kill between effect and cursor repeats one batch"
    rejects = (tmp_path / "cursors" / "feed.jsonl.rejects.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(entry)["line"] for entry in rejects] == [351], "the rejects file holds each refusal once"
    assert run(tmp_path) == 0
    assert len(published(tmp_path)) == 0, "a finished file is not read again"


def test_an_importer_that_saves_its_cursor_first_is_caught(tmp_path: Path) -> None:
    """The negative control of the test above: with the wrong order the same kill loses listings."""
    feed(tmp_path, [row(number) for number in range(ROWS)])
    assert run(tmp_path, "before", 3, "wrong") == -signal.SIGKILL
    assert run(tmp_path) == 0
    assert len(effects(published(tmp_path))) < ROWS


def test_a_feed_goes_on_where_the_sink_failed(tmp_path: Path) -> None:
    path = feed(tmp_path, [row(number) for number in range(300)])
    taken: list[Listing] = []

    def failing(listings: Sequence[Listing]) -> None:
        if len(taken) >= 200:
            raise OSError("the disk is full")
        taken.extend(listings)

    with pytest.raises(OSError, match="disk"):
        import_feed([path], failing, cursors=tmp_path / "c", batch=100)
    report = import_feed([path], taken.extend, cursors=tmp_path / "c", batch=100)
    assert (report.resumed, report.accepted) == (1, 100)
    assert [entry.listing_id for entry in taken] == [f"L{number}" for number in range(300)]


def imported(path: Path, folder: Path, taken: list[Listing]) -> FeedReport:
    return import_feed([path], taken.extend, cursors=folder / "c", batch=10)


def test_a_file_that_grew_is_read_on_and_one_that_changed_from_its_beginning(tmp_path: Path) -> None:
    taken: list[Listing] = []
    path = feed(tmp_path, [row(number) for number in range(25)])
    assert imported(path, tmp_path, taken).accepted == 25
    assert imported(path, tmp_path, taken).unchanged == 1
    with path.open("a", encoding="utf-8") as file:
        file.write(row(25) + "\n" + row(3) + "\n")
    report = imported(path, tmp_path, taken)
    assert (report.accepted, report.rejected) == (1, 1), "an id of the part read before is still a duplicate"
    feed(tmp_path, [row(number, price=1) for number in range(25)])
    assert imported(path, tmp_path, taken).accepted == 25


def test_a_last_line_that_was_cut_off_and_is_completed_later_is_not_lost(tmp_path: Path) -> None:
    taken: list[Listing] = []
    whole = row(2) + "\n"
    path = feed(tmp_path, [row(0), row(1)])
    with path.open("a", encoding="utf-8") as file:
        file.write(whole[:20])
    report = imported(path, tmp_path, taken)
    assert report.samples[0]["code"] == "cut-off"
    with path.open("a", encoding="utf-8") as file:
        file.write(whole[20:])
    imported(path, tmp_path, taken)
    assert {entry.listing_id for entry in taken} == {"L0", "L1", "L2"}


def test_a_listing_that_no_message_can_carry_is_refused_alone(tmp_path: Path) -> None:
    path = feed(tmp_path, [row(number) for number in range(20)])
    taken: list[Listing] = []

    def picky(listings: Sequence[Listing]) -> None:
        if any(entry.listing_id == "L7" for entry in listings):
            raise InputError("too large for a message")
        taken.extend(listings)

    report = import_feed([path], picky, cursors=tmp_path / "c")
    assert (report.accepted, report.rejected) == (19, 1)
    assert report.samples[0]["line"] == 8


def test_every_kind_of_bad_input_in_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    head = "listing_id,platform,title,price,currency\n"
    (folder / "a-bom.csv").write_bytes(b"\xef\xbb\xbf" + (head + "B1,云市,晴川,面议,CNY\n").encode())
    (folder / "b-gbk.csv").write_bytes((head + "G1,云市,白鹭泉,3.5,CNY\n").encode("gbk"))
    (folder / "c-cut.jsonl").write_text(row(1) + "\n" + row(2)[:30], "utf-8")
    with (folder / "d-huge.jsonl").open("wb") as file:
        file.write(b'{"listing_id": "')
        for _ in range(50):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + row(4).encode() + b"\n")
    (folder / "e-empty.csv").write_bytes(b"")
    taken: list[Listing] = []
    seen: list[FeedProgress] = []
    report = import_feed([folder], taken.extend, cursors=tmp_path / "c", rejects=tmp_path / "r", progress=seen.append)
    assert [(entry.listing_id, entry.title) for entry in taken] == [
        ("B1", "晴川"), ("G1", "白鹭泉"), ("L1", "晴川 1 号"), ("L4", "晴川 4 号")
    ]  # fmt: skip
    assert taken[0].price is None
    assert {entry["code"] for entry in report.samples} == {
        "price-on-request",
        "encoding-gbk",
        "cut-off",
        "line-too-long",
    }
    assert len(report.failures) == 1
    assert "e-empty.csv" in report.failures[0]
    assert [path.name for path in report.rejects] == [
        f"{name}.rejects.jsonl" for name in ("a-bom.csv", "b-gbk.csv", "c-cut.jsonl", "d-huge.jsonl")
    ]
    assert seen[-1].offset == seen[-1].size


SOURCE = """
name: cloud-market
owner: 某市监管支队 网监科
schedule: 每日 02:00
kind: feed
platform: 云市
files: [export.csv]
columns:
  rename: {title: 商品名, price: 到手价, seller.name: 店铺, sales: 销量}
  constants: {currency: CNY}
  id_from: [title, seller.name]
expect: {min_listings: 3}
"""


def test_a_platforms_own_columns_and_an_expectation_that_is_not_met(tmp_path: Path) -> None:
    (tmp_path / "source.yml").write_text(SOURCE, "utf-8")
    text = "商品名,到手价,店铺,销量\n晴川 洗衣液,券后价￥59.9,甲店,5万+人付款\n晴川 洗衣液,¥60,乙店,100+\n"
    (tmp_path / "export.csv").write_bytes(text.encode("gb18030"))
    taken: list[Listing] = []
    report = import_feed(read_source(tmp_path / "source.yml"), taken.extend, cursors=tmp_path / "c")
    assert [(str(e.price), e.currency, e.sales, e.seller.name, e.platform, e.source) for e in taken] == [
        ("59.9", "CNY", 50000, "甲店", "云市", "cloud-market"), ("60", "CNY", 100, "乙店", "云市", "cloud-market")
    ]  # fmt: skip
    with pytest.raises(FetchError, match="至少 3"):
        report.check()


def test_a_column_that_the_map_names_and_the_file_lacks_refuses_the_file(tmp_path: Path) -> None:
    (tmp_path / "source.yml").write_text(SOURCE, "utf-8")
    (tmp_path / "export.csv").write_text("商品名,店铺\n晴川,甲店\n", "utf-8")
    with pytest.raises(FileRejected, match="到手价"):
        import_feed(read_source(tmp_path / "source.yml"), list, cursors=tmp_path / "c")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="没有这个文件"):
        import_feed([tmp_path / "none.jsonl"], list, cursors=tmp_path / "c")
    assert not any(name.endswith(".cursor.json") for _, _, names in os.walk(tmp_path) for name in names)
