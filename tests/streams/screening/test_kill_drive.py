"""Nothing is lost and nothing doubled when workers are killed, on the embedded log and on Apache Kafka; and workers
that move the offset before the effect are caught by the same drive."""

from dataclasses import asdict
from pathlib import Path

import pytest
import structlog

from tests.streams.screening.deploying import BUSES, ON_KAFKA, on_kafka
from tests.streams.screening.kill_drive import Plan, Verdict, drive
from tests.streams.screening.workbench import Workbench, prepare

log = structlog.get_logger(__name__)


@pytest.fixture(params=BUSES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    """A workbench on each bus."""
    return prepare(tmp_path) if request.param == "embedded" else on_kafka(tmp_path)


def check(verdict: Verdict, plan: Plan) -> None:
    assert verdict.kills >= plan.kills
    assert verdict.backlog == 0
    assert (verdict.lost, verdict.doubled, verdict.foreign) == (0, 0, 0)
    assert verdict.redeliveries > 0
    assert verdict.leads == plan.listings // 20
    assert verdict.dead_letters == 2 * plan.listings // plan.poison_every


def test_ten_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    plan = Plan(listings=10_000, kills=10)
    check(drive(prepare(tmp_path), plan), plan)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_kills_on_kafka_lose_and_double_nothing(tmp_path: Path) -> None:
    plan = Plan(listings=4_000, kills=8, workers=3)
    check(drive(on_kafka(tmp_path), plan), plan)


@pytest.mark.parametrize(
    ("bench", "kind"),
    [
        ("embedded", "offset-first"),
        ("embedded", "by-the-clock"),
        pytest.param("kafka", "offset-first", marks=(*ON_KAFKA, pytest.mark.soak)),
        pytest.param("kafka", "by-the-clock", marks=(*ON_KAFKA, pytest.mark.soak)),
    ],
    indirect=["bench"],
)
def test_the_drive_catches_a_worker_that_moves_the_offset_before_the_effect(bench: Workbench, kind: str) -> None:
    verdict = drive(bench, Plan(listings=2_000, kills=4, kind=kind))
    assert verdict.kills >= 4
    assert verdict.backlog == 0
    assert verdict.lost > 0


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_many_kills_during_many_listings(deployed: Workbench) -> None:
    plan = Plan(listings=100_000, kills=50, workers=3, patience_s=1100)
    verdict = drive(deployed, plan)
    log.info("kill drive", **asdict(verdict))
    check(verdict, plan)
