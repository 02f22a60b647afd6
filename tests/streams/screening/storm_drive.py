"""The storm drive: workers that join, leave, are stopped for longer than a session and go on, while messages flow; and
after the storm, whether every partition moves.

Uses the victims and the judge of the kill drive. A worker that was stopped for so long that its partitions went to
others wakes up in the middle of a batch and finishes it: that is when something would be written twice.
"""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

from streams.bus import Bus
from streams.bus.raw import Raw, raw_topic
from tests.streams.screening.kill_drive import (
    PUBLISHED_AT_ONCE,
    Place,
    Plan,
    Verdict,
    Victim,
    judge,
    poisoned,
)
from tests.streams.screening.workbench import Workbench

MOST, FEWEST = 5, 1


@dataclass(frozen=True)
class Storm:
    """How many events in how long, and how many listings flow meanwhile."""

    events: int
    seconds: float
    listings: int
    moves_within_s: float = 60.0


@dataclass
class _Crew:
    """The workers there are, and what was received by those that have gone."""

    bench: Workbench
    running: list[Victim] = field(default_factory=list)
    stopped: list[Victim] = field(default_factory=list)
    leaving: list[Victim] = field(default_factory=list)
    received: Counter[Place] = field(default_factory=Counter)
    hired: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def join(self) -> None:
        self.hired += 1
        # Half of them bear the name of one that was there before: it may still be leaving, or be stopped.
        name = f"worker-{self.hired % (MOST + 2) if self.hired % 2 else self.hired}"
        self.running.append(Victim(self.bench, name))

    def leave(self) -> None:
        victim = self.running.pop(0)
        os.kill(victim.process.pid or 0, signal.SIGTERM)
        self.leaving.append(victim)

    def stop(self) -> None:
        victim = self.running.pop(0)
        os.kill(victim.process.pid or 0, signal.SIGSTOP)
        self.stopped.append(victim)

    def go_on(self) -> None:
        victim = self.stopped.pop(0)
        os.kill(victim.process.pid or 0, signal.SIGCONT)
        self.running.append(victim)

    def happen(self, chance: random.Random) -> str:
        """One event that can happen now."""
        able = ["join"] if len(self.running) + len(self.stopped) < MOST else []
        able += ["leave", "stop"] if len(self.running) > FEWEST else []
        able += ["go_on"] * 2 if self.stopped else []
        event = chance.choice(able)
        getattr(self, event)()
        self.done[event] += 1
        return event

    def listen(self) -> None:
        for victim in [*self.running, *self.leaving]:
            victim.listen(0.002)
        for crew in (self.running, self.leaving):
            for victim in [each for each in crew if not each.process.is_alive()]:
                crew.remove(victim)  # it has left, or another bears its name now
                self.received.update(victim.end())

    def disband(self) -> None:
        for victim in [*self.stopped, *self.running, *self.leaving]:
            os.kill(victim.process.pid or 0, signal.SIGCONT)
            self.received.update(victim.end())


@dataclass(frozen=True)
class Weather:
    """What the storm did: the verdict on the messages, the events by kind, and how long the slowest partition took to
    move after the last of them."""

    verdict: Verdict
    events: dict[str, int]
    slowest_partition_s: float


def storm(bench: Workbench, plan: Storm) -> Weather:
    """Let it happen, wait until all is done, and judge. Raises `AssertionError` when a partition does not move."""
    chance = random.Random(plan.events)
    messages = poisoned(Plan(listings=plan.listings, kills=0))
    bus, raw = bench.open_bus(), raw_topic(bench.topic_name)
    bus.ensure([raw])
    crew = _Crew(bench)
    crew.join()
    started = time.monotonic()
    published = happened = 0
    while happened < plan.events:
        crew.listen()
        passed = (time.monotonic() - started) / plan.seconds
        if published < len(messages) * min(1.0, passed):
            bus.publish(raw, messages[published : published + PUBLISHED_AT_ONCE])
            published += PUBLISHED_AT_ONCE
        if happened < plan.events * passed:
            crew.happen(chance)
            happened += 1
        if not crew.running and not crew.stopped:
            crew.join()
    while crew.stopped:
        crew.go_on()
    probes, slowest_s = _each_partition_moves(bench, bus, crew, plan)
    bus.publish(raw, messages[published:])
    deadline = time.monotonic() + 600
    while bus.backlog(raw, group="screening") and time.monotonic() < deadline:
        crew.listen()
        if not crew.running:
            crew.join()
    crew.disband()
    backlog = bus.backlog(raw, group="screening")
    bus.close()
    again = sum(times - 1 for times in crew.received.values())
    seconds = time.monotonic() - started
    verdict = judge(bench, [*messages, *probes], again, happened, backlog, seconds)
    return Weather(verdict, dict(crew.done), slowest_s)


def _each_partition_moves(bench: Workbench, bus: Bus, crew: _Crew, plan: Storm) -> tuple[list[Raw], float]:
    """Publish to every partition, and wait until the group has committed something further in each since the storm's
    last event. Returns the messages and the seconds that the slowest took."""
    raw = raw_topic(bench.topic_name)
    began = time.monotonic()
    before = {partition: place.committed for partition, place in bus.places(raw, group="screening").items()}
    probes = [Raw(f"probe-{number}", b"\xff probe %d" % number) for number in range(40 * len(before))]
    bus.publish(raw, probes)
    still = set(before)
    while still:
        assert time.monotonic() - began < plan.moves_within_s, f"partitions {still} stand still"
        crew.listen()
        if not crew.running:
            crew.join()
        now = bus.places(raw, group="screening")
        still = {partition for partition, committed in before.items() if now[partition].committed <= committed}
    return probes, time.monotonic() - began
