"""How members of a Kafka group share partitions on a real broker: what stays keeps its progress, what stands still or
is owned by nobody is noticed and taken up."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import RebalanceInProgressError
from kafka.structs import OffsetAndMetadata
from structlog.testing import capture_logs

from streams.bus import Delivery, Topic
from streams.bus.kafka import KafkaBus, KafkaSubscription
from streams.bus.kafka.sharing import CooperativeSharing
from streams.settings import BusSettings
from tests.servers import kafka
from tests.streams.bus.contract import Text, drain, numbered, text_topic, texts

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

PARTITIONS = 3
NEVER_S = 600.0


@pytest.fixture
def topic() -> Topic[Text]:
    return text_topic(f"test-{uuid.uuid4().hex}")


def opened(topic: Topic[Text], *, stall_after_s: float = NEVER_S) -> KafkaBus:
    settings = BusSettings(
        partitions=PARTITIONS, session_timeout_s=6.0, heartbeat_interval_s=0.5, stall_after_s=stall_after_s
    )
    bus = KafkaBus([kafka.running()], settings)
    bus.ensure([topic])
    return bus


@pytest.fixture
def bus(topic: Topic[Text]) -> Iterator[KafkaBus]:
    made = opened(topic)
    yield made
    made.close()


def held(member: KafkaSubscription[Text]) -> set[int]:
    return {each.partition for each in member._consumer.assignment()}


def settle(*members: KafkaSubscription[Text]) -> None:
    """Poll until the members hold all partitions between them."""
    deadline = time.monotonic() + 20
    while sum(len(held(each)) for each in members) < PARTITIONS or not all(map(held, members)):
        assert time.monotonic() < deadline
        for each in members:
            each.poll(limit=1000, timeout_s=0.2)


def test_what_a_member_keeps_over_a_rebalance_it_can_still_finish(bus: KafkaBus, topic: Topic[Text]) -> None:
    bus.publish(topic, numbered(90))
    with bus.subscribe(topic, group="g", member="one") as one:
        got = drain(one, 90, ack=False)
        with bus.subscribe(topic, group="g", member="two") as two:
            settle(one, two)
            kept = [each for each in got if each.partition in held(one)]
            assert 0 < len(kept) < 90
            one.ack(got)
            deadline = time.monotonic() + 10
            while bus.backlog(topic, group="g") == 90 and time.monotonic() < deadline:
                assert one.poll(limit=100, timeout_s=0.2) == [], "what was kept is not given again"
                two.poll(limit=100, timeout_s=0.2)
            assert bus.backlog(topic, group="g") == 90 - len(kept), "what went to the other is the other's to finish"


def test_a_member_that_is_busy_elsewhere_when_its_join_ends_stays_a_member(bus: KafkaBus, topic: Topic[Text]) -> None:
    bus.publish(topic, numbered(90))
    with bus.subscribe(topic, group="g", member="one") as one:
        coordinator = one._consumer._coordinator
        while coordinator._join_task is None:  # until it has asked to join; the answer comes later
            one.poll(limit=100, timeout_s=0.001)
        time.sleep(7.5)  # longer than a session
        joined = coordinator._generation.generation_id
        assert joined > 0
        assert len(drain(one, 90)) == 90
        assert coordinator._generation.generation_id == joined


def test_a_commit_that_fell_into_a_rebalance_is_made_up_for(bus: KafkaBus, topic: Topic[Text]) -> None:
    bus.publish(topic, numbered(90))
    with bus.subscribe(topic, group="g", member="one") as one:
        got = drain(one, 90, ack=False)
        refuse_once(one)
        one.ack(got)
        assert bus.backlog(topic, group="g") == 90
        one.poll(limit=1, timeout_s=0.2)
        assert bus.backlog(topic, group="g") == 0


def refuse_once(member: KafkaSubscription[Text]) -> None:
    """Have the next commit fail as it does while the group is sharing anew."""
    honest = member._consumer.commit

    def refused(*_: Any, **__: Any) -> None:
        member._consumer.commit = honest
        raise RebalanceInProgressError

    member._consumer.commit = refused


def stop_fetching(member: KafkaSubscription[Text], topic: Topic[Text], partition: int) -> None:
    """Leave the client's partition as a lost race leaves it: still assigned, heartbeats going on, never fetched."""
    member._consumer._subscription.mark_pending_revocation({TopicPartition(topic.name, partition)})


