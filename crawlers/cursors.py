"""Cursors: how far a file was imported, durably, and whether it is still the same file.

Owns: one small JSON file per organisation, source and feed file; written whole, renamed into place, flushed to the
disk. A cursor names the bytes before it by their SHA-256, so that a file that was replaced is read from its beginning
while one that only grew is read on. Leaves to others: what is imported (`feeds`).
"""

import hashlib
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from models import durability
from models.identity import digest
from models.values import Value

CHUNK = 1 << 20


class Cursor(Value):
    """Everything up to `line` and byte `offset` is done; `sha256` names those bytes. `complete`: the file's end."""

    file: str
    line: int = Field(default=0, ge=0)
    offset: int = Field(default=0, ge=0)
    sha256: str = ""
    accepted: int = 0
    rejected: int = 0
    complete: bool = False


class CursorFile:
    """Where one feed file's cursor lies."""

    def __init__(self, folder: Path, organisation_id: str, source: str, file: Path) -> None:
        self._name = str(file.resolve())
        self.path = folder / f"{digest(organisation_id, source, self._name)}.cursor.json"

    def read(self) -> Cursor:
        """The saved cursor; a fresh one when there is none or it cannot be read."""
        try:
            return Cursor.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError):
            return Cursor(file=self._name)

    def save(self, cursor: Cursor) -> None:
        """Durable on return, and never half written."""
        durability.write(self.path, cursor.model_dump_json().encode())


class Prefix:
    """The digest of a file's beginning, carried forward as the import goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.rewind()

    def rewind(self) -> None:
        """Begin again."""
        self._file.seek(0)
        self._digest = hashlib.sha256()
        self.offset = 0
        self.line_breaks = 0
        self.last = b""

    def forward(self, offset: int) -> str:
        """Read on to `offset`; returns the digest of everything before it. A shorter file is read to its end."""
        while self.offset < offset and (chunk := self._file.read(min(CHUNK, offset - self.offset))):
            self._digest.update(chunk)
            self.offset += len(chunk)
            self.line_breaks += chunk.count(b"\n")
            self.last = chunk[-1:]
        return self._digest.hexdigest()

    @property
    def lines(self) -> int:
        """Lines so far, one without a line break included."""
        return self.line_breaks + (self.last not in (b"", b"\n"))

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
