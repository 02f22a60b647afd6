"""What the screening tests stand on: a store, a bus and a registry in a folder, and detectors simple enough to predict.

`WordDetector` sees a mark's text in a title; `Tripwire` beside it fails on a title with a skull. Both are ordinary
detectors of the protocol, so that screener, triage, worker and store are the real ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from models.context import Context
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.registry import Mark, Registry
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.subjects import Listing
from streams.bus import Bus, Topic, open_bus
from streams.bus.topics import LISTINGS
from streams.settings import BusSettings, WorkerSettings

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
MARKS = ("晴川", "云朵鹿", "白鹭泉", "KESTRELLO")
REGISTRY = Registry(
    marks=tuple(Mark(mark_id=f"m{number}", text=text, nice_classes=(32,)) for number, text in enumerate(MARKS))
)
SKULL = "☠"


class WordDetector:
    """Sees a mark's text in a title."""

    name, version, kinds = "trademark", "word-1", frozenset({"listing"})

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        return [self._found(observation, context) for observation in batch]

    def _found(self, observation: Observation, context: Context) -> list[Finding]:
        assert isinstance(observation.subject, Listing)
        title = observation.subject.title
        return [
            signed(self._evidence(mark, title), observation.subject, detector=self.name, version=self.version)
            for mark in context.registry.marks
            if mark.text in title
        ]

    def _evidence(self, mark: Mark, title: str) -> Evidence:
        start = title.index(mark.text)
        return Evidence(
            fact="similar-shape",
            stance=Stance.FOR,
            score=0.95,
            field="title",
            mark_id=mark.mark_id,
            subject_value=mark.text,
            reference_value=mark.text,
            span=(start, start + len(mark.text)),
            params=(("nearness", "similar"), ("goods_relation", "same"), ("trick", "")),
        )


class Tripwire:
    """Fails on a title with a skull, as a detector with a fault would."""

    name, version, kinds = "wording", "tripwire-1", frozenset({"listing"})

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        for observation in batch:
            assert isinstance(observation.subject, Listing)
            if SKULL in observation.subject.title:
                raise ZeroDivisionError("the detector fell over")
        return [[] for _ in batch]


@dataclass(frozen=True)
class Workbench:
    """A folder with a migrated store, a bus, and the name of the topic of listings on it. Several processes may open
    the same."""

    folder: Path
    bus_settings: BusSettings
    worker_settings: WorkerSettings
    topic_name: str = LISTINGS.name
    store_url: str = ""

    def open_store(self) -> SqlStore:
        return open_store(self.store_settings)

    @property
    def topic(self) -> Topic[Listing]:
        return replace(LISTINGS, name=self.topic_name)

    def open_bus(self) -> Bus:
        return open_bus(self.bus_settings)

    @property
    def store_settings(self) -> StoreSettings:
        return StoreSettings(url=self.store_url or f"sqlite:///{self.folder}/store.sqlite")


def prepare(
    folder: Path, bus_settings: BusSettings | None = None, *, topic_name: str = LISTINGS.name, store_url: str = ""
) -> Workbench:
    """A workbench in `folder` with the registry committed; on an embedded bus and an SQLite store of its own unless
    told otherwise."""
    bus = bus_settings or BusSettings(
        url=f"sqlite:///{folder}/bus.sqlite", session_timeout_s=2.0, heartbeat_interval_s=0.5
    )
    worker = WorkerSettings(
        poll_timeout_s=0.2, retry_first_s=0.01, retry_longest_s=0.1, batch=50, index_folder=f"{folder}/indexes"
    )
    bench = Workbench(folder, bus, worker, topic_name, store_url)
    migrate(bench.store_settings)
    store = bench.open_store()
    store.registry.commit("local", REGISTRY, at=NOON)
    store.close()
    return bench


def listings(count: int, *, start: int = 0, hit_every: int = 20) -> list[Listing]:
    """Numbered listings; every `hit_every`-th bears a mark in its title."""
    return [
        Listing(
            listing_id=f"L{number:06d}",
            platform="白鹭购",
            title=f"{MARKS[number % len(MARKS)] if number % hit_every == 0 else '山间'} 矿泉水 第{number}号",
        )
        for number in range(start, start + count)
    ]
