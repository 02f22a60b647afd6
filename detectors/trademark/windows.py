"""Windows: the stretches of a text in which a name may stand.

Owns where a window may begin and end, alike for the index's fast search and for the oracle's slow one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.trademark.readings import Readings

PIECES = 10  # a name spans at most so many stretches between openings: characters, or runs of letters
LONGEST = 24  # and at most so many elements

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Windows:
    """Windows as ranges of a batch's elements, end exclusive, ordered by start, then end."""

    start: Ints
    end: Ints

    @property
    def length(self) -> Ints:
        return self.end - self.start


def windows(readings: Readings) -> Windows:
    """Every window of at least two elements that begins and ends at an opening, within one text."""
    openings = np.flatnonzero(readings.opens)
    edges = np.append(openings, len(readings)).astype(np.int64)
    text_end = readings.first[1:][readings.text[openings]] if len(openings) else np.zeros(0, dtype=np.int64)
    ranks = np.arange(len(openings))[:, None] + np.arange(1, PIECES + 1)[None, :]
    ends = edges[np.minimum(ranks, len(edges) - 1)] if len(openings) else np.zeros((0, PIECES), dtype=np.int64)
    starts = np.broadcast_to(openings[:, None], ends.shape)
    fits = (ranks < len(edges)) & (ends <= text_end[:, None])
    fits &= (ends - starts >= 2) & (ends - starts <= LONGEST)
    return Windows(starts[fits].astype(np.int64), ends[fits])


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """For rows of `counts` items: each item's row, and its number within the row."""
    row = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return row, np.arange(len(row), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
