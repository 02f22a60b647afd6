"""A registry that changes under traffic: workers go on, take the new version soon, and nobody screens with half."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, select

from detectors.trademark.index import MarkIndex, index_version
from models.context import Context
from models.errors import TransientFault
from models.moments import now
from models.registry import Mark, Registry
from models.storage import SqlStore
from models.storage.ledger import load_screenings
from models.storage.tables import screenings as screenings_table
from streams.screening import ContextSource, IndexFiles, RefreshedContexts, Screener, ScreeningWorker, build_context
from tests.streams.screening.workbench import NOON, REGISTRY, WordDetector, Workbench, listings, prepare

SOON_S = 10.0


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return prepare(tmp_path)


@pytest.fixture
def store(bench: Workbench) -> Iterator[SqlStore]:
    opened = bench.open_store()
    yield opened
    opened.close()


class Slow(ContextSource):
    """Takes as long to build as the test wants."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.go = threading.Event()
        self.slow = self.fails = False

    def _build(self, *given: Any) -> Context:
        if self.slow:
            assert self.go.wait(SOON_S)
        if self.fails:
            raise TransientFault("the index folder is full")
        return super()._build(*given)


def grown(number: int) -> Registry:
    return Registry(marks=(*REGISTRY.marks, Mark(mark_id=f"m-new-{number}", text=f"鹿鸣{number}谷")))


def test_the_work_goes_on_with_the_old_context_while_the_new_one_is_built(store: SqlStore) -> None:
    source = Slow(store.registry)
    contexts = RefreshedContexts(source, patience_s=0.05)
    old = contexts.current("local")
    source.slow = True
    store.registry.commit("local", grown(1), at=NOON)
    began = time.monotonic()
    assert contexts.current("local") is old
    assert time.monotonic() - began < SOON_S / 2
    source.go.set()
    deadline = time.monotonic() + SOON_S
    while contexts.current("local") is old:
        assert time.monotonic() < deadline
    assert len(contexts.current("local").registry.marks) == len(REGISTRY.marks) + 1
    contexts.close()


def test_a_small_change_holds_from_the_next_batch_on(store: SqlStore) -> None:
    contexts = RefreshedContexts(ContextSource(store.registry), patience_s=SOON_S)
    contexts.current("local")
    for number in range(3):
        store.registry.commit("local", grown(number), at=NOON)
        assert f"m-new-{number}" in {mark.mark_id for mark in contexts.current("local").registry.marks}
    contexts.close()


def test_what_cannot_be_built_leaves_the_old_one_standing_and_is_tried_again(store: SqlStore) -> None:
    source = Slow(store.registry)
    contexts = RefreshedContexts(source, patience_s=SOON_S)
    old = contexts.current("local")
    source.fails = True
    store.registry.commit("local", grown(1), at=NOON)
    assert contexts.current("local") is old
    source.fails = False
    assert contexts.current("local") is not old
    contexts.close()


def test_a_delta_is_merged_beside_the_work(store: SqlStore, tmp_path: Path) -> None:
    contexts = RefreshedContexts(ContextSource(store.registry, index_files=IndexFiles(tmp_path / "i")))
    contexts.current("local")
    store.registry.commit("local", grown(1), at=NOON)
    deadline = time.monotonic() + SOON_S
    while contexts.current("local").snapshot("marks", MarkIndex).delta_size() or len(
        contexts.current("local").registry.marks
    ) == len(REGISTRY.marks):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    contexts.close()


def test_workers_take_a_change_up_under_traffic_and_screen_with_whole_versions(
    bench: Workbench, store: SqlStore
) -> None:
    """Three workers, six changes: each worker uses each last version soon, and every screening names one version and
    has exactly the findings of that version's marks."""
    versions = {REGISTRY.version: REGISTRY}
    used: dict[str, set[str]] = {}
    workers = [_worker(bench, f"w{number}", used) for number in range(3)]
    threads = [threading.Thread(target=worker.run) for worker, _ in workers]
    for thread in threads:
        thread.start()
    bus = bench.open_bus()
    start = 0
    for number in range(6):
        registry = grown(number)
        store.registry.commit("local", registry, at=now())
        committed = store.registry.current("local")
        versions[committed.version] = committed
        deadline = time.monotonic() + SOON_S
        while any(committed.version not in used.get(f"w{each}", ()) for each in range(3)):
            assert time.monotonic() < deadline, f"version {number} is not used everywhere"
            some = [replace_title(each, f"鹿鸣{number}谷") for each in listings(60, start=start, hit_every=7)]
            bus.publish(bench.topic, some)
            start += 60
            time.sleep(0.02)
    for worker, _ in workers:
        worker.stop()
    for thread in threads:
        thread.join()
    for _, (contexts, opened) in workers:
        contexts.close()
        opened.close()
    bus.close()
    check_whole(bench, versions)


