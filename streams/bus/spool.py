"""The spool: what a producer publishes while the bus is away, kept on disk and handed over when it is back.

A `SpoolingBus` stands before another bus. While that one answers, messages go straight to it. From the first fault on
they go to an embedded log beside the producer, durable before `publish` returns, and a thread hands them over in their
order as soon as the bus takes them. While anything is spooled, everything else of its topic goes behind it, so that the
messages of one key keep their order. What is left when the process ends is handed over by the next producer that opens
the same file. A message may arrive twice; subjects absorb it. Reading needs the bus itself.
"""

import fcntl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog

from models.errors import JianzhenError, TransientFault
from streams.bus.embedded import EmbeddedBus
from streams.bus.portions import portions
from streams.bus.protocol import Bus, Place, Subscription, Topic
from streams.bus.raw import Raw, raw_topic
from streams.settings import BusSettings

log = structlog.get_logger(__name__)

Payload = TypeVar("Payload")

GROUP, MEMBER = "spool", "handing-over"
AT_ONCE = 1000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
FAREWELL_S = 5.0


class SpoolingBus:
    """A bus for producers, with the topics that its file may hold."""

    def __init__(self, bus: Bus, path: Path, topics: Iterable[Topic[Any]]) -> None:
        self._bus, self._path = bus, path
        # One partition: what is spooled leaves in the order in which it came.
        self._spool = EmbeddedBus(path, BusSettings(partitions=1, session_timeout_s=5.0, heartbeat_interval_s=1.0))
        self._order, self._handing = threading.Lock(), threading.Lock()
        self._wanted, self._closing = threading.Event(), threading.Event()
        self._topics = {topic.name: raw_topic(topic.name) for topic in topics}
        if any(map(self._waiting, self._topics.values())):
            self._wanted.set()
        self._thread = threading.Thread(target=self._keep_handing_over, name="spool", daemon=True)
        self._thread.start()

    def ensure(self, topics: Iterable[Topic[Any]]) -> tuple[str, ...]:
        return self._bus.ensure(topics)

    def publish(self, topic: Topic[Payload], payloads: Iterable[Payload]) -> int:
        """Durable on return, in the bus or in the spool. Raises `TransientFault` when the disk fails too, and
        `InputError` for a payload too large."""
        raw = self._topics.setdefault(topic.name, raw_topic(topic.name))
        count = 0
        for some in portions((Raw(topic.key(payload), topic.encode(payload)) for payload in payloads), AT_ONCE):
            with self._order:
                if self._behind(raw) or not self._taken(raw, some):
                    self._spool.publish(raw, some)
                    self._wanted.set()
            count += len(some)
        return count

    def spooled(self) -> dict[str, int]:
        """How many messages wait on disk, by topic; topics without any are left out."""
        counts = {name: self._waiting(raw) for name, raw in self._topics.items()}
        return {name: count for name, count in counts.items() if count}

    def hand_over(self) -> int:
        """Hand over what waits, in its order; returns how many. Raises `TransientFault` when the bus is away or another
        process is handing over."""
        handed = 0
        with self._handing, self._alone():
            for raw in list(self._topics.values()):
                if self._waiting(raw):
                    handed += self._hand_over(raw)
        return handed

    def subscribe(self, topic: Topic[Payload], *, group: str, member: str) -> Subscription[Payload]:
        return self._bus.subscribe(topic, group=group, member=member)

    def backlog(self, topic: Topic[Payload], *, group: str) -> int:
        return self._bus.backlog(topic, group=group)

    def places(self, topic: Topic[Payload], *, group: str) -> Mapping[int, Place]:
        return self._bus.places(topic, group=group)

    def close(self) -> None:
        """Give what is spooled a little time to leave; the rest stays on disk."""
        if not self._wanted.is_set():
            self._closing.set()
        self._wanted.set()
        self._thread.join(FAREWELL_S)
        self._closing.set()
        self._thread.join()
        left = self.spooled()
        if left:
            log.warning("messages stay in the spool", place=str(self._path), messages=left)
        self._spool.close()
        self._bus.close()

    def _waiting(self, raw: Topic[Raw]) -> int:
        return self._spool.backlog(raw, group=GROUP)

    def _behind(self, raw: Topic[Raw]) -> bool:
        """Whether what is published now has to go behind something that waits."""
        return self._waiting(raw) > 0

    def _taken(self, raw: Topic[Raw], some: list[Raw]) -> bool:
        try:
            self._bus.publish(raw, some)
        except TransientFault as fault:
            log.warning("publishing to the spool", topic=raw.name, fault=str(fault), place=str(self._path))
            return False
        return True

    def _hand_over(self, raw: Topic[Raw]) -> int:
        handed = 0
        with self._spool.subscribe(raw, group=GROUP, member=MEMBER) as member:
            while self._waiting(raw) and not self._closing.is_set():
                batch = member.poll(limit=AT_ONCE, timeout_s=0.2)
                self._bus.publish(raw, [Raw(each.key, each.body) for each in batch])
                member.ack(batch)
                handed += len(batch)
        self._spool.trim(raw, group=GROUP)
        log.info("spool handed over", topic=raw.name, messages=handed)
        return handed

    def _keep_handing_over(self) -> None:
        pause_s = FIRST_PAUSE_S
        while self._wanted.wait() and not self._closing.is_set():
            self._wanted.clear()
            try:
                self.hand_over()
                pause_s = FIRST_PAUSE_S
            except JianzhenError as fault:  # what waits stays where it is
                log.warning("the spool cannot be handed over", fault=str(fault), pause_s=pause_s)
                self._wanted.set()
                self._closing.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two that hand over the same file would disturb the order. Let go when the process dies."""
        with self._path.with_name(f"{self._path.name}.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TransientFault("another process is handing the spool over", where=str(self._path)) from None
            yield
