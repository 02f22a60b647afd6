"""The worker: what it stores, what it does with poison and with faults that pass, and when it moves offsets."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.dead_letters import payload_of
from models.errors import ConfigurationError, TransientFault
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.leads import DeadLetter, Outcome, Screening
from models.ports import LeadQuery
from models.registry import Mark, Registry
from models.storage import SqlStore
from models.subjects import Listing, ParcelRecord
from streams.bus import Bus, Topic
from streams.bus.topics import LISTINGS, PARCELS
from streams.screening import ContextSource, Screener, ScreeningWorker, stop_on_signals
from tests.streams.screening.workbench import NOON, SKULL, Tripwire, WordDetector, Workbench, listings, prepare

RAW: Topic[bytes] = Topic(name=LISTINGS.name, encode=bytes, decode=bytes, key=lambda body: str(len(body)))


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return prepare(tmp_path)


@pytest.fixture
def bus(bench: Workbench) -> Iterator[Bus]:
    opened = bench.open_bus()
    yield opened
    opened.close()


@pytest.fixture
def store(bench: Workbench) -> Iterator[SqlStore]:
    opened = bench.open_store()
    yield opened
    opened.close()


def worker_on(bench: Workbench, bus: Bus, store: Any, **more: Any) -> ScreeningWorker:
    return ScreeningWorker(
        bus,
        (LISTINGS, PARCELS),
        store,
        Screener((WordDetector(), Tripwire())),
        ContextSource(store.registry),
        bench.worker_settings,
        **more,
    )


def test_every_subject_ends_as_lead_or_no_match(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, listings(200))
    tally = worker_on(bench, bus, store).run(until_idle=True)
    assert (tally.screened, tally.leads, tally.dead_letters) == (200, 10, 0)
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 10, Outcome.NO_MATCH: 190, Outcome.DEAD_LETTER: 0}
    assert store.leads.find("local", LeadQuery(mark_id="m0")).total == 10
    assert bus.backlog(LISTINGS, group="screening") == 0


def test_handling_messages_twice_changes_nothing(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, listings(40))
    worker_on(bench, bus, store).run(until_idle=True)
    before = store.screenings.outcomes("local"), store.leads.find("local", LeadQuery()).leads
    bus.publish(LISTINGS, listings(40))
    worker_on(bench, bus, store).run(until_idle=True)
    assert (store.screenings.outcomes("local"), store.leads.find("local", LeadQuery()).leads) == before


def test_poison_is_dead_lettered_and_harms_nobody_else(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    good = listings(60)
    tripping = [each.model_copy(update={"listing_id": f"T{n}", "title": SKULL}) for n, each in enumerate(good[:3])]
    bus.publish(LISTINGS, [*good[:20], tripping[0], *good[20:40], tripping[1], tripping[2], *good[40:]])
    bus.publish(RAW, [b"\xff\xfe not text", b'{"organisation_id": "org-7", "schema": 9}'])
    tally = worker_on(bench, bus, store).run(until_idle=True)
    assert (tally.screened, tally.dead_letters) == (60, 5)
    assert store.screenings.outcomes("local")[Outcome.DEAD_LETTER] == 4
    letters = {letter.payload_sha256: letter for letter in store.screenings.dead_letters("local")}
    unreadable = next(letter for letter in letters.values() if letter.payload.startswith("base64:"))
    assert payload_of(unreadable.payload) == b"\xff\xfe not text"
    assert "Invalid JSON" in unreadable.reason
    fallen = [letter for letter in letters.values() if "ZeroDivisionError" in letter.reason]
    assert {LISTINGS.decode(payload_of(letter.payload)).listing_id for letter in fallen} == {"T0", "T1", "T2"}
    assert all(letter.attempts > 1 and letter.key and letter.topic == LISTINGS.name for letter in fallen)
    assert [letter.organisation_id for letter in store.screenings.dead_letters("org-7")] == ["org-7"]
    assert bus.backlog(LISTINGS, group="screening") == 0


class Refusing:
    """A store in front of the real one that refuses some subjects, or is away for a while."""

    def __init__(self, store: SqlStore, *, refuses: str = "", away: int = 0) -> None:
        self.registry, self.screenings, self.market, self._store = store.registry, self, store.market, store
        self._refuses, self._away = refuses, away
        self.readings, self.listings = store.screenings.readings, store.screenings.listings
        self.parcels_awaiting, self.groups = store.screenings.parcels_awaiting, store.groups
        self.dead_letters = store.dead_letters

    def record(self, screenings: Sequence[Screening], dead_letters: Sequence[DeadLetter] = ()) -> None:
        if self._away:
            self._away -= 1
            raise TransientFault("the database is away")
        if any(screening.subject.key.native_id == self._refuses for screening in screenings):
            raise ValueError("the row does not fit")
        self._store.screenings.record(screenings, dead_letters)


def test_what_the_store_refuses_is_dead_lettered(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, listings(50))
    worker_on(bench, bus, Refusing(store, refuses="L000017")).run(until_idle=True)
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 3, Outcome.NO_MATCH: 46, Outcome.DEAD_LETTER: 1}
    (letter,) = store.screenings.dead_letters("local")
    assert LISTINGS.decode(payload_of(letter.payload)).listing_id == "L000017"


def test_a_fault_that_passes_is_retried_and_never_dead_lettered(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, listings(50))
    tally = worker_on(bench, bus, Refusing(store, away=4)).run(until_idle=True)
    assert tally.retries == 4
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 3, Outcome.NO_MATCH: 47, Outcome.DEAD_LETTER: 0}


def test_no_offset_moves_while_the_store_is_away(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(LISTINGS, listings(50))
    worker = worker_on(bench, bus, Refusing(store, away=10**9))
    running = threading.Thread(target=worker.run)
    running.start()
    while running.is_alive() and worker.tally.retries < 3:
        time.sleep(0.01)
    assert bus.backlog(LISTINGS, group="screening") == 50
    worker.stop()
    running.join(10)
    assert not running.is_alive()
    assert bus.backlog(LISTINGS, group="screening") == 50
    worker_on(bench, bus, store).run(until_idle=True)
    assert sum(store.screenings.outcomes("local").values()) == 50


def test_a_wrong_installation_stops_the_worker_and_dead_letters_nothing(
    bench: Workbench, bus: Bus, store: SqlStore
) -> None:
    class Misconfigured(Tripwire):
        def detect(self, batch: Any, context: Any) -> Any:
            raise ConfigurationError("the context holds no MarkIndex")

    bus.publish(LISTINGS, listings(5))
    worker = ScreeningWorker(
        bus, (LISTINGS,), store, Screener((Misconfigured(),)), ContextSource(store.registry), bench.worker_settings
    )
    with pytest.raises(ConfigurationError):
        worker.run(until_idle=True)
    assert sum(store.screenings.outcomes("local").values()) == 0
    assert bus.backlog(LISTINGS, group="screening") == 5


def test_a_registry_change_reaches_the_next_batch(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    changed = Registry(marks=(Mark(mark_id="m9", text="山间", nice_classes=(32,)),))

    def change(step: str) -> None:
        if step == "acknowledged" and worker.tally.batches == 1:
            store.registry.commit("local", changed, at=NOON)

    bus.publish(LISTINGS, listings(100, hit_every=1000))
    worker = worker_on(bench, bus, store, checkpoint=change)
    worker.run(until_idle=True)
    assert worker.tally.batches >= 2
    page = store.leads.find("local", LeadQuery(mark_id="m9", limit=200))
    assert page.total == 50


def test_a_parcel_is_screened_with_the_listing_it_carries(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    seen = []

    class Looking(Tripwire):
        kinds = frozenset({"parcel"})

        def detect(self, batch: Any, context: Any) -> Any:
            seen.extend(batch)
            return [[] for _ in batch]

    bus.publish(LISTINGS, listings(1))
    bus.publish(PARCELS, [ParcelRecord(parcel_token="t1", carrier="c", listing_id="L000000")])
    bus.publish(PARCELS, [ParcelRecord(parcel_token="t2", carrier="c", listing_id="unknown")])
    topics, contexts = (LISTINGS, PARCELS), ContextSource(store.registry)
    worker = ScreeningWorker(bus, topics, store, Screener((Looking(),)), contexts, bench.worker_settings)
    worker.run(until_idle=True)
    linked = {observation.subject.key.native_id: observation.listing for observation in seen}
    assert linked == {"t1": listings(1)[0], "t2": None}


class Abroad(Tripwire):
    """Flags nothing; tells each parcel whose listing it sees."""

    name, version, kinds = "abroad", "abroad-1", frozenset({"parcel"})

    def detect(self, batch: Sequence[Observation], context: Any) -> list[list[Finding]]:
        return [
            [signed(PROMISE, each.subject, detector=self.name, version=self.version)] if each.listing else []
            for each in batch
        ]


PROMISE = Evidence(fact="overseas-claim-domestic-route", stance=Stance.FOR, score=1.0, field="origin")


def parcels(count: int) -> list[ParcelRecord]:
    return [ParcelRecord(parcel_token=f"t{n}", carrier="c", listing_id=f"L{n:06d}") for n in range(count)]


def told(store: SqlStore) -> list[int]:
    """How many findings the newest screening of each stored parcel has."""
    with store._engine.connect() as connection:
        rows = connection.execute(text(NEWEST_FINDINGS))
        return [count for (count,) in rows]


NEWEST_FINDINGS = """SELECT (SELECT count(*) FROM findings f WHERE f.screening_key = s.screening_key)
FROM subjects s WHERE s.kind = 'parcel' ORDER BY s.native_id"""


def linking_worker(bench: Workbench, bus: Bus, store: Any, topics: Any, **more: Any) -> ScreeningWorker:
    contexts = ContextSource(store.registry)
    return ScreeningWorker(bus, topics, store, Screener((Abroad(),)), contexts, bench.worker_settings, **more)


@pytest.mark.parametrize("order", [(LISTINGS, PARCELS), (PARCELS, LISTINGS)], ids=["listings first", "parcels first"])
def test_what_is_found_on_parcels_does_not_depend_on_arrival(
    bench: Workbench, bus: Bus, store: SqlStore, order: tuple[Topic[Any], Topic[Any]]
) -> None:
    bus.publish(LISTINGS, listings(60))
    bus.publish(PARCELS, parcels(70))
    for topic in order:
        linking_worker(bench, bus, store, (topic,)).run(until_idle=True)
    assert told(store) == [int(int(token.removeprefix("t")) < 60) for token in sorted(f"t{n}" for n in range(70))]
    assert sum(store.screenings.outcomes("local").values()) == 130
    assert len(store.screenings.parcels_awaiting("local", [f"L{n:06d}" for n in range(70)])) == 10


def test_a_listing_stored_while_its_parcel_is_screened_is_not_missed(
    bench: Workbench, bus: Bus, store: SqlStore
) -> None:
    def other_worker(step: str) -> None:
        if step == "screened":
            linking_worker(bench, bus, store, (LISTINGS,)).run(until_idle=True)

    bus.publish(LISTINGS, listings(3))
    bus.publish(PARCELS, parcels(3))
    tally = linking_worker(bench, bus, store, (PARCELS,), checkpoint=other_worker).run(until_idle=True)
    assert (tally.linked, told(store)) == (3, [1, 1, 1])


def test_a_parcel_that_fails_with_its_listing_keeps_its_first_screening(
    bench: Workbench, bus: Bus, store: SqlStore
) -> None:
    class Falls(Abroad):
        def detect(self, batch: Sequence[Observation], context: Any) -> list[list[Finding]]:
            if any(each.listing and each.subject.key.native_id == "t1" for each in batch):
                raise ZeroDivisionError
            return super().detect(batch, context)

    bus.publish(PARCELS, parcels(3))
    linking_worker(bench, bus, store, (PARCELS,)).run(until_idle=True)
    bus.publish(LISTINGS, listings(3))
    contexts = ContextSource(store.registry)
    screener = Screener((Falls(),))
    tally = ScreeningWorker(bus, (LISTINGS,), store, screener, contexts, bench.worker_settings).run(until_idle=True)
    assert (tally.linked, tally.dead_letters, told(store)) == (2, 0, [1, 0, 1])
    assert bus.backlog(LISTINGS, group="screening") == 0


def test_organisations_are_screened_against_their_own_registry(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    theirs = [each.model_copy(update={"organisation_id": "org-2"}) for each in listings(20)]
    bus.publish(LISTINGS, [listing for pair in zip(listings(20), theirs, strict=True) for listing in pair])
    worker_on(bench, bus, store).run(until_idle=True)
    assert store.screenings.outcomes("local")[Outcome.LEAD] == 1
    assert store.screenings.outcomes("org-2") == {Outcome.LEAD: 0, Outcome.NO_MATCH: 20, Outcome.DEAD_LETTER: 0}


def test_sigterm_finishes_the_batch_at_hand(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    def terminate(step: str) -> None:
        if step == "screened":
            os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    bus.publish(LISTINGS, listings(200))
    worker = worker_on(bench, bus, store, checkpoint=terminate)
    try:
        stop_on_signals(worker)
        tally = worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert tally.batches == 1
    assert sum(store.screenings.outcomes("local").values()) == tally.screened
    assert bus.backlog(LISTINGS, group="screening") == 200 - tally.screened


def test_the_steps_of_a_batch_come_in_their_order(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    steps: list[tuple[str, int, int]] = []

    def look(step: str) -> None:
        stored = sum(store.screenings.outcomes("local").values())
        steps.append((step, stored, bus.backlog(LISTINGS, group="screening")))

    bus.publish(LISTINGS, listings(10, start=1))
    one_partition = [Listing(listing_id="L1", platform="p", title=f"第{number}次") for number in range(1)]
    bus.publish(LISTINGS, one_partition)
    worker_on(bench, bus, store, checkpoint=look).run(until_idle=True)
    assert [step for step, _, _ in steps] == ["polled", "screened", "recorded", "acknowledged"]
    assert [stored for _, stored, _ in steps] == [0, 0, 11, 11]
    assert [backlog for _, _, backlog in steps] == [11, 11, 11, 0]
