"""Contexts: built once, kept while they hold good, shared through files, changed when what they show has changed."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from detectors.trademark.index import MarkIndex
from models.errors import TransientFault
from models.pictures import PictureReading, ReferencePicture
from models.registry import Mark, Registry
from models.storage import SqlStore
from streams.screening import ContextSource, IndexFiles, build_context
from tests.streams.screening.workbench import NOON, REGISTRY, prepare


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = prepare(tmp_path).open_store()
    yield opened
    opened.close()


def test_a_context_from_files_equals_one_built_in_memory(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path / "indexes")
    plain = build_context(REGISTRY, as_of=NOON)
    first = build_context(REGISTRY, as_of=NOON, index_files=files)
    again = build_context(REGISTRY, as_of=NOON, index_files=files)
    assert plain.version == first.version == again.version
    built, mapped = plain.snapshot("marks", MarkIndex).arrays(), again.snapshot("marks", MarkIndex).arrays()
    assert built.keys() == mapped.keys()
    for name, array in built.items():
        np.testing.assert_array_equal(array, mapped[name])
    assert isinstance(mapped["rows"].base, np.memmap)
    assert not mapped["rows"].flags.writeable


def test_workers_that_start_together_build_an_index_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def build(registry: Registry) -> MarkIndex:
        built.append(registry)
        time.sleep(0.2)
        return original(registry)

    original = MarkIndex.build
    monkeypatch.setattr(MarkIndex, "build", build)
    with ThreadPoolExecutor(3) as threads:
        files = [IndexFiles(tmp_path) for _ in range(3)]
        contexts = threads.map(lambda each: build_context(REGISTRY, as_of=NOON, index_files=each), files)
        assert len({context.version for context in contexts}) == 1
    assert len(built) == 1


def test_a_registry_that_changed_a_little_is_a_delta_over_the_mapped_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = IndexFiles(tmp_path)
    build_context(REGISTRY, as_of=NOON, index_files=files)
    monkeypatch.setattr(MarkIndex, "build", lambda _: pytest.fail("the base was built anew"))
    grown = Registry(marks=(*REGISTRY.marks, Mark(mark_id="m-new", text="鹿鸣谷")))
    index = build_context(grown, as_of=NOON, index_files=files).snapshot("marks", MarkIndex)
    assert isinstance(index.base.rows.base, np.memmap)
    assert index.delta is not None
    assert index.delta.mark_count() == 1
    assert index.mark_count() == len(grown.marks)
    assert len(files.versions("local", "marks")) == 1
    assert files.versions("other", "marks") == []


def test_a_registry_that_changed_much_gets_a_new_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detectors.trademark.index.DELTA_AT_LEAST", 2)
    files = IndexFiles(tmp_path)
    first = build_context(REGISTRY, as_of=NOON, index_files=files)
    other = Registry(marks=tuple(Mark(mark_id=f"n{number}", text=f"鹿鸣{number}谷") for number in range(9)))
    index = build_context(other, as_of=NOON, index_files=files).snapshot("marks", MarkIndex)
    assert index.delta_size() == 0
    assert files.versions("local", "marks")[0] == index.version != first.snapshots["marks"].version


def test_a_delta_is_merged_without_anyone_waiting(store: SqlStore, tmp_path: Path) -> None:
    source = ContextSource(store.registry, index_files=IndexFiles(tmp_path), clock=Clock(NOON))
    assert not source.merge("local")
    store.registry.commit("local", REGISTRY, at=NOON)
    source.current("local")
    assert not source.merge("local")
    grown = Registry(marks=(*REGISTRY.marks, Mark(mark_id="m-new", text="鹿鸣谷")))
    store.registry.commit("local", grown, at=NOON)
    layered = source.current("local")
    assert layered.snapshot("marks", MarkIndex).delta_size() == 1
    assert source.merge("local")
    merged = source.current("local")
    assert merged.snapshot("marks", MarkIndex).delta_size() == 0
    assert merged.snapshot("marks", MarkIndex).mark_count() == len(grown.marks)
    assert merged.version == layered.version
    assert layered.snapshot("marks", MarkIndex).delta_size() == 1, "who still reads the old one reads all of it"


def test_an_empty_registry_has_a_context_too(tmp_path: Path) -> None:
    for _ in range(2):
        context = build_context(Registry(), as_of=NOON, index_files=IndexFiles(tmp_path))
        assert context.snapshot("marks", MarkIndex).mark_count() == 0


def test_index_files_keep_the_newest_versions_and_never_show_half_of_one(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    for number in range(6):
        files.save("../up", "marks", f"v{number}", {"a": np.arange(number + 1)})
    kept = [path for path in tmp_path.rglob("v*") if path.is_dir()]
    assert sorted(path.name for path in kept) == ["v3", "v4", "v5"]
    assert all(tmp_path in path.parents for path in kept)
    assert files.load("../up", "marks", "v0") is None
    assert files.load("other", "marks", "v5") is None
    loaded = files.load("../up", "marks", "v5")
    assert loaded is not None
    shutil.rmtree(kept[0].parent)
    np.testing.assert_array_equal(loaded["a"], np.arange(6))


def test_a_torn_index_is_a_fault_and_not_an_answer(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    files.save("local", "marks", "v1", {"a": np.arange(100)})
    (path,) = tmp_path.rglob("a.npy")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(TransientFault, match="v1"):
        files.load("local", "marks", "v1")


def test_a_context_is_kept_until_something_changes(store: SqlStore) -> None:
    clock = Clock(NOON)
    source = ContextSource(store.registry, clock=clock)
    first = source.current("local")
    assert source.current("local") is first
    assert source.current("org-2").registry.marks == ()
    clock.at += timedelta(hours=11)
    assert source.current("local") is first
    clock.at += timedelta(hours=12)
    tomorrow = source.current("local")
    assert tomorrow.version != first.version
    assert tomorrow.snapshots["marks"] is first.snapshots["marks"]
    store.registry.commit("local", Registry(marks=(Mark(mark_id="m1", text="鹿鸣谷"),)), at=NOON)
    changed = source.current("local")
    assert changed.registry.marks[0].text == "鹿鸣谷"
    picture = ReferencePicture(
        mark_id="m1", reading=PictureReading(address="a.png", hashes={"pdq-256": "0f" * 32, "phash-64": "0f" * 8})
    )
    store.registry.save_reference_pictures("local", [picture])
    assert source.current("local").version != changed.version
