"""XLSX workbooks as tables: the first visible sheet, row by row, with every cell told that cannot be taken as it is.

Owns: what a stranger's workbook may be (size, parts, macros, links), and what its cells mean: formulas are not worked
out, merged cells are not guessed, numbers that stand for dates or have lost digits are said. Entities and external
documents are refused by the XML parser (defusedxml, which openpyxl uses where it is installed, and it is).
Leaves to others: which columns a file has (`uploads`), other files (`tables`).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from models.errors import ConfigurationError, FileRejected
from models.formats.reasons import RowFault

MOST_BYTES = 8 << 20
MOST_UNPACKED = 64 << 20
MOST_RATIO = 200
MOST_PARTS = 2000
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_DIGITS = 15
# What a spreadsheet counts as day 0, and the years that a number may be taken for: 1955 to 2119.
EPOCH, SERIALS = date(1899, 12, 30), range(20_000, 80_000)

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
# What openpyxl and the parsers below it raise on damaged files.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OSError,
    EOFError, NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip


class SheetRow(NamedTuple):
    """One row below the header: its number in the sheet, its values by column name, and cells that were not taken."""

    line: int
    values: dict[str, str]
    faults: tuple[RowFault, ...]


class Sheet(NamedTuple):
    """The sheet that was read: column names in their order, their letters, rows, remarks on the workbook."""

    names: tuple[str, ...]
    letters: dict[str, str]
    rows: tuple[SheetRow, ...]
    remarks: tuple[tuple[str, str], ...]


def read_sheet(data: bytes, *, dates: frozenset[str]) -> Sheet:
    """The first visible sheet. `dates` are the columns that hold days. Raises `FileRejected`."""
    if not DEFUSEDXML:
        raise ConfigurationError("defusedxml is missing", mend="install jianzhen with what it depends on")
    if not data.startswith(b"PK\x03\x04"):
        what = "旧版或加密的 Excel 文件 / an old or encrypted Excel file" if data[:4] == b"\xd0\xcf\x11\xe0" else ""
        raise FileRejected(
            f"不是 XLSX 工作簿 / this is no XLSX workbook{f' ({what})' if what else ''}",
            mend="在表格软件中另存为 .xlsx，不设密码 / save it as .xlsx, without a password",
        )
    try:
        merged = _merged_by_part(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not visible:
                raise FileRejected("工作簿没有可见的工作表 / no sheet is visible", mend="取消隐藏 / unhide one")
            remarks = [("hidden-sheet", each.title) for each in book.worksheets if each not in visible]
            remarks += [("other-sheet", each.title) for each in visible[1:] if each.title not in NOTES]
            return _read(visible[0], merged, dates, tuple(remarks))
        finally:
            book.close()
    except DAMAGED:
        raise FileRejected(
            "工作簿已损坏或结构异常 / the workbook is damaged",
            mend="在表格软件中打开并重新另存为 .xlsx / open it and save it again",
        ) from None


# Sheets of the templates that explain the columns; they are not told as left out.
NOTES = frozenset({"说明", "Notes"})


def _merged_by_part(data: bytes) -> dict[str, list[str]]:
    """Merged ranges by the sheet's part. Raises `FileRejected` for what a workbook may not be."""
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        bombs = [p for p in parts if p.file_size > 1 << 20 and p.file_size > MOST_RATIO * max(1, p.compress_size)]
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or bombs:
            raise FileRejected(
                f"工作簿解压后过大，上限 {MOST_UNPACKED >> 20} MB / unpacked, the workbook is too large",
                mend="拆成几个文件，或用命令 jianzhen registry import / split it, or use that command",
            )
        names = {part.filename.lower() for part in parts}
        if any("vbaproject" in name for name in names):
            raise FileRejected(
                "工作簿含有宏 / the workbook holds macros", mend="另存为不含宏的 .xlsx / save it without"
            )
        if any(name.startswith("xl/externallinks/") for name in names):
            raise FileRejected(
                "工作簿引用了其他文件 / the workbook refers to other files",
                mend="断开外部链接后另存 / break the links and save it again",
            )
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                found[part.filename] = [ref.decode() for ref in _MERGED.findall(archive.read(part))]
    return found


def _read(sheet: Any, merged: dict[str, list[str]], dates: frozenset[str], remarks: Any) -> Sheet:
    sheet.reset_dimensions()
    part = str(sheet._worksheet_path).lstrip("/")
    spans = [(range_boundaries(ref), ref) for ref in merged.get(part, [])]
    lines = _lines(sheet)
    top = next(lines, None)
    if top is None:
        raise FileRejected("工作表是空的 / the sheet is empty", mend="至少要有表头 / it needs a header")
    cells = top[1]
    names = [str(cell.value).strip() if cell.value is not None else "" for cell in cells]
    rows = []
    for line, cells in lines:
        values, faults = _row(line, cells, names, dates, spans)
        if values or faults:
            rows.append(SheetRow(line, values, tuple(faults)))
    letters = {name: get_column_letter(at) for at, name in enumerate(names, start=1) if name}
    return Sheet(tuple(names), letters, tuple(rows), remarks)


def _lines(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that hold anything, with their numbers. Raises `FileRejected` for too many."""
    taken = 0
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if line > 10 * MOST_ROWS or taken > MOST_ROWS:
            raise FileRejected(
                f"超过 {MOST_ROWS} 行 / more than {MOST_ROWS} rows",
                mend="拆成几个文件，或用命令 jianzhen registry import / split it, or use that command",
            )
        if any(cell.value is not None and str(cell.value).strip() for cell in cells):
            taken += 1
            yield line, cells


def _row(
    line: int, cells: tuple[Any, ...], names: list[str], dates: frozenset[str], spans: list[Any]
) -> tuple[dict[str, str], list[RowFault]]:
    values: dict[str, str] = {}
    faults: list[RowFault] = []
    for column, (name, cell) in enumerate(zip(names, cells, strict=False), start=1):
        if not name:
            continue
        over = next(
            (ref for (left, top, right, low), ref in spans if left <= column <= right and top <= line <= low), ""
        )
        if over:
            faults.append(RowFault("merged-cells", field=name, value=over))
            continue
        try:
            text = _text(name, cell, is_date=name in dates)
        except RowFault as fault:
            faults.append(fault)
            continue
        if text:
            values[name] = text
    return values, faults


def _text(name: str, cell: Any, *, is_date: bool) -> str:
    """What a cell says. Raises `RowFault`."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise RowFault("formula", field=name)
    if cell.data_type == "e":
        raise RowFault("cell-error", field=name, value=value)
    if isinstance(value, datetime | date):
        if not is_date:
            raise RowFault("made-a-date", field=name, value=value)
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(name, value, is_date=is_date)
    return str(value).strip()


def _number(name: str, value: float, *, is_date: bool) -> str:
    whole = int(value) if value == value and abs(value) < 1e300 and value == int(value) else None
    if is_date and whole is not None and whole in SERIALS:
        raise RowFault("date-serial", field=name, value=whole, detail=EPOCH + timedelta(days=whole))
    if whole is None:
        return repr(value)
    if len(str(abs(whole))) > MOST_DIGITS:
        raise RowFault("digits-lost", field=name)
    return str(whole)
