"""Rows and lines: what a damaged file may do, and what it may not."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from models.errors import FileRejected
from models.formats import Rejects
from models.formats.lines import MAX_LINE_BYTES, read_lines
from models.formats.tables import nested, read_rows


def rows(path: Path, *, required: tuple[str, ...] = ()) -> tuple[list[dict[str, Any]], Rejects]:
    rejects = Rejects()
    return [row.values for row in read_rows(path, rejects, required=required)], rejects


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


TABLE = "mark_id,text\n1,晴川\n2,云朵鹿\n"


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
def test_utf8_reads_with_and_without_a_byte_order_mark(tmp_path: Path, prefix: bytes) -> None:
    read, rejects = rows(written(tmp_path, "a.csv", prefix + TABLE.encode()), required=("mark_id",))
    assert [row["text"] for row in read] == ["晴川", "云朵鹿"]
    assert (rejects.rejected, rejects.notices) == (0, 0)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_gbk_is_found_and_said(tmp_path: Path, newline: str) -> None:
    read, rejects = rows(written(tmp_path, "a.csv", TABLE.replace("\n", newline).encode("gbk")))
    assert [row["text"] for row in read] == ["晴川", "云朵鹿"]
    assert rejects.samples[0]["code"] == "encoding-gbk"
    assert "GBK" in str(rejects.samples[0]["reason"])


def test_gbk_is_found_behind_a_megabyte_of_ascii(tmp_path: Path) -> None:
    text = "mark_id,text\n" + "".join(f"{number},plain\n" for number in range(120_000)) + "x,白鹭泉\n"
    read, rejects = rows(written(tmp_path, "a.csv", text.encode("gb18030")))
    assert read[-1]["text"] == "白鹭泉"
    assert rejects.counts["encoding-gbk"] == 1


def test_one_damaged_line_does_not_turn_utf8_into_gbk(tmp_path: Path) -> None:
    lines = [b"mark_id,text"] + [f"{n},晴川".encode() for n in range(5)] + [b"9,\xc7\xe7\xb4\xa8", b"10,ok"]
    read, rejects = rows(written(tmp_path, "a.csv", b"\n".join(lines) + b"\n"))
    assert [row["mark_id"] for row in read] == ["0", "1", "2", "3", "4", "10"]
    assert [(entry["line"], entry["code"]) for entry in rejects.samples] == [(7, "bad-bytes")]


def test_a_line_of_fifty_megabytes_is_refused_with_its_number_and_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a": 1}\n{"a": "')
        for _ in range(50):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n{"a": 3}\n')
    tracemalloc.start()
    read, rejects = rows(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["a"] for row in read] == [1, 3]
    entry = rejects.samples[0]
    assert (entry["line"], entry["code"]) == (2, "line-too-long")
    assert str(MAX_LINE_BYTES) in str(entry["reason"])
    assert peak < 8 * MAX_LINE_BYTES


def test_a_long_last_line_without_an_end_is_refused_too(tmp_path: Path) -> None:
    read, rejects = rows(written(tmp_path, "a.jsonl", b'{"a": 1}\n' + b"y" * (MAX_LINE_BYTES + 5)))
    assert (len(read), rejects.counts["line-too-long"]) == (1, 1)


def test_nul_bytes_are_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    read, rejects = rows(written(tmp_path, "a.jsonl", b'{"a":1}\n{"a":\0}\n{"a":2}\n'))
    assert [row["a"] for row in read] == [1, 2]
    assert rejects.samples[0]["code"] == "nul-bytes"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"a": }', "not-json"),
        ("[1, 2]", "not-an-object"),
        ("7", "not-an-object"),
        ("[" * 100_000, "not-json"),
        ('{"a": ' + "9" * 5000 + "}", "not-json"),
    ],
)
def test_what_is_no_object_is_refused(tmp_path: Path, line: str, code: str) -> None:
    read, rejects = rows(written(tmp_path, "a.jsonl", f'{line}\n{{"a": 2}}\n'))
    assert [row["a"] for row in read] == [2]
    assert rejects.samples[0]["code"] == code


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", '{"a": 1}\n{"a": "cut o'), ("a.csv", 'a,b\n1,2\n3,"cut o')])
def test_a_truncated_last_line_is_said(tmp_path: Path, name: str, content: str) -> None:
    read, rejects = rows(written(tmp_path, name, content))
    assert len(read) == 1
    assert rejects.samples[0]["code"] == "cut-off"


def test_a_short_last_csv_row_is_cut_off_and_a_short_inner_one_miscounted(tmp_path: Path) -> None:
    _, rejects = rows(written(tmp_path, "a.csv", "a,b,c\n1,2\n1,2,3,4\n1,2,3\n5,6"))
    assert [(entry["line"], entry["code"]) for entry in rejects.samples] == [
        (2, "cell-count"),
        (3, "cell-count"),
        (5, "cut-off"),
    ]


def test_quotes_hold_commas_line_breaks_and_quotes(tmp_path: Path) -> None:
    read, rejects = rows(written(tmp_path, "a.csv", 'a,b\n"x, ""y""","first\nsecond"\n1,2\n'))
    assert read == [{"a": 'x, "y"', "b": "first\nsecond"}, {"a": "1", "b": "2"}]
    assert not rejects.counts


