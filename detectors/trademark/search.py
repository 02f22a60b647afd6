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
from detectors.trademark.keys import U64, Channel, RollingSums, sealed
from detectors.trademark.postings import Postings
from detectors.trademark.windows import Windows, spread

Ints = npt.NDArray[np.int64]
Found = tuple[Ints, U64]


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
    """Questions about the windows of one batch, and what the tables answer; by `kernels` where they are given."""

    def __init__(self, tables: Sequence[Postings], spans: Windows, kernels: Any) -> None:
        self._tables, self._spans = tables, spans
        self._kernels = kernels
        self._asked: list[list[Found]] = [[] for _ in tables]

    def keys(self, window: Ints, keys: U64) -> None:
        """Ask for the keys of windows."""
        for table, asked in zip(self._tables, self._asked, strict=True):
            if self._kernels is None:
                kept = np.flatnonzero(table.may_hold(keys))
            else:
                kept = self._kernels.passing(keys, table.filter)
            asked.append((window[kept], keys[kept]))

    def but_one(self, sums: RollingSums, window: Ints, replaced: Channel, added: Channel, longer_from: int) -> None:
        """Ask for windows without each of their elements in turn: for names without one element (`replaced`), and, of
        windows of at least `longer_from` elements, for whole names (`added`)."""
        if self._kernels is not None:
            places = (self._spans.start, self._spans.end, window)
            self._compiled("but_one", sums.sums, sums.inverses, *places, int(replaced), int(added), longer_from)
            return
        row, within = spread(self._spans.length[window])
        row = window[row]
        keys = sums.without(self._spans.start[row], self._spans.end[row], self._spans.start[row] + within)
        self.keys(row, sealed(keys, replaced))
        longer = self._spans.length[row] >= longer_from
        self.keys(row[longer], sealed(keys[longer], added))

    def otherwise(
        self, sums: RollingSums, window: Ints, codes: Ints, others: Others, channel: Channel, *, left_out: bool
    ) -> None:
        """Ask for windows with each element replaced by each of its others (element `e` is `codes[e]`); with
        `left_out`, and each of the rest left out in turn."""
        if self._kernels is not None:
            places = (self._spans.start, self._spans.end, window, codes, others.first, others.count, others.flat)
            arrays = (sums.sums, sums.inverses, sums.powers, sums.hashes)
            self._compiled("otherwise", *arrays, *places, left_out, int(channel))
            return
        start, end = self._spans.start, self._spans.end
        row, within = spread(self._spans.length[window])
        window = window[row]
        place = start[window] + within
        again, which = spread(others.count[codes[place]])
        window, place = window[again], place[again]
        other = others.flat[others.first[codes[place]] + which]
        begin, finish = start[window], end[window]
        if not left_out:
            keys = sums.replaced(sums.window(begin, finish), begin, place, other)
            self.keys(window, sealed(keys, channel))
            return
        row, within = spread(finish - begin)
        gone = begin[row] + within
        keep = gone != place[row]
        row, gone = row[keep], gone[keep]
        keys = sums.without(begin[row], finish[row], gone)
        keys = sums.replaced(keys, begin[row] + (gone < place[row]), place[row], other[row])
        self.keys(window[row], sealed(keys, channel))

    def found(self) -> list[tuple[Ints, Ints]]:
        """For each table the windows and names that answer; a pair may come more than once."""
        return [self._rows(table, asked) for table, asked in zip(self._tables, self._asked, strict=True)]

    def _rows(self, table: Postings, asked: list[Found]) -> tuple[Ints, Ints]:
        window = np.concatenate([np.zeros(0, dtype=np.int64), *(window for window, _ in asked)])
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(keys for _, keys in asked)])
        if self._kernels is None:
            place, name = table.rows_of(keys)
        else:
            place, name = self._kernels.rows_of(keys, table.buckets, table.prints, table.rows, table.bits)
        return window[place], name

    def _compiled(self, kernel: str, *arguments: Any) -> None:
        for table, asked in zip(self._tables, self._asked, strict=True):
            asked.append(getattr(self._kernels, kernel)(*arguments, table.filter))
