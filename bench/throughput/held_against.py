"""What the throughput bench is held against: the plain loop's answers, the oracle's, and a plain loop's time."""

import statistics
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

from rapidfuzz import fuzz, process
from sqlalchemy import select

from detectors.catalogue import detectors
from detectors.trademark.index import MarkIndex
from detectors.trademark.oracle import sights
from detectors.trademark.sightings import seen
from models.context import Context
from models.findings import Observation
from models.leads import Screening
from models.registry import Registry
from models.storage import StoreSettings
from models.storage.engine import open_engine, reading
from models.storage.ledger import load_screenings
from models.storage.tables import screenings
from models.subjects import Listing
from streams.screening import Screener

CHECKED = 400
CORES = 2


def check(settings: StoreSettings, fresh: Sequence[Listing], context: Context) -> tuple[float, int]:
    """Screen a sample again, one listing at a time, and compare with what is stored: all that differs is the time.
    Half of the sample has findings. Returns the share of listings with findings, and how many were equal."""
    engine = open_engine(settings)
    with reading(engine) as connection:
        keys = connection.execute(select(screenings.c.screening_key)).scalars().all()
        stored = {each.subject.key.native_id: each for each in load_screenings(connection, "local", keys).values()}
    engine.dispose()
    hits = [listing for listing in fresh if stored[listing.listing_id].findings]
    sample = [*hits[: CHECKED // 2], *fresh[: CHECKED // 2]]
    screener = Screener(detectors())
    for listing in sample:
        kept = stored[listing.listing_id]
        (plain,) = screener.screen([Observation(listing)], context, at=kept.screened_at)
        assert _told(plain) == _told(kept), f"stored and plain differ:\n{kept}\n{plain}"
    return len(hits) / len(fresh), len(sample)


def _told(screening: Screening) -> dict[str, object]:
    return screening.model_dump(mode="json")


def oracle_s(titles: Sequence[str], context: Context) -> float:
    """Compare what the index sees with what the oracle sees without one; returns the oracle's seconds a title."""
    index, registry = context.snapshot("marks", MarkIndex), context.registry
    names = [mark.text for mark in registry.marks]
    parts = [(title, names[first::CORES]) for title in titles for first in range(CORES)]
    started = perf_counter()
    with ProcessPoolExecutor(CORES) as pool:
        found = list(pool.map(_oracle, parts))
    spent = (perf_counter() - started) * CORES / len(titles)
    known = set(names)
    for place, title in enumerate(titles):
        exhaustive = set().union(*found[place * CORES : (place + 1) * CORES])
        indexed = {(one.start, one.end, one.name) for one in seen(title, index) if one.name in known}
        assert indexed == exhaustive, f"{title}: index {indexed - exhaustive}, oracle {exhaustive - indexed}"
    return spent


def _oracle(part: tuple[str, list[str]]) -> set[tuple[int, int, str]]:
    title, names = part
    return {(one.start, one.end, one.name) for one in sights(title, names)}


def rapidfuzz_s(titles: Sequence[str], registry: Registry) -> float:
    """Seconds a title by the plain loop over all marks."""
    names = [mark.text for mark in registry.marks]
    spent = []
    for title in titles:
        started = perf_counter()
        process.extract(title, names, scorer=fuzz.partial_ratio, score_cutoff=80, limit=5)
        spent.append(perf_counter() - started)
    return statistics.median(spent)
