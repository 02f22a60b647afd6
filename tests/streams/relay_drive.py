"""The relay drive: officers decide, relays publish, and both are killed where it hurts; then a checker holds what was
heard against what was committed.

Every kill is a SIGKILL of a process, at a named step. The drive must catch what is wrong on purpose: a relay that marks
before it publishes, and an API that tells after the commit.
"""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import create_engine, text

from models.events import AnyEvent, Decided
from models.leads import Decision, Disposition
from models.moments import now
from models.storage import SqlStore, StoreSettings, migrate, open_store, outbox
from models.storage.engine import open_engine, writing
from models.storage.outbox import tell
from streams.bus import open_bus
from streams.bus.topics import DECISIONS
from streams.relay import Relay
from streams.settings import BusSettings, RelaySettings
from tests.models.storage.samples import suspicious

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
RELAY = RelaySettings(batch=7, claim_s=0.05, idle_s=0.01)
TURNS = (Disposition.DISMISSED, Disposition.OPEN)


@dataclass(frozen=True)
class Scene:
    """A folder with a store and a log."""

    folder: Path
    store_url: str = ""
    bus_url: str = ""

    @property
    def store_settings(self) -> StoreSettings:
        return StoreSettings(url=self.store_url or f"sqlite:///{self.folder}/store.sqlite")

    @property
    def bus_settings(self) -> BusSettings:
        return BusSettings(url=self.bus_url or f"sqlite:///{self.folder}/bus.sqlite")

    def open_store(self) -> SqlStore:
        return open_store(self.store_settings)


@dataclass(frozen=True)
class Verdict:
    """What was heard of what was committed. `again` are deliveries beyond the first of an event."""

    committed: int
    lost: int
    unheard_of: int
    doubled: int
    disordered: int
    again: int


def set_up(scene: Scene, count: int) -> list[str]:
    """A migrated store with so many leads; returns their ids."""
    migrate(scene.store_settings)
    store = scene.open_store()
    found = [suspicious(number) for number in range(count)]
    store.screenings.record(found)
    Relay(store.outbox, open_bus(scene.bus_settings), RELAY).drain()
    store.close()
    return [each.subject.key.token for each in found]


# --- the victims: each runs in a process of its own ----------------------------------------------------------------


class MarkFirst(Relay):
    """A relay that is wrong on purpose: it marks before it publishes."""

    def round(self) -> int:
        at = now()
        claimed = self._outbox.claim(
            by=self._name, at=at, until=at + timedelta(seconds=self._settings.claim_s), limit=self._settings.batch
        )
        if not claimed:
            return 0
        self._outbox.mark_sent(claimed, at=at)
        self._checkpoint("published")
        self._publish(claimed)
        return len(claimed)


def falls_at(step: str, after: int):  # type: ignore[no-untyped-def]
    """A checkpoint that kills its process when it comes to this step for the so-manieth time."""
    passed = 0

    def checkpoint(reached: str) -> None:
        nonlocal passed
        passed += reached == step
        if passed > after:
            os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def relay(scene: Scene, step: str, wrong: bool) -> None:
    kind = MarkFirst if wrong else Relay
    works = kind(
        scene.open_store().outbox, open_bus(scene.bus_settings), RELAY, checkpoint=falls_at(step, 1) if step else print
    )
    works.run()


def decide(scene: Scene, lead_ids: Sequence[str], turn: int, wrong: bool, dies_before_commit: bool) -> None:
    """Decide on every lead in turn, and die half-way: after a commit, or before one."""
    store = scene.open_store()
    late: list[AnyEvent] = []
    original = outbox.tell
    if wrong:
        outbox.tell = lambda connection, events: late.extend(events)  # type: ignore[assignment]
    for place, lead_id in enumerate(lead_ids):
        half_way = place == len(lead_ids) // 2
        if half_way and dies_before_commit:
            outbox.tell = lambda connection, events: (  # type: ignore[assignment]
                original(connection, events),
                os.kill(os.getpid(), signal.SIGKILL),
            )
        decision = Decision(disposition=TURNS[turn % 2], reason="other: x", decided_by="li", decided_at=now())
        store.leads.decide("local", lead_id, decision, revision=turn)
        if half_way:
            os.kill(os.getpid(), signal.SIGKILL)
        if wrong:
            engine = open_engine(scene.store_settings)
            with writing(engine) as connection:
                tell(connection, late)
            late.clear()


# --- the drive -----------------------------------------------------------------------------------------------------


def run(target, *given: object, patience_s: float = 30.0) -> int:  # type: ignore[no-untyped-def]
    """Run a victim to its death; returns its exit code."""
    process = PROCESSES.Process(target=target, args=given, daemon=True)
    process.start()
    process.join(patience_s)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode or 0


def finish(scene: Scene) -> None:
    """The last relay, which nobody kills, once every claim has run out."""
    store, bus = scene.open_store(), open_bus(scene.bus_settings)
    ahead = Relay(store.outbox, bus, RELAY, clock=lambda: now() + timedelta(seconds=60))
    ahead.drain()
    assert store.outbox.waiting() == 0
    bus.close()
    store.close()


def heard(scene: Scene) -> list[Decided]:
    """Every decision on the bus, as a reader of its own gets them."""
    bus = open_bus(scene.bus_settings)
    found: list[Decided] = []
    with bus.subscribe(DECISIONS, group="others", member="reader-1") as subscription:
        while bus.backlog(DECISIONS, group="others"):
            deliveries = subscription.poll(limit=500, timeout_s=1.0)
            found += [delivery.payload() for delivery in deliveries]
            subscription.ack(deliveries)
    bus.close()
    return found


def judge(scene: Scene) -> Verdict:
    """Hold what was heard against the decisions that are stored."""
    engine = create_engine(open_engine(scene.store_settings).url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT lead_id, revision FROM decisions")).all()
        mine = set(connection.execute(text("SELECT lead_id FROM leads")).scalars())
    engine.dispose()
    committed = {(row[0], row[1]) for row in rows}
    events = [event for event in heard(scene) if event.lead_id in mine]  # a broker may be shared
    first: dict[str, Decided] = {}
    for event in events:
        first.setdefault(event.event_id, event)  # an idempotent reader
    applied = [(event.lead_id, event.revision) for event in first.values()]
    by_lead: dict[str, list[int]] = {}
    for lead_id, revision in applied:
        by_lead.setdefault(lead_id, []).append(revision)
    return Verdict(
        committed=len(committed),
        lost=len(committed - set(applied)),
        unheard_of=len(set(applied) - committed),
        doubled=len(applied) - len(set(applied)),
        disordered=sum(one > other for revisions in by_lead.values() for one, other in pairwise(revisions)),
        again=len(events) - len(first),
    )
