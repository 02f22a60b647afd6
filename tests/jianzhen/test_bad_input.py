"""Bad input: each fault is told with its place, the rest goes on, nobody sees a traceback."""

import errno
import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from jianzhen import cli
from jianzhen.whole_files import replacing
from models.errors import InputError
from tests.jianzhen.command_line import MARKS, Inside, Ran, listing, run


def scan(jianzhen: Inside, listings: str | bytes, name: str = "listings.jsonl") -> Ran:
    jianzhen.write("marks.csv", MARKS)
    jianzhen.write(name, listings)
    return jianzhen("scan", "--marks", "marks.csv", "--listings", name, "--out", "leads.jsonl", "--as-of", "2026-11-01")


def ids(jianzhen: Inside) -> list[str]:
    return [line["listing_id"] for line in jianzhen.lines("leads.jsonl")]


GOOD = listing("good", "自鹭泉矿泉水500ml")


@pytest.mark.parametrize(
    ("rows", "line", "code"),
    [
        ('{"listing_id": "1", "platform": "集市", "ti\n' + GOOD, 1, "not-json"),
        (GOOD + '{"listing_id": "1", "platform": "集市", "ti', 2, "cut-off"),
        (GOOD + '["a"]\n', 2, "not-an-object"),
        (GOOD + '{"listing_id": "1", "platform": "集市"}\n', 2, "missing"),
        (GOOD + GOOD, 2, "duplicate"),
        (GOOD.encode() + b'{"listing_id": "1", "platform": "x", "title": "\xff\xfe\xfa\xfb"}\n', 2, "bad-bytes"),
        (GOOD + '{"listing_id": "1", "title": "\0"}\n', 2, "nul-bytes"),
        (GOOD + '{"listing_id": "1", "title": "' + "x" * 50_000_000 + '"}\n', 2, "line-too-long"),
        (GOOD + "[" * 100_000 + "\n", 2, "not-json"),
    ],
    ids=["torn", "truncated", "array", "no-title", "twice", "bytes", "nul", "50-MB-line", "deep"],
)
def test_a_bad_row_is_told_by_its_line_and_the_rest_goes_on(
    jianzhen: Inside, rows: str | bytes, line: int, code: str
) -> None:
    ended = scan(jianzhen, rows)
    assert (ended.code, ids(jianzhen)) == (0, ["good"])
    (told,) = jianzhen.lines("leads.rejects.jsonl")
    assert (told["file"], told["line"], told["kind"], told["code"]) == ("listings.jsonl", line, "rejected", code)
    assert f"listings.jsonl:{line}" in ended.err
    assert len(ended.err) < 2_000


def test_a_price_on_request_keeps_the_row_and_is_remarked(jianzhen: Inside) -> None:
    ended = scan(jianzhen, listing("1", "自鹭泉矿泉水", price="面议"))
    assert (ended.code, ids(jianzhen)) == (0, ["1"])
    assert jianzhen.lines("leads.jsonl")[0]["flagged"]
    assert [(told["kind"], told["code"]) for told in jianzhen.lines("leads.rejects.jsonl")] == [
        ("notice", "price-on-request")
    ]


TABLE = "listing_id,platform,title,price,currency\n1,集市,自鹭泉矿泉水,20,CNY\n"


@pytest.mark.parametrize(("encoding", "said"), [("gbk", "GBK"), ("utf-8-sig", ""), ("utf-8", "")])
def test_a_table_in_gbk_or_with_a_mark_is_read_and_gbk_is_said(jianzhen: Inside, encoding: str, said: str) -> None:
    ended = scan(jianzhen, TABLE.encode(encoding), "listings.csv")
    assert ended.code == 0
    (lead,) = jianzhen.lines("leads.jsonl")
    assert [finding["subject_value"] for finding in lead["findings"] if finding["stance"] == "for"] == ["自鹭泉"]
    assert said in ended.err


