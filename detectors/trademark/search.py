"""Search: many questions put to the tables of an index at once.

Owns how questions are made and asked, on the plain path (one numpy step for all of them) and on the compiled one (one
kernel, `detectors.trademark.kernels`). Which questions are asked is for `detectors.trademark.candidates`; both paths
find the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.trademark.alphabet import CODE_POINTS
from detectors.trademark.edges import SHORTEST, Edge, first_of, holds, last_of, width
from detectors.trademark.keys import U64, Channel, RollingSums, sealed
from detectors.trademark.postings import Postings
from detectors.trademark.windows import Windows, spread

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Found = tuple[Ints, U64]

AT_ONCE = 1 << 16  # questions that wait for the filter at most, which bounds the memory that they take


@dataclass(frozen=True)
class Others:
    """What may stand for an element: those of code point `c` are `flat[first[c]:first[c] + count[c]]`."""

    first: Ints
    count: Ints
    flat: Ints

    @classmethod
    def of(cls, choices: dict[int, list[int]]) -> "Others":
        """From the choices for each code point."""
        first, count = np.zeros(CODE_POINTS, dtype=np.int64), np.zeros(CODE_POINTS, dtype=np.int64)
        flat: list[int] = []
        for code, others in sorted(choices.items()):
            first[code], count[code] = len(flat), len(others)
            flat += others
        return cls(first, count, np.array([*flat, 0], dtype=np.int64))


class Search:
    """Questions about the windows of one batch, and what the tables answer; by `kernels` where they are given. A
    question that the edges of all names forbid is not asked (`detectors.trademark.edges`); `heard` says that windows
    are known by their sounds."""

    def __init__(self, tables: Sequence[Postings], spans: Windows, kernels: Any) -> None:
        self._tables, self._spans = tables, spans
        self._kernels = kernels
        self._asked: list[list[Found]] = [[] for _ in tables]
        self._waiting: list[list[Found]] = [[] for _ in tables]

    def keys(self, window: Ints, keys: U64) -> None:
        """Ask for the keys of windows."""
        for number in range(len(self._tables)):
            self._ask(number, window, keys)

    def one_more(self, sums: RollingSums, window: Ints, channel: Channel, *, heard: bool) -> None:
        """Ask for windows as names that have one element more."""
        start, end = self._spans.start[window], self._spans.end[window]
        keys = sealed(sums.window(start, end), channel)
        for number, table in enumerate(self._tables):
            begins, ends = self._edges(table, sums, window, end - start + 1, heard)
            kept = begins | ends
            self._ask(number, window[kept], keys[kept])

    def but_one(
        self, sums: RollingSums, window: Ints, replaced: Channel, added: Channel, longer_from: int, *, heard: bool
    ) -> None:
        """Ask for windows without each of their elements in turn: for names without one element (`replaced`), and, of
        windows of at least `longer_from` elements, for whole names (`added`)."""
        if self._kernels is not None:
            places = (self._spans.start, self._spans.end, window)
            channels = (int(replaced), int(added), longer_from, 2 * heard)
            self._compiled("but_one", sums.sums, sums.inverses, *places, *channels)
            return
        row, within = spread(self._spans.length[window])
        gone = self._spans.start[window][row] + within
        keys = sums.without(self._spans.start[window][row], self._spans.end[window][row], gone)
        for number, table in enumerate(self._tables):
            kept = self._left(table, sums, window, row, gone, heard)
            self._ask(number, window[row[kept]], sealed(keys[kept], replaced))
            kept = self._left(table, sums, window, row, gone, heard, whole=longer_from)
            self._ask(number, window[row[kept]], sealed(keys[kept], added))

    def otherwise(
        self,
        sums: RollingSums,
        window: Ints,
        codes: Ints,
        others: Others,
        channel: Channel,
        *,
        left_out: bool,
        heard: bool,
    ) -> None:
        """Ask for windows with each element replaced by each of its others (element `e` is `codes[e]`); with
        `left_out`, and each of the rest left out in turn."""
        if self._kernels is not None:
            places = (self._spans.start, self._spans.end, window, codes, others.first, others.count, others.flat)
            arrays = (sums.sums, sums.inverses, sums.powers, sums.hashes)
            self._compiled("otherwise", *arrays, *places, left_out, int(channel), 2 * heard)
            return
        row, within = spread(self._spans.length[window])
        place = self._spans.start[window][row] + within
        for number, table in enumerate(self._tables):
            kept = np.arange(len(row)) if left_out else self._changed(table, sums, window, row, place, heard)
            again, which = spread(others.count[codes[place[kept]]])
            asked, at = window[row[kept]][again], place[kept][again]
            other = others.flat[others.first[codes[at]] + which]
            if left_out:
                asked, keys = self._left_too(sums, asked, at, other)
            else:
                begin = self._spans.start[asked]
                keys = sums.replaced(sums.window(begin, self._spans.end[asked]), begin, at, other)
            self._ask(number, asked, sealed(keys, channel))

    def found(self) -> list[tuple[Ints, Ints]]:
        """For each table the windows and names that answer; a pair may come more than once."""
        for number in range(len(self._tables)):
            self._filter(number)
        return [self._rows(table, asked) for table, asked in zip(self._tables, self._asked, strict=True)]

    def _ask(self, number: int, window: Ints, keys: U64) -> None:
        """Put questions to a filter: on the plain path later, many at once."""
        if self._kernels is not None:
            kept = self._kernels.passing(keys, self._tables[number].filter)
            self._asked[number].append((window[kept], keys[kept]))
            return
        self._waiting[number].append((window, keys))
        if sum(len(keys) for _, keys in self._waiting[number]) >= AT_ONCE:
            self._filter(number)

    def _filter(self, number: int) -> None:
        window, keys = _joined(self._waiting[number])
        self._waiting[number].clear()
        kept = np.flatnonzero(self._tables[number].may_hold(keys))
        self._asked[number].append((window[kept], keys[kept]))

    def _edges(self, table: Postings, sums: RollingSums, window: Ints, size: Ints, heard: bool) -> tuple[Flags, Flags]:
        """Whether a name of each size may begin, and may end, as the window does; of short names it always may."""
        long = np.flatnonzero(size >= SHORTEST)
        start, end, size = self._spans.start[window[long]], self._spans.end[window[long]], size[long]
        wide = width(size)
        begins, ends = np.ones(len(window), dtype=np.bool_), np.ones(len(window), dtype=np.bool_)
        sums_ = sums.window(np.concatenate([start, end - wide]), np.concatenate([start + wide, end]))
        held = holds(table.edges, sums_, np.concatenate([size, size]), _sides(len(start), len(end), heard))
        begins[long], ends[long] = held[: len(long)], held[len(long) :]
        return begins, ends

    def _left(
        self,
        table: Postings,
        sums: RollingSums,
        window: Ints,
        row: Ints,
        gone: Ints,
        heard: bool,
        whole: int = 0,
    ) -> Ints:
        """Which windows without the element at `gone` may be asked for: as names of as many elements without one of
        theirs, or, where `whole` is the least length, as whole names. The edge that nothing was taken from is looked
        at first."""
        start, end = self._spans.start[window], self._spans.end[window]
        size = end - start - bool(whole)
        begins, ends = self._edges(table, sums, window, size, heard)
        start, end, size = start[row], end[row], size[row]
        wide = width(size)
        begin_cut, end_cut = gone < start + wide, gone >= end - wide
        cut_once = begin_cut != end_cut
        other = np.where(begin_cut, ends[row], begins[row])
        if whole:
            kept = np.where(cut_once, other, ~begin_cut & begins[row] & ends[row]) & (end - start >= whole)
            open_ = kept & cut_once
        else:
            kept = np.where(cut_once, other, begins[row] | ends[row])
            open_ = ~kept & cut_once
        kept |= size < SHORTEST if not whole else (size < SHORTEST) & (end - start >= whole)
        open_ = np.flatnonzero(open_ & (size >= SHORTEST))
        first, last = open_[begin_cut[open_]], open_[end_cut[open_]]
        cut = np.concatenate(
            [first_of(sums, start[first], wide[first], gone[first]), last_of(sums, end[last], wide[last], gone[last])]
        )
        both = np.concatenate([first, last])
        kept[both] = holds(table.edges, cut, size[both], _sides(len(first), len(last), heard))
        return np.flatnonzero(kept)

    def _changed(self, table: Postings, sums: RollingSums, window: Ints, row: Ints, place: Ints, heard: bool) -> Ints:
        """Which windows with another element at `place` may be whole names, by the edges that keep theirs."""
        start, end = self._spans.start[window], self._spans.end[window]
        begins, ends = self._edges(table, sums, window, end - start, heard)
        wide = width(end - start)[row]
        kept = (begins[row] | (place < start[row] + wide)) & (ends[row] | (place >= end[row] - wide))
        return np.flatnonzero(kept)

    def _left_too(self, sums: RollingSums, window: Ints, at: Ints, other: Ints) -> tuple[Ints, U64]:
        """Windows with another element at `at` and without each of the rest in turn, and their sums. Such windows are
        short: their edges would spare little."""
        begin, finish = self._spans.start[window], self._spans.end[window]
        row, within = spread(finish - begin)
        gone = begin[row] + within
        keep = gone != at[row]
        row, gone = row[keep], gone[keep]
        keys = sums.without(begin[row], finish[row], gone)
        return window[row], sums.replaced(keys, begin[row] + (gone < at[row]), at[row], other[row])

    def _rows(self, table: Postings, asked: list[Found]) -> tuple[Ints, Ints]:
        window, keys = _joined(asked)
        if self._kernels is None:
            place, name = table.rows_of(keys)
        else:
            place, name = self._kernels.rows_of(keys, table.buckets, table.prints, table.rows, table.bits)
        return window[place], name

    def _compiled(self, kernel: str, *arguments: Any) -> None:
        for table, asked in zip(self._tables, self._asked, strict=True):
            asked.append(getattr(self._kernels, kernel)(*arguments, table.filter, table.edges))


def _sides(first: int, last: int, heard: bool) -> Ints:
    """So many first edges, then so many last ones."""
    return np.repeat(np.array([Edge(2 * heard), Edge(2 * heard + 1)], dtype=np.int64), [first, last])


def _joined(asked: list[Found]) -> Found:
    window = np.concatenate([np.zeros(0, dtype=np.int64), *(window for window, _ in asked)])
    return window, np.concatenate([np.zeros(0, dtype=np.uint64), *(keys for _, keys in asked)])
