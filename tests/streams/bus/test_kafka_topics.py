"""Topics stand on the brokers as declared: what would lose messages is refused, and what keeps more of them stays."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from structlog.testing import capture_logs

from models.errors import ConfigurationError
from streams.bus import Topic
from streams.bus.kafka import KafkaBus, upkeep
from streams.bus.kafka.upkeep import DAY_MS
from streams.settings import BusSettings
from tests.servers import kafka
from tests.streams.bus.contract import Text, text_topic

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

SEVEN_DAYS = str(7 * DAY_MS)


@pytest.fixture
def admin() -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=kafka.running()) as admin:
        yield admin


@pytest.fixture
def bus() -> Iterator[KafkaBus]:
    bus = KafkaBus([kafka.running()], BusSettings(partitions=1))
    yield bus
    bus.close()


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> Topic[Text]:
    return replace(text_topic(f"settings-{abs(hash(request.node.name))}"), kept_days=7)


def stands(admin: KafkaAdminClient, topic: Topic[Text]) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
    told = admin.describe_configs([resource], config_filter="modified")["topic"][topic.name]
    return {name: each["value"] for name, each in told.items()}


def made(admin: KafkaAdminClient, topic: Topic[Text], **configs: str) -> None:
    """The topic as somebody else made it."""
    given = {name.replace("_", "."): value for name, value in configs.items()}
    admin.create_topics({topic.name: {"num_partitions": 1, "replication_factor": 1, "configs": given}})
    admin.wait_for_topics([topic.name])


def test_a_topic_is_made_with_its_settings(bus: KafkaBus, admin: KafkaAdminClient, topic: Topic[Text]) -> None:
    assert bus.ensure([topic]) == (topic.name,)
    assert stands(admin, topic) == {
        "cleanup.policy": "delete",
        "min.insync.replicas": "1",
        "retention.ms": SEVEN_DAYS,
        "unclean.leader.election.enable": "false",
    }


def test_copies_that_must_have_a_message_are_all_but_one() -> None:
    copies = {count: BusSettings(replication=count) for count in (1, 2, 3, 5)}
    needed = {count: upkeep.wanted(text_topic("t"), each)["min.insync.replicas"] for count, each in copies.items()}
    assert needed == {1: "1", 2: "1", 3: "2", 5: "4"}


def test_what_nobody_set_is_set(bus: KafkaBus, admin: KafkaAdminClient, topic: Topic[Text]) -> None:
    longer = replace(topic, kept_days=90)
    made(admin, longer)
    assert bus.ensure([longer]) == ()
    assert stands(admin, longer)["retention.ms"] == str(90 * DAY_MS)


@pytest.mark.parametrize("kept", ["-1", str(30 * DAY_MS)])
def test_what_is_kept_for_longer_stays(bus: KafkaBus, admin: KafkaAdminClient, topic: Topic[Text], kept: str) -> None:
    made(admin, topic, retention_ms=kept)
    bus.ensure([topic])
    assert stands(admin, topic)["retention.ms"] == kept


def test_days_that_somebody_cut_are_told_and_left(bus: KafkaBus, admin: KafkaAdminClient, topic: Topic[Text]) -> None:
    made(admin, topic, retention_ms=str(DAY_MS))
    with capture_logs() as told:
        bus.ensure([topic])
    assert stands(admin, topic)["retention.ms"] == str(DAY_MS)
    assert [each["declared"] for each in told if each["log_level"] == "warning"] == [SEVEN_DAYS]


@pytest.mark.parametrize(
    ("configs", "complaint"),
    [
        ({"cleanup_policy": "compact"}, "cleanup.policy=compact"),
        ({"unclean_leader_election_enable": "true"}, "unclean.leader.election.enable=true"),
    ],
)
def test_what_would_lose_messages_is_refused(
    bus: KafkaBus, admin: KafkaAdminClient, topic: Topic[Text], configs: dict[str, str], complaint: str
) -> None:
    made(admin, topic, **configs)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        bus.ensure([topic])
    assert topic.name in str(caught.value.mend)
