"""The archive: subjects that led to nothing, taken out of the hot tables and kept in files that prove themselves.

Owns what an archived subject is, the files' format, and the port. A file is gzip of JSON lines: one of the file, then
one of each subject with every row that was kept of it. It lies in the object store under its SHA-256; an entry in the
store leads to it, keeps the subject's outcome counted, and tells a message that is delivered again from a new one.
"""

import gzip
import json
from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import AwareDatetime, ValidationError

from models.errors import JianzhenError
from models.values import Value

SCHEMA = 1
Rows = tuple[dict[str, Any], ...]


class ArchivedSubject(Value):
    """Everything that was kept of one subject, row by row; times are ISO 8601."""

    subject_token: str
    subject: dict[str, Any]
    observations: Rows
    screenings: Rows
    findings: Rows
    awaited: Rows = ()


class ArchiveEntry(Value):
    """Where an archived subject lies. `returned_at`: it was seen again since, and stands in the hot tables anew."""

    organisation_id: str
    subject_token: str
    file_sha256: str
    kind: str
    platform: str
    native_id: str
    outcome: str
    screened_at: AwareDatetime
    archived_at: AwareDatetime
    returned_at: AwareDatetime | None = None


class Hold(Value):
    """A subject that must stay where it is (保全), and why."""

    organisation_id: str
    subject_token: str
    platform: str
    native_id: str
    reason: str
    held_by: str
    held_at: AwareDatetime


class DuePage(Value):
    """Subjects that may go, and the cursor from which to look on; empty at the end."""

    subjects: tuple[ArchivedSubject, ...]
    cursor: str


class ArchiveStore(Protocol):
    """Hot rows, entries of the archive, holds. Nothing that a lead stands on is ever due: not the lead's own subject,
    nor a listing that a parcel with a lead names. Whatever stands on a lead (case leads, referrals, letters) stands."""

    def due(
        self, organisation_id: str, *, before: AwareDatetime, kind: str = "", after: str = "", limit: int
    ) -> DuePage:
        """The subjects whose newest screening is older and led to nothing, oldest first, from that cursor on; of each
        page those are left out that are held or that a lead stands on. Raises `InputError` for a foreign cursor."""

    def move(
        self,
        organisation_id: str,
        subjects: Sequence[ArchivedSubject],
        file_sha256: str,
        *,
        before: AwareDatetime,
        at: AwareDatetime,
    ) -> int:
        """Take these out of the hot tables, all that are still due and just as the file has them; the others stay.
        Subjects that somebody is at just now stay too. One transaction; returns how many went."""

    def entries(self, organisation_id: str, *, platform: str, native_id: str) -> tuple[ArchiveEntry, ...]:
        """Where that subject lies, newest first."""

    def files(self, organisation_id: str) -> dict[str, int]:
        """Every file's SHA-256, and how many entries lead to it."""

    def counts(self, organisation_id: str) -> dict[str, int]:
        """`hot`, `archived`, `returned` and `held` subjects."""

    def restore(self, entry: ArchiveEntry, subject: ArchivedSubject) -> None:
        """Put its rows back; a newer state that arrived since stays the newest. The entry goes."""

    def hold(self, hold: Hold) -> None:
        """Keep the subject from the archive; again, and the newer reason holds."""

    def release(self, organisation_id: str, subject_token: str) -> None:
        """Raises `NotFoundError` when it is not held."""

    def holds(self, organisation_id: str) -> tuple[Hold, ...]:
        """Oldest first."""


def packed(organisation_id: str, subjects: Sequence[ArchivedSubject]) -> bytes:
    """The file of these subjects: the same bytes for the same subjects."""
    head = {"format": "jianzhen-archive", "schema": SCHEMA, "organisation_id": organisation_id, "count": len(subjects)}
    lines = [json.dumps(head), *(each.model_dump_json() for each in subjects)]
    return gzip.compress("".join(line + "\n" for line in lines).encode("utf-8"), mtime=0)


def unpacked(data: bytes, organisation_id: str) -> dict[str, ArchivedSubject]:
    """The subjects of a file by token. Raises `JianzhenError` for one that is not whole or another's."""
    try:
        head, *lines = gzip.decompress(data).decode("utf-8").splitlines()
        told = json.loads(head)
        if told["schema"] > SCHEMA:
            raise JianzhenError(f"the file is of schema {told['schema']}", mend="read it with the version that made it")
        if told["organisation_id"] != organisation_id or told["count"] != len(lines):
            raise JianzhenError("the file does not hold what its first line says", mend="restore it from a backup")
        found = map(ArchivedSubject.model_validate_json, lines)
        return {each.subject_token: each for each in found}
    except (OSError, EOFError, ValueError, KeyError, TypeError, ValidationError) as fault:
        raise JianzhenError(f"the file cannot be read: {fault}", mend="restore it from a backup") from fault
