"""The index of marks: for any window of any text, the marks whose names could be near to it.

Owns which segments answer for one version of a registry: a base that was built once and is mapped by whoever needs it,
a small delta with the marks that were added or changed since, and which marks of the base no longer count. Names and
marks are numbered through: those of the delta follow those of the base. Leaves the layout to
`detectors.trademark.segments`, asking to `detectors.trademark.candidates` and judging to
`detectors.trademark.comparators`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.trademark.keys import Ints
from detectors.trademark.segments import ALGORITHM as ALGORITHM
from detectors.trademark.segments import Segment, content_of
from detectors.trademark.tables import data_version
from models.identity import digest
from models.registry import Mark, Registry

DELTA_AT_LEAST = 2_000  # marks: so many changes never ask for a new base
DELTA_AT_MOST = 0.05  # of the base: with more changes a new base is worth its time
NAMES_KEPT = 1 << 16

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


class Column:
    """One array of every segment, as if they stood one after the other."""

    def __init__(self, parts: Sequence[Array]) -> None:
        self._first, *self._rest = parts
        self._size = sum(map(len, parts))

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, numbers: Ints) -> Array:
        """The values at these numbers."""
        own = len(self._first)
        if not self._rest:
            return self._first[numbers]
        (second,) = self._rest
        values = np.empty(len(numbers), dtype=self._first.dtype)
        beyond = numbers >= own
        values[~beyond] = self._first[numbers[~beyond]]
        values[beyond] = second[numbers[beyond] - own]
        return values

    def tolist(self) -> list[Any]:
        """Every value."""
        return [value for part in (self._first, *self._rest) for value in part.tolist()]


@dataclass(frozen=True)
class Changes:
    """How a registry differs from a base: marks of the base that no longer count, and marks to be indexed anew."""

    removed: Flags
    added: tuple[Mark, ...]

    def __len__(self) -> int:
        return int(np.count_nonzero(self.removed)) + len(self.added)


@dataclass(frozen=True)
class MarkIndex:
    """The marks of one registry version, searchable. Build it with `MarkIndex.build`, or over a base with `over`."""

    version: str
    base: Segment
    delta: Segment | None = None
    removed: Flags | None = None  # over the marks of the base

    @classmethod
    def build(cls, registry: Registry) -> "MarkIndex":
        """Index all marks of the registry in one segment."""
        return cls(index_version(registry), Segment.build(_ordered(registry)))

    @classmethod
    def over(cls, base: Segment, registry: Registry, changes: Changes) -> "MarkIndex":
        """The index of a registry as a base with what changed since. Finds what `build` would find."""
        if not len(changes):
            return cls(index_version(registry), base)
        delta = Segment.build(changes.added) if changes.added else None
        return cls(index_version(registry), base, delta, changes.removed)

    def arrays(self) -> dict[str, Array]:
        """The base's arrays by name, ready to be written with `numpy.save` and mapped with `mmap_mode`."""
        return self.base.arrays()

    @classmethod
    def from_arrays(cls, version: str, arrays: Mapping[str, Array]) -> "MarkIndex":
        """An index over arrays that may be memory-mapped, read-only. Raises `ConfigurationError` when
        one is missing."""
        return cls(version, Segment.from_arrays(arrays))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The base, then the delta where there is one."""
        return (self.base,) if self.delta is None else (self.base, self.delta)

    @cached_property
    def owner(self) -> Column:
        """The mark of each name."""
        first, *rest = self.segments
        marks = np.uint32(first.mark_count())
        return Column([first.owner, *(segment.owner + marks for segment in rest)])

    @cached_property
    def spelling(self) -> Column:
        """How each name is spelled, a `Spelling`."""
        return Column([segment.spelling for segment in self.segments])

    @cached_property
    def exact(self) -> Column:
        """The low bits of the key of each name's shape."""
        return Column([segment.exact for segment in self.segments])

    @cached_property
    def classes(self) -> Column:
        """The Nice classes of each mark, as bits."""
        return Column([segment.classes for segment in self.segments])

    def name(self, number: int) -> str:
        """The name as the registry spells it."""
        known = self._names.get(number)
        if known is None:
            if len(self._names) >= NAMES_KEPT:
                self._names.clear()
            own = self.base.name_count()
            segment, place = (self.base, number) if number < own else (self.segments[1], number - own)
            known = self._names[number] = segment.name(place)
        return known

    def mark_id(self, number: int) -> str:
        """The id of the mark with that number."""
        own = self.base.mark_count()
        return self.base.mark_id(number) if number < own else self.segments[1].mark_id(number - own)

    def mark_count(self) -> int:
        """How many marks can be found."""
        gone = 0 if self.removed is None else int(np.count_nonzero(self.removed))
        return sum(segment.mark_count() for segment in self.segments) - gone

    def delta_size(self) -> int:
        """How many marks were added, changed or removed since the base was built."""
        added = 0 if self.delta is None else self.delta.mark_count()
        return added + (0 if self.removed is None else int(np.count_nonzero(self.removed)))

    def living(self, names: Ints) -> Flags:
        """Which of these names belong to marks that still count."""
        if self.removed is None:
            return np.ones(len(names), dtype=np.bool_)
        alive = np.ones(len(names), dtype=np.bool_)
        own = np.flatnonzero(names < self.base.name_count())
        alive[own] = ~self.removed[self.base.owner[names[own]]]
        return alive

    @cached_property
    def _names(self) -> dict[int, str]:
        """Names already asked for."""
        return {}


def index_version(registry: Registry) -> str:
    """Names what an index of this registry finds: the registry's version, the algorithm and its tables."""
    return digest("marks", registry.version, ALGORITHM, data_version())


def changes_since(base: Segment, registry: Registry) -> Changes:
    """How the registry differs from what the base was built of."""
    removed = np.ones(base.mark_count(), dtype=np.bool_)
    kept = _numbered(base)
    number, mark_id = next(kept)
    added = []
    for mark in _ordered(registry):
        while number >= 0 and mark_id < mark.mark_id:
            number, mark_id = next(kept)
        if number >= 0 and mark_id == mark.mark_id and int(base.content[number]) == content_of(mark):
            removed[number] = False
        else:
            added.append(mark)
    return Changes(removed, tuple(added))


def worth_a_base(changes: Changes, base: Segment) -> bool:
    """Whether so much has changed that indexing all marks anew is better than a delta."""
    return len(changes) > max(DELTA_AT_LEAST, DELTA_AT_MOST * base.mark_count())


def _ordered(registry: Registry) -> list[Mark]:
    return sorted(registry.marks, key=lambda mark: mark.mark_id)


def _numbered(base: Segment) -> Iterator[tuple[int, str]]:
    """The marks of the base with their numbers, in order; then for ever a number that none has."""
    yield from enumerate(base.mark_ids())
    while True:
        yield -1, ""
