"""Apache Kafka behind the bus protocol, through kafka-python.

Every setting whose default would lose or hide messages is written out in `CONSUMER` and `PRODUCER`. Members are static
(`group.instance.id`), so that a worker that restarts within the session timeout takes its partitions up again at once.
A commit that Kafka refuses because the group moved on is normal: the messages come again and change nothing.
"""

import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Generic, Self, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors
from kafka.admin import NewTopic
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.structs import OffsetAndMetadata

from models.errors import ConfigurationError, ConflictError, InputError, TransientFault
from streams.bus.progress import Progress
from streams.bus.protocol import Delivery, Place, Topic
from streams.settings import BusSettings

Payload = TypeVar("Payload")

SENT_AT_ONCE = 5000
CONSUMER: dict[str, Any] = {
    "enable_auto_commit": False,  # offsets move when the effect is stored, never by the clock
    "auto_offset_reset": "earliest",  # a new group begins with what is queued
    "isolation_level": "read_committed",
    "allow_auto_create_topics": False,  # a misspelt topic is an error
    "metadata_max_age_ms": 3_000,  # partitions added to a topic are taken up soon
    "request_timeout_ms": 30_000,
    "metrics_enabled": False,
}
PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,  # set, so that a contradicting setting raises instead of switching it off
    "retries": float("inf"),
    "max_in_flight_requests_per_connection": 5,
    "delivery_timeout_ms": 60_000,
    "request_timeout_ms": 30_000,
    "linger_ms": 20,
    "batch_size": 131_072,
    "max_request_size": 1_048_576,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
# The group moved on while a batch was handled; whoever holds the partition now gets the messages again.
OVERTAKEN = (
    kafka_errors.CommitFailedError,
    kafka_errors.RebalanceInProgressError,
    kafka_errors.IllegalGenerationError,
    kafka_errors.UnknownMemberIdError,
    kafka_errors.FencedInstanceIdError,
)


class KafkaBus:
    """Topics on a Kafka cluster. `servers` are `host:port` addresses. One object serves the threads of a process."""

    def __init__(self, servers: Sequence[str], settings: BusSettings) -> None:
        self._servers, self._settings = list(servers), settings
        self._lock = threading.Lock()
        self._open_producer: KafkaProducer | None = None
        self._seen: set[str] = set()

    def ensure(self, topics: Iterable[Topic[Any]]) -> tuple[str, ...]:
        made = []
        with _named_faults(self._where), self._admin() as admin:
            for topic in topics:
                new = NewTopic(
                    name=topic.name,
                    num_partitions=self._settings.partitions,
                    replication_factor=self._settings.replication,
                )
                try:
                    admin.create_topics([new])
                except kafka_errors.TopicAlreadyExistsError:
                    continue
                admin.wait_for_topics([topic.name])
                made.append(topic.name)
        return tuple(made)

    def publish(self, topic: Topic[Payload], payloads: Iterable[Payload]) -> int:
        count = 0
        messages = ((topic.key(payload), topic.encode(payload)) for payload in payloads)
        while chunk := list(islice(messages, SENT_AT_ONCE)):
            with _named_faults(self._where):
                self._require(topic)
                producer = self._producer()
                sent = [producer.send(topic.name, key=key.encode(), value=body) for key, body in chunk]
                producer.flush()
                for future in sent:
                    future.get(timeout=PRODUCER["delivery_timeout_ms"] / 1000)
            count += len(chunk)
        return count

    def subscribe(self, topic: Topic[Payload], *, group: str, member: str) -> "KafkaSubscription[Payload]":
        with _named_faults(self._where):
            self._require(topic)
            return KafkaSubscription(topic, self._clients(), self._settings, group, member)

    def backlog(self, topic: Topic[Payload], *, group: str) -> int:
        return sum(place.lag for place in self.places(topic, group=group).values())

    def places(self, topic: Topic[Payload], *, group: str) -> dict[int, Place]:
        with _named_faults(self._where):
            self._require(topic)
            consumer = KafkaConsumer(group_id=_group_id(group, topic), **self._clients(), **CONSUMER)
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
        with self._lock:
            if self._open_producer is not None:
                self._open_producer.close(timeout=10)
                self._open_producer = None

    @property
    def _where(self) -> str:
        return ",".join(self._servers)

    def _clients(self) -> dict[str, Any]:
        """How every client finds the cluster. Raises `OSError` at once when no server listens: a client that is built
        in vain leaves its thread and sockets behind."""
        _reach(self._servers, self._settings.answer_timeout_s)
        return {
            "bootstrap_servers": self._servers,
            "bootstrap_timeout_ms": round(self._settings.answer_timeout_s * 1000),
        }

    def _admin(self) -> KafkaAdminClient:
        return KafkaAdminClient(**self._clients())

    def _require(self, topic: Topic[Any]) -> None:
        """Raise `ConfigurationError` unless the topic exists; asked once per topic. The producer would only wait."""
        if topic.name not in self._seen:
            with self._admin() as admin:
                self._seen.update(admin.list_topics())
        if topic.name not in self._seen:
            raise ConfigurationError(
                f"the topic {topic.name!r} does not exist", where=self._where, mend="create the topics first"
            )

    def _producer(self) -> KafkaProducer:
        with self._lock:
            if self._open_producer is None:
                wait_ms = round(self._settings.answer_timeout_s * 1000)
                self._open_producer = KafkaProducer(**self._clients(), max_block_ms=wait_ms, **PRODUCER)
            return self._open_producer


