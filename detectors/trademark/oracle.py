"""The oracle: the slow, obvious comparison of every window with every name. The index is held to it by tests.

Owns nothing but two loops, and for registries of real size a count that leaves out what is obviously far: names of
which the window lacks more elements than any rule of nearness lets go, however they are heard. Never used on a page of
real length against a real registry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.trademark.alphabet import folded_sound, heard_letters, syllables
from detectors.trademark.comparators import OTHER_WORD, compare
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.readings import read
from detectors.trademark.tables import TWO_LETTERS_FROM
from detectors.trademark.windows import windows

NAMES_APART = 2  # elements: names that are longer or shorter by more are near only when they are heard alike
LACKING = 2  # elements of a near name that are not to be heard in the window; of a long name of letters one more

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sight:
    """One name seen in one stretch of a text, `start` and `end` in code points, end exclusive."""

    start: int
    end: int
    name: str
    likeness: Likeness


class Oracle:
    """Names with how each of their elements is heard, near sounds folded. With `narrow` only names that share all but
    a few with a window are compared with it; without it all are, which finds the same."""

    def __init__(self, names: Sequence[str], *, narrow: bool = False) -> None:
        self._names, self._narrow = names, narrow
        self._sizes = np.array([len(folded(name)) for name in names], dtype=np.int64)
        sharing: dict[str, list[int]] = {}
        for number, name in enumerate(names if narrow else ()):
            for trace in {trace for element in folded(name) for trace in _traces(element)}:
                sharing.setdefault(trace, []).append(number)
        self._sharing = {trace: np.array(numbers, dtype=np.int64) for trace, numbers in sharing.items()}
        different = np.array([len(set(map(_heard, folded(name)))) for name in names], dtype=np.int64)
        self._by_ear: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            self._by_ear.setdefault(heard_letters(name), []).append(number)
        self._wanted = np.maximum(1, different - np.where(self._sizes < TWO_LETTERS_FROM, LACKING, OTHER_WORD))

    def sights(self, text: str) -> Iterator[Sight]:
        """Everything in the text that is near to any of the names."""
        readings = read([text])
        spans = windows(readings)
        for first, last in zip(spans.start.tolist(), spans.end.tolist(), strict=True):
            start, end = int(readings.start[first]), int(readings.end[last - 1])
            piece, window = text[start:end], "".join(map(chr, readings.shape[first:last].tolist()))
            alike = self._by_ear.get(heard_letters(piece), []) if heard_letters(piece) else []
            for number in sorted({*self._asked(window).tolist(), *alike}):
                likeness = compare(piece, self._names[number])
                if likeness is not None:
                    yield Sight(start, end, self._names[number], likeness)

    def _asked(self, window: str) -> Numbers:
        sized = np.flatnonzero(abs(self._sizes - len(window)) <= NAMES_APART)
        if not self._narrow:
            return sized
        shared = np.zeros(len(self._names), dtype=np.int64)
        for trace in {trace for element in window for trace in _traces(element)}:
            shared[self._sharing.get(trace, [])] += 1
        return sized[shared[sized] >= self._wanted[sized]]


def sights(text: str, names: Sequence[str]) -> Iterator[Sight]:
    """Everything in the text that is near to any of the names, each compared with every window."""
    return Oracle(names).sights(text)


def _traces(element: str) -> set[str]:
    """Every way to hear the element; itself where it is not spoken."""
    return {folded_sound(syllable)[0] for syllable in syllables(element)} or {element}


def _heard(element: str) -> str:
    """The usual way to hear the element: two that are heard alike count once."""
    return folded_sound(syllables(element)[0])[0] if syllables(element) else element