@pytest.mark.parametrize(("stall_after_s", "expected"), [(1.5, 90), (NEVER_S, 60)])
def test_a_partition_that_stands_still_is_taken_up_anew(
    topic: Topic[Text], stall_after_s: float, expected: int
) -> None:
    """And where nobody watches, it stands still for good."""
    bus = opened(topic, stall_after_s=stall_after_s)
    with bus.subscribe(topic, group="g", member="one") as member, capture_logs() as logs:
        settle(member)
        stop_fetching(member, topic, 0)
        for number in range(90):
            tell(bus, topic, number)
        got: list[Delivery[Text]] = []
        deadline = time.monotonic() + (20 if expected == 90 else 2.5)
        while len(got) < 90 and time.monotonic() < deadline:
            got += member.poll(limit=100, timeout_s=0.03)
    bus.close()
    assert len(set(texts(got))) == expected
    told = [each for each in logs if each["event"] == "partitions stand still"]
    assert [each["partitions"] for each in told] == ([[0]] if expected == 90 else [])


def tell(bus: KafkaBus, topic: Topic[Text], number: int) -> None:
    bus._producer().send(topic.name, key=b"k", value=str(number).encode(), partition=number % PARTITIONS).get(10)


def test_a_partition_that_nobody_owns_is_noticed_and_shared_anew(
    topic: Topic[Text], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a static member leaves it that dies between giving it up and asking again."""
    honest = CooperativeSharing.assign
    rounds = 0

    def forgetful(self: CooperativeSharing, cluster: Any, members: Any) -> Any:
        nonlocal rounds
        shared = honest(self, cluster, members)
        rounds += 1
        for assignment in shared.values() if rounds == 1 else ():
            assignment.assigned_partitions = [(topic.name, [1, 2])]
        return shared

    monkeypatch.setattr(CooperativeSharing, "assign", forgetful)
    bus = opened(topic, stall_after_s=1.5)
    bus.publish(topic, numbered(90))
    with bus.subscribe(topic, group="g", member="one") as member, capture_logs() as logs:
        got = drain(member, 90, patience_s=20)
    bus.close()
    assert sorted(map(int, texts(got))) == list(range(90))
    assert [each["partitions"] for each in logs if each["event"] == "partitions that nobody reads"] == [[0]]
    assert rounds == 2


def test_a_member_that_was_thrown_out_claims_nothing(bus: KafkaBus, topic: Topic[Text]) -> None:
    with bus.subscribe(topic, group="g", member="one") as one:
        settle(one)
        sharing = one._sharing
        assert {each.partition for each in sharing.member_assignment or ()} == {0, 1, 2}
        one._holdings.on_partitions_lost(one._consumer.assignment())
        assert sharing.metadata({topic.name}).owned_partitions == []


def test_offsets_that_were_committed_by_other_means_are_taken_up(bus: KafkaBus, topic: Topic[Text]) -> None:
    """A member has no memory of its own: the group's offsets decide where it begins."""
    bus.publish(topic, numbered(90))
    with bus.subscribe(topic, group="g", member="one") as one:
        got = drain(one, 90, ack=False)
        last = max(each.offset for each in got if each.partition == 1)
        one._consumer.commit({TopicPartition(topic.name, 1): OffsetAndMetadata(last + 1, "", -1)})
    with bus.subscribe(topic, group="g", member="one") as again:
        assert {each.partition for each in drain(again, 90 - last - 1)} == {0, 2}
