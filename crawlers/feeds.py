"""Feeds: files that a platform supplies, imported batch by batch and resumed where they stopped.

Owns: the order of effects. A batch is handed to the sink first, then the cursor is saved: a killed import loses
nothing, and what it hands on again (one batch at most) has the same subject key and observation id, by which every
receiver takes it once. Also the rejects file of each feed file, progress, expectations.
Leaves to others: reading rows (`models.formats`), cursors on disk (`cursors`), the bus (the sink).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from crawlers.crawl import Sink
from crawlers.cursors import Cursor, CursorFile, Prefix
from crawlers.report import expectation_alarm
from crawlers.sources import Expectations, Source, SourceKind
from models.errors import FetchError, FileRejected, InputError
from models.formats import ColumnMap, PlacedListing, Rejects, read_placed
from models.formats.tables import CSV_SUFFIXES, JSONL_SUFFIXES
from models.identity import LOCAL
from models.moments import now

BATCH = 500


class FeedProgress(NamedTuple):
    """Where an import stands: bytes of the file, listings taken and rows refused so far."""

    file: Path
    offset: int
    size: int
    accepted: int
    rejected: int


@dataclass
class FeedReport:
    """What an import did. `resumed` files went on where an earlier run stopped; `unchanged` ones were done already."""

    accepted: int = 0
    rejected: int = 0
    notices: int = 0
    files: int = 0
    resumed: int = 0
    unchanged: int = 0
    rejects: list[Path] = field(default_factory=list)
    samples: list[dict[str, object]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raises `FetchError` with every alarm."""
        if self.alarms:
            raise FetchError("; ".join(self.alarms), mend="检查来源文件 / check the source's files")


def import_feed(
    source: Source | Sequence[Path],
    sink: Sink,
    *,
    cursors: Path,
    rejects: Path | None = None,
    organisation_id: str = LOCAL,
    batch: int = BATCH,
    intake_at: datetime | None = None,
    progress: Callable[[FeedProgress], object] | None = None,
) -> FeedReport:
    """Import a feed source, or plain files in the contract's format. `cursors` is the folder that remembers how far
    each file went; `rejects` the folder for rejects files (`NAME.rejects.jsonl`), `cursors` when not given. A file that
    cannot be read at all is named in `failures` and the rest goes on; when no file can be read, raises `FileRejected`.
    """
    name, files, columns, expect = _wanted(source)
    report = FeedReport()
    first_fault: FileRejected | None = None
    for file in files:
        work = _FileImport(file, name, columns, organisation_id, cursors, rejects or cursors, batch)
        try:
            work.run(sink, intake_at or now(), report, progress)
        except FileRejected as fault:
            first_fault = first_fault or fault
            report.failures.append(str(fault))
    if first_fault is not None and len(report.failures) == len(files):
        raise first_fault
    alarm = expectation_alarm(name, report.accepted, expect) if not report.unchanged else ""
    report.alarms += [alarm] if alarm else []
    return report


