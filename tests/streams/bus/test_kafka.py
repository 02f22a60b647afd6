"""Apache Kafka keeps the contract: a real broker, not a stand-in."""

import socket
import time

import pytest
from kafka import KafkaAdminClient

from models.errors import ConfigurationError, TransientFault
from streams.bus import Bus, Topic
from streams.bus.kafka import CONSUMER, PRODUCER, KafkaBus
from streams.settings import BusSettings
from tests.servers import kafka
from tests.streams.bus.contract import BusContract, Text, drain, numbered, text_topic

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]


class TestKafkaBus(BusContract):
    @pytest.fixture
    def settings(self) -> BusSettings:
        return BusSettings(
            url=f"kafka://{kafka.running()}",
            partitions=3,
            session_timeout_s=6.0,
            heartbeat_interval_s=1.0,
            handling_limit_s=6.0,
            answer_timeout_s=5.0,
        )

    def test_a_topic_that_was_not_created_is_an_error(self, bus: Bus) -> None:
        absent = text_topic("absent")
        with pytest.raises(ConfigurationError, match="absent"):
            bus.subscribe(absent, group="g", member="one")
        with pytest.raises(ConfigurationError, match="absent"):
            bus.publish(absent, [("k", "v")])
        with pytest.raises(ConfigurationError, match="absent"):
            bus.backlog(absent, group="g")

    @pytest.mark.parametrize(
        ("wanted", "complaint"), [({"partitions": 4}, "partitions 3"), ({"replication": 2}, "replication 1")]
    )
    def test_a_topic_that_is_smaller_than_the_settings_say_is_an_error(
        self, settings: BusSettings, topic: Topic[Text], wanted: dict[str, int], complaint: str
    ) -> None:
        larger = KafkaBus([kafka.running()], settings.model_copy(update=wanted))
        with pytest.raises(ConfigurationError, match=complaint):
            larger.ensure([topic])

    def test_a_topic_that_is_larger_than_the_settings_say_stays(
        self, settings: BusSettings, topic: Topic[Text]
    ) -> None:
        assert KafkaBus([kafka.running()], settings.model_copy(update={"partitions": 2})).ensure([topic]) == ()

    def test_partitions_added_are_taken_up_by_a_member_that_polls_briefly(
        self, bus: Bus, topic: Topic[Text], group: str
    ) -> None:
        bus.publish(topic, numbered(90))
        with bus.subscribe(topic, group=group, member="one") as member:
            assert len(drain(member, 90)) == 90
            with KafkaAdminClient(bootstrap_servers=kafka.running()) as admin:
                admin.create_partitions({topic.name: 6})
            more = KafkaBus([kafka.running()], BusSettings())
            more.publish(topic, numbered(90))
            more.close()
            got = []
            deadline = time.monotonic() + 15
            while len(got) < 90 and time.monotonic() < deadline:
                got += member.poll(limit=100, timeout_s=0.001)
        assert len(got) == 90
        assert max(delivery.partition for delivery in got) > 2


def test_a_broker_that_is_away_is_a_transient_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    bus = KafkaBus([f"127.0.0.1:{port}"], BusSettings())
    with pytest.raises(TransientFault, match=str(port)):
        bus.publish(text_topic("t"), [("k", "v")])
    with pytest.raises(TransientFault, match=str(port)):
        bus.subscribe(text_topic("t"), group="g", member="m")
    with pytest.raises(TransientFault, match=str(port)):
        bus.backlog(text_topic("t"), group="g")
    with pytest.raises(TransientFault, match=str(port)):
        bus.ensure([text_topic("t")])


def test_the_defaults_that_lose_messages_are_overruled() -> None:
    assert CONSUMER["enable_auto_commit"] is False
    assert CONSUMER["auto_offset_reset"] == "earliest"
    assert CONSUMER["isolation_level"] == "read_committed"
    assert CONSUMER["allow_auto_create_topics"] is False
    assert PRODUCER["acks"] == "all"
    assert PRODUCER["enable_idempotence"] is True
