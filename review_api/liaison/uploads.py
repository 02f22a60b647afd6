"""Uploaded tables: XLSX and CSV read as rows of texts, and nothing else of them.

A workbook is a ZIP of XML from a stranger: its sizes are looked at before anything is unpacked, a document type
declaration is refused wherever it stands, and formulas are read as what they last showed.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from models.errors import FileRejected, InputError
from models.formats.cells import moment_of
from models.formats.reasons import RowFault
from models.liaison import AnswerLine, PlatformMapping
from models.liaison.answers import MOST_LINES
from models.moments import SHANGHAI
from review_api.exports.cells import recovered
from review_api.exports.csv_export import unguarded

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_UNPACKED, MOST_ENTRIES, HIGHEST_RATIO = 100 * 1024 * 1024, 2000, 200
MOST_COLUMNS, HEADER_WITHIN = 100, 20
ZIP_SIGN = b"PK\x03\x04"
DECLARED = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
NEEDED = ("batch_id", "item_id", "answer")


class Upload(NamedTuple):
    """A file as it came."""

    name: str
    data: bytes


def answer_lines(upload: Upload, mapping: PlatformMapping) -> tuple[AnswerLine, ...]:
    """The lines of a file of answers. Raises `FileRejected` for what is no table, is too large, or lacks a column."""
    rows = _rows(upload)
    columns, first = _header(rows, mapping, upload.name)
    lines = []
    for number, row in enumerate(rows[first:], start=first + 1):
        texts = {field: row[place] if place < len(row) else "" for field, place in columns.items()}
        if any(_text(texts[field]) for field in ("item_id", "answer") if field in texts):
            lines.append(_line(number, texts))
        if len(lines) > MOST_LINES:
            raise FileRejected(f"the file has more than {MOST_LINES} lines", where=upload.name, mend="split it")
    if not lines:
        raise FileRejected("the file holds no answers", where=upload.name, mend="fill in the column of results")
    return tuple(lines)


def _rows(upload: Upload) -> list[Sequence[Any]]:
    if len(upload.data) > LARGEST_FILE:
        raise FileRejected("the file is larger than 10 MiB", where=upload.name, mend="split it")
    if upload.data.startswith(ZIP_SIGN):
        return _workbook(upload)
    return list(_csv(upload))


def _workbook(upload: Upload) -> list[Sequence[Any]]:
    _require_harmless(upload)
    try:
        book = load_workbook(io.BytesIO(upload.data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows: list[Sequence[Any]] = []
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            rows.append(row)
            if len(rows) > MOST_LINES + HEADER_WITHIN + 1:
                break
        book.close()
    except (InvalidFileException, KeyError, ValueError, IndexError, TypeError, AttributeError, SyntaxError, OSError):
        raise FileRejected("the file is no workbook", where=upload.name, mend="save it as XLSX or CSV") from None
    return rows


def _require_harmless(upload: Upload) -> None:
    """Raises `FileRejected` for a workbook that unpacks to too much, or declares a document type."""
    try:
        with zipfile.ZipFile(io.BytesIO(upload.data)) as packed:
            entries = packed.infolist()
            declared = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or declared > min(LARGEST_UNPACKED, len(upload.data) * HIGHEST_RATIO):
                raise FileRejected("the workbook unpacks to too much", where=upload.name, mend="save it anew")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels", ".vml")):
                    with packed.open(entry) as part:
                        head = part.read(entry.file_size + 1)
                    if any(sign in head for sign in DECLARED):
                        raise FileRejected("the workbook declares a document type", where=upload.name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise FileRejected("the file is no workbook", where=upload.name, mend="save it as XLSX or CSV") from None


def _csv(upload: Upload) -> Iterator[Sequence[Any]]:
    text = _decoded(upload)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
            if number > MOST_LINES + HEADER_WITHIN:
                break
            yield [unguarded(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error as fault:
        raise FileRejected(
            f"the table cannot be read: {fault}", where=upload.name, mend="save it as CSV UTF-8"
        ) from None


def _decoded(upload: Upload) -> str:
    """UTF-8, with or without its mark, or GB 18030 as spreadsheets here save it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = upload.data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRejected("the file is no table of text", where=upload.name, mend="save it as XLSX or CSV UTF-8")


def _header(rows: Sequence[Sequence[Any]], mapping: PlatformMapping, name: str) -> tuple[dict[str, int], int]:
    """Which column holds which field, and the row after the headings."""
    wanted = {_key(heading): field for field, several in mapping.answer_headings.items() for heading in several}
    best: dict[str, int] = {}
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        found: dict[str, int] = {}
        for place, cell in enumerate(row):
            field = wanted.get(_key(_text(cell)))
            if field:
                found.setdefault(field, place)
        if all(field in found for field in NEEDED):
            return found, number
        best = max(best, found, key=len)
    lacking = [mapping.answer_headings[field][0] for field in NEEDED if field not in best]
    raise FileRejected(
        f"the table lacks the column {', '.join(lacking)}",
        where=name,
        mend=f"use the headings of the mapping {mapping.code}, as in the exported workbook",
    )


def _line(number: int, texts: dict[str, Any]) -> AnswerLine:
    at, bad_time = _moment(texts.get("at"))
    shown = {field: _text(texts.get(field)) for field in ("batch_id", "item_id", "answer", "reason", "words")}
    return AnswerLine(
        line=number,
        batch_id=shown["batch_id"][:64],
        item_id=shown["item_id"][:512],
        answer=shown["answer"][:64],
        reason=shown["reason"][:500],
        words=shown["words"][:2000],
        at=at,
        bad_time=bad_time[:64],
    )


def _text(cell: Any) -> str:
    """A cell as text: whole numbers without a point, escapes of our own exports undone."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return recovered(str(cell)).strip()


def _moment(cell: Any) -> tuple[datetime | None, str]:
    """A time, Beijing time where it has no zone; or what could not be read."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=SHANGHAI)), ""
    if isinstance(cell, date):
        return datetime.combine(cell, time(), SHANGHAI), ""
    text = _text(cell)
    try:
        read = moment_of({"at": text}, "at")
    except (RowFault, InputError):
        return None, text
    return (read.at if read else None), ""


def _key(heading: str) -> str:
    return "".join(heading.split()).casefold()