def replace_title(listing: Any, word: str) -> Any:
    return listing.model_copy(update={"title": f"{word} {listing.title}"})


def _worker(bench: Workbench, member: str, used: dict[str, set[str]]) -> tuple[ScreeningWorker, tuple[Any, Any]]:
    store = bench.open_store()
    contexts = RefreshedContexts(ContextSource(store.registry))

    class Noting(Screener):
        def screen(self, observations: Any, context: Context, *, at: Any) -> Any:
            used.setdefault(member, set()).add(context.registry.version)
            return super().screen(observations, context, at=at)

    settings = bench.worker_settings.model_copy(update={"member": member, "batch": 20, "poll_timeout_s": 0.05})
    worker = ScreeningWorker(bench.open_bus(), (bench.topic,), store, Noting((WordDetector(),)), contexts, settings)
    return worker, (contexts, store)


def check_whole(bench: Workbench, versions: dict[str, Registry]) -> None:
    """Every screening that was ever stored has the findings of the version that it names, and of no other."""
    engine = create_engine(bench.store_settings.url)
    with engine.connect() as connection:
        keys = connection.execute(select(screenings_table.c.screening_key)).scalars().all()
        stored = load_screenings(connection, "local", keys).values()
    engine.dispose()
    assert len({screening.registry_version for screening in stored}) == len(versions) - 1
    for screening in stored:
        marks = versions[screening.registry_version].marks
        expected = {mark.mark_id for mark in marks if mark.text in screening.subject.title}
        assert {finding.mark_id for finding in screening.findings} == expected


# --- the builder dies -----------------------------------------------------------------------------------------------


def build_for_ever(folder: str, says: Any) -> None:
    """Build the index of one registry after the other, and say which is about to be begun."""
    files = IndexFiles(Path(folder))
    for number in range(10_000):
        says.send(number)
        build_context(many(number), as_of=NOON, index_files=files)


def many(number: int) -> Registry:
    """A registry that shares nothing with the others, so that each gets a base of its own."""
    return Registry(marks=tuple(Mark(mark_id=f"{number}-{each}", text=f"鹿鸣{number}谷{each}") for each in range(400)))


def test_a_builder_that_is_killed_leaves_whole_indexes_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detectors.trademark.index.DELTA_AT_LEAST", 0)
    kills = 30
    processes = multiprocessing.get_context("fork")
    seen = 0
    for _ in range(kills):
        ears, says = processes.Pipe(duplex=False)
        builder = processes.Process(target=build_for_ever, args=(str(tmp_path), says), daemon=True)
        builder.start()
        assert [ears.recv(), ears.recv()] == [0, 1], "it has finished one since it started"
        time.sleep(random.uniform(0, 0.05))
        os.kill(builder.pid or 0, signal.SIGKILL)
        builder.join()
        ears.close()
        says.close()
        seen += every_index_is_whole(tmp_path)
    assert seen >= kills


def every_index_is_whole(folder: Path) -> int:
    """Hold every version that a reader can see against one built anew; returns how many there were."""
    files = IndexFiles(folder)
    versions = files.versions("local", "marks")
    assert versions
    for version in versions:
        arrays = files.load("local", "marks", version)
        assert arrays is not None
        number = int(MarkIndex.from_arrays(version, arrays).mark_id(0).partition("-")[0])
        expected = MarkIndex.build(many(number))
        assert version == index_version(many(number)) == expected.version
        assert arrays.keys() == expected.arrays().keys()
        for name, array in expected.arrays().items():
            np.testing.assert_array_equal(array, arrays[name])
    return len(versions)


def test_the_check_catches_an_index_that_is_half_written(tmp_path: Path) -> None:
    build_context(many(1), as_of=NOON, index_files=IndexFiles(tmp_path))
    (half,) = tmp_path.rglob("owner.npy")
    np.save(half, np.load(half)[:-1])
    with pytest.raises(AssertionError):
        every_index_is_whole(tmp_path)


def test_what_a_dead_builder_left_half_done_is_cleared_away(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    files.save("local", "marks", "v1", {"a": np.arange(3)})
    (place,) = (each for each in tmp_path.rglob("v1") if each.is_dir())
    old, fresh = place.with_name(".unfinished-v2-old"), place.with_name(".unfinished-v2-fresh")
    for each in (old, fresh):
        each.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    files.save("local", "marks", "v3", {"a": np.arange(3)})
    assert not old.exists()
    assert fresh.exists(), "its builder may be at work"
