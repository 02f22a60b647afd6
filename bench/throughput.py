"""Throughput: listings a second from ingest to stored result, against 100,000 marks. `python -m bench throughput`

Two workers and a SQLite store, each with the shipped detectors; this process publishes, on the embedded log and, where
its jars are there, on a real Apache Kafka. The clock runs from the first publication until every listing is stored and
acknowledged; loading the registry and building the index come before and are told apart. About one listing in twenty
bears a mark, as registered or played upon. The workers tell how their time parts between bus (taking and acknowledging,
waiting for messages included), detectors (reading what is known of a subject included) and store.

The stored findings are held against a plain loop: detectors called for one listing at a time, on an index built anew in
memory; and one title against the oracle, which compares every window with every mark and has no index. The baseline is
the loop that one would write first: `rapidfuzz.process.extract` over all marks, on one core.
"""

import logging
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from time import perf_counter

import structlog
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
from streams.bus import create_topics, open_bus
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, IndexFiles, Screener, ScreeningWorker, build_context, stop_on_signals
from streams.settings import BusSettings, WorkerSettings
from tests.servers import kafka

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


@dataclass(frozen=True)
class Scene:
    """What all carriers are measured with: a migrated store with the registry, and where it lies."""

    folder: Path
    store_settings: StoreSettings
    registry: Registry
    chance: random.Random
    committed_s: float


@dataclass(frozen=True)
class Drive:
    """How one carrier did."""

    stored_s: float
    published_s: float
    ready_s: float
    told: Sequence["Told"]


def run() -> dict[str, float]:
    """The figures, by name. Raises `AssertionError` when a stored finding differs from the plain loop's."""
    figures: dict[str, float] = {}
    for name, carrier in _carriers().items():
        with tempfile.TemporaryDirectory() as folder:
            figures |= _measure(_scene(Path(folder)), name, carrier(Path(folder)))
    return figures


def _carriers() -> dict[str, Callable[[Path], BusSettings]]:
    """The buses there are here, by name."""
    embedded: dict[str, Callable[[Path], BusSettings]] = {
        "the embedded log": lambda folder: BusSettings(url=f"sqlite:///{folder}/bus.sqlite")
    }
    if not kafka.STAMP.exists() or kafka.find_java() is None:
        return embedded
    return embedded | {"Kafka": lambda _: BusSettings(url=f"kafka://{kafka.running()}")}


def _scene(folder: Path) -> Scene:
    chance = random.Random()
    settings = StoreSettings(url=f"sqlite:///{folder}/store.sqlite")
    registry = Registry(marks=tuple(marks(MARKS, chance)))
    migrate(settings)
    store = open_store(settings)
    started = perf_counter()
    store.registry.commit("local", registry, at=now())
    committed_s = perf_counter() - started
    store.close()
    return Scene(folder, settings, registry, chance, committed_s)


def _measure(scene: Scene, name: str, bus_settings: BusSettings) -> dict[str, float]:
    create_topics(bus_settings)
    warm_up = listings(WARM_UP, scene.registry, scene.chance, "warm")
    fresh = listings(LISTED, scene.registry, scene.chance, "fresh")
    drive = _drive(scene, bus_settings, warm_up, fresh)
    store = open_store(scene.store_settings)
    outcomes = store.screenings.outcomes("local")
    assert outcomes[Outcome.LEAD] + outcomes[Outcome.NO_MATCH] == LISTED + WARM_UP, outcomes
    current = store.registry.current("local")
    store.close()
    context = build_context(current, as_of=start_of_day(now()))
    share, checked = _check(scene.store_settings, fresh, context)
    figures = _figures(drive, name)
    figures["% of listings with findings"] = 100 * share
    figures["% of listings flagged"] = 100 * outcomes[Outcome.LEAD] / (LISTED + WARM_UP)
    figures[f"stored screenings equal to the plain loop's ({name})"] = checked
    figures["seconds to commit the registry"] = scene.committed_s
    if name == "the embedded log":
        figures |= _held_against(scene, fresh, context, LISTED / drive.stored_s)
    return figures


