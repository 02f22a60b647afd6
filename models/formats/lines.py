"""Lines of a text file as they lie on disk: encoding found, length bounded, place kept.

Owns: UTF-8 with or without a byte-order mark, GBK found and said, lines over the limit, bad and NUL bytes: each is
refused with its number while the rest goes on and memory stays bounded by one line.
Leaves to others: what a line means (`tables`).
"""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from models.errors import FileRejected
from models.formats.rejects import Rejects

MAX_LINE_BYTES = 1 << 19  # what fits a message on every bus
SAMPLE_BYTES = 1 << 18
CHUNK_BYTES = 1 << 20

# A file that opens with these bytes is not text at all: magic -> what it is, and how to mend.
NOT_TEXT: dict[bytes, tuple[str, str]] = {
    b"PK\x03\x04": (
        "Excel 工作簿或压缩包 / an Excel workbook or an archive",
        "另存为 CSV (UTF-8) / save it as CSV (UTF-8)",
    ),
    b"\xd0\xcf\x11\xe0": ("旧版 Excel 工作簿 / an old Excel workbook", "另存为 CSV (UTF-8) / save it as CSV (UTF-8)"),
    b"\x1f\x8b": ("gzip 压缩文件 / gzip-compressed", "先解压 / decompress it first"),
    b"\xff\xfe": ("UTF-16 文本 / UTF-16 text", "另存为 UTF-8 / save it as UTF-8"),
    b"\xfe\xff": ("UTF-16 文本 / UTF-16 text", "另存为 UTF-8 / save it as UTF-8"),
}


class Line(NamedTuple):
    """One line without its line break. `number` counts from 1; `end` is the byte offset behind it; `whole` is false
    for a last line that has no line break."""

    number: int
    end: int
    text: str
    whole: bool


def read_lines(path: Path, rejects: Rejects, *, max_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Every readable line. Raises `FileRejected` when the file cannot be opened or is not text."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise unopened(path, error) from None
    with file:
        encoding = _encoding(file, path, rejects)
        yield from _lines(file, path, rejects, encoding, max_bytes)


def unopened(path: Path, error: OSError) -> FileRejected:
    """The refusal of a file that the system does not give."""
    if isinstance(error, FileNotFoundError):
        return FileRejected("没有这个文件 / no such file", where=str(path), mend="检查路径 / check the path")
    if isinstance(error, IsADirectoryError):
        return FileRejected("这是一个文件夹 / this is a folder", where=str(path), mend="给出文件 / name a file")
    return FileRejected(f"无法打开: {error.strerror} / cannot be opened: {error.strerror}", where=str(path))


def _encoding(file: IO[bytes], path: Path, rejects: Rejects) -> str:
    """Find the encoding and leave the file at its first character. GBK is said as a notice."""
    head = file.read(4)
    for magic, (what, mend) in NOT_TEXT.items():
        if head.startswith(magic):
            raise FileRejected(f"文件不是文本: {what}", where=str(path), mend=mend)
    if len(head) == 4 and (not any(head[::2]) or not any(head[1::2])):  # ASCII in two bytes each
        what, mend = NOT_TEXT[codecs.BOM_UTF16_LE]
        raise FileRejected(f"文件不是文本: {what}", where=str(path), mend=mend)
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    encoding = "utf-8"
    if not start:
        file.seek(0)
        sample = _first_foreign_bytes(file)
        if _looks_gbk(sample):
            encoding = "gb18030"
            rejects.notice(0, "encoding-gbk", field="encoding", file=path.name)
    file.seek(start)
    return encoding


def _first_foreign_bytes(file: IO[bytes]) -> bytes:
    """A sample that starts at the first byte beyond ASCII: a character's first byte in UTF-8 and in GBK alike."""
    while chunk := file.read(CHUNK_BYTES):
        if not chunk.isascii():
            first = next(index for index, byte in enumerate(chunk) if byte > 127)
            return chunk[first : first + SAMPLE_BYTES] + file.read(max(0, SAMPLE_BYTES - len(chunk) + first))
    return b""


def _looks_gbk(sample: bytes) -> bool:
    """Whether more lines with foreign characters read as GBK alone than as UTF-8: one damaged line in a UTF-8 file
    does not turn the whole into GBK, nor does one GBK line that happens to be valid UTF-8 hide the rest."""
    utf8 = gbk = 0
    for piece in sample.split(b"\n"):
        if piece.isascii():
            continue
        if _reads_as(piece, "utf-8"):
            utf8 += 1
        elif _reads_as(piece, "gb18030"):
            gbk += 1
    return gbk > utf8


def _reads_as(piece: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(piece, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _lines(file: IO[bytes], path: Path, rejects: Rejects, encoding: str, max_bytes: int) -> Iterator[Line]:
    number = 0
    position = file.tell()
    while raw := file.readline(max_bytes + 1):
        number += 1
        position += len(raw)
        whole = raw.endswith(b"\n")
        if not whole and len(raw) > max_bytes:
            size = len(raw) + _skip_line(file)
            position += size - len(raw)
            rejects.reject(number, "line-too-long", size=size, limit=max_bytes, file=path.name)
            continue
        if b"\0" in raw:
            rejects.reject(number, "nul-bytes", file=path.name)
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            shown = raw[:400].decode(encoding, "replace")
            place = error.start + 1
            rejects.reject(number, "bad-bytes", raw=shown, file=path.name, column=place, encoding=encoding.upper())
            continue
        yield Line(number, position, text.rstrip("\r\n"), whole)


def _skip_line(file: IO[bytes]) -> int:
    """Read on to the line's end and count, holding one chunk at a time."""
    skipped = 0
    while chunk := file.readline(CHUNK_BYTES):
        skipped += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return skipped
