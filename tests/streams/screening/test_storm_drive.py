"""Nothing is lost and nothing doubled while workers come, go and are stopped, and afterwards every partition moves."""

from dataclasses import asdict
from pathlib import Path

import pytest
import structlog

from tests.streams.screening.deploying import on_kafka
from tests.streams.screening.storm_drive import MOST, Storm, Weather, storm
from tests.streams.screening.workbench import Workbench

log = structlog.get_logger(__name__)


def check(weather: Weather, plan: Storm) -> None:
    log.info("storm", **asdict(weather))
    assert (weather.verdict.lost, weather.verdict.doubled, weather.verdict.foreign) == (0, 0, 0)
    assert weather.verdict.backlog == 0
    assert sum(weather.events.values()) == plan.events
    assert set(weather.events) == {"join", "leave", "stop", "go_on"}
    assert weather.slowest_partition_s < plan.moves_within_s


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_short_storm_loses_and_doubles_nothing(tmp_path: Path) -> None:
    plan = Storm(events=14, seconds=7, listings=2_000)
    assert plan.events > 2 * MOST
    check(storm(on_kafka(tmp_path), plan), plan)


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_a_long_storm_loses_and_doubles_nothing(deployed: Workbench) -> None:
    plan = Storm(events=200, seconds=600, listings=60_000)
    check(storm(deployed, plan), plan)
