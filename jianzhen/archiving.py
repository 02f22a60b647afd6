"""Archiving: subjects that led to nothing leave the hot tables for files in the object store, and come back on demand.

The order of the steps is the promise. A file is written, and read back by its hash, before anything is taken out; then
one transaction takes out what the file holds and puts in the entries that lead to it. Whatever dies in between leaves a
file that nothing leads to, and the next run writes it again under the same name. There is no progress to keep: what is
gone is no longer due.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from models.archiving import ArchivedSubject, ArchiveEntry, packed, unpacked
from models.errors import JianzhenError, NotFoundError
from models.moments import now
from models.ports import ObjectStore, Store


def _carry_on(step: str) -> None:
    """The default checkpoint: does nothing."""


class Archiver:
    """Archives one organisation's subjects. `checkpoint` is called with `written` and `moved` in each portion."""

    def __init__(
        self,
        store: Store,
        objects: ObjectStore,
        organisation_id: str,
        *,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
    ) -> None:
        self._store, self._objects, self._mine = store, objects, organisation_id
        self._clock, self._checkpoint = clock, checkpoint
        self._stopping = threading.Event()

    def run(
        self,
        *,
        before: datetime,
        kind: str = "",
        batch: int = 500,
        per_second: float = 0.0,
        told: Callable[[int], None] = lambda moved: None,
    ) -> int:
        """Archive what was last screened before then and led to nothing, until nothing is due or `stop` is called; how
        many subjects went. Raises `TransientFault` when a server is away: run it again."""
        moved, after = 0, ""
        while not self._stopping.is_set():
            began = self._clock()
            page = self._store.archive.due(self._mine, before=before, kind=kind, after=after, limit=batch)
            if page.subjects:
                moved += self._portion(page.subjects, before)
                told(moved)
            if not page.cursor:
                break
            after = page.cursor
            if per_second:
                spent_s = (self._clock() - began).total_seconds()
                self._stopping.wait(max(0.0, len(page.subjects) / per_second - spent_s))
        return moved

    def stop(self) -> None:
        """End after the portion at hand. May be called from a signal handler or a thread."""
        self._stopping.set()

    def find(self, platform: str, native_id: str) -> tuple[tuple[ArchiveEntry, ArchivedSubject], ...]:
        """That subject as it lies in the archive, newest first; every file is proved by its hash. Raises
        `NotFoundError`, and `JianzhenError` for a file that is damaged."""
        entries = self._store.archive.entries(self._mine, platform=platform, native_id=native_id)
        if not entries:
            raise NotFoundError(f"{platform} {native_id} is not in the archive", mend="see platform and id")
        return tuple((entry, self._read(entry)) for entry in entries)

    def restore(self, platform: str, native_id: str) -> int:
        """Put everything of that subject back; how many entries there were."""
        found = self.find(platform, native_id)
        for entry, subject in found:
            self._store.archive.restore(entry, subject)
        return len(found)

    def verify(self) -> tuple[int, int, list[str]]:
        """Read every file that entries lead to: how many files and entries are sound, and what is not."""
        sound = entries = 0
        faults: list[str] = []
        for sha256, count in self._store.archive.files(self._mine).items():
            try:
                held = unpacked(self._objects.get(sha256), self._mine)
            except JianzhenError as error:
                faults.append(f"{sha256}: {error}")
                continue
            if len(held) < count:
                faults.append(f"{sha256}: {count} entries lead to {len(held)} subjects")
                continue
            sound, entries = sound + 1, entries + count
        return sound, entries, faults

    def _portion(self, subjects: tuple[ArchivedSubject, ...], before: datetime) -> int:
        data = packed(self._mine, subjects)
        sha256 = self._objects.put(data)
        if unpacked(self._objects.get(sha256), self._mine) != {each.subject_token: each for each in subjects}:
            raise JianzhenError("what was written cannot be read back", where=sha256, mend="look at the object store")
        self._checkpoint("written")
        moved = self._store.archive.move(self._mine, subjects, sha256, before=before, at=self._clock())
        self._checkpoint("moved")
        return moved

    def _read(self, entry: ArchiveEntry) -> ArchivedSubject:
        held = unpacked(self._objects.get(entry.file_sha256), self._mine)
        if entry.subject_token not in held:
            raise JianzhenError("the file does not hold the subject", where=entry.file_sha256, mend="restore a backup")
        return held[entry.subject_token]
