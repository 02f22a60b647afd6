"""Topics as they have to stand on the brokers: made with their settings, and held against them when they are there.

Owns the table of settings. What guards messages (copies that must have one, no compaction, no leader that lacks some)
is refused when somebody set it otherwise on the topic itself; how long messages are kept is for whoever runs the
brokers to say, and is only told. What nobody set on the topic is set to what is declared. More of anything stays.
"""

from typing import Any

import structlog
from kafka import KafkaAdminClient
from kafka import errors as kafka_errors
from kafka.admin import ConfigResource, ConfigResourceType

from models.errors import ConfigurationError
from streams.bus.protocol import Topic
from streams.settings import BusSettings

log = structlog.get_logger(__name__)

DAY_MS = 86_400_000
KEPT, INSYNC, CLEANUP, UNCLEAN = (
    "retention.ms",
    "min.insync.replicas",
    "cleanup.policy",
    "unclean.leader.election.enable",
)
FOR_EVER = "-1"
# Where the value comes from when the topic itself was given it, and not the broker's settings or Kafka's defaults.
SET_ON_THE_TOPIC = "DYNAMIC_TOPIC_CONFIG"


def wanted(topic: Topic[Any], settings: BusSettings) -> dict[str, str]:
    """The topic's settings by Kafka's names. Every message has all copies but one before it is acknowledged: one broker
    may be away, and another may die after it."""
    told = {INSYNC: str(max(1, settings.replication - 1)), CLEANUP: "delete", UNCLEAN: "false"}
    return told if topic.kept_days is None else {**told, KEPT: str(topic.kept_days * DAY_MS)}


def make(admin: KafkaAdminClient, topic: Topic[Any], settings: BusSettings) -> bool:
    """Create the topic unless it is there; returns whether it was created."""
    size = {"num_partitions": settings.partitions, "replication_factor": settings.replication}
    try:
        admin.create_topics({topic.name: {**size, "configs": wanted(topic, settings)}})
    except kafka_errors.TopicAlreadyExistsError:
        return False
    admin.wait_for_topics([topic.name])
    return True


def hold(admin: KafkaAdminClient, topic: Topic[Any], settings: BusSettings, *, where: str) -> None:
    """Hold a topic that is there against the settings, and set what nobody set. Raises `ConfigurationError` when it has
    fewer partitions or copies, or when it was told to guard messages less."""
    _hold_size(admin, topic, settings, where)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name)
    stands = admin.describe_configs([resource], config_filter="all")["topic"][topic.name]
    unset = {}
    for name, value in wanted(topic, settings).items():
        there = stands[name]
        if _is_enough(name, there["value"], value):
            continue
        if there["config_source"] != SET_ON_THE_TOPIC:
            unset[name] = value
        elif name == KEPT:
            log.warning("topic kept for less than declared", topic=topic.name, ms=there["value"], declared=value)
        else:
            raise ConfigurationError(
                f"the topic {topic.name!r} was set to {name}={there['value']}, and messages need {value}",
                where=where,
                mend=f"kafka-configs.sh --alter --topic {topic.name} --add-config {name}={value}",
            )
    if unset:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=unset)])
        log.info("topic set as declared", topic=topic.name, **unset)


def _is_enough(name: str, there: str, needed: str) -> bool:
    if name == KEPT:
        return there == FOR_EVER or int(there) >= int(needed)
    return int(there) >= int(needed) if name == INSYNC else there == needed


def _hold_size(admin: KafkaAdminClient, topic: Topic[Any], settings: BusSettings, where: str) -> None:
    (told,) = admin.describe_topics([topic.name])
    partitions = len(told["partitions"])
    copies = min((len(each["replica_nodes"]) for each in told["partitions"]), default=0)
    for name, there, needed in (
        ("partitions", partitions, settings.partitions),
        ("replication", copies, settings.replication),
    ):
        if there < needed:
            raise ConfigurationError(
                f"the topic {topic.name!r} exists with {name} {there}, and bus.{name} says {needed}",
                where=where,
                mend=f"raise it with Kafka's own tools, or set bus.{name} = {there}",
            )
