"""Files that holders bring: whatever is in them, each cell is taken or told, and no file harms anybody."""

import io
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from models.errors import FileRejected
from models.formats.uploads import ReadUpload, read_upload
from models.formats.workbooks import MOST_BYTES
from models.registry import Mark, ReferenceGoods

HEADER = ("mark_id", "text", "registration_no", "nice_classes", "valid_to")


def book_of(*rows: tuple[Any, ...], header: tuple[str, ...] = HEADER) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(book: openpyxl.Workbook, kind: str = "marks") -> ReadUpload:
    return read_upload(kind, "m.xlsx", saved(book), fixed={})


def codes(found: ReadUpload) -> list[tuple[int, str, str]]:
    return sorted((each.line, each.letter, each.code) for each in found.faults)


def test_cells_become_what_they_say() -> None:
    moment = datetime.fromisoformat("2030-05-01T00:00:00")
    found = read(book_of(("M-1", "晴川", 90000001, 30, moment), (7, "云", "007", "3;5", date(2031, 1, 2))))
    assert found.faults == ()
    first, second = (each.row for each in found.rows)
    assert isinstance(first, Mark)
    assert isinstance(second, Mark)
    assert (first.registration_no, first.nice_classes, first.valid_to) == ("90000001", (30,), date(2030, 5, 1))
    assert (second.mark_id, second.registration_no, second.valid_to) == ("7", "007", date(2031, 1, 2))


def test_cells_that_cannot_be_taken_are_told_by_their_place() -> None:
    book = book_of(
        ("M-1", "晴川", "=A1", 30, 45000),
        ("M-2", "晴川", 123456789012345678, 30, "2030-01-01"),
        ("M-3", "晴川", datetime.fromisoformat("2026-03-05T00:00:00"), 30, None),
        ("M-4", "晴川", "#N/A", 30, 20300101),
        ("M-5", "晴川", "1", 30, None),
        ("M-6", "晴川", "1", 30, None),
    )
    sheet = book.worksheets[0]
    sheet.cell(5, 3).data_type = "e"
    sheet.merge_cells("B6:B7")
    assert codes(read(book)) == [
        (2, "C", "formula"), (2, "E", "date-serial"), (3, "C", "digits-lost"), (4, "C", "made-a-date"),
        (5, "C", "cell-error"), (6, "B", "merged-cells"), (7, "B", "merged-cells"),
    ]  # fmt: skip
    told = {each.code: each.zh for each in read(book).faults}
    assert "2023-03-15" in told["date-serial"]  # the day that 45000 stands for
    assert "B6:B7" in told["merged-cells"]


def test_hidden_and_further_sheets_are_said_and_not_read() -> None:
    book = book_of(("M-1", "晴川", "", "", ""))
    book.create_sheet("草稿").append(["x"])
    book.create_sheet("说明")
    hidden = book.create_sheet("底稿", 0)
    hidden.append(["mark_id", "text"])
    hidden.sheet_state = "hidden"
    found = read(book)
    assert [each.row.mark_id for each in found.rows] == ["M-1"]
    assert [each.code for each in found.remarks] == ["hidden-sheet", "other-sheet"]


def test_a_workbook_of_hidden_sheets_is_refused() -> None:
    hidden = replaced("xl/workbook.xml", lambda data: data.replace(b'state="visible"', b'state="hidden"'))
    with pytest.raises(FileRejected, match="没有可见的工作表"):
        read_upload("marks", "m.xlsx", hidden, fixed={})


