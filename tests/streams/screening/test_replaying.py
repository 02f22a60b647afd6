"""Replay: a dead letter's bytes go out again, once its cause is mended they are screened, and nothing is doubled."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.dead_letters import LetterPlace, LetterQuery, LetterState
from models.leads import Outcome
from models.moments import now
from models.storage import SqlStore
from models.subjects import Listing
from streams.bus import Bus
from streams.bus.raw import Raw, raw_topic
from streams.bus.topics import LISTINGS
from streams.relay import Relay
from streams.screening import ContextSource, Screener, ScreeningWorker
from streams.settings import RelaySettings
from tests.streams.screening.workbench import MARKS, SKULL, Tripwire, WordDetector, Workbench, prepare

POISON = 30
TRIPPING = [
    Listing(listing_id=f"T{number}", platform="白鹭购", title=f"{SKULL} {MARKS[0]} {number}")
    for number in range(POISON)
]


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


def work(bench: Workbench, bus: Bus, store: SqlStore, *, mended: bool) -> None:
    detectors = (WordDetector(),) if mended else (WordDetector(), Tripwire())
    contexts = ContextSource(store.registry)
    ScreeningWorker(bus, (LISTINGS,), store, Screener(detectors), contexts, bench.worker_settings).run(until_idle=True)


def replay_all(bus: Bus, store: SqlStore) -> int:
    replayed = 0
    while page := store.dead_letters.find("local", LetterQuery(states=(LetterState.OPEN,), limit=500)).letters:
        places = [LetterPlace(topic=one.topic, partition=one.partition, offset=one.offset) for one in page]
        replayed += len(store.dead_letters.replay("local", places, by="wu", at=now()).replayed)
    Relay(store.outbox, bus, RelaySettings()).drain()
    return replayed


@pytest.mark.soak
def test_a_thousand_letters_become_leads_and_replaying_again_adds_nothing(
    bench: Workbench, bus: Bus, store: SqlStore
) -> None:
    tripping = [
        Listing(listing_id=f"T{number}", platform="白鹭购", title=f"{SKULL} {MARKS[0]} {number}")
        for number in range(1000)
    ]
    bus.publish(LISTINGS, tripping)
    work(bench, bus, store, mended=False)
    assert replay_all(bus, store) == 1000
    work(bench, bus, store, mended=True)
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 1000, Outcome.NO_MATCH: 0, Outcome.DEAD_LETTER: 0}
    assert replay_all(bus, store) == 0
    work(bench, bus, store, mended=True)
    assert store.screenings.outcomes("local")[Outcome.LEAD] == 1000


def test_once_the_cause_is_mended_every_letter_becomes_what_it_is_and_a_second_replay_adds_nothing(
    bench: Workbench, bus: Bus, store: SqlStore
) -> None:
    bus.publish(LISTINGS, TRIPPING)
    work(bench, bus, store, mended=False)
    assert store.screenings.outcomes("local")[Outcome.DEAD_LETTER] == POISON
    assert replay_all(bus, store) == POISON
    work(bench, bus, store, mended=True)
    assert store.screenings.outcomes("local") == {Outcome.LEAD: POISON, Outcome.NO_MATCH: 0, Outcome.DEAD_LETTER: 0}
    settled = store.dead_letters.find("local", LetterQuery(states=(LetterState.SETTLED,)))
    assert settled.total == POISON
    assert replay_all(bus, store) == 0
    leads = {each.key.token for each in TRIPPING}
    bus.publish(LISTINGS, TRIPPING)  # and the bytes once more by another way
    work(bench, bus, store, mended=True)
    assert store.screenings.outcomes("local")[Outcome.LEAD] == POISON
    assert {each.key for each in settled.letters} <= leads


def test_what_dies_again_goes_on_counting(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    bus.publish(raw_topic(LISTINGS.name), [Raw("k", b"\xff no listing")])
    for attempt in (1, 2, 3):
        work(bench, bus, store, mended=False)
        (letter,) = store.dead_letters.find("local", LetterQuery()).letters
        assert (letter.attempts, letter.key, letter.state) == (attempt, "k", LetterState.OPEN)
        assert replay_all(bus, store) == 1
    assert store.dead_letters.find("local", LetterQuery(states=tuple(LetterState))).total == 3


def test_a_message_of_the_future_is_read_after_the_upgrade(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    """What a newer version wrote dies here, and a replay is read once this version can."""
    body = LISTINGS.encode(TRIPPING[0]).replace(b'"schema":1', b'"schema":2')
    bus.publish(raw_topic(LISTINGS.name), [Raw(TRIPPING[0].key.token, body)])
    work(bench, bus, store, mended=True)
    assert "schema 2" in store.dead_letters.find("local", LetterQuery()).letters[0].reason
    assert replay_all(bus, store) == 1

    upgraded = replace(LISTINGS, decode=lambda raw: LISTINGS.decode(raw.replace(b'"schema":2', b'"schema":1')))
    contexts, screener = ContextSource(store.registry), Screener((WordDetector(),))
    ScreeningWorker(bus, (upgraded,), store, screener, contexts, bench.worker_settings).run(until_idle=True)
    assert store.screenings.outcomes("local") == {Outcome.LEAD: 1, Outcome.NO_MATCH: 0, Outcome.DEAD_LETTER: 0}
    assert store.dead_letters.find("local", LetterQuery()).total == 0
