"""Brokers that die: what was acknowledged is there, and what producers bring meanwhile waits on their disk."""

import gc
import logging
import re
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from models.errors import TransientFault
from streams.bus import Topic
from streams.bus.kafka import KafkaBus
from streams.bus.spool import SpoolingBus
from streams.settings import BusSettings
from tests.servers.kafka_cluster import KafkaCluster
from tests.streams.bus.contract import Text, text_topic

log = structlog.get_logger(__name__)

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.xdist_group("kafka"),
    # kafka-python leaves the socket of a connection that was refused to the collector, which complains of each.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]

AT_ONCE = 200
BETWEEN_KILLS = 10 * AT_ONCE


@pytest.fixture(autouse=True)
def sockets_are_collected(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.CRITICAL, logger="kafka")  # the errors in its records would hold them
    yield
    gc.collect()


def begin_memory() -> float:
    """What this process holds now, in MiB; its peak is counted anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return resident_mib("VmRSS")


def resident_mib(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found.group(1)) / 1024


def settings(copies: int) -> BusSettings:
    return BusSettings(partitions=3, replication=copies, answer_timeout_s=5.0, delivery_timeout_s=15.0)


def numbers_of(bus: KafkaBus, topic: Topic[Text]) -> dict[str, list[int]]:
    """Every number on the topic by key, each where it came first."""
    found: dict[str, dict[int, None]] = {}
    with bus.subscribe(topic, group=f"reader-{uuid.uuid4().hex}", member="one") as member:
        quiet = time.monotonic()
        while time.monotonic() - quiet < 8:
            batch = member.poll(limit=2000, timeout_s=1)
            for each in batch:
                found.setdefault(each.key, {}).setdefault(int(each.body))
            member.ack(batch)
            if batch:
                quiet = time.monotonic()
    return {key: list(numbers) for key, numbers in found.items()}


def numbered(start: int, count: int = AT_ONCE) -> list[Text]:
    return [(f"key-{number % 20}", str(number)) for number in range(start, start + count)]


class Producing:
    """Publishes numbered messages until told to stop; knows which were acknowledged."""

    def __init__(self, bus: Any, topic: Topic[Text], *, pause_s: float) -> None:
        self._bus, self._topic, self._pause_s = bus, topic, pause_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.acknowledged = self.next = self.refused = 0
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(self._pause_s):
            try:
                self._bus.publish(self._topic, numbered(self.next))
            except TransientFault:
                self.refused += 1  # the same again: a part of it may be there
                continue
            self.next += AT_ONCE
            self.acknowledged = self.next

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def kill_leaders(folder: Path, kills: int) -> None:
    with KafkaCluster(folder, nodes=3) as cluster:
        cluster.start()
        bus, topic = KafkaBus(cluster.servers, settings(3)), text_topic("copied")
        bus.ensure([topic])
        producing = Producing(bus, topic, pause_s=0.02)
        for kill in range(kills):
            before = producing.acknowledged
            while producing.acknowledged < before + BETWEEN_KILLS:
                time.sleep(0.05)
            leader = cluster.leader(topic.name, kill % 3)
            if leader > 0:
                cluster.kill(leader)
                time.sleep(1.5)
                cluster.start(leader)
        producing.stop()
        found = numbers_of(bus, topic)
        bus.close()
    there = sorted(number for numbers in found.values() for number in numbers)
    log.info("leaders killed", kills=kills, acknowledged=producing.acknowledged, refused=producing.refused)
    assert producing.acknowledged >= kills * BETWEEN_KILLS
    assert there[: producing.acknowledged] == list(range(producing.acknowledged))


def outage(folder: Path, away_s: float, *, delivery_timeout_s: float = 15.0) -> None:
    with KafkaCluster(folder, nodes=1) as cluster:
        cluster.start()
        within = settings(1).model_copy(update={"delivery_timeout_s": delivery_timeout_s})
        straight, topic = KafkaBus(cluster.servers, within), text_topic("alone")
        straight.ensure([topic])
        spooling = SpoolingBus(straight, folder / "spool.sqlite", [topic])
        producing = Producing(spooling, topic, pause_s=0.05)
        while producing.acknowledged < 10 * AT_ONCE:
            time.sleep(0.05)
        memory = begin_memory()
        cluster.kill(1)
        time.sleep(away_s)
        spooled = spooling.spooled().get(topic.name, 0)
        cluster.start(1)
        producing.stop()
        deadline = time.monotonic() + 120
        while spooling.spooled() and time.monotonic() < deadline:
            time.sleep(0.1)
        grown_mib = resident_mib("VmHWM") - memory
        left = spooling.spooled()
        found = numbers_of(straight, topic)
        spooling.close()
    log.info("outage", away_s=away_s, spooled=spooled, acknowledged=producing.acknowledged, grown_mib=round(grown_mib))
    assert spooled > 0
    assert left == {}
    assert producing.refused == 0, "a crawl notices nothing"
    assert sorted(number for numbers in found.values() for number in numbers) == list(range(producing.acknowledged))
    assert all(numbers == sorted(numbers) for numbers in found.values())
    assert grown_mib < 200


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_broker_that_is_away_for_a_while_costs_a_producer_nothing(tmp_path: Path) -> None:
    outage(tmp_path, away_s=6, delivery_timeout_s=2.0)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_broker_that_is_away_for_five_minutes_costs_a_producer_nothing(tmp_path: Path) -> None:
    outage(tmp_path, away_s=300)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_leaders_that_are_killed_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    kill_leaders(tmp_path, kills=10)