def test_every_fault_of_a_row_is_told_at_once() -> None:
    found = read(book_of((None, "晴川", "", "99", "明年"), ("M-2", None, "", "x", None), ("M-3", "甲", "", "", ""),
                         ("M-3", "乙", "", "", "")))  # fmt: skip
    assert codes(found) == [
        (2, "A", "missing"), (2, "D", "not-a-class"), (2, "E", "not-a-date"), (3, "B", "text-required"),
        (3, "D", "not-a-class"), (5, "A", "duplicate"),
    ]  # fmt: skip
    assert [each.line for each in found.rows] == [4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files_of_either_encoding(encoding: str) -> None:
    data = "商标编号,商标文字,类似群\nM-1,晴川源泉茶业,3002\nM-2,,\n".encode(encoding)
    found = read_upload("marks", "m.CSV", data, fixed={})
    (row,) = found.rows
    assert isinstance(row.row, Mark)
    assert (row.row.text, row.row.similar_groups) == ("晴川源泉茶业", ("3002",))
    assert [(each.line, each.letter, each.code) for each in found.faults] == [(3, "2", "text-required")]
    assert [each.code for each in found.remarks] == (["encoding-gbk"] if encoding == "gb18030" else [])


def test_a_price_that_cannot_be_read_is_a_fault_here() -> None:
    data = "goods_id,mark_id,name,reference_price\nG-1,M-1,茶,面议\nG-2,M-1,茶,12.5\n".encode()
    found = read_upload("goods", "g.csv", data, fixed={})
    (row,) = found.rows
    assert isinstance(row.row, ReferenceGoods)
    assert [(each.line, each.column) for each in found.faults] == [(2, "reference_price")]


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def with_part(name: str, data: bytes) -> bytes:
    stream = io.BytesIO(saved(book_of(("M-1", "晴川", "", "", ""))))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def replaced(part: str, change: Callable[[bytes], bytes]) -> bytes:
    source, stream = io.BytesIO(saved(book_of(("M-1", "晴川", "", "", "")))), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            new.writestr(item.filename, change(data) if item.filename == part else data)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
FAR = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
HOSTILE: dict[str, tuple[str, bytes]] = {
    "nothing": ("a.xlsx", b""),
    "old workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
    "other archive": ("a.xlsx", zipped(hello=b"x")),
    "bomb": ("a.xlsx", with_part("xl/media/bomb.bin", b"\0" * (40 << 20))),
    "much": ("a.xlsx", with_part("xl/much.xml", bytes(range(256)) * (70 << 12))),
    "many parts": ("a.xlsx", zipped(**{f"xl__p{number}": b"x" for number in range(2100)})),
    "macros": ("a.xlsx", with_part("xl/vbaProject.bin", b"x")),
    "links": ("a.xlsx", with_part("xl/externalLinks/externalLink1.xml", b"<x/>")),
    "laughs": ("a.xlsx", replaced(SHEET, lambda _: LAUGHS)),
    "far entity": ("a.xlsx", replaced(SHEET, lambda _: FAR)),
    "far strings": ("a.xlsx", replaced("xl/workbook.xml", lambda _: FAR)),
    "cut sheet": ("a.xlsx", replaced(SHEET, lambda data: data[: len(data) // 2])),
    "no sheet": ("a.xlsx", replaced(SHEET, lambda _: b"")),
    "cut archive": ("a.xlsx", saved(book_of(("M-1", "晴川", "", "", "")))[:-40]),
    "empty sheet": ("a.xlsx", saved(openpyxl.Workbook())),
    "no columns": ("a.xlsx", saved(book_of(("x",), header=("甲",)))),
    "twice": ("a.xlsx", saved(book_of(("x",), header=("mark_id", "text", "text")))),
    "workbook as csv": ("a.csv", saved(book_of(("M-1", "晴川", "", "", "")))),
    "csv as workbook": ("a.xlsx", b"mark_id,text\n1,x\n"),
    "utf-16": ("a.csv", "mark_id,text\n1,晴川\n".encode("utf-16")),
    "empty csv": ("a.csv", b""),
    "semicolons": ("a.csv", b"mark_id;text\n1;x\n"),
    "too large": ("a.csv", b"mark_id,text\n" + b"x" * MOST_BYTES),
    "program": ("a.exe", b"MZ"),
    "no name": ("", b"mark_id,text\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_are_refused_with_a_mend(name: str) -> None:
    file, data = HOSTILE[name]
    began = time.monotonic()
    with pytest.raises(FileRejected) as refused:
        read_upload("marks", file, data, fixed={})
    assert refused.value.what
    assert refused.value.mend
    assert tempfile.gettempdir() not in str(refused.value)
    assert time.monotonic() - began < 10


def test_a_sheet_that_lies_about_its_size_is_read_by_what_it_holds() -> None:
    lied = replaced(SHEET, lambda data: data.replace(b'ref="A1:E2"', b'ref="A1:XFD1048576"'))
    found = read_upload("marks", "a.xlsx", lied, fixed={})
    assert [each.row.mark_id for each in found.rows] == ["M-1"]


def test_too_many_rows_are_refused() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["mark_id", "text"])
    for number in range(20_002):
        sheet.append([f"M-{number}", "晴川"])
    with pytest.raises(FileRejected, match="20000"):
        read_upload("marks", "a.xlsx", saved(book), fixed={})
