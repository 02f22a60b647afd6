"""Rows of CSV and JSONL files: one mapping a row, with its line number.

Owns: splitting lines into rows, the header, quotes over several lines, dotted names as nested records, truncation,
column maps. A row that cannot be split is refused with its number; the rest goes on.
Leaves to others: bytes and encodings (`lines`), what values mean (`cells` and the readers).
"""

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import FileRejected
from models.formats.lines import MAX_LINE_BYTES, Line, read_lines
from models.formats.rejects import Rejects

MAX_RECORD_LINES = 1000  # physical lines that one quoted CSV record may cover

JSONL_SUFFIXES = frozenset({".jsonl", ".ndjson"})
CSV_SUFFIXES = frozenset({".csv"})

_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")  # an escape that may be half of a pair
_SURROGATE = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One row: its first line's number, the byte offset behind it, its values by name, its text for the rejects file.
    CSV values are non-empty strings; dotted names have become nested mappings in both kinds of file."""

    line: int
    end: int
    values: dict[str, Any]
    raw: str


def read_rows(
    path: Path, rejects: Rejects, *, required: tuple[str, ...] = (), max_bytes: int = MAX_LINE_BYTES
) -> Iterator[Row]:
    """Rows of a .jsonl or .csv file. `required` columns must stand in a CSV header. Raises `FileRejected`."""
    suffix = path.suffix.lower()
    if suffix in JSONL_SUFFIXES:
        return _json_rows(path, rejects, max_bytes)
    if suffix in CSV_SUFFIXES:
        return _csv_rows(path, rejects, required, max_bytes)
    raise FileRejected(
        f"不支持的文件类型 {suffix or path.name!r} / this kind of file is not taken",
        where=str(path),
        mend="使用 .csv 或 .jsonl / use .csv or .jsonl",
    )


def _json_rows(path: Path, rejects: Rejects, max_bytes: int) -> Iterator[Row]:
    for line in read_lines(path, rejects, max_bytes=max_bytes):
        text = line.text
        if not text or text.isspace():
            continue
        try:
            value = json.loads(text)
            if _HALF_PAIR.search(text):
                value = _paired(value, line.number, path, rejects)
        except json.JSONDecodeError as error:
            code = "not-json" if line.whole else "cut-off"
            rejects.reject(line.number, code, raw=text, file=path.name, column=error.colno, detail=error.msg)
            continue
        except (RecursionError, ValueError) as error:  # nested too deeply, or a number of thousands of digits
            detail = "nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
            rejects.reject(line.number, "not-json", raw=text, file=path.name, column=1, detail=detail)
            continue
        if not isinstance(value, dict):
            rejects.reject(line.number, "not-an-object", raw=text, file=path.name, found=type(value).__name__)
            continue
        values = nested(value) if any("." in name for name in value) else value
        yield Row(line.number, line.end, values, text)


def _paired(value: Any, number: int, path: Path, rejects: Rejects) -> Any:
    """The value with a replacement character for every half of a surrogate pair, as cutting a text inside an emoji
    leaves them: no store or bus can hold one, and a single character must not keep a row from being read."""
    shown = json.dumps(value, ensure_ascii=False)
    whole = _SURROGATE.sub("\ufffd", shown)
    if whole == shown:
        return value
    rejects.notice(number, "half-character", file=path.name)
    return json.loads(whole)


class _Splitter:
    """Splits the lines of a CSV file into records; lines that an open quote swallowed in vain are given back."""

    def __init__(self, path: Path, rejects: Rejects, max_bytes: int) -> None:
        self._lines = read_lines(path, rejects, max_bytes=max_bytes)
        self._again: deque[Line] = deque()
        self._path = path
        self._rejects = rejects
        self._max_bytes = max_bytes

    def records(self) -> Iterator[tuple[Line, list[str]]]:
        """Each record's first line (with `end` and `whole` of its last one) and its cells."""
        while (line := self._next()) is not None:
            if '"' not in line.text:
                if line.text and not line.text.isspace():
                    yield line, line.text.split(",")
                continue
            gathered = self._gather(line)
            if gathered is not None:
                yield gathered

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _gather(self, first: Line) -> tuple[Line, list[str]] | None:
        """The record that begins at `first`; None when it was refused."""
        parts = [first]
        quotes = first.text.count('"')
        size = len(first.text)
        while True:
            if quotes % 2 == 0:
                text = "\n".join(part.text for part in parts)
                try:
                    cells = next(csv.reader([f"{part.text}\n" for part in parts], strict=True))
                except csv.Error:
                    break
                last = parts[-1]
                return Line(first.number, last.end, text, last.whole), cells
            following = self._next()
            if following is None:
                break
            parts.append(following)
            quotes += following.text.count('"')
            size += len(following.text)
            if len(parts) > MAX_RECORD_LINES or size > self._max_bytes:
                break
        return self._repair(parts)

    def _repair(self, parts: list[Line]) -> tuple[Line, list[str]] | None:
        """A quote stands where none belongs: take the first line alone if that gives cells, otherwise refuse it."""
        first = parts[0]
        self._again.extendleft(reversed(parts[1:]))
        if not _opens_quote(first.text):
            return first, next(csv.reader([first.text]))
        code = "open-quote" if first.whole or self._again else "cut-off"
        self._rejects.reject(first.number, code, raw=first.text, file=self._path.name)
        return None


