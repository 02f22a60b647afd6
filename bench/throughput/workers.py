"""The throughput bench's workers: processes of their own, with the shipped detectors, that tell where time went."""

import logging
import multiprocessing
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from time import perf_counter

import structlog

from detectors.catalogue import detectors
from models.storage import StoreSettings, open_store
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, IndexFiles, Screener, ScreeningWorker, stop_on_signals
from streams.settings import BusSettings, WorkerSettings

# The stage that a step of a batch ends.
STAGES = {"polled": "bus", "screened": "detectors", "recorded": "store", "acknowledged": "bus"}


@dataclass(frozen=True)
class Place:
    """Where a worker takes from and stores to."""

    folder: Path
    bus: BusSettings
    store: StoreSettings


@dataclass(frozen=True)
class Told:
    """What a worker tells at its end: processor seconds, listings and batches, and seconds by stage."""

    used_s: float
    screened: int
    batches: int
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


def work(place: Place, member: str, ready: Event, ended: "multiprocessing.Queue[Told]") -> None:
    """One worker until SIGTERM, that tells as much as one does in service."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    store = open_store(place.store)
    contexts = ContextSource(store.registry, index_files=IndexFiles(place.folder / "indexes"))
    settings, stages = WorkerSettings(member=member, poll_timeout_s=0.2), Stages()
    worker = ScreeningWorker(
        open_bus(place.bus), (LISTINGS,), store, Screener(detectors()), contexts, settings, checkpoint=stages
    )
    stop_on_signals(worker)
    contexts.current("local")
    ready.set()
    before = resource.getrusage(resource.RUSAGE_SELF)
    worker.run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended.put(Told(used_s, worker.tally.screened, worker.tally.batches, stages.spent))