def test_an_unclosed_quote_costs_one_row_only(tmp_path: Path) -> None:
    body = "".join(f"{number},x\n" for number in range(3000))
    read, rejects = rows(written(tmp_path, "a.csv", 'a,b\n9,"never closed\n' + body))
    assert len(read) == 3000
    assert [(entry["line"], entry["code"]) for entry in rejects.samples] == [(2, "open-quote")]


def test_inches_inside_a_cell_are_text(tmp_path: Path) -> None:
    read, _ = rows(written(tmp_path, "a.csv", 'a,b\n5" pipe,2\n1,2\n'))
    assert read[0] == {"a": '5" pipe', "b": "2"}


def test_dotted_names_become_records(tmp_path: Path) -> None:
    read, _ = rows(written(tmp_path, "a.csv", "a,seller.name,seller.id\n1,晴川官方旗舰店,77\n"))
    assert read == [{"a": "1", "seller": {"name": "晴川官方旗舰店", "id": "77"}}]
    assert nested({"x": 1, "x.y": 2}) == {"x": 1, "x.y": 2}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "空"),
        ("a.csv", b"x,y\n1,2\n", "mark_id"),
        ("a.csv", b"mark_id;text\n1;2\n", "逗号"),
        ("a.csv", b"mark_id,mark_id\n1,2\n", "重复"),
        ("a.csv", b"PK\x03\x04rest", "Excel"),
        ("a.csv", "mark_id\n".encode("utf-16"), "UTF-16"),
        ("a.xlsx", b"PK", "xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_says_what_and_how_to_mend(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(FileRejected, match=said) as refused:
        rows(written(tmp_path, name, content), required=("mark_id",))
    assert name in refused.value.where


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="no such file"):
        rows(tmp_path / "none.csv")
    with pytest.raises(FileRejected, match="folder"):
        list(read_lines(tmp_path, Rejects()))


def test_the_rejects_file_appears_only_when_needed_and_names_place_and_reason(tmp_path: Path) -> None:
    place = tmp_path / "rejects.jsonl"
    with Rejects(place) as rejects:
        list(read_rows(written(tmp_path, "a.jsonl", '{"a": 1}\n'), rejects))
    assert not place.exists()
    with Rejects(place) as rejects:
        list(read_rows(written(tmp_path, "a.jsonl", '{"a": 1}\n{oops\n'), rejects))
    entry = json.loads(place.read_text("utf-8"))
    assert (entry["file"], entry["line"], entry["kind"], entry["code"]) == ("a.jsonl", 2, "rejected", "not-json")
    assert "JSON" in entry["reason"]
    assert "JSON" in entry["reason_en"]
    assert entry["raw"] == "{oops"


def test_resuming_drops_what_is_read_again_and_repeats_nothing(tmp_path: Path) -> None:
    place = tmp_path / "rejects.jsonl"
    with Rejects(place) as rejects:
        for line in (2, 5, 9):
            rejects.reject(line, "nul-bytes")
    place.write_text(place.read_text("utf-8") + '{"line": 12, "torn', "utf-8")
    with Rejects(place) as rejects:
        rejects.resume(5)
        for line in (2, 5, 9, 12):
            rejects.reject(line, "nul-bytes")
        assert rejects.rejected == 2
    assert [json.loads(text)["line"] for text in place.read_text("utf-8").splitlines()] == [2, 5, 9, 12]


def test_a_rejects_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    place = written(tmp_path, "file", "") / "a.rejects.jsonl"
    with pytest.raises(FileRejected, match="rejects file cannot be written"):
        Rejects(place).reject(1, "cut-off")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.encode("utf-16-le"), "UTF-16"),
        (TABLE.encode("utf-16-be"), "UTF-16"),
        (TABLE.replace("\n", "\r"), "CR"),
        ('"mark_id,text\n1,晴川\n', "表头"),
        (b"mark_id,te\0xt\nmark_id,text\n1,a\n", "表头"),
    ],
    ids=["little-endian", "big-endian", "old-mac", "open-quote", "nul"],
)
def test_a_header_that_cannot_be_read_refuses_the_file_and_says_why(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(FileRejected, match=said):
        rows(written(tmp_path, "a.csv", content), required=("mark_id",))
