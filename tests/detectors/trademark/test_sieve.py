"""The sieve and the compiled path: no bound is ever too low, and both paths find the same, to the last bit."""

import random
from itertools import pairwise

import numpy as np
import pytest

from detectors.trademark import MarkIndex, TrademarkDetector, compiled
from detectors.trademark.candidates import Candidates, candidates
from detectors.trademark.comparators import compare
from detectors.trademark.names import Spelling
from detectors.trademark.readings import Readings, read
from detectors.trademark.sieve import reach
from models.context import Context
from models.findings import Finding, Observation
from models.registry import Registry
from models.subjects import Listing
from tests.detectors.trademark.disguises import disguised, registry
from tests.detectors.trademark.test_segments import TODAY

needs_numba = pytest.mark.skipif(not compiled.available(), reason="numba is an extra")


def hidden(dice: random.Random, registered: Registry, count: int) -> list[str]:
    titles = ["新款" + disguised(dice.choice(registered.marks).text, dice) + "包邮" for _ in range(count)]
    return [*titles, *(disguised(title, dice) for title in titles)]


def every_pair(readings: Readings, index: MarkIndex, windows: list[tuple[int, int]]) -> Candidates:
    """Each window with each name of the index, as a search that knows nothing would bring them."""
    names = np.tile(np.arange(len(index.owner)), len(windows))
    start, end = (np.repeat(np.array(side), len(index.owner)) for side in zip(*windows, strict=True))
    shapes = ["".join(map(chr, readings.shape[first:last].tolist())) for first, last in windows]
    known = [read([index.name(number)]).shape.tolist() for number in range(len(index.owner))]
    exact = np.array([shape == "".join(map(chr, name)) for shape in shapes for name in known], dtype=np.bool_)
    return Candidates(start, end, names, exact)


@pytest.mark.parametrize("on", [pytest.param(True, marks=needs_numba), False])
def test_no_bound_is_lower_than_what_the_comparators_say(on: bool) -> None:
    dice = random.Random(17)
    registered = registry(dice, 60)
    index = MarkIndex.build(registered)
    texts = [disguised(mark.text, dice) for mark in registered.marks for _ in range(4)]
    readings = read(texts)
    edges = readings.first.tolist()
    spans = [(first, last) for first, last in pairwise(edges) if last - first >= 2]
    pairs = every_pair(readings, index, spans)
    with compiled.switched(on=on):
        bounds = reach(readings, pairs, index)
    near = 0
    for start, end, name, bound in zip(pairs.start, pairs.end, pairs.name, bounds, strict=True):
        text = texts[readings.text[start]]
        likeness = compare(text[readings.start[start] : readings.end[end - 1]], index.name(int(name)))
        if likeness is not None and (likeness.same or index.spelling[np.array([name])][0] < Spelling.PINYIN):
            near += 1
            assert bound >= likeness.score, (text, index.name(int(name)), likeness)
    assert near > 100
    assert np.count_nonzero(bounds < 0.5) > 0.5 * len(bounds), "a sieve that lets everything pass is none"


def told(index: MarkIndex, registered: Registry, titles: list[str], *, on: bool) -> list[list[Finding]]:
    context = Context(registry=registered, as_of=TODAY, snapshots={"marks": index})
    observations = [
        Observation(Listing(listing_id=str(number), platform="p", title=title)) for number, title in enumerate(titles)
    ]
    with compiled.switched(on=on):
        return TrademarkDetector().detect(observations, context)


@needs_numba
@pytest.mark.parametrize("seed", range(2))
def test_both_paths_find_the_same(seed: int) -> None:
    dice = random.Random(seed)
    registered = registry(dice, 500)
    index = MarkIndex.build(registered)
    readings = read(hidden(dice, registered, 60))
    with compiled.switched(on=True):
        quick = candidates(readings, index)
        quick_bounds = reach(readings, quick, index)
    with compiled.switched(on=False):
        plain = candidates(readings, index)
        plain_bounds = reach(readings, plain, index)
    assert len(quick) > 200
    for field in ("start", "end", "name", "exact"):
        np.testing.assert_array_equal(getattr(quick, field), getattr(plain, field))
    np.testing.assert_array_equal(quick_bounds, plain_bounds)
    titles = hidden(dice, registered, 40)
    findings = told(index, registered, titles, on=True)
    assert findings == told(index, registered, titles, on=False)
    assert any(findings)


def test_without_numba_the_plain_path_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "available", lambda: False)
    assert compiled.kernels(compiled.WORTH_FROM) is None
    registered = registry(random.Random(1), 20)
    titles = [mark.text for mark in registered.marks]
    assert any(told(MarkIndex.build(registered), registered, titles, on=True))


@needs_numba
def test_kernels_are_for_indexes_of_real_size() -> None:
    assert compiled.kernels(compiled.WORTH_FROM - 1) is None
    assert compiled.kernels(compiled.WORTH_FROM) is not None
    with compiled.switched(on=False):
        assert compiled.kernels(compiled.WORTH_FROM) is None
