"""Apache Kafka keeps the contract: a real broker, not a stand-in."""

import socket

import pytest

from models.errors import ConfigurationError, TransientFault
from streams.bus import Bus
from streams.bus.kafka import CONSUMER, PRODUCER, KafkaBus
from streams.settings import BusSettings
from tests.servers import kafka
from tests.streams.bus.contract import BusContract, text_topic

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
