"""Throughput: listings a second from ingest to stored result, against 100,000 marks. `python -m bench throughput`

Two workers on the embedded bus and a SQLite store, each with the shipped detectors; this process publishes. The clock
runs from the first publication until every listing is stored and acknowledged; loading the registry and building the
index come before and are told apart. About one listing in twenty bears a mark, as registered or played upon.

The stored findings are held against a plain loop: detectors called for one listing at a time, on an index built anew in
memory; and one title against the oracle, which compares every window with every mark and has no index. The baseline is
the loop that one would write first: `rapidfuzz.process.extract` over all marks, on one core.
"""

import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path
from time import perf_counter

from rapidfuzz import fuzz, process
from sqlalchemy import create_engine, select

from detectors.catalogue import detectors
from detectors.trademark.index import MarkIndex
from detectors.trademark.oracle import sights
from detectors.trademark.sightings import seen
from models.context import Context
from models.findings import Observation
from models.leads import Outcome, Screening
from models.moments import now, start_of_day
from models.registry import Mark, Registry
from models.storage import StoreSettings, migrate, open_store
from models.storage.ledger import load_screenings
from models.storage.tables import screenings as screenings_table
from models.subjects import Listing, Seller
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, IndexFiles, Screener, ScreeningWorker, build_context, stop_on_signals
from streams.settings import BusSettings, WorkerSettings

MARKS = 100_000
LISTED = 20_000
WORKERS = 2
WARM_UP = 400
PUBLISHED_AT_ONCE = 1000
CHECKED = 400
TITLES_FOR_THE_ORACLE = 1
TITLES_FOR_THE_BASELINE = 20
HIT_SHARE = 0.07  # planted, half of them played upon at random; some are not near enough, some more arise by chance

# The 3,755 characters of everyday use: level 1 of GB 2312, rows 16 to 55.
CHARACTERS = [
    bytes((row, cell)).decode("gb2312")
    for row in range(0xB0, 0xD8)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xD7 and cell > 0xF9)
]
GOODS = (
    "矿泉水",
    "保湿面霜",
    "男士皮鞋",
    "儿童书包",
    "不锈钢保温杯",
    "纯棉毛巾",
    "蓝牙耳机",
    "数据线",
    "陶瓷茶具",
    "洗发水",
    "羽绒服",
    "运动袜",
    "电热水壶",
)
PRAISE = (
    "新款",
    "包邮",
    "家用",
    "加厚",
    "便携",
    "百搭",
    "学生",
    "户外",
    "秋冬",
    "简约",
)
SIZES = ("500ml*24", "1L", "250g", "2条装", "大号", "1.5m", "3只", "50片", "42码", "黑色")


def run() -> dict[str, float]:
    """The figures, by name. Raises `AssertionError` when a stored finding differs from the plain loop's."""
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), random.Random())


def _measure(folder: Path, chance: random.Random) -> dict[str, float]:
    store_settings = StoreSettings(url=f"sqlite:///{folder}/store.sqlite")
    registry = Registry(marks=tuple(marks(MARKS, chance)))
    migrate(store_settings)
    store = open_store(store_settings)
    started = perf_counter()
    store.registry.commit("local", registry, at=now())
    committed_s = perf_counter() - started
    bus = open_bus(_bus_settings(folder))
    warm_up, fresh = listings(WARM_UP, registry, chance, "warm"), listings(LISTED, registry, chance, "fresh")

    context = multiprocessing.get_context("spawn")
    ended = context.Queue()
    ready = [context.Event() for _ in range(WORKERS)]
    workers = [
        context.Process(target=_work, args=(folder, f"worker-{number}", ready[number], ended))
        for number in range(WORKERS)
    ]
    started = perf_counter()
    for worker in workers:
        worker.start()
    for event in ready:
        event.wait()
    bus.publish(LISTINGS, warm_up)
    _await_drained(bus)
    ready_s = perf_counter() - started

    started = perf_counter()
    for first in range(0, LISTED, PUBLISHED_AT_ONCE):
        bus.publish(LISTINGS, fresh[first : first + PUBLISHED_AT_ONCE])
    published_s = perf_counter() - started
    _await_drained(bus)
    stored_s = perf_counter() - started
    for worker in workers:
        worker.terminate()
        worker.join()
    told = [ended.get() for _ in workers]
    peaks = [peak for peak, _, _ in told]
    used_ms = 1000 * sum(used for _, used, _ in told) / sum(screened for _, _, screened in told)
    outcomes = store.screenings.outcomes("local")
    assert outcomes[Outcome.LEAD] + outcomes[Outcome.NO_MATCH] == LISTED + WARM_UP, outcomes
    bus.close()
    current = store.registry.current("local")
    store.close()

    context_now = build_context(current, as_of=start_of_day(now()))
    share, checked = _check(store_settings, fresh, context_now)
    oracle_s = _check_oracle([listing.title for listing in fresh[:TITLES_FOR_THE_ORACLE]], context_now)
    baseline = _baseline_s([listing.title for listing in fresh[-TITLES_FOR_THE_BASELINE:]], registry)
    rate = LISTED / stored_s
    return {
        f"listings/s from ingest to stored result ({MARKS:,} marks, {WORKERS} workers)": rate,
        "listings/s by rapidfuzz process.extract over all marks (one core, nothing stored)": 1 / baseline,
        "times rapidfuzz": rate * baseline,
        "processor ms a listing, in the workers": used_ms,
        "listings/s by the oracle over all marks (one core, titles only)": 1 / oracle_s,
        "MiB at most, both workers together (shared pages counted twice)": sum(peaks),
        "MiB at most, one worker": max(peaks),
        "% of listings with findings": 100 * share,
        "% of listings flagged": 100 * outcomes[Outcome.LEAD] / (LISTED + WARM_UP),
        "stored screenings equal to the plain loop's": checked,
        "seconds to publish all": published_s,
        "seconds to commit the registry": committed_s,
        "seconds until both workers had loaded it, indexed it and done a first batch": ready_s,
    }


