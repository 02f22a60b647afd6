"""Topics on a Kafka cluster: created, published to, measured.

Owns the producer. What clients are built with is `clients`'; how topics stand on the brokers `upkeep`'s; members of
groups are `subscription`'s.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from models.errors import ConfigurationError
from streams.bus.kafka import upkeep
from streams.bus.kafka.clients import CONSUMER, PRODUCER, Clients, named_faults
from streams.bus.kafka.subscription import KafkaSubscription, group_id
from streams.bus.portions import portions
from streams.bus.protocol import Place, Topic
from streams.bus.raw import Raw
from streams.settings import BusSettings

Payload = TypeVar("Payload")

SENT_AT_ONCE = 5000


class KafkaBus:
    """Topics on a Kafka cluster. `servers` are `host:port` addresses. One object serves the threads of a process."""

    def __init__(self, servers: Sequence[str], settings: BusSettings) -> None:
        self._clients, self._settings = Clients(tuple(servers), settings), settings
        self._where = self._clients.where
        self._lock = threading.Lock()
        self._open_producer: KafkaProducer | None = None
        self._seen: set[str] = set()

    def ensure(self, topics: Iterable[Topic[Any]]) -> tuple[str, ...]:
        """See the protocol. A topic that is there is held against its declaration and the settings, as `upkeep` says.
        Raises `ConfigurationError` when it falls short of them."""
        made = []
        with named_faults(self._where), self._clients.admin() as admin:
            for topic in topics:
                if upkeep.make(admin, topic, self._settings):
                    made.append(topic.name)
                else:
                    upkeep.hold(admin, topic, self._settings, where=self._where)
        return tuple(made)

    def publish(self, topic: Topic[Payload], payloads: Iterable[Payload]) -> int:
        count = 0
        messages = (Raw(topic.key(payload), topic.encode(payload)) for payload in payloads)
        for chunk in portions(messages, SENT_AT_ONCE):
            with named_faults(self._where):
                self._require(topic)
                self._send(topic, chunk)
            count += len(chunk)
        return count

    def _send(self, topic: Topic[Any], messages: Sequence[Raw]) -> None:
        """Send and wait for every receipt. A producer that was refused one is done with: what it may still hold must
        not arrive behind what comes later."""
        producer = self._producer()
        try:
            sent = [producer.send(topic.name, key=key.encode(), value=body) for key, body in messages]
            producer.flush()
            for future in sent:
                future.get(timeout=self._settings.delivery_timeout_s)
        except BaseException:
            self._end_producer(0)
            raise

    def subscribe(self, topic: Topic[Payload], *, group: str, member: str) -> "KafkaSubscription[Payload]":
        with named_faults(self._where):
            self._require(topic)
            return KafkaSubscription(topic, self._clients, group, member)

    def backlog(self, topic: Topic[Payload], *, group: str) -> int:
        return sum(place.lag for place in self.places(topic, group=group).values())

    def places(self, topic: Topic[Payload], *, group: str) -> dict[int, Place]:
        with named_faults(self._where):
            self._require(topic)
            consumer = KafkaConsumer(group_id=group_id(group, topic), **self._clients.options(), **CONSUMER)
            try:
                numbers = consumer.partitions_for_topic(topic.name) or ()
                partitions = [TopicPartition(topic.name, number) for number in numbers]
                starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
                return {
                    each.partition: Place(max(consumer.committed(each) or 0, starts[each]), ends[each])
                    for each in partitions
                }
            finally:
                consumer.close(autocommit=False)

    def close(self) -> None:
        self._end_producer(10)

    def _end_producer(self, timeout_s: float) -> None:
        with self._lock:
            ended, self._open_producer = self._open_producer, None
        if ended is not None:
            ended.close(timeout=timeout_s)

    def _require(self, topic: Topic[Any]) -> None:
        """Raise `ConfigurationError` unless the topic exists; asked once per topic. The producer would only wait."""
        if topic.name not in self._seen:
            with self._clients.admin() as admin:
                self._seen.update(admin.list_topics())
        if topic.name not in self._seen:
            raise ConfigurationError(
                f"the topic {topic.name!r} does not exist", where=self._where, mend="create the topics first"
            )

    def _producer(self) -> KafkaProducer:
        with self._lock:
            if self._open_producer is None:
                patience_ms = round(self._settings.delivery_timeout_s * 1000)
                self._open_producer = KafkaProducer(
                    **self._clients.options(),
                    max_block_ms=round(self._settings.answer_timeout_s * 1000),
                    delivery_timeout_ms=patience_ms,
                    request_timeout_ms=patience_ms // 2,
                    **PRODUCER,
                )
            return self._open_producer
