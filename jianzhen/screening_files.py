"""Screening files without a server: listings or parcels in, one line of leads.jsonl out for each, in input order.

Owns the work of `scan`: pictures read inline, subjects screened in batches, memory bounded by one batch. The same
input, rules and as-of time give the same bytes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from detectors.behaviour import SHOPS, ShopCounts
from detectors.catalogue import detectors
from detectors.triage import Rules
from detectors.wording import WordingRules
from jianzhen.registry_files import RegistryFiles
from models.context import Context, Snapshot
from models.findings import Observation
from models.formats import Rejects, lead_line
from models.identity import LOCAL
from models.leads import Screening
from models.moments import start_of_day
from models.pictures import PictureReading
from models.public_records import RECORDS, PublicRecords
from models.registry import Registry
from models.subjects import AnySubject, Listing
from streams.fetch import FetchSettings, SafeFetcher
from streams.pictures import PictureReader, PictureSettings, PictureSource
from streams.screening import Screener
from streams.screening.contexts import build_context
from streams.screening.market import build_peers, named, read_model
from streams.screening.records import extra

BATCH = 500
REMEMBERED_PICTURES = 50_000


class Placed(NamedTuple):
    """A subject with its line in its file; line 0 where the file does not say."""

    line: int
    subject: AnySubject


@dataclass
class Totals:
    """What a scan came to."""

    subjects: int = 0
    flagged: int = 0
    pictures_failed: int = 0
    facts: Counter[str] = field(default_factory=Counter)

    def add(self, screening: Screening) -> None:
        self.subjects += 1
        self.flagged += screening.assessment.flagged
        self.facts.update({finding.fact for finding in screening.findings})


class FileScreening:
    """A registry with its context, ready to screen subjects as they come."""

    def __init__(
        self,
        registry: Registry,
        context: Context,
        pictures: PictureSource,
        rejects: Rejects,
        *,
        at: datetime,
        file: str,
        table: Rules | None = None,
    ) -> None:
        self.registry = registry
        self.totals = Totals()
        self._context = context
        self._pictures = pictures
        self._rejects = rejects
        self._at = at
        self._file = file
        self._screener = Screener(detectors(), table)
        self._seen: dict[str, PictureReading] = {}

    def lines(self, subjects: Iterable[Placed]) -> Iterator[dict[str, Any]]:
        """One line for every subject, in order."""
        waiting = iter(subjects)
        while batch := list(islice(waiting, BATCH)):
            observations = self._observed(batch)
            for screening in self._screener.screen(observations, self._context, at=self._at):
                self.totals.add(screening)
                yield lead_line(screening, self.registry)

    def _observed(self, batch: Sequence[Placed]) -> list[Observation]:
        addresses = [name for placed in batch for name in _images(placed.subject) if name not in self._seen]
        if len(self._seen) > REMEMBERED_PICTURES:
            self._seen.clear()
            addresses = [name for placed in batch for name in _images(placed.subject)]
        if addresses:
            self._seen.update(self._pictures.read_all(addresses, level="full"))
        return [self._observation(placed) for placed in batch]

    def _observation(self, placed: Placed) -> Observation:
        readings = tuple(self._seen[name] for name in _images(placed.subject))
        for reading in readings:
            if reading.failure:
                self.totals.pictures_failed += 1
                self._rejects.notice(
                    placed.line,
                    "picture-unreadable",
                    field="images",
                    file=self._file,
                    value=reading.address,
                    detail=reading.failure,
                )
        return Observation(placed.subject, pictures=readings)


@contextmanager
def open_screening(
    files: RegistryFiles,
    subjects: Path,
    rejects: Rejects,
    *,
    as_of: datetime,
    fetch: FetchSettings,
    pictures: PictureSettings,
    peers: Iterable[Listing] = (),
    price_model: Path | None = None,
    table: Rules | None = None,
    records: PublicRecords | None = None,
    wording: WordingRules | None = None,
) -> Iterator[FileScreening]:
    """Read the registry, read its official pictures and build the context. `subjects` is the file to be screened: its
    folder is where its pictures are looked for; `peers` are the listings whose prices it is compared with, usually the
    file's own; `table` the rules, the shipped ones unless others are given. Raises `InputError` when no mark can be
    used."""
    registry = files.usable(rejects)
    shops = ShopCounts(registry)
    market = named(build_peers(registry, shops.watching(peers)), read_model(price_model) if price_model else None)
    known: dict[str, Snapshot] = {SHOPS: shops.table(), RECORDS: records or PublicRecords(), **extra(wording)}
    with SafeFetcher(fetch) as fetcher, PictureReader(pictures) as reader:

        def source_at(base: Path) -> PictureSource:
            return PictureSource(reader, fetcher, base=base, settings=pictures)

        references = files.official_pictures(registry, source_at, rejects)
        context = build_context(
            registry, references, as_of=start_of_day(as_of), organisation_id=LOCAL, market={**market, **known}
        )
        of_subjects = source_at(subjects.resolve().parent)
        yield FileScreening(registry, context, of_subjects, rejects, at=as_of, file=subjects.name, table=table)


def _images(subject: AnySubject) -> tuple[str, ...]:
    return subject.images if isinstance(subject, Listing) else ()
