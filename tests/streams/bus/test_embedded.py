"""The embedded log keeps the contract, across processes, and refuses what is not its own file."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import ConfigurationError
from streams.bus import open_bus
from streams.settings import BusSettings
from tests.streams.bus.contract import BusContract, drain, numbered, text_topic, texts

PUBLISHER = """
import sys
from streams.bus import open_bus
from streams.settings import BusSettings
from tests.streams.bus.contract import numbered, text_topic
bus = open_bus(BusSettings.model_validate_json(sys.argv[1]))
for start in range(int(sys.argv[2]), int(sys.argv[2]) + 2000, 50):
    bus.publish(text_topic("shared"), numbered(50, start=start))
"""


class TestEmbeddedBus(BusContract):
    @pytest.fixture
    def settings(self, tmp_path: Path) -> BusSettings:
        return BusSettings(
            url=f"sqlite:///{tmp_path}/bus.sqlite",
            partitions=3,
            session_timeout_s=1.0,
            heartbeat_interval_s=0.2,
            handling_limit_s=1.0,
        )

    def test_processes_that_open_a_new_file_at_once_all_append_to_it(self, settings: BusSettings) -> None:
        publishers = [
            subprocess.Popen([sys.executable, "-c", PUBLISHER, settings.model_dump_json(), str(start)])
            for start in (0, 2000, 4000)
        ]
        assert [publisher.wait(60) for publisher in publishers] == [0, 0, 0]
        bus = open_bus(settings)
        with bus.subscribe(text_topic("shared"), group="g", member="one") as member:
            got = drain(member, 6000)
        bus.close()
        assert sorted(map(int, texts(got))) == list(range(6000))
        for key in range(20):
            for start in (0, 2000, 4000):
                own = [int(d.body) for d in got if d.key == f"key-{key}" and start <= int(d.body) < start + 2000]
                assert own == sorted(own)

    def test_a_topic_keeps_the_partitions_it_was_created_with(self, settings: BusSettings) -> None:
        bus = open_bus(settings)
        bus.publish(text_topic("shared"), numbered(40))
        bus.close()
        wider = open_bus(settings.model_copy(update={"partitions": 12}))
        with wider.subscribe(text_topic("shared"), group="g", member="one") as member:
            assert {delivery.partition for delivery in drain(member, 40)} == {0, 1, 2}
        wider.close()

    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "bus.sqlite"
        path.write_text("not a database at all, and long enough to be read as a header" * 20)
        with pytest.raises(ConfigurationError, match=r"bus\.sqlite"):
            open_bus(BusSettings(url=f"sqlite:///{path}"))


@pytest.mark.parametrize("url", ["sqlite:///", "redis://x", "kafka://nohost", "kafka://h:port", "kafka://"])
def test_an_address_that_names_no_bus_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_bus(BusSettings(url=url))
