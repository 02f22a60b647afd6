"""Workbenches as installations are deployed: on a real broker with a topic of their own, and a store of either kind."""

import uuid
from pathlib import Path

import pytest

from streams.settings import BusSettings
from tests.servers import kafka
from tests.streams.screening.workbench import Workbench, prepare

ON_KAFKA = (pytest.mark.kafka, pytest.mark.xdist_group("kafka"))
BUSES = ["embedded", pytest.param("kafka", marks=ON_KAFKA)]


def on_kafka(folder: Path, *, store_url: str = "") -> Workbench:
    """A workbench on the real broker, with a topic of its own."""
    settings = BusSettings(url=f"kafka://{kafka.running()}", session_timeout_s=6.0, heartbeat_interval_s=1.0)
    return prepare(folder, settings, topic_name=f"listings-{uuid.uuid4().hex}", store_url=store_url)
