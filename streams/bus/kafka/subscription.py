"""One static member of a Kafka group (`group.instance.id`): a worker that restarts within the session timeout takes its
partitions up again at once, and a rebalance moves only what has to move.

The client's own thread says that the member lives; whether its partitions move is watched here. A partition that
stands still is logged and its client built anew; a partition that nobody owns is logged and the group asked to share
anew. A commit that Kafka refuses because the group moved on is normal: the messages come again and change nothing.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka import errors as kafka_errors
from kafka.structs import OffsetAndMetadata

from models.errors import ConflictError
from streams.bus.kafka.clients import CONSUMER, Clients, named_faults
from streams.bus.kafka.holdings import Holdings
from streams.bus.kafka.joining import Joining
from streams.bus.kafka.liveness import Orphans, Watch
from streams.bus.kafka.sharing import CooperativeSharing
from streams.bus.protocol import Delivery, Topic

log = structlog.get_logger(__name__)

Payload = TypeVar("Payload")

LOOKS_PER_STALL = 3
SETTLED = "Stable"
# The group moved on while a batch was handled; whoever holds the partition now gets the messages again.
OVERTAKEN = (
    kafka_errors.CommitFailedError,
    kafka_errors.RebalanceInProgressError,
    kafka_errors.IllegalGenerationError,
    kafka_errors.UnknownMemberIdError,
    kafka_errors.FencedInstanceIdError,
)


def group_id(group: str, topic: Topic[Any]) -> str:
    """One Kafka group per group and topic: members of different topics would otherwise share one balance."""
    return f"{group}.{topic.name}"


class KafkaSubscription(Generic[Payload]):
    """See the module. Not shared between threads."""

    def __init__(self, topic: Topic[Payload], clients: Clients, group: str, member: str) -> None:
        self._topic, self._clients, self._member = topic, clients, member
        self._group = group_id(group, topic)
        self._settings = clients.settings
        self._fenced = self._owing = False
        self._watch, self._orphans = Watch(self._settings.stall_after_s), Orphans()
        self._look_at = 0.0
        self._open()

    def _open(self) -> None:
        """A client of this member's name. The broker hands it what the name's last bearer held."""
        settings = self._settings
        self._sharing = CooperativeSharing()
        self._holdings = Holdings(self._sharing.forget)
        self._consumer = KafkaConsumer(
            group_id=self._group,
            group_instance_id=self._member,
            partition_assignment_strategy=(self._sharing,),
            session_timeout_ms=round(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=round(settings.heartbeat_interval_s * 1000),
            max_poll_interval_ms=round(settings.handling_limit_s * 1000),
            **self._clients.options(),
            **CONSUMER,
        )
        self._consumer.subscribe([self._topic.name], listener=self._holdings)
        self._consumer.partitions_for_topic(self._topic.name)  # known before joining: whoever leads can share them out
        self._joining = Joining(self._consumer._coordinator)
        self._watch.forget()
        self._look_at = time.monotonic() + settings.stall_after_s / LOOKS_PER_STALL

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery[Payload]]:
        with named_faults(self._clients.where):
            self._look()
            self._joining.before_poll()
            self._make_up()
            room = self._hold_back()
            try:
                found = (
                    {}
                    if self._fenced
                    else self._consumer.poll(timeout_ms=round(timeout_s * 1000), max_records=max(1, min(limit, room)))
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
        self._joining.after_poll()
        self._watch.polled()
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

    def ack(self, deliveries: Iterable[Delivery[Payload]]) -> None:
        with named_faults(self._clients.where):
            self._commit(self._holdings.finish(deliveries))

    def _commit(self, due: Mapping[int, int]) -> None:
        """Commit these offsets, by partition. What the group refuses because it is sharing anew stays due: it is
        committed after the sharing, unless the partition has gone to another member."""
        if not due:
            return
        offsets = {
            TopicPartition(self._topic.name, partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in due.items()
        }
        try:
            self._consumer.commit(offsets, timeout_ms=CONSUMER["request_timeout_ms"])
            self._holdings.settle(due)
            self._owing = False
        except OVERTAKEN as error:
            # The client goes on fetching after this error; the next poll must not.
            self._fenced = isinstance(error, kafka_errors.FencedInstanceIdError)
            self._owing = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._consumer.close(autocommit=False, timeout_ms=5000)

    def _make_up(self) -> None:
        """Commit what was refused, once the group has shared anew: there may be no later message to do it with."""
        if self._owing and not self._fenced and not self._joining.under_way:
            self._owing = False
            self._commit(self._holdings.due())

    def _hold_back(self) -> int:
        """Pause every partition while too much is given and not finished; returns how much more may be given."""
        room = self._settings.unfinished_limit - self._holdings.open
        assigned, paused = self._consumer.assignment(), self._consumer.paused()
        if room <= 0:
            self._consumer.pause(*assigned)
        elif paused:
            self._consumer.resume(*paused)
        return room

    def _look(self) -> None:
        """Every so often, see whether each partition moves. What cannot be seen now is looked at the next time."""
        if time.monotonic() < self._look_at or self._fenced or self._joining.under_way:
            return
        self._look_at = time.monotonic() + self._settings.stall_after_s / LOOKS_PER_STALL
        try:
            stuck, orphans = self._stuck(), self._orphaned()
        except (kafka_errors.KafkaError, OSError) as error:
            log.warning("partitions cannot be watched", topic=self._topic.name, error=str(error))
            return
        if stuck:
            log.error("partitions stand still", topic=self._topic.name, member=self._member, partitions=stuck)
            self._consumer.close(autocommit=False, timeout_ms=5000)
            self._open()
        elif orphans:
            log.error("partitions that nobody reads", topic=self._topic.name, member=self._member, partitions=orphans)
            self._sharing.ask_anew()
            self._consumer._coordinator.request_rejoin()

    def _stuck(self) -> list[int]:
        wait_ms = round(self._settings.answer_timeout_s * 1000)
        held = sorted(self._consumer.assignment() - self._consumer.paused())
        ends = self._consumer.end_offsets(held, timeout_ms=wait_ms) if held else {}
        places = {
            each.partition: (self._consumer.position(each, timeout_ms=wait_ms) or 0, ends.get(each) or 0)
            for each in held
        }
        return self._watch.look(time.monotonic(), places)

    def _orphaned(self) -> list[int]:
        partitions = self._consumer.partitions_for_topic(self._topic.name) or set()
        held = {each.partition for each in self._consumer.assignment()}
        return self._orphans.look(partitions, held if held == partitions else self._owned())

    def _owned(self) -> set[int] | None:
        """What the members of the group own together; None while they are sharing anew."""
        with self._clients.admin() as admin:
            told = admin.describe_groups([self._group])[self._group]
        if told["error"] or told["group_state"] != SETTLED:
            return None
        return {
            partition
            for member in told["members"]
            for topic in (member["member_assignment"] or {}).get("assigned_partitions", ())
            if topic["topic"] == self._topic.name
            for partition in topic["partitions"]
        }