# --- what is screened ----------------------------------------------------------------------------------------------


def marks(count: int, chance: random.Random) -> list[Mark]:
    """Invented marks: three in four of 2 to 6 characters, the others of 5 to 10 letters, one or two classes each."""
    made: dict[str, Mark] = {}
    while len(made) < count:
        if chance.random() < 0.75:
            length = chance.choices((2, 3, 4, 5, 6), (1, 42, 42, 10, 5))[0]
            text = "".join(chance.choices(CHARACTERS, k=length))
        else:
            text = "".join(
                chance.choice("bcdfghklmnprstvz" if i % 2 else "aeiou") for i in range(chance.randint(5, 10))
            )
        classes = tuple(sorted(chance.sample(range(1, 46), chance.randint(1, 2))))
        made.setdefault(text, Mark(mark_id=f"M{len(made):06d}", text=text, nice_classes=classes))
    return list(made.values())


def listings(count: int, registry: Registry, chance: random.Random, prefix: str) -> list[Listing]:
    """Listings without pictures. A few bear a mark, half of them with a character exchanged."""
    made = []
    for number in range(count):
        words = [chance.choice(GOODS), *chance.sample(PRAISE, 4), chance.choice(SIZES), str(chance.randint(1, 999))]
        chance.shuffle(words)
        if chance.random() < HIT_SHARE:
            words.insert(0, _played_upon(chance.choice(registry.marks).text, chance))
        made.append(
            Listing(
                listing_id=f"{prefix}-{number}",
                platform="bench",
                title=" ".join(words),
                price=f"{chance.randint(5, 500)}.90",
                currency="CNY",
                seller=Seller(id=str(number % 1000), name=f"{chance.choice(PRAISE)}{number % 1000}店"),
                description="。".join(chance.sample(PRAISE, 8)),
                captured_at=now(),
            )
        )
    return made


def _played_upon(text: str, chance: random.Random) -> str:
    if chance.random() < 0.5:
        return text
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(CHARACTERS) + text[place + 1 :]


# --- the workers ---------------------------------------------------------------------------------------------------


def _bus_settings(folder: Path) -> BusSettings:
    return BusSettings(url=f"sqlite:///{folder}/bus.sqlite")


def _work(folder: Path, member: str, ready: Event, ended: "multiprocessing.Queue[tuple[float, float, int]]") -> None:
    """One worker until SIGTERM; tells its peak resident memory in MiB, its processor seconds, and what it screened."""
    store = open_store(StoreSettings(url=f"sqlite:///{folder}/store.sqlite"))
    contexts = ContextSource(store.registry, index_files=IndexFiles(folder / "indexes"))
    settings = WorkerSettings(member=member, poll_timeout_s=0.2)
    worker = ScreeningWorker(
        open_bus(_bus_settings(folder)), (LISTINGS,), store, Screener(detectors()), contexts, settings
    )
    stop_on_signals(worker)
    contexts.current("local")
    ready.set()
    before = resource.getrusage(resource.RUSAGE_SELF)
    worker.run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended.put((after.ru_maxrss / 1024, used, worker.tally.screened))


def _await_drained(bus: "object") -> None:
    while bus.backlog(LISTINGS, group="screening"):  # type: ignore[attr-defined]
        time.sleep(0.01)


# --- what it is held against ---------------------------------------------------------------------------------------


def _check(settings: StoreSettings, fresh: Sequence[Listing], context: Context) -> tuple[float, int]:
    """Screen a sample again, one listing at a time, and compare with what is stored: all that differs is the time.
    Half of the sample has findings. Returns the share of listings with findings, and how many were equal."""
    engine = create_engine(settings.url)
    with engine.connect() as connection:
        keys = connection.execute(select(screenings_table.c.screening_key)).scalars().all()
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


def _check_oracle(titles: Sequence[str], context: Context) -> float:
    """Compare what the index sees with what the oracle sees without one; returns the oracle's seconds a title."""
    index, registry = context.snapshot("marks", MarkIndex), context.registry
    names = [mark.text for mark in registry.marks]
    parts = [(title, names[first::WORKERS]) for title in titles for first in range(WORKERS)]
    started = perf_counter()
    with ProcessPoolExecutor(WORKERS) as pool:
        found = list(pool.map(_oracle, parts))
    spent = (perf_counter() - started) * WORKERS / len(titles)
    known = set(names)
    for place, title in enumerate(titles):
        exhaustive = set().union(*found[place * WORKERS : (place + 1) * WORKERS])
        indexed = {(one.start, one.end, one.name) for one in seen(title, index) if one.name in known}
        assert indexed == exhaustive, f"{title}: index {indexed - exhaustive}, oracle {exhaustive - indexed}"
    return spent


def _oracle(part: tuple[str, list[str]]) -> set[tuple[int, int, str]]:
    title, names = part
    return {(one.start, one.end, one.name) for one in sights(title, names)}


def _baseline_s(titles: Sequence[str], registry: Registry) -> float:
    """Seconds a title by the plain loop over all marks."""
    names = [mark.text for mark in registry.marks]
    spent = []
    for title in titles:
        started = perf_counter()
        process.extract(title, names, scorer=fuzz.partial_ratio, score_cutoff=80, limit=5)
        spent.append(perf_counter() - started)
    return statistics.median(spent)
