"""The embedded log behind the bus protocol."""

import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from models.errors import TransientFault
from streams.bus.embedded.groups import Groups, Membership
from streams.bus.embedded.log import Log, TopicRow
from streams.bus.portions import portions
from streams.bus.progress import Progress
from streams.bus.protocol import Delivery, Place, Topic
from streams.bus.raw import Raw
from streams.settings import BusSettings

Payload = TypeVar("Payload")

APPENDED_AT_ONCE = 1000
LOOKS_PER_SECOND = 50


def groups_file(messages: Path) -> Path:
    """Where members, leases and offsets lie beside the log's messages."""
    return messages.with_name(f"{messages.stem}-groups{messages.suffix}")


class EmbeddedBus:
    """A bus in two SQLite files: `path` for messages, and beside it `…-groups` for members, leases and offsets.

    One object serves the threads of one process; other processes open their own on the same path."""

    def __init__(self, path: Path, settings: BusSettings) -> None:
        self._settings = settings
        self._log = Log(path)
        self._groups = Groups(groups_file(path), session_timeout_s=settings.session_timeout_s)

    def ensure(self, topics: Iterable[Topic[Any]]) -> tuple[str, ...]:
        return tuple(topic.name for topic in topics if self._log.create(topic.name, self._settings.partitions))

    def publish(self, topic: Topic[Payload], payloads: Iterable[Payload]) -> int:
        row = self._row(topic)
        count = 0
        encoded = (Raw(topic.key(payload), topic.encode(payload)) for payload in payloads)
        for messages in portions(encoded, APPENDED_AT_ONCE):
            self._log.append(row, messages)
            count += len(messages)
        return count

    def subscribe(self, topic: Topic[Payload], *, group: str, member: str) -> "EmbeddedSubscription[Payload]":
        return EmbeddedSubscription(topic, self._row(topic), self._log, self._groups, self._settings, group, member)

    def backlog(self, topic: Topic[Payload], *, group: str) -> int:
        return sum(place.lag for place in self.places(topic, group=group).values())

    def places(self, topic: Topic[Payload], *, group: str) -> dict[int, Place]:
        row = self._row(topic)
        committed = self._groups.committed(group, topic.name)
        return {each: Place(committed.get(each, 0), self._log.end(row, each)) for each in range(row.partitions)}

    def trim(self, topic: Topic[Payload], *, group: str) -> None:
        """Give back the room of what that group has committed. For a topic that no other group reads."""
        row = self._row(topic)
        for partition, offset in self._groups.committed(group, topic.name).items():
            self._log.trim(row, partition, offset)

    def close(self) -> None:
        self._log.close()
        self._groups.close()

    def _row(self, topic: Topic[Any]) -> TopicRow:
        """The topic, created when it is not there: an embedded log needs no administrator."""
        row = self._log.topic(topic.name)
        if row is None:
            self._log.create(topic.name, self._settings.partitions)
            row = self._log.topic(topic.name)
        if row is None:
            raise TransientFault(f"the topic {topic.name!r} was created and is not there")
        return row


class EmbeddedSubscription(Generic[Payload]):
    """One opening of one member. A thread of its own says that it lives while a batch is handled."""

    def __init__(
        self,
        topic: Topic[Payload],
        row: TopicRow,
        log: Log,
        groups: Groups,
        settings: BusSettings,
        group: str,
        member: str,
    ) -> None:
        self._topic, self._row, self._log, self._groups, self._settings = topic, row, log, groups, settings
        self._me: Membership = groups.join(group, topic.name, member)
        self._next: dict[int, int] = {}
        self._progress: dict[int, Progress] = {}
        self._turn = 0
        self._balanced_at = float("-inf")
        self._polled_at = time.monotonic()
        self._closing = threading.Event()
        self._pulse = threading.Thread(target=self._keep_alive, name=f"pulse-{member}", daemon=True)
        self._pulse.start()

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery[Payload]]:
        deadline = time.monotonic() + timeout_s
        while True:
            self._polled_at = time.monotonic()
            if self._polled_at - self._balanced_at >= self._settings.heartbeat_interval_s:
                self._balance()
            found = self._take(min(limit, self._settings.unfinished_limit - self._unfinished()))
            pause = min(1 / LOOKS_PER_SECOND, deadline - time.monotonic())
            if found or pause <= 0:
                return found
            time.sleep(pause)

    def ack(self, deliveries: Iterable[Delivery[Payload]]) -> None:
        touched = set()
        for delivery in deliveries:
            if delivery.partition in self._progress:
                self._progress[delivery.partition].finish(delivery.offset)
                touched.add(delivery.partition)
        advanced = {partition: self._progress[partition].advance() for partition in sorted(touched)}
        offsets = {partition: offset for partition, offset in advanced.items() if offset is not None}
        if offsets:
            self._groups.commit(self._me, offsets)
        for partition, offset in offsets.items():
            self._progress[partition].settle(offset)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._pulse.join()
        with suppress(TransientFault):  # the file is busy: the lease runs out by itself
            self._groups.leave(self._me)

    def _balance(self) -> None:
        busy = {partition for partition, progress in self._progress.items() if not progress.idle}
        held = self._groups.balance(self._me, self._row.partitions, busy)
        for partition in [p for p in self._next if p not in held]:
            del self._next[partition], self._progress[partition]
        for partition, holding in held.items():
            if holding.claimed_now or partition not in self._next:
                self._next[partition], self._progress[partition] = holding.committed, Progress()
        self._balanced_at = time.monotonic()

    def _unfinished(self) -> int:
        return sum(progress.open for progress in self._progress.values())

    def _take(self, limit: int) -> list[Delivery[Payload]]:
        """Read from the held partitions, beginning with another one each time, so that none waits for ever."""
        if limit <= 0:
            return []
        partitions = sorted(self._next)
        self._turn += 1
        taken: list[Delivery[Payload]] = []
        for step in range(len(partitions)):
            partition = partitions[(self._turn + step) % len(partitions)]
            for message in self._log.read(self._row, partition, self._next[partition], limit - len(taken)):
                taken.append(Delivery(self._topic, partition, message.offset, message.key, message.body))
                self._progress[partition].give(message.offset)
                self._next[partition] = message.offset + 1
            if len(taken) >= limit:
                break
        return taken

    def _keep_alive(self) -> None:
        while not self._closing.wait(self._settings.heartbeat_interval_s):
            if time.monotonic() - self._polled_at > self._settings.handling_limit_s:
                continue  # the handler hangs: let another member have its partitions
            try:
                self._groups.heartbeat(self._me)
            except TransientFault:
                continue  # the file is busy; the next beat or the next poll will tell