def _held_against(scene: Scene, fresh: Sequence[Listing], context: Context, rate: float) -> dict[str, float]:
    oracle_s = _check_oracle([listing.title for listing in fresh[:TITLES_FOR_THE_ORACLE]], context)
    baseline = _baseline_s([listing.title for listing in fresh[-TITLES_FOR_THE_BASELINE:]], scene.registry)
    return {
        "listings/s by rapidfuzz process.extract over all marks (one core, nothing stored)": 1 / baseline,
        "times rapidfuzz": rate * baseline,
        "listings/s by the oracle over all marks (one core, titles only)": 1 / oracle_s,
    }


def _figures(drive: Drive, name: str) -> dict[str, float]:
    told = drive.told
    spent = {stage: sum(each.stages[stage] for each in told) for stage in STAGES.values()}
    used_ms = 1000 * sum(each.used_s for each in told) / sum(each.screened for each in told)
    return {
        f"listings/s from ingest to stored result over {name} ({MARKS:,} marks, {WORKERS} workers)": LISTED
        / drive.stored_s,
        **{
            f"% of the workers' time in the {stage} ({name})": 100 * s / sum(spent.values())
            for stage, s in spent.items()
        },
        f"processor ms a listing, in the workers ({name})": used_ms,
        f"MiB at most, both workers together, shared pages counted twice ({name})": sum(each.peak_mib for each in told),
        f"MiB at most, one worker ({name})": max(each.peak_mib for each in told),
        f"seconds to publish all ({name})": drive.published_s,
        f"seconds until both workers had loaded and indexed the registry and done a batch ({name})": drive.ready_s,
    }


def _drive(scene: Scene, bus_settings: BusSettings, warm_up: Sequence[Listing], fresh: Sequence[Listing]) -> Drive:
    """Start the workers, publish, and wait until all is stored."""
    bus = open_bus(bus_settings)
    context = multiprocessing.get_context("spawn")
    ended = context.Queue()
    ready = [context.Event() for _ in range(WORKERS)]
    given = (scene.folder, bus_settings)
    workers = [
        context.Process(target=_work, args=(*given, f"worker-{number}", ready[number], ended))
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
    bus.close()
    return Drive(stored_s, published_s, ready_s, [ended.get() for _ in workers])


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


# The stage that a step of a batch ends.
STAGES = {"polled": "bus", "screened": "detectors", "recorded": "store", "acknowledged": "bus"}


@dataclass(frozen=True)
class Told:
    """What a worker tells at its end: peak resident memory, processor seconds, listings, and seconds by stage."""

    peak_mib: float
    used_s: float
    screened: int
    stages: Mapping[str, float]


class Stages:
    """A worker's checkpoint that adds up where its time goes, from the first batch on."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = dict.fromkeys(STAGES.values(), 0.0)
        self._since = 0.0

    def __call__(self, step: str) -> None:
        at = perf_counter()
        if self._since:
            self.spent[STAGES[step]] += at - self._since
        self._since = at


def _work(
    folder: Path, bus_settings: BusSettings, member: str, ready: Event, ended: "multiprocessing.Queue[Told]"
) -> None:
    """One worker until SIGTERM, that tells as much as one does in service."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    store = open_store(StoreSettings(url=f"sqlite:///{folder}/store.sqlite"))
    contexts = ContextSource(store.registry, index_files=IndexFiles(folder / "indexes"))
    settings, stages = WorkerSettings(member=member, poll_timeout_s=0.2), Stages()
    worker = ScreeningWorker(
        open_bus(bus_settings), (LISTINGS,), store, Screener(detectors()), contexts, settings, checkpoint=stages
    )
    stop_on_signals(worker)
    contexts.current("local")
    ready.set()
    before = resource.getrusage(resource.RUSAGE_SELF)
    worker.run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended.put(Told(after.ru_maxrss / 1024, used_s, worker.tally.screened, stages.spent))


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
