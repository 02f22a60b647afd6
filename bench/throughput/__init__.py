"""Throughput: listings a second from ingest to stored result, against 100,000 marks. `python -m bench throughput`

Two workers, each with the shipped detectors; this process publishes: on the embedded log with an SQLite store, and,
where they are installed, through a real Apache Kafka to a real PostgreSQL that waits for its disk. The clock runs from
the first publication until every listing is stored and acknowledged; loading the registry and building the index come
before and are told apart. About one listing in twenty bears a mark, as registered or played upon. The workers tell how
their time parts between bus (taking and acknowledging, waiting for messages included), detectors (reading what is known
of a subject included) and store. Their memory is told with shared pages counted once.

The stored findings are held against a plain loop: detectors called for one listing at a time, on an index built anew in
memory; and one title against the oracle, which compares every window with every mark and has no index. The baseline is
the loop that one would write first: `rapidfuzz.process.extract` over all marks, on one core.
"""

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.memory import MemoryWatch
from bench.throughput.held_against import check, oracle_s, rapidfuzz_s
from bench.throughput.made import listings, marks
from bench.throughput.workers import STAGES, Place, Told, work
from models.context import Context
from models.leads import Outcome
from models.moments import now, start_of_day
from models.registry import Registry
from models.storage import StoreSettings, migrate, open_store
from models.subjects import Listing
from streams.bus import Bus, create_topics, open_bus
from streams.bus.topics import LISTINGS
from streams.screening import build_context
from streams.settings import BusSettings
from tests.servers import kafka, postgres

MARKS = 100_000
LISTED = 20_000
WORKERS = 2
WARM_UP = 400
PUBLISHED_AT_ONCE = 1000
TITLES_FOR_THE_ORACLE = 1
TITLES_FOR_THE_BASELINE = 20
EMBEDDED, CLUSTER = "the embedded log and SQLite", "Kafka and PostgreSQL"


@dataclass(frozen=True)
class Scene:
    """What is measured on: a migrated store with the registry, a bus with its topics, and what was published."""

    place: Place
    registry: Registry
    warm_up: Sequence[Listing]
    fresh: Sequence[Listing]
    committed_s: float


@dataclass(frozen=True)
class Drive:
    """How it went."""

    stored_s: float
    published_s: float
    ready_s: float
    memory: Mapping[str, float]
    told: Sequence[Told]


def run() -> dict[str, float]:
    """The figures, by name. Raises `AssertionError` when a stored finding differs from the plain loop's."""
    return run_on(EMBEDDED) | run_on(CLUSTER)


def run_on(name: str) -> dict[str, float]:
    """The figures of one pair of bus and store; none where its servers are not installed."""
    with tempfile.TemporaryDirectory() as folder, _place(name, Path(folder)) as place:
        return _measure(_scene(place), name) if place is not None else {}


@contextmanager
def _place(name: str, folder: Path) -> Iterator[Place | None]:
    if name == EMBEDDED:
        bus = BusSettings(url=f"sqlite:///{folder}/bus.sqlite")
        yield Place(folder, bus, StoreSettings(url=f"sqlite:///{folder}/store.sqlite"))
    elif not kafka.STAMP.exists() or kafka.find_java() is None or postgres.find_programs() is None:
        yield None
    else:
        with postgres.serving(durable=True) as server:
            bus = BusSettings(url=f"kafka://{kafka.running()}")
            yield Place(folder, bus, StoreSettings(url=server.create_database()))


def _scene(place: Place) -> Scene:
    chance = random.Random()
    registry = Registry(marks=tuple(marks(MARKS, chance)))
    migrate(place.store)
    create_topics(place.bus)
    store = open_store(place.store)
    started = perf_counter()
    store.registry.commit("local", registry, at=now())
    committed_s = perf_counter() - started
    store.close()
    warm_up, fresh = (listings(count, registry, chance, name) for count, name in ((WARM_UP, "warm"), (LISTED, "fresh")))
    return Scene(place, registry, warm_up, fresh, committed_s)


def _measure(scene: Scene, name: str) -> dict[str, float]:
    drive = _drive(scene)
    store = open_store(scene.place.store)
    outcomes = store.screenings.outcomes("local")
    assert outcomes[Outcome.LEAD] + outcomes[Outcome.NO_MATCH] == LISTED + WARM_UP, outcomes
    current = store.registry.current("local")
    store.close()
    context = build_context(current, as_of=start_of_day(now()))
    share, checked = check(scene.place.store, scene.fresh, context)
    figures = {
        **_figures(drive, name),
        f"% of listings with findings ({name})": 100 * share,
        f"% of listings flagged ({name})": 100 * outcomes[Outcome.LEAD] / (LISTED + WARM_UP),
        f"stored screenings equal to the plain loop's ({name})": checked,
        f"seconds to commit the registry ({name})": scene.committed_s,
    }
    return figures | (_baselines(scene, context, LISTED / drive.stored_s) if name == EMBEDDED else {})


def _baselines(scene: Scene, context: Context, rate: float) -> dict[str, float]:
    oracle = oracle_s([listing.title for listing in scene.fresh[:TITLES_FOR_THE_ORACLE]], context)
    baseline = rapidfuzz_s([listing.title for listing in scene.fresh[-TITLES_FOR_THE_BASELINE:]], scene.registry)
    return {
        "listings/s by rapidfuzz process.extract over all marks (one core, nothing stored)": 1 / baseline,
        "times rapidfuzz": rate * baseline,
        "listings/s by the oracle over all marks (one core, titles only)": 1 / oracle,
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
        f"listings a batch ({name})": sum(each.screened for each in told) / sum(each.batches for each in told),
        f"MiB at most, both workers together, shared pages counted once ({name})": drive.memory["Pss"],
        f"MiB of these that are theirs alone, both together ({name})": drive.memory["Pss_Anon"],
        f"seconds to publish all ({name})": drive.published_s,
        f"seconds until both workers had loaded and indexed the registry and done a batch ({name})": drive.ready_s,
    }


def _drive(scene: Scene) -> Drive:
    """Start the workers, publish, and wait until all is stored."""
    bus = open_bus(scene.place.bus)
    context = multiprocessing.get_context("spawn")
    ended = context.Queue()
    ready = [context.Event() for _ in range(WORKERS)]
    workers = [
        context.Process(target=work, args=(scene.place, f"worker-{number}", ready[number], ended))
        for number in range(WORKERS)
    ]
    started = perf_counter()
    for worker in workers:
        worker.start()
    with MemoryWatch([worker.pid or 0 for worker in workers]) as memory:
        for event in ready:
            event.wait()
        bus.publish(LISTINGS, scene.warm_up)
        _await_drained(bus)
        ready_s = perf_counter() - started

        started = perf_counter()
        for first in range(0, LISTED, PUBLISHED_AT_ONCE):
            bus.publish(LISTINGS, scene.fresh[first : first + PUBLISHED_AT_ONCE])
        published_s = perf_counter() - started
        _await_drained(bus)
        stored_s = perf_counter() - started
    for worker in workers:
        worker.terminate()
        worker.join()
    bus.close()
    return Drive(stored_s, published_s, ready_s, memory.most, [ended.get() for _ in workers])


def _await_drained(bus: Bus) -> None:
    while bus.backlog(LISTINGS, group="screening"):
        time.sleep(0.1)
