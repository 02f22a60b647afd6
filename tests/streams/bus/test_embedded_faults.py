"""The embedded log when the machine misbehaves: a file that stays locked, a full disk, a damaged file, a clock that
jumps, a member that sleeps longer than its session."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.errors import ConfigurationError, TransientFault
from streams.bus import Bus, Topic, open_bus
from streams.bus.embedded import files
from streams.settings import BusSettings
from tests.streams.bus.contract import Text, drain, numbered, text_topic, texts

SLEEPER = """
import sys
from streams.bus import open_bus
from streams.settings import BusSettings
from tests.streams.bus.contract import drain, text_topic
settings, topic, group = BusSettings.model_validate_json(sys.argv[1]), text_topic(sys.argv[2]), sys.argv[3]
with open_bus(settings).subscribe(topic, group=group, member="sleeper") as member:
    got = drain(member, 40, ack=False)
    print(len(got), flush=True)
    sys.stdin.readline()
    member.ack(got)
    print("acknowledged", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def settings(tmp_path: Path) -> BusSettings:
    return BusSettings(
        url=f"sqlite:///{tmp_path}/bus.sqlite", partitions=3, session_timeout_s=1.0, heartbeat_interval_s=0.2
    )


@pytest.fixture
def bus(settings: BusSettings) -> Iterator[Bus]:
    opened = open_bus(settings)
    yield opened
    opened.close()


@pytest.fixture
def topic() -> Topic[Text]:
    return text_topic("t")


@pytest.fixture
def group() -> str:
    return f"group-{uuid.uuid4().hex}"


def log_file(settings: BusSettings) -> Path:
    return Path(settings.url.removeprefix("sqlite:///"))


def groups_file(settings: BusSettings) -> Path:
    return log_file(settings).with_name("bus-groups.sqlite")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process's writing transaction that does not end."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """Let no file of this process grow past the log's present size: writing fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = [each.stat().st_size for each in (file, file.with_name(f"{file.name}-wal"))]
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes) + 100_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_acknowledgement_that_failed_is_made_up_for(
    settings: BusSettings, bus: Bus, topic: Topic[Text], group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BUSY_S", 0.1)
    impatient = open_bus(settings)
    bus.publish(topic, numbered(20))
    with impatient.subscribe(topic, group=group, member="one") as member:
        got = drain(member, 20, ack=False)
        with locked(groups_file(settings)), pytest.raises(TransientFault, match="locked"):
            member.ack(got)
        member.ack(got)
        assert impatient.backlog(topic, group=group) == 0
    impatient.close()


def test_a_full_disk_is_a_fault_that_passes(settings: BusSettings, bus: Bus, topic: Topic[Text], group: str) -> None:
    bus.publish(topic, numbered(20))
    file = log_file(settings)
    with full_disk(file), pytest.raises(TransientFault):
        bus.publish(topic, [("key", "x" * 800_000) for _ in range(4)])
    bus.publish(topic, numbered(20, start=20))
    with bus.subscribe(topic, group=group, member="one") as member:
        got = texts(drain(member, 40))
    assert sorted(map(int, got)) == list(range(40))


def test_a_damaged_file_is_named(settings: BusSettings, tmp_path: Path) -> None:
    bus, topic = open_bus(settings), text_topic("t")
    bus.publish(topic, numbered(2000))
    bus.close()
    file = log_file(settings)
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (size - 4096))
    bus = open_bus(settings)
    with pytest.raises(ConfigurationError, match="damaged"):
        bus.publish(topic, numbered(10))
    bus.close()


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_a_clock_that_jumps_strands_no_partition(
    bus: Bus, topic: Topic[Text], group: str, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    bus.publish(topic, numbered(40))
    dead = bus.subscribe(topic, group=group, member="dead")
    assert len(drain(dead, 40, ack=False)) == 40
    dead._closing.set()  # type: ignore[attr-defined]  # no heartbeat any more, as after a SIGKILL
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump_s)
    with bus.subscribe(topic, group=group, member="heir") as heir:
        assert len(drain(heir, 40, patience_s=10)) == 40
    assert bus.backlog(topic, group=group) == 0


def test_a_member_stopped_longer_than_its_session_does_no_harm_when_it_wakes(
    settings: BusSettings, bus: Bus, topic: Topic[Text], group: str
) -> None:
    bus.publish(topic, numbered(40))
    command = [sys.executable, "-c", SLEEPER, settings.model_dump_json(), topic.name, group]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as sleeper:
        assert sleeper.stdout is not None
        assert sleeper.stdin is not None
        assert int(sleeper.stdout.readline()) == 40
        os.kill(sleeper.pid, signal.SIGSTOP)
        with bus.subscribe(topic, group=group, member="heir") as heir:
            taken = drain(heir, 40, ack=False)
            assert len(taken) == 40
            os.kill(sleeper.pid, signal.SIGCONT)
            sleeper.stdin.write(b"ack\n")
            sleeper.stdin.flush()
            assert sleeper.stdout.readline() == b"acknowledged\n"
            assert bus.backlog(topic, group=group) == 40
            heir.ack(taken)
            assert bus.backlog(topic, group=group) == 0
        sleeper.stdin.close()
        assert sleeper.wait(30) == 0
