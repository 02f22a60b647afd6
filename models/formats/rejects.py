"""The rejects file: what was refused of a file, and what was kept with a remark.

Owns: counting, the file's lines, the masked view for parcels, resuming after an interruption. The file is JSONL, made
only when there is something to say: `file, line, kind (rejected|notice), code, field, reason, reason_en, raw`. For
parcels there is no raw text: `fields` gives known fields by their shape alone.
Leaves to others: the sentences (`reasons`) and the decision to refuse (the readers).
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from models.errors import FileRejected
from models.formats.reasons import RowFault, sentence, shortened

RAW_EXCERPT = 300  # characters of a refused row that are shown


class Rejects:
    """Counts refused rows and remarks, and writes them to `path` where one is given. Used as a context manager or
    closed by `close`. `samples` keeps the first few entries for a summary on the screen."""

    def __init__(self, path: Path | None = None, *, samples: int = 20) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.rejected = 0
        self.notices = 0
        self.samples: list[dict[str, object]] = []
        self._keep = samples
        self._file: IO[str] | None = None
        self._floor = -1
        self._appending = False
        self._masked = False

    def mask(self) -> None:
        """From here on no content of a row is written: line, code, and the shapes of known fields only. Parcels."""
        self._masked = True

    def reject(
        self,
        line: int,
        code: str,
        *,
        field: str = "",
        raw: str = "",
        file: str = "",
        fields: Mapping[str, object] | None = None,
        **details: object,
    ) -> None:
        """A row that is left out. `line` counts from 1, the header included. `fields` are shown by their shape."""
        if self._write("rejected", line, code, field, raw, file, fields, details):
            self.rejected += 1

    def fault(
        self, line: int, fault: RowFault, *, raw: str = "", file: str = "", fields: Mapping[str, object] | None = None
    ) -> None:
        """A row that is left out for the fault that was raised while it was read."""
        if self._write("rejected", line, fault.reason_code, fault.field, raw, file, fields, fault.details):
            self.rejected += 1

    def notice(self, line: int, code: str, *, field: str = "", file: str = "", **details: object) -> None:
        """A remark on a row that is kept, or (line 0) on the whole file."""
        if self._write("notice", line, code, field, "", file, None, details):
            self.notices += 1

    def resume(self, after_line: int) -> None:
        """Continue an interrupted import: entries past `after_line` are taken out of the file, since their rows are
        read again, and entries up to it are not written twice."""
        self._floor = after_line
        self._appending = True
        if self.path is None or not self.path.exists():
            return
        kept = [text for text in self.path.read_text("utf-8").splitlines() if _line_of(text) <= after_line]
        whole = "".join(f"{text}\n" for text in kept)
        beside = self.path.with_name(self.path.name + ".part")
        beside.write_text(whole, "utf-8")
        beside.replace(self.path)

    def flush(self) -> None:
        """Make what was written durable."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self._appending = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(
        self,
        kind: str,
        line: int,
        code: str,
        field: str,
        raw: str,
        file: str,
        fields: Mapping[str, object] | None,
        details: Mapping[str, object],
    ) -> bool:
        if self._masked:
            details = {name: MASK if name in CONTENT else value for name, value in details.items()}
        words = sentence(code, field=field, **details)
        entry: dict[str, object] = {"field": field, "reason": words.zh, "reason_en": words.en}
        if fields:
            entry["fields"] = {name: shape(value) for name, value in fields.items()}
        if raw and not self._masked:
            entry["raw"] = shortened(raw, RAW_EXCERPT)
        return self._append(kind, line, code, file, entry)

    def _append(self, kind: str, line: int, code: str, file: str, entry: dict[str, object]) -> bool:
        if line <= self._floor:
            return False
        record: dict[str, object] = {"file": file, "line": line, "kind": kind, "code": code, **entry}
        self.counts[code] += 1
        if len(self.samples) < self._keep:
            self.samples.append(record)
        if self.path is not None:
            if self._file is None:
                self._file = self._opened(self.path)
            text = json.dumps(record, ensure_ascii=False)
            self._file.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
        return True

    def _opened(self, path: Path) -> IO[str]:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("a" if self._appending else "w", encoding="utf-8")
        except OSError as error:
            raise FileRejected(
                f"拒收文件无法写入: {error.strerror} / the rejects file cannot be written: {error.strerror}",
                where=str(path),
                mend="换一个位置 / choose another place",
            ) from None


MASK = "***"
CONTENT = frozenset({"value", "detail"})  # details of a reason that repeat what the row says


def shape(value: object) -> str:
    """What a value looks like without what it says: digits as #, letters as x, other characters as 某, punctuation
    kept, at most 24 characters."""
    if not isinstance(value, str):
        return type(value).__name__
    return "".join(_class(character) for character in value[:24]) + ("…" if len(value) > 24 else "")


def _class(character: str) -> str:
    if character.isdigit():
        return "#"
    if character.isascii():
        return "x" if character.isalpha() else character if character.isprintable() else "?"
    return "某"


def _line_of(text: str) -> int:
    """The line number of an entry; a torn last entry counts as past the end and is dropped."""
    try:
        return int(json.loads(text)["line"])
    except (ValueError, KeyError, TypeError):
        return 1 << 62
