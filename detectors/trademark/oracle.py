"""The oracle: the slow, obvious comparison of every window with every name. The index is held to it by tests.

Owns nothing but two loops. Never used on a page of real length against a real registry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detectors.trademark.comparators import compare
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.readings import read
from detectors.trademark.windows import windows


@dataclass(frozen=True)
class Sight:
    """One name seen in one stretch of a text, `start` and `end` in code points, end exclusive."""

    start: int
    end: int
    name: str
    likeness: Likeness


def sights(text: str, names: Sequence[str]) -> Iterator[Sight]:
    """Everything in the text that is near to any of the names."""
    readings = read([text])
    spans = windows(readings)
    sized = [(len(folded(name)), name) for name in names]
    for first, last in zip(spans.start.tolist(), spans.end.tolist(), strict=True):
        start, end = int(readings.start[first]), int(readings.end[last - 1])
        for size, name in sized:
            if abs(size - (last - first)) <= 2:  # more than two elements apart is never near
                likeness = compare(text[start:end], name)
                if likeness is not None:
                    yield Sight(start, end, name, likeness)