def _wanted(source: Source | Sequence[Path]) -> tuple[str, list[Path], ColumnMap | None, Expectations]:
    if not isinstance(source, Source):
        return "files", list(_files(source)), None, Expectations()
    if source.kind is not SourceKind.FEED:
        raise InputError("来源不是文件 / the source is not a feed", where=source.name, mend="kind: feed")
    columns = source.columns
    if source.platform:
        known = columns or ColumnMap()
        columns = known.model_copy(update={"constants": {"platform": source.platform, **known.constants}})
    return source.name, list(_files([Path(name) for name in source.files])), columns, source.expect


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as named; of a folder, its tables by name."""
    suffixes = CSV_SUFFIXES | JSONL_SUFFIXES
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in suffixes)
        tables = [entry for entry in found if not entry.name.endswith(".rejects.jsonl")]
        if not tables:
            raise FileRejected("文件夹中没有 .csv 或 .jsonl 文件 / the folder holds no table", where=str(path))
        yield from tables


class _FileImport:
    """One file's import."""

    def __init__(
        self,
        file: Path,
        source: str,
        columns: ColumnMap | None,
        organisation_id: str,
        cursors: Path,
        rejects: Path,
        batch: int,
    ) -> None:
        self._file = file
        self._source = source
        self._columns = columns
        self._organisation_id = organisation_id
        self._cursor_file = CursorFile(cursors, organisation_id, source, file)
        self._rejects_path = rejects / f"{file.name}.rejects.jsonl"
        self._batch = batch

    def run(
        self, sink: Sink, intake_at: datetime, report: FeedReport, progress: Callable[[FeedProgress], object] | None
    ) -> None:
        try:
            size = self._file.stat().st_size
            prefix = Prefix(self._file)
        except OSError:
            size = 0
            prefix = None
        if prefix is None:  # let the reader say why
            list(read_placed(self._file, Rejects(), intake_at=intake_at, columns=self._columns))
            return
        with prefix, Rejects(self._rejects_path) as rejects:
            start = self._start(prefix, size)
            report.files += 1
            if start.complete and start.offset == size:
                report.unchanged += 1
                return
            if start.line:
                report.resumed += 1
                rejects.resume(start.line)
            self._import(sink, intake_at, prefix, rejects, start, size, progress, report)
            report.rejected += rejects.rejected
            report.notices += rejects.notices
            report.samples += rejects.samples
        if self._rejects_path.exists():
            report.rejects.append(self._rejects_path)

    def _start(self, prefix: Prefix, size: int) -> Cursor:
        """The saved cursor if the file still begins with what was read, otherwise the beginning."""
        saved = self._cursor_file.read()
        same = 0 < saved.offset <= size and prefix.forward(saved.offset) == saved.sha256
        was_cut = saved.complete and saved.offset < size and prefix.last != b"\n"  # its last line was not whole then
        if same and not was_cut:
            return saved
        prefix.rewind()
        return Cursor(file=saved.file)

    def _import(
        self,
        sink: Sink,
        intake_at: datetime,
        prefix: Prefix,
        rejects: Rejects,
        start: Cursor,
        size: int,
        progress: Callable[[FeedProgress], object] | None,
        report: FeedReport,
    ) -> None:
        placed = read_placed(
            self._file,
            rejects,
            intake_at=intake_at,
            organisation_id=self._organisation_id,
            columns=self._columns,
            source=self._source,
            after_line=start.line,
        )
        accepted = start.accepted
        batch: list[PlacedListing] = []
        for entry in placed:
            batch.append(entry)
            if len(batch) >= self._batch:
                taken = self.commit(sink, batch, prefix, rejects, accepted, start)
                accepted, batch = accepted + taken, []
                report.accepted += taken
                if progress is not None:
                    progress(FeedProgress(self._file, entry.end, size, accepted, rejects.rejected))
        taken = self.commit(sink, batch, prefix, rejects, accepted, start) if batch else 0
        report.accepted += taken
        self._finish(prefix, rejects, start, accepted + taken, size)
        if progress is not None:
            progress(FeedProgress(self._file, size, size, accepted + taken, rejects.rejected))

    def commit(
        self,
        sink: Sink,
        batch: Sequence[PlacedListing],
        prefix: Prefix,
        rejects: Rejects,
        accepted: int,
        start: Cursor,
    ) -> int:
        """Hand the batch on, then remember it: in this order, so that a kill between the two repeats and never loses.
        Returns how many the sink took."""
        taken = self._hand_on(sink, batch, rejects)
        rejects.flush()
        last = batch[-1]
        self._cursor_file.save(
            Cursor(
                file=start.file,
                line=last.line,
                offset=last.end,
                sha256=prefix.forward(last.end),
                accepted=accepted + taken,
                rejected=start.rejected + rejects.rejected,
            )
        )
        return taken

    def _hand_on(self, sink: Sink, batch: Sequence[PlacedListing], rejects: Rejects) -> int:
        """Give the batch to the sink; a listing that it cannot carry (too large) is refused alone."""
        try:
            sink(tuple(entry.listing for entry in batch))
        except InputError as fault:
            if len(batch) > 1:
                middle = len(batch) // 2
                first = self._hand_on(sink, batch[:middle], rejects)
                return first + self._hand_on(sink, batch[middle:], rejects)
            entry = batch[0]
            rejects.reject(
                entry.line, "bad-value", field="listing_id", file=self._file.name,
                value=entry.listing.listing_id, detail=fault.what,
            )  # fmt: skip
            return 0
        return len(batch)

    def _finish(self, prefix: Prefix, rejects: Rejects, start: Cursor, accepted: int, size: int) -> None:
        rejects.flush()
        sha256 = prefix.forward(size)
        self._cursor_file.save(
            Cursor(
                file=start.file,
                line=prefix.lines,
                offset=prefix.offset,
                sha256=sha256,
                accepted=accepted,
                rejected=start.rejected + rejects.rejected,
                complete=True,
            )
        )
