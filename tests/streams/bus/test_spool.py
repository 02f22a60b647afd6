"""What is published while the bus is away waits on disk, and leaves in its order when the bus is back."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.errors import TransientFault
from streams.bus import Bus, Topic, open_bus
from streams.bus.spool import SpoolingBus
from streams.settings import BusSettings
from tests.streams.bus.contract import drain, numbered, text_topic

TOPIC = text_topic("listings")


class Away:
    """A real bus that can be taken away; while it is, it may take a part of what it refuses, as a dying broker does."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.gone = False
        self.subscribe, self.backlog, self.ensure, self.close = bus.subscribe, bus.backlog, bus.ensure, bus.close

    def publish(self, topic: Topic[Any], payloads: Iterable[Any]) -> int:
        whole = list(payloads)
        if self.gone:
            self._bus.publish(topic, whole[: len(whole) // 2])
            raise TransientFault("the bus is away")
        return self._bus.publish(topic, whole)


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(open_bus(BusSettings(url=f"sqlite:///{tmp_path}/bus.sqlite", partitions=3)))


@pytest.fixture
def spooling(away: Away, tmp_path: Path) -> Iterator[SpoolingBus]:
    opened = SpoolingBus(away, tmp_path / "spool.sqlite", [TOPIC])
    yield opened
    opened.close()


def await_handed_over(spooling: SpoolingBus) -> None:
    deadline = time.monotonic() + 20
    while spooling.spooled():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def newest_first_seen(bus: Away) -> dict[str, list[int]]:
    """The texts by key, each where it came last: what repeats of it earlier changed nothing."""
    with bus.subscribe(TOPIC, group="g", member="reader") as member:
        got = drain(member, bus.backlog(TOPIC, group="g"))
    by_key: dict[str, list[int]] = {}
    for each in got:
        numbers = by_key.setdefault(each.key, [])
        number = int(each.body)
        if number in numbers:
            numbers.remove(number)
        numbers.append(number)
    return by_key


def test_while_the_bus_answers_nothing_is_spooled(spooling: SpoolingBus, away: Away) -> None:
    assert spooling.publish(TOPIC, numbered(50)) == 50
    assert spooling.spooled() == {}
    assert away.backlog(TOPIC, group="g") == 50


def test_an_outage_loses_nothing_and_keeps_the_order_of_each_key(spooling: SpoolingBus, away: Away) -> None:
    spooling.publish(TOPIC, numbered(100))
    away.gone = True
    for start in range(100, 3000, 100):
        assert spooling.publish(TOPIC, numbered(100, start=start)) == 100
    assert spooling.spooled()[TOPIC.name] == 2900
    away.gone = False
    spooling.publish(TOPIC, numbered(100, start=3000))
    await_handed_over(spooling)
    spooling.publish(TOPIC, numbered(100, start=3100))
    by_key = newest_first_seen(away)
    assert sorted(number for numbers in by_key.values() for number in numbers) == list(range(3200))
    assert all(numbers == sorted(numbers) for numbers in by_key.values())


def test_what_comes_while_the_spool_is_handed_over_goes_behind_it(spooling: SpoolingBus, away: Away) -> None:
    """Many threads publish, each its own key, while the bus comes and goes."""
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.wait(0.05):
            away.gone = not away.gone
        away.gone = False

    def publish(key: int) -> None:
        for number in range(300):
            spooling.publish(TOPIC, [(f"key-{key}", str(number))])

    coming = threading.Thread(target=come_and_go)
    publishers = [threading.Thread(target=publish, args=(key,)) for key in range(4)]
    for each in (coming, *publishers):
        each.start()
    for each in publishers:
        each.join()
    stop.set()
    coming.join()
    await_handed_over(spooling)
    by_key = newest_first_seen(away)
    assert by_key == {f"key-{key}": list(range(300)) for key in range(4)}


DYING = """
import os, signal, sys
from pathlib import Path
from streams.bus.spool import SpoolingBus
from tests.streams.bus.contract import numbered
from tests.streams.bus.test_spool import TOPIC, Nowhere
SpoolingBus(Nowhere(), Path(sys.argv[1]), [TOPIC]).publish(TOPIC, numbered(500))
print("published", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Nowhere(Away):
    """A bus that is never there."""

    def __init__(self) -> None:
        self.gone = True

    def publish(self, topic: Topic[Any], payloads: Iterable[Any]) -> int:
        raise TransientFault("the bus is away")


def test_a_producer_that_dies_leaves_its_spool_to_the_next(away: Away, tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    died = subprocess.run([sys.executable, "-c", DYING, str(path)], capture_output=True, check=False)
    assert died.stdout.splitlines()[-1:] == [b"published"], died.stderr
    heir = SpoolingBus(away, path, [TOPIC])
    await_handed_over(heir)
    assert away.backlog(TOPIC, group="g") == 500
    heir.close()


def test_the_room_of_what_was_handed_over_is_used_again(spooling: SpoolingBus, away: Away, tmp_path: Path) -> None:
    sizes = []
    for start in range(0, 8000, 1000):
        away.gone = True
        spooling.publish(TOPIC, [(f"k{number}", "x" * 1000) for number in range(start, start + 1000)])
        away.gone = False
        await_handed_over(spooling)
        time.sleep(0.05)  # the room is given back after the last message was handed over
        sizes.append((tmp_path / "spool.sqlite").stat().st_size)
    assert sizes[-1] <= 2 * sizes[0]


def test_only_one_process_hands_over_at_a_time(spooling: SpoolingBus, away: Away, tmp_path: Path) -> None:
    other = SpoolingBus(away, tmp_path / "spool.sqlite", [TOPIC])
    with other._alone(), pytest.raises(TransientFault, match="another process"):
        spooling.hand_over()
    other.close()


class Overtaking(SpoolingBus):
    """Wrong on purpose: goes straight to the bus though older messages wait on disk."""

    def _behind(self, raw: Any) -> bool:
        return False


def test_the_drive_catches_a_spool_that_lets_messages_overtake(away: Away, tmp_path: Path) -> None:
    wrong = Overtaking(away, tmp_path / "wrong.sqlite", [TOPIC])
    with pytest.raises(AssertionError):
        test_an_outage_loses_nothing_and_keeps_the_order_of_each_key(wrong, away)
    wrong.close()
