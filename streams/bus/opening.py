"""From an address to a bus, and the topics on it."""

from pathlib import Path

from models.errors import ConfigurationError
from streams.bus.embedded import EmbeddedBus
from streams.bus.protocol import Bus
from streams.bus.spool import SpoolingBus
from streams.bus.topics import TOPICS
from streams.settings import BusSettings

SQLITE = "sqlite:///"
KAFKA = "kafka://"


def open_bus(settings: BusSettings) -> Bus:
    """The bus that `settings.url` names: `sqlite:///relative/path`, `sqlite:////absolute/path`, or
    `kafka://host:port,host:port`. Raises `ConfigurationError` for any other address."""
    if settings.url.startswith(SQLITE) and (path := settings.url.removeprefix(SQLITE)):
        return EmbeddedBus(Path(path), settings)
    if settings.url.startswith(KAFKA):
        from streams.bus.kafka import KafkaBus  # the client is large, and the embedded log needs none

        return KafkaBus(_servers(settings.url), settings)
    raise ConfigurationError(
        f"{settings.url!r} names no bus", where="bus.url", mend="write sqlite:///path or kafka://host:port"
    )


def open_publisher(settings: BusSettings) -> Bus:
    """The bus for a producer: with `settings.spool`, what is published while Kafka is away waits in that file. The
    embedded log is as near as the spool would be, and needs none."""
    bus = open_bus(settings)
    if not settings.url.startswith(KAFKA) or not settings.spool:
        return bus
    return SpoolingBus(bus, Path(settings.spool), TOPICS)


def create_topics(settings: BusSettings) -> tuple[str, ...]:
    """Create what is missing of `streams.bus.topics.TOPICS`; returns the names of those created."""
    bus = open_bus(settings)
    try:
        return bus.ensure(TOPICS)
    finally:
        bus.close()


def _servers(url: str) -> list[str]:
    servers = [server.strip() for server in url.removeprefix(KAFKA).rstrip("/").split(",")]
    for server in servers:
        host, _, port = server.rpartition(":")
        if not host or not port.isdecimal():
            raise ConfigurationError(f"{server!r} is not host:port", where="bus.url")
    return servers
