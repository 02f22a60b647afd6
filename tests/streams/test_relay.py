"""The relay: what was committed is heard, in order, however often somebody dies; what was not, never."""

from pathlib import Path

import pytest

from models.errors import TransientFault
from models.events import WIRE
from models.storage import SqlStore, open_store
from streams.bus import create_topics, open_bus
from streams.relay import Relay
from tests.models.storage.samples import letter
from tests.servers import kafka
from tests.streams import relay_drive
from tests.streams.relay_drive import RELAY, Scene, decide, finish, judge, relay, run, set_up

KILLED = -9
STEPS = ("claimed", "published", "marked")


def driven(scene: Scene, *, leads: int, rounds: int, wrong_relay: bool = False, wrong_api: bool = False):  # type: ignore[no-untyped-def]
    """Officers decide, and the API and relays die in every round."""
    ids = set_up(scene, leads)
    share = len(ids) // rounds
    for number in range(rounds):
        mine = ids[number * share : (number + 1) * share]
        assert run(decide, scene, mine, 0, wrong_api, number % 2 == 1) == KILLED
        assert run(relay, scene, STEPS[number % 3] if not wrong_relay else "published", wrong_relay) == KILLED
    finish(scene)
    return judge(scene)


def test_killed_between_every_two_steps_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    verdict = driven(Scene(tmp_path), leads=180, rounds=3)
    assert verdict.committed > 80
    assert (verdict.lost, verdict.unheard_of, verdict.doubled, verdict.disordered) == (0, 0, 0, 0)
    assert verdict.again > 0, "the drive never hit the window between publishing and marking"


def test_a_relay_that_marks_first_is_caught(tmp_path: Path) -> None:
    assert driven(Scene(tmp_path), leads=60, rounds=1, wrong_relay=True).lost > 0


def test_an_outbox_written_after_the_commit_is_caught(tmp_path: Path) -> None:
    assert driven(Scene(tmp_path), leads=60, rounds=1, wrong_api=True).lost > 0


def test_a_crash_before_the_commit_is_never_heard(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    ids = set_up(scene, 2)
    assert run(decide, scene, ids[:1], 0, False, True) == KILLED
    finish(scene)
    verdict = judge(scene)
    assert (verdict.committed, verdict.unheard_of) == (0, 0)
    assert relay_drive.heard(scene) == []


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("kafka")
def test_fifty_deaths_at_every_step_on_postgresql_and_kafka(tmp_path: Path, postgres_url: str) -> None:
    scene = Scene(tmp_path, postgres_url, f"kafka://{kafka.running()}")
    create_topics(scene.bus_settings)
    verdict = driven(scene, leads=6000, rounds=150)
    assert (verdict.lost, verdict.unheard_of, verdict.doubled, verdict.disordered) == (0, 0, 0, 0)
    assert verdict.again > 0


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    scene = Scene(tmp_path)
    set_up(scene, 0)
    opened = open_store(scene.store_settings)
    yield opened
    opened.close()


def test_a_bus_that_is_away_is_waited_for(tmp_path: Path, store: SqlStore) -> None:
    bus = open_bus(Scene(tmp_path).bus_settings)
    store.screenings.record([], [letter(1)])
    faults = 2

    class Away:
        def publish(self, topic, payloads):  # type: ignore[no-untyped-def]
            nonlocal faults
            faults -= 1
            if faults >= 0:
                raise TransientFault("away")
            works.stop()
            return bus.publish(topic, payloads)

    works = Relay(store.outbox, Away(), RELAY)  # type: ignore[arg-type]
    assert works.run() == 1
    assert store.outbox.waiting() == 0
    bus.close()


def test_a_message_too_large_holds_nobody_up(tmp_path: Path, store: SqlStore) -> None:
    from models.errors import InputError

    store.screenings.record([], [letter(1), letter(2)])
    heard: list[str] = []

    class Narrow:
        def publish(self, topic, payloads):  # type: ignore[no-untyped-def]
            payloads = list(payloads)
            if any(each.key == "key-1" for each in payloads):
                raise InputError("too large")
            assert topic.name == WIRE + "dead-letters"
            heard.extend(each.key for each in payloads)
            return len(payloads)

    assert Relay(store.outbox, Narrow(), RELAY).drain() == 1  # type: ignore[arg-type]
    assert heard == ["key-2"]
    assert store.outbox.waiting() == 1