def _opens_quote(text: str) -> bool:
    """Whether the line, read alone, ends inside a quoted cell."""
    try:
        next(csv.reader([text], strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error) or _lenient_ends_open(text)
    return False


def _lenient_ends_open(text: str) -> bool:
    """The same for a line with misplaced quotes: a sentinel behind it stays a cell of its own unless a cell is open."""
    return next(csv.reader([f"{text},\x1f"]))[-1] != "\x1f"


def _csv_rows(path: Path, rejects: Rejects, required: tuple[str, ...], max_bytes: int) -> Iterator[Row]:
    records = _Splitter(path, rejects, max_bytes).records()
    refused = rejects.rejected
    top = next(records, None)
    if rejects.rejected > refused:  # or the first good row would be taken for the header
        raise FileRejected(
            "表头无法读取 / the header cannot be read",
            where=f"{path}:1",
            mend="检查首行的引号和编码 / check the first line's quotes and encoding",
        )
    if top is None:
        raise FileRejected("文件是空的 / the file is empty", where=str(path), mend="至少要有表头 / it needs a header")
    names = _header(top[1], path, required)
    dotted = any("." in name for name in names)
    for line, cells in records:
        if len(cells) != len(names):
            code = "cell-count" if line.whole or len(cells) > len(names) else "cut-off"
            rejects.reject(line.number, code, raw=line.text, file=path.name, found=len(cells), expected=len(names))
            continue
        values = {name: cell for name, cell in zip(names, map(str.strip, cells), strict=True) if cell and name}
        if values:
            yield Row(line.number, line.end, nested(values) if dotted else values, line.text)


def _header(cells: list[str], path: Path, required: tuple[str, ...]) -> list[str]:
    names = [cell.strip() for cell in cells]
    where = f"{path}:1"
    if "\r" in "".join(cells):
        raise FileRejected(
            "行末是单独的 CR (旧式 Mac) / lines end in CR alone (old Mac)",
            where=where,
            mend="另存为 CSV (UTF-8) / save it as CSV (UTF-8)",
        )
    if len(names) == 1 and any(mark in names[0] for mark in "\t;|"):
        raise FileRejected(
            "表头不是用逗号分隔的 / the header is not separated by commas",
            where=where,
            mend="以逗号分隔另存 / save it separated by commas",
        )
    missing = [name for name in required if name not in names]
    if missing:
        listed = ", ".join(missing)
        raise FileRejected(
            f"表头缺少列 {listed} / the header lacks {listed}",
            where=where,
            mend=f"现有列: {', '.join(names)[:200]} / the columns found are listed here",
        )
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        listed = ", ".join(doubled)
        raise FileRejected(f"表头中列名重复: {listed} / the header names {listed} twice", where=where)
    return names


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """`{"seller.name": x}` as `{"seller": {"name": x}}`; a name that collides with a plain value stays dotted."""
    tree: dict[str, Any] = {name: value for name, value in values.items() if "." not in name}
    for name, value in values.items():
        head, _, tail = name.partition(".")
        if "." not in name:
            continue
        branch = tree.setdefault(head, {}) if head and tail else None
        if isinstance(branch, dict):
            branch[tail] = value
        else:
            tree[name] = value
    return tree
