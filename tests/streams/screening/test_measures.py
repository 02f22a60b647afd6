"""What a worker counts and times, read as Prometheus reads it after real messages went through."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from models.context import Context
from models.findings import Finding, Observation
from models.subjects import Listing
from streams.bus.traced import TracedBus
from streams.measures import TABLE, Measures
from streams.screening import ContextSource, Screener, ScreeningWorker
from tests.streams.screening.workbench import SKULL, Tripwire, WordDetector, listings, prepare

Samples = dict[tuple[str, tuple[str, ...]], float]


def worked(folder: Path, measures: Measures) -> None:
    """Sixty listings of which three are leads, and one poison, through a worker."""
    bench = prepare(folder)
    with closing(bench.open_store()) as store, closing(TracedBus(bench.open_bus())) as bus:
        poison = listings(1, start=900)[0].model_copy(update={"title": f"{SKULL} 张三丰 13800138000"})
        bus.publish(bench.topic, [*listings(60), poison])
        worker = ScreeningWorker(
            bus,
            (bench.topic,),
            store,
            Screener((WordDetector(), Quoting())),
            ContextSource(store.registry),
            bench.worker_settings,
            measures=measures,
        )
        worker.run(until_idle=True)


class Quoting(Tripwire):
    """Falls over a skull and quotes the whole title while doing so."""

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        for observation in batch:
            if isinstance(observation.subject, Listing) and SKULL in observation.subject.title:
                raise KeyError(observation.subject.title)
        return [[] for _ in batch]


@pytest.fixture(autouse=True)
def every_level() -> None:
    """A command that ran before in this process may have set a level."""
    structlog.reset_defaults()


def samples(measures: Measures) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(measures.text().decode())
        for sample in family.samples
    }


def test_every_stage_and_outcome_is_counted(tmp_path: Path) -> None:
    measures = Measures()
    worked(tmp_path, measures)
    seen = samples(measures)
    topic = "jianzhen.listings"
    assert seen["jianzhen_received_total", (topic,)] == 61
    assert seen["jianzhen_screened_total", ("lead", "listing")] == 3
    assert seen["jianzhen_screened_total", ("listing", "no-match")] == 57
    assert seen["jianzhen_dead_letters_total", (topic,)] == 1
    for stage in ("bus", "pictures", "detectors", "store"):
        assert seen["jianzhen_stage_seconds_count", (stage,)] > 0
    assert seen["jianzhen_stage_seconds_sum", ("store",)] > 0
    assert seen["jianzhen_last_batch_timestamp_seconds", ()] > 1.7e9


def test_one_trace_leads_from_publication_to_the_stored_lead(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as lines:
        worked(tmp_path, Measures())
    published = {line["trace"] for line in lines if line["event"] == "publishing"}
    told = {line["trace"] for line in lines if line["event"] == "screened" and line["outcome"] == "lead"}
    letters = [line for line in lines if line["event"] == "dead letter"]
    assert len(published) == 61
    assert len(told) == 3
    assert told < published
    assert letters[0]["trace"] in published
    bench = prepare(tmp_path)
    with closing(bench.open_store()) as store:
        standing = [screening for screening, _ in store.triage.standing("local")]
        stored = {screening.observation_id for screening in standing if screening.assessment.flagged}
    assert told == stored


def test_logs_hold_nothing_of_what_subjects_say(tmp_path: Path) -> None:
    """The dead letter's error quotes the title that it fell over; the log does not."""
    with structlog.testing.capture_logs() as lines:
        worked(tmp_path, Measures())
    said = repr(lines)
    assert "dead letter" in said
    for canary in ("张三丰", "13800138000", "矿泉水", "白鹭购", "L0000"):
        assert canary not in said


@pytest.mark.parametrize("name", sorted(TABLE))
def test_operations_md_knows_every_metric(name: str) -> None:
    assert f"`{name}`" in (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
