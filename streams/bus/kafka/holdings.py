"""What one member holds: its progress in each partition, kept over a rebalance for every partition that stays.

The client calls it when the group shares partitions anew: it names those that go and those that come, never those that
stay. What was given of a partition that goes is forgotten; its next holder gets it again.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kafka import TopicPartition
from kafka.consumer.subscription_state import ConsumerRebalanceListener

from streams.bus.progress import Progress
from streams.bus.protocol import Delivery


class Holdings(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python carries no types
    """`forget` is called when the group has taken everything away: the member owns nothing that it could claim."""

    def __init__(self, forget: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._progress: dict[int, Progress] = {}
        self._forget = forget

    @property
    def open(self) -> int:
        """How many messages were given and are not finished."""
        with self._lock:
            return sum(progress.open for progress in self._progress.values())

    def give(self, deliveries: Sequence[Delivery[Any]]) -> None:
        with self._lock:
            for delivery in deliveries:
                self._progress.setdefault(delivery.partition, Progress()).give(delivery.offset)

    def finish(self, deliveries: Iterable[Delivery[Any]]) -> dict[int, int]:
        """The offsets that may be committed now, by partition."""
        with self._lock:
            touched = set()
            for delivery in deliveries:
                if delivery.partition in self._progress:
                    self._progress[delivery.partition].finish(delivery.offset)
                    touched.add(delivery.partition)
            advanced = {partition: self._progress[partition].advance() for partition in touched}
        return {partition: offset for partition, offset in advanced.items() if offset is not None}

    def due(self) -> dict[int, int]:
        """The offsets that ought to be committed by now, by partition: commits that failed are among them."""
        with self._lock:
            advanced = {partition: progress.advance() for partition, progress in self._progress.items()}
        return {partition: offset for partition, offset in advanced.items() if offset is not None}

    def settle(self, committed: Mapping[int, int]) -> None:
        """These offsets are committed, by partition."""
        with self._lock:
            for partition, offset in committed.items():
                if partition in self._progress:
                    self._progress[partition].settle(offset)

    def clear(self) -> None:
        """Nothing is held any more."""
        with self._lock:
            self._progress.clear()

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        with self._lock:
            for partition in revoked:
                self._progress.pop(partition.partition, None)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self.on_partitions_revoked(lost)
        self._forget()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Positions start at what the group has committed; anything known of an earlier holding is void."""
        self.on_partitions_revoked(assigned)
