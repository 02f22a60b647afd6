"""Watching: the probes of this installation, and the look at lag and progress that repeats beside the work.

Owns what `/readyz` looks at in which process. Checks are `models.health`'s, counting is `streams.measures`'.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic, time
from typing import Any

import structlog

from models.context import Context
from models.errors import JianzhenError, TransientFault, told
from models.events import OutboxStore
from models.health import Check, Fact, Probe, looked
from models.moments import now
from streams.bus import Bus, Place, Topic
from streams.measures import Measures

log = structlog.get_logger(__name__)


class Progress:
    """How far the group is in every partition, looked at every so often; knows which partitions stand still."""

    def __init__(
        self,
        bus: Callable[[], Bus],
        topics: Sequence[Topic[Any]],
        group: str,
        measures: Measures,
        *,
        every_s: float,
        stall_after_s: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._bus, self._topics, self._group, self._measures = bus, tuple(topics), group, measures
        self._every_s, self._stall_after_s, self._clock = every_s, stall_after_s, clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._places: dict[tuple[str, int], Place] = {}
        self._moved: dict[tuple[str, int], float] = {}
        self._fault = "not looked at yet"

    def look(self) -> None:
        """Ask the bus, unless that was done a moment ago. A fault is kept for the probe."""
        with self._lock:
            if self._clock() - self._looked_at >= self._every_s:
                self._look()
                self._looked_at = self._clock()

    def _look(self) -> None:
        try:
            found = {
                (topic.name, partition): place
                for topic in self._topics
                for partition, place in self._bus().places(topic, group=self._group).items()
            }
        except JianzhenError as error:
            self._fault = error.what.partition(":")[0]
            return
        at = self._clock()
        for key, place in found.items():
            before = self._places.get(key)
            if before is None or before.committed != place.committed or place.lag == 0:
                self._moved[key] = at
        self._places, self._fault = found, ""
        lags: dict[tuple[str, ...], float] = {
            (topic, str(partition)): place.lag for (topic, partition), place in found.items()
        }
        self._measures.replace("jianzhen_lag_messages", lags)

    def bus_check(self, *, needed: bool = True) -> Check:
        """Whether the bus answered at the last look, with the lag of each partition."""
        self.look()
        facts: dict[str, Fact] = {f"{topic}/{number}": place.lag for (topic, number), place in self._places.items()}
        return Check(name="bus", ok=not self._fault, why=self._fault, needed=needed, facts=facts)

    def stalled_check(self) -> Check:
        """Whether every partition with messages waiting moves."""
        self.look()
        at = self._clock()
        stuck = {
            f"{topic}/{number}": round(at - self._moved[topic, number])
            for (topic, number), place in sorted(self._places.items())
            if place.lag and at - self._moved[topic, number] >= self._stall_after_s
        }
        why = ", ".join(f"{name} waits with no progress for {seconds} s" for name, seconds in stuck.items())
        return Check(name="progress", ok=not stuck, why=why)


class Looking:
    """A thread that looks again and again until its `with` block ends."""

    def __init__(self, looks: Sequence[Callable[[], None]], every_s: float) -> None:
        self._looks, self._every_s = tuple(looks), every_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def __enter__(self) -> "Looking":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ending.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            for look in self._looks:
                try:
                    look()
                except JianzhenError as error:
                    log.warning("cannot look", fault=told(error))
            if self._ending.wait(self._every_s):
                return


def context_probe(in_use: Callable[[], Mapping[str, Context]], measures: Measures) -> Probe:
    """Tells the contexts that this process screens with; none yet is fine: they are built with the first subject."""

    def probe() -> Check:
        contexts = in_use()
        measures.replace(
            "jianzhen_context_info",
            {(name, each.registry.version, each.version): 1.0 for name, each in contexts.items()},
        )
        facts: dict[str, Fact] = {}
        for name, context in sorted(contexts.items()):
            facts[f"{name}.registry"] = context.registry.version
            facts[f"{name}.context"] = context.version
            facts[f"{name}.as_of"] = context.as_of.isoformat()
        return Check(name="contexts", ok=True, facts=facts)

    return probe


def outbox_probe(outbox: OutboxStore, measures: Measures) -> Probe:
    """Tells what waits to be relayed, and since when. It stops no work here, so it makes nobody unready."""

    def look() -> dict[str, Fact]:
        waiting, oldest = outbox.waiting(), outbox.oldest()
        since = (now() - oldest).total_seconds() if oldest is not None else 0.0
        measures.set("jianzhen_outbox_messages", waiting)
        measures.set("jianzhen_outbox_oldest_seconds", since)
        return {"waiting": waiting, "oldest_s": round(since, 1)}

    return lambda: looked("outbox", look)().model_copy(update={"needed": False})


def loop_probe(measures: Measures, limit_s: float) -> Probe:
    """Whether the worker's loop comes round: one that hangs in a batch for longer than it may is not alive."""

    def look() -> dict[str, Fact]:
        since = time() - measures.ticked_at
        if since > limit_s:
            raise TransientFault(f"the worker's loop did not come round for {since:.0f} s")
        last = measures.value("jianzhen_last_batch_timestamp_seconds")
        return {"since_loop_s": round(since, 1), "since_batch_s": round(time() - last, 1) if last else -1.0}

    return looked("loop", look)
