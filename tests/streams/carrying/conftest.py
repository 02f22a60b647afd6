"""A gap on the embedded log, and one on Apache Kafka."""

import uuid
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from streams.bus import open_bus
from streams.bus.raw import raw_topic
from streams.carrying import CarrySettings
from streams.settings import BusSettings
from tests.servers import kafka
from tests.streams.carrying.gap import TOPIC, Gap

ON_KAFKA = (pytest.mark.kafka, pytest.mark.xdist_group("kafka"))


@pytest.fixture
def gap(tmp_path: Path) -> Gap:
    """A gap between two embedded logs."""
    return _gap(tmp_path, embedded(tmp_path / "outer.sqlite"), embedded(tmp_path / "inner.sqlite"), TOPIC)


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=ON_KAFKA)])
def any_gap(request: pytest.FixtureRequest, tmp_path: Path) -> Gap:
    """A gap from an embedded log, and one from Apache Kafka."""
    if request.param == "embedded":
        return _gap(tmp_path, embedded(tmp_path / "outer.sqlite"), embedded(tmp_path / "inner.sqlite"), TOPIC)
    outer = BusSettings(url=f"kafka://{kafka.running()}", partitions=3, session_timeout_s=6, heartbeat_interval_s=1)
    return _gap(tmp_path, outer, embedded(tmp_path / "inner.sqlite"), _fresh_topic(outer))


@pytest.fixture
def kafka_inside(tmp_path: Path) -> Gap:
    """A gap from an embedded log to Apache Kafka."""
    inner = BusSettings(url=f"kafka://{kafka.running()}", partitions=3, session_timeout_s=6, heartbeat_interval_s=1)
    return _gap(tmp_path, embedded(tmp_path / "outer.sqlite"), inner, _fresh_topic(inner))


def _fresh_topic(settings: BusSettings) -> str:
    name = f"carried-{uuid.uuid4().hex}"
    with closing(open_bus(settings)) as bus:
        bus.ensure([raw_topic(name)])
    return name


def embedded(path: Path) -> BusSettings:
    return BusSettings(url=f"sqlite:///{path}", partitions=3, session_timeout_s=2.0, heartbeat_interval_s=0.5)


def _gap(folder: Path, outer: BusSettings, inner: BusSettings, topic: str) -> Gap:
    settings = CarrySettings(site="web", folder=str(folder / "carry"), batch_messages=50)
    return Gap(folder, outer, inner, settings, Ed25519PrivateKey.generate(), topic)