class KafkaSubscription(Generic[Payload]):
    """One static member of a group. The client's own thread says that it lives."""

    def __init__(
        self, topic: Topic[Payload], clients: dict[str, Any], settings: BusSettings, group: str, member: str
    ) -> None:
        self._topic, self._where, self._member = topic, ",".join(clients["bootstrap_servers"]), member
        self._holdings = _Holdings()
        self._fenced = False
        self._consumer = KafkaConsumer(
            group_id=_group_id(group, topic),
            group_instance_id=member,
            session_timeout_ms=round(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=round(settings.heartbeat_interval_s * 1000),
            max_poll_interval_ms=round(settings.handling_limit_s * 1000),
            **clients,
            **CONSUMER,
        )
        self._consumer.subscribe([topic.name], listener=self._holdings)

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery[Payload]]:
        with _named_faults(self._where):
            self._finish_joining()
            try:
                found = (
                    {} if self._fenced else self._consumer.poll(timeout_ms=round(timeout_s * 1000), max_records=limit)
                )
            except OVERTAKEN as error:
                self._fenced = isinstance(error, kafka_errors.FencedInstanceIdError)
                found = {}
        if self._fenced:
            raise ConflictError(
                f"another worker has taken the name {self._member!r}",
                where=self._topic.name,
                mend="give every worker its own member name",
            )
        deliveries = [
            Delivery(
                self._topic,
                record.partition,
                record.offset,
                (record.key or b"").decode("utf-8", "backslashreplace"),
                record.value or b"",
            )
            for records in found.values()
            for record in records
        ]
        self._holdings.give(deliveries)
        return deliveries

    def _finish_joining(self) -> None:
        """Keep a join under way in mind. When a topic's partitions change, the client joins anew, and a poll that ends
        before the join does makes it believe that nothing is left to join: it never takes up what it is assigned."""
        coordinator = self._consumer._coordinator
        if coordinator.rejoining:
            coordinator.request_rejoin()

    def ack(self, deliveries: Iterable[Delivery[Payload]]) -> None:
        offsets = {
            TopicPartition(self._topic.name, partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in self._holdings.finish(deliveries).items()
        }
        if offsets:
            with _named_faults(self._where):
                try:
                    self._consumer.commit(offsets, timeout_ms=CONSUMER["request_timeout_ms"])
                    self._holdings.settle({each.partition: offset.offset for each, offset in offsets.items()})
                except OVERTAKEN as error:
                    # The client goes on fetching after this error; the next poll must not.
                    self._fenced = isinstance(error, kafka_errors.FencedInstanceIdError)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._consumer.close(autocommit=False, timeout_ms=5000)


class _Holdings(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python carries no types
    """Progress in the partitions that this member holds; the client calls it when the group shares them anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: dict[int, Progress] = {}

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

    def settle(self, committed: Mapping[int, int]) -> None:
        """These offsets are committed, by partition."""
        with self._lock:
            for partition, offset in committed.items():
                if partition in self._progress:
                    self._progress[partition].settle(offset)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        with self._lock:
            for partition in revoked:
                self._progress.pop(partition.partition, None)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self.on_partitions_revoked(lost)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Positions start at what the group has committed; there is nothing to restore."""


def _group_id(group: str, topic: Topic[Any]) -> str:
    """One Kafka group per group and topic: members of different topics would otherwise share one balance."""
    return f"{group}.{topic.name}"


def _reach(servers: Sequence[str], timeout_s: float) -> None:
    """Raise `OSError` unless one of the servers takes a connection."""
    refusals = []
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s).close()
        except OSError as error:
            refusals.append(f"{server}: {error}")
        else:
            return
    raise OSError("; ".join(refusals))


@contextmanager
def _named_faults(where: str) -> Iterator[None]:
    """What the client raises, in the words of the error tree."""
    try:
        yield
    except kafka_errors.UnknownTopicOrPartitionError as error:
        raise ConfigurationError(f"Kafka: {error}", where=where, mend="create the topics first") from error
    except (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError) as error:
        raise InputError(f"Kafka refuses the message: {error}", where=where) from error
    except (kafka_errors.RetriableError, kafka_errors.UnknownError, OSError) as error:
        raise TransientFault(f"Kafka does not answer: {type(error).__name__}: {error}", where=where) from error
    except (kafka_errors.AuthorizationError, kafka_errors.KafkaConfigurationError) as error:
        raise ConfigurationError(f"Kafka: {error}", where=where) from error
