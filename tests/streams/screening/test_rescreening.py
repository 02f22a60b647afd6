"""Re-screening of what is stored: under the newest registry, at a bounded pace, and through a kill in the middle."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from models.leads import Decision, Disposition, Outcome
from models.moments import now
from models.registry import Mark, Registry
from models.rescreenings import Rescreening
from models.storage import SqlStore
from streams.bus import Bus
from streams.bus.topics import LISTINGS
from streams.screening import ContextSource, Screener, ScreeningWorker
from streams.screening.rescreening import Pace, Rescreener
from tests.streams.screening.workbench import MARKS, REGISTRY, WordDetector, Workbench, listings, prepare

COUNT = 120
HITS = COUNT // 20
FAST = Pace(batch=20, per_second=0)
WIDER = Registry(marks=(*REGISTRY.marks, Mark(mark_id="m9", text="山间", nice_classes=(32,))))
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return prepare(tmp_path)


@pytest.fixture
def bus(bench: Workbench) -> Iterator[Bus]:
    opened = bench.open_bus()
    yield opened
    opened.close()


@pytest.fixture
def store(bench: Workbench, bus: Bus) -> Iterator[SqlStore]:
    """With listings that a worker screened under the first registry."""
    opened = bench.open_store()
    bus.publish(LISTINGS, listings(COUNT))
    screener, contexts = Screener((WordDetector(),)), ContextSource(opened.registry)
    ScreeningWorker(bus, (LISTINGS,), opened, screener, contexts, bench.worker_settings).run(until_idle=True)
    yield opened
    opened.close()


def rescreener(store: SqlStore, **options: object) -> Rescreener:
    return Rescreener(store, Screener((WordDetector(),)), ContextSource(store.registry), **options)  # type: ignore[arg-type]


def screened(bench: Workbench) -> tuple[int, int, int]:
    """Screenings, the subjects they are of, and how many stand under the newest registry."""
    engine = create_engine(bench.store_settings.url)
    with engine.connect() as connection:
        newest = "(SELECT version FROM registry_versions ORDER BY number DESC LIMIT 1)"
        run = connection.execute(text("SELECT count(*), count(DISTINCT subject_token) FROM screenings")).one()
        standing = connection.execute(
            text(
                "SELECT count(*) FROM subjects JOIN screenings USING (organisation_id, screening_key) "
                f"WHERE registry_version = {newest}"
            )
        ).scalar_one()
    engine.dispose()
    return run[0], run[1], standing


def test_a_wider_registry_reaches_what_is_stored(bench: Workbench, store: SqlStore) -> None:
    version = store.registry.commit("local", WIDER, at=now())
    works = rescreener(store)
    run = works.run(works.begin("local"), FAST)
    assert (run.done, run.screened, run.same, run.failed) == (COUNT, COUNT, 0, 0)
    assert run.finished_at is not None
    assert run.registry_version == version
    assert run.raised == COUNT - HITS
    assert store.screenings.outcomes("local")[Outcome.LEAD] == COUNT
    assert screened(bench) == (2 * COUNT, COUNT, COUNT)


def test_again_under_the_same_context_nothing_is_done(bench: Workbench, store: SqlStore) -> None:
    works = rescreener(store)
    run = works.run(works.begin("local"), FAST)
    assert (run.done, run.screened, run.same) == (COUNT, 0, COUNT)
    assert screened(bench)[0] == COUNT


def test_decisions_survive_and_the_lead_says_what_it_was_screened_under(store: SqlStore) -> None:
    lead_id = listings(1)[0].key.token
    lead = store.leads.get("local", lead_id)
    dismissed = Decision(disposition=Disposition.DISMISSED, reason="other: x", decided_by="li", decided_at=now())
    store.leads.decide("local", lead_id, dismissed, revision=lead.revision)
    version = store.registry.commit("local", Registry(marks=WIDER.marks[1:]), at=now())
    works = rescreener(store)
    run = works.run(works.begin("local"), FAST)
    after = store.leads.get("local", lead_id)
    assert (after.disposition, after.decisions[-1].decided_by) == (Disposition.DISMISSED, "li")
    assert after.screening.registry_version == version
    assert after.screening.rules_version == run.rules_version
    assert run.lowered + run.raised > 0
    assert MARKS[0] not in {finding.subject_value for finding in after.screening.findings}


def test_a_run_that_was_stopped_is_taken_up_where_it_was(store: SqlStore) -> None:
    store.registry.commit("local", WIDER, at=now())
    works = rescreener(store)
    half = works.run(works.begin("local"), FAST, told=lambda run: works.stop() if run.done >= 60 else None)
    assert (half.done, half.finished_at) == (60, None)
    heir = rescreener(store)
    again = heir.begin("local")
    assert (again.run_id, again.cursor) == (half.run_id, half.cursor)
    assert heir.run(again, FAST).screened == COUNT
    assert rescreener(store).begin("local", anew=True).run_id != half.run_id


def test_the_pace_is_kept(store: SqlStore) -> None:
    store.registry.commit("local", WIDER, at=now())
    works = rescreener(store)
    began = time.monotonic()
    works.run(works.begin("local"), Pace(batch=30, per_second=100))
    assert time.monotonic() - began >= COUNT / 100


def test_a_newer_state_that_comes_meanwhile_is_not_pushed_aside(bench: Workbench, bus: Bus, store: SqlStore) -> None:
    store.registry.commit("local", WIDER, at=now())
    changed = listings(1)[0].model_copy(update={"title": "云朵鹿 换了标题"})

    def meanwhile(step: str) -> None:
        if step == "screened":
            bus.publish(LISTINGS, [changed])
            screener, contexts = Screener((WordDetector(),)), ContextSource(store.registry)
            ScreeningWorker(bus, (LISTINGS,), store, screener, contexts, bench.worker_settings).run(until_idle=True)

    works = rescreener(store, checkpoint=meanwhile)
    run = works.run(works.begin("local"), Pace(batch=COUNT, per_second=0))
    assert run.moved == 1
    assert store.screenings.listing("local", changed.platform, changed.listing_id) == changed


def work(bench: Workbench, step: str, passes: int) -> None:
    """The victim: kills itself when it comes to this step for the so-manieth time."""
    store = bench.open_store()

    def checkpoint(reached: str) -> None:
        nonlocal passes
        passes -= reached == step
        if passes <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    works = rescreener(store, checkpoint=checkpoint)
    works.run(works.begin("local"), FAST)


def noted_first(self: Rescreener, run: Rescreening, pace: Pace) -> None:
    """A run that is wrong on purpose: it notes a batch before it has stored it."""
    page = self._store.rescreenings.subjects(run.organisation_id, after=run.cursor, limit=pace.batch)
    moved = run.model_copy(update={"cursor": page[-1].subject.key.token, "done": run.done + len(page)})
    self._store.rescreenings.save(moved)
    self._checkpoint("noted")


def work_wrongly(bench: Workbench, step: str, passes: int) -> None:
    store = bench.open_store()
    works = rescreener(store, checkpoint=lambda reached: os.kill(os.getpid(), signal.SIGKILL))
    noted_first(works, works.begin("local"), FAST)


def killed(target, bench: Workbench, step: str, passes: int) -> None:  # type: ignore[no-untyped-def]
    process = PROCESSES.Process(target=target, args=(bench, step, passes), daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def test_killed_at_every_step_it_loses_and_doubles_nothing(bench: Workbench, store: SqlStore) -> None:
    store.registry.commit("local", WIDER, at=now())
    for step in ("screened", "recorded", "noted"):
        killed(work, bench, step, 2)
    works = rescreener(store)
    run = works.run(works.begin("local"), FAST)
    assert run.done == COUNT
    assert run.screened + run.same == COUNT
    assert screened(bench) == (2 * COUNT, COUNT, COUNT)
    assert store.screenings.outcomes("local")[Outcome.LEAD] == COUNT


def test_a_run_that_notes_before_it_stores_is_caught(bench: Workbench, store: SqlStore) -> None:
    store.registry.commit("local", WIDER, at=now())
    killed(work_wrongly, bench, "noted", 1)
    works = rescreener(store)
    works.run(works.begin("local"), FAST)
    assert screened(bench)[2] < COUNT
