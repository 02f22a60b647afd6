"""The collector of cycles passes over large contexts, and contexts that were replaced go without it."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.catalogue import detectors
from models.findings import Observation
from models.registry import Mark, Registry
from streams.screening import ContextSource, IndexFiles, Screener
from streams.screening.settling import LARGE, resting, settle
from tests.streams.screening.workbench import NOON, REGISTRY, listings, prepare


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """What is passed over is looked at again afterwards."""
    yield
    gc.enable()
    gc.unfreeze()


def test_the_collector_rests_inside_and_is_awake_again_also_after_a_fault() -> None:
    seen = []
    with pytest.raises(ZeroDivisionError), resting():
        seen.append(1 / gc.isenabled())
    assert gc.isenabled()
    assert seen == []


def test_one_that_was_asleep_stays_so() -> None:
    gc.disable()
    with resting():
        pass
    assert not gc.isenabled()


@pytest.mark.parametrize(("marks", "passed_over"), [(LARGE - 1, False), (LARGE, True)])
def test_only_large_registries_are_passed_over(marks: int, passed_over: bool) -> None:
    settle(marks)
    assert (gc.get_freeze_count() > 0) is passed_over


def test_a_context_that_was_replaced_goes_though_the_collector_does_not_see_it(tmp_path: Path) -> None:
    store = prepare(tmp_path).open_store()
    source = ContextSource(store.registry, index_files=IndexFiles(tmp_path / "indexes"))
    screener = Screener(detectors())
    old = source.current("local")
    screener.screen([Observation(each) for each in listings(40)], old, at=NOON)
    gone = [weakref.ref(old), weakref.ref(old.registry), weakref.ref(old.snapshots["marks"])]
    gc.disable()
    settle(LARGE)
    added = Mark(mark_id="m-new", text="青岚牧", nice_classes=(32,))
    store.registry.commit("local", Registry(marks=(*REGISTRY.marks, added)), at=NOON)
    new = source.current("local")
    screener.screen([Observation(each) for each in listings(40)], new, at=NOON)
    del old
    assert [each() for each in gone] == [None, None, None]
    store.close()