@pytest.mark.parametrize(
    "picture", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_a_corrupt_picture_is_remarked_and_blocks_nothing(jianzhen: Inside, picture: bytes) -> None:
    jianzhen.write("bad.png", picture)
    ended = scan(jianzhen, listing("1", "自鹭泉矿泉水", images=["bad.png", "gone.png", "../outside.png"]))
    assert (ended.code, ids(jianzhen)) == (0, ["1"])
    told = jianzhen.lines("leads.rejects.jsonl")
    assert [(each["line"], each["code"]) for each in told] == [(1, "picture-unreadable")] * 3


@pytest.mark.parametrize(
    ("arguments", "code", "place"),
    [
        (("scan", "--marks", "gone.csv", "--listings", "l.jsonl", "--out", "o.jsonl"), 2, "gone.csv"),
        (("scan", "--marks", "marks.csv", "--out", "o.jsonl"), 2, "--listings"),
        (("scan", "--marks", "marks.csv", "--listings", "book.jsonl", "--out", "o.jsonl"), 2, "book.jsonl"),
        (("scan", "--marks", "marks.csv", "--listings", "l.jsonl", "--out", "o.jsonl", "--as-of", "soon"), 2, "soon"),
        (("scan", "--marks", "wrong.csv", "--listings", "l.jsonl", "--out", "o.jsonl"), 2, "wrong.csv"),
        (("scan", "--marks", "none.csv", "--listings", "l.jsonl", "--out", "o.jsonl"), 2, "none.csv"),
        (("lookup", "--marks", "marks.csv", "--out", "o.jsonl"), 2, "--texts"),
        (("eval", "--leads", "l.jsonl", "--labels", "none.jsonl"), 2, "none.jsonl"),
        (("crawl", "--out", "o.jsonl"), 2, "--url"),
        (("crawl", "--url", "ftp://shop.example/", "--out", "o.jsonl"), 2, "ftp"),
        (("crawl", "wrong.yml", "--out", "o.jsonl"), 2, "wrong.yml"),
        (("ingest", "listings"), 2, "--source"),
        (
            ("scan", "--marks", "marks.csv", "--listings", "l.jsonl", "--out", "marks.csv/o.jsonl"),
            2,
            "marks.csv/o.",
        ),
        (("scan", "--marks", "marks.csv", "--listings", "l.jsonl", "--out", "."), 2, "."),
        (("scan", "--marks", "bad.csv", "--listings", "l.jsonl", "--out", "o.jsonl"), 2, "o.rejects.jsonl"),
        (
            ("scan", "--marks", "marks.csv", "--listings", "l.jsonl", "--out", "o.jsonl", "--as-of", "0001-01-01"),
            2,
            "1",
        ),
        (("eval", "--leads", "l.jsonl", "--labels", "labels.jsonl", "--out", "."), 2, "."),
        (("eval", "--leads", "l.jsonl", "--labels", "labels.jsonl", "--out", "marks.csv/o.json"), 2, "marks.csv/o."),
        (("demo", "--once", "--folder", "."), 2, "demo"),
        (("nothing",), 2, "nothing"),
    ],
)
def test_what_cannot_be_used_at_all_ends_in_one_line(
    jianzhen: Inside, arguments: tuple[str, ...], code: int, place: str
) -> None:
    jianzhen.write("marks.csv", MARKS)
    jianzhen.write("l.jsonl", GOOD)
    jianzhen.write("book.jsonl", b"PK\x03\x04 a workbook")
    jianzhen.write("wrong.csv", "name,holder\nx,y\n")
    jianzhen.write("none.csv", "mark_id,text,holder,nice_classes,kind,aliases\n")
    jianzhen.write("bad.csv", "mark_id,text,kind\nM1,白鹭泉,picture\n")
    jianzhen.write("none.jsonl", "")
    jianzhen.write("labels.jsonl", '{"listing_id": "good", "expect": "none"}\n')
    jianzhen.write("wrong.yml", "kind: [")
    ended = jianzhen(*arguments)
    assert ended.code == code
    assert place in ended.err
    assert "Traceback" not in ended.said
    assert not (jianzhen.folder / "o.jsonl").exists()
    assert not list(jianzhen.folder.glob("**/*.part"))


@pytest.mark.parametrize("out", ["marks.csv", "l.jsonl", "sub/../l.jsonl"])
def test_an_input_is_never_overwritten(jianzhen: Inside, out: str) -> None:
    jianzhen.write("sub/x", "")
    given = {name: jianzhen.write(name, text) for name, text in (("marks.csv", MARKS), ("l.jsonl", GOOD))}
    before = {name: path.read_bytes() for name, path in given.items()}
    ended = jianzhen("scan", "--marks", "marks.csv", "--listings", "l.jsonl", "--out", out)
    assert (ended.code, {name: path.read_bytes() for name, path in given.items()}) == (2, before)
    assert "overwrite" in ended.err
    ended = jianzhen("ingest", "listings", "l.jsonl", "--out", "sub/../l.jsonl")
    assert (ended.code, given["l.jsonl"].read_bytes()) == (2, before["l.jsonl"])


def test_a_pipe_or_device_is_never_replaced_by_a_file(jianzhen: Inside) -> None:
    pipe = jianzhen.folder / "pipe"
    os.mkfifo(pipe)
    jianzhen.write("marks.csv", MARKS)
    jianzhen.write("l.jsonl", GOOD)
    jianzhen.write("labels.jsonl", '{"listing_id": "good", "expect": "none"}\n')
    jianzhen("scan", "--marks", "marks.csv", "--listings", "l.jsonl", "--out", "o.jsonl")
    for command in (
        ("scan", "--marks", "marks.csv", "--listings", "l.jsonl"),
        ("eval", "--leads", "o.jsonl", "--labels", "labels.jsonl"),
    ):
        ended = jianzhen(*command, "--out", "pipe")
        assert (ended.code, pipe.is_fifo()) == (2, True)
        assert "pipe" in ended.err


def test_a_disk_that_fills_up_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill() -> None:
        with replacing(tmp_path / "o.jsonl") as file:
            file.write(b"begun")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(InputError, match="No space left on device"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_character_cut_in_half_does_not_hide_a_listing(jianzhen: Inside) -> None:
    ended = scan(jianzhen, GOOD.replace("500ml", "\\ud83d") + listing("whole", "自鹭泉\U0001f600"))
    assert (ended.code, ids(jianzhen)) == (0, ["good", "whole"])
    assert all(lead["flagged"] for lead in jianzhen.lines("leads.jsonl"))
    assert [(told["line"], told["code"]) for told in jianzhen.lines("leads.rejects.jsonl")] == [(1, "half-character")]


def test_goods_of_a_mark_that_is_not_there_are_remarked(jianzhen: Inside) -> None:
    jianzhen.write("marks.csv", MARKS)
    jianzhen.write("goods.csv", "goods_id,mark_id,name,specification,reference_price,currency\nG1,M9,水,,20,CNY\n")
    jianzhen.write("l.jsonl", GOOD)
    files = ("--marks", "marks.csv", "--goods", "goods.csv", "--listings", "l.jsonl")
    ended = jianzhen("scan", *files, "--out", "leads.jsonl")
    assert (ended.code, [told["code"] for told in jianzhen.lines("leads.rejects.jsonl")]) == (0, ["unknown-mark"])


def test_a_score_that_is_no_number_is_told_and_the_rest_is_measured(jianzhen: Inside) -> None:
    line = '{{"listing_id": "{}", "flagged": true, "score": {}, "findings": []}}\n'
    jianzhen.write("leads.jsonl", line.format("a", "NaN") + line.format("b", "1e999") + line.format("c", "1.5"))
    jianzhen.write("labels.jsonl", '{"listing_id": "c", "expect": "none"}\n{"listing_id": "a", "expect": "none"}\n')
    ended = jianzhen("eval", "--leads", "leads.jsonl", "--labels", "labels.jsonl")
    assert (ended.code, "leads.jsonl:1" in ended.err, "leads.jsonl:2" in ended.err) == (0, True, True)


class Shop(BaseHTTPRequestHandler):
    """A page in GB2312 that says so only in its head, a page that is gone, and a picture that is gone."""

    PAGE: ClassVar[str] = """<html><head><meta charset="gb2312"><title>自鹭泉矿泉水</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "Product", "name": "自鹭泉矿泉水500ml",
"sku": "S1", "image": "/gone.png", "offers": {"@type": "Offer", "price": "19.9", "priceCurrency": "CNY"}}</script>
</head><body>矿泉水</body></html>"""

    def do_GET(self) -> None:
        known = self.path == "/item"
        body = self.PAGE.encode("gb2312") if known else b"gone"
        self.send_response(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_a_page_of_another_charset_is_read_and_a_dead_link_is_told(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    settings = {"JIANZHEN_CRAWL__DELAY_S": "0", "JIANZHEN_CRAWL__RETRIES": "0"}
    pages = ["--url", f"{base}/item", "--url", f"{base}/gone"]
    try:
        crawled = run(tmp_path, "crawl", *pages, "--out", "l.jsonl", "--allow-private-addresses", **settings)
        (tmp_path / "marks.csv").write_text(MARKS, "utf-8")
        files = ("--marks", "marks.csv", "--listings", "l.jsonl", "--out", "leads.jsonl")
        scanned = run(tmp_path, "scan", *files, "--allow-private-addresses")
    finally:
        server.shutdown()
        server.server_close()
    assert (crawled.code, scanned.code) == (0, 0), crawled.said + scanned.said
    assert f"{base}/gone" in crawled.err
    assert f"{base}/gone" in (tmp_path / "l.rejects.jsonl").read_text("utf-8")
    assert "自鹭泉矿泉水500ml" in (tmp_path / "l.jsonl").read_text("utf-8")
    assert f"{base}/gone.png" in scanned.err


def test_private_addresses_are_refused_unless_allowed(tmp_path: Path) -> None:
    before = tmp_path / "l.jsonl"
    before.write_text("what an earlier run found\n", "utf-8")
    ended = run(tmp_path, "crawl", "--url", "http://127.0.0.1:9/item", "--out", "l.jsonl")
    assert ended.code == 1
    assert "127.0.0.1:9" in ended.err
    assert "--allow-private-addresses" in ended.err
    assert before.read_text("utf-8") == "what an earlier run found\n"


def test_a_file_that_cannot_be_imported_is_told_in_the_end_and_the_others_are_taken(jianzhen: Inside) -> None:
    jianzhen.write("good.jsonl", GOOD)
    jianzhen.write("wide.jsonl", GOOD.encode("utf-16"))
    ended = jianzhen("ingest", "listings", "wide.jsonl", "good.jsonl", "--out", "l.jsonl")
    assert (ended.code, [line["listing_id"] for line in jianzhen.lines("l.jsonl")]) == (2, ["good"])
    assert "wide.jsonl: 文件不是文本" in ended.err


@pytest.mark.parametrize("command", [("user", "add", "officer"), ("worker", "--until-idle"), ("case-lead", "list")])
def test_what_needs_a_database_says_how_to_make_it(jianzhen: Inside, command: tuple[str, ...]) -> None:
    ended = jianzhen(*command)
    assert (ended.code, "jianzhen prepare" in ended.err) == (3, True)
    assert not list(jianzhen.folder.iterdir())


def test_a_data_folder_that_cannot_be_made_is_said(jianzhen: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    jianzhen.write("plain", "")
    monkeypatch.setenv("JIANZHEN_DATA_DIR", "plain")
    ended = jianzhen("prepare")
    assert (ended.code, "plain" in ended.err, "unexpected" in ended.err) == (3, True, False)


def test_an_interruption_while_a_command_loads_shows_no_traceback(
    jianzhen: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", interrupted)
    ended = jianzhen("scan", "--help")
    assert (ended.code, ended.out) == (130, "")


def test_rejects_tell_of_the_last_run_alone(jianzhen: Inside) -> None:
    scan(jianzhen, GOOD + GOOD)
    assert (jianzhen.folder / "leads.rejects.jsonl").exists()
    assert scan(jianzhen, GOOD).code == 0
    assert not (jianzhen.folder / "leads.rejects.jsonl").exists()
