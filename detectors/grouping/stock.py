"""The stock: every entry of a proposal as arrays, the pairs that meet in its buckets, and the rule of twins for many.

Answers exactly what `detectors.grouping.twins.are_twins` answers, but for two different character pairs whose 32-bit
hashes happen to be one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from detectors.grouping.buckets import (
    BANDS,
    QUARTERS,
    ROWS,
    Shingles,
    Words,
    band_keys,
    goods_words,
    quarter_keys,
    shingles_of,
    signatures,
)
from detectors.grouping.twins import FIGURES, LONG_ENOUGH, NEAR_EQUAL, PICTURE_BITS, PICTURES, RELATED, Entry

Places = npt.NDArray[np.int64]

ALL_PAIRS = 16  # members of a bucket up to which all are compared; above, each with the next few in order
WINDOW = 8
CHUNK = 100_000
PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True)
class Stock:
    """Every entry as arrays, in the order of their ids."""

    ids: list[str]
    goods: Words
    figures: Words
    pictures: Words
    shingles: Shingles
    told: npt.NDArray[np.uint32]

    @classmethod
    def build(cls, entries: Iterable[Entry]) -> "Stock":
        parts = []
        waiting = iter(entries)
        while chunk := list(islice(waiting, CHUNK)):
            parts.append(_part(chunk))
        if not parts:
            parts.append(_part([]))
        ids = [lead_id for part in parts for lead_id in part.ids]
        order = sorted(range(len(ids)), key=ids.__getitem__)
        places = np.array(order, dtype=np.int64)
        return cls(
            ids=[ids[place] for place in order],
            goods=np.concatenate([part.goods for part in parts])[places],
            figures=np.concatenate([part.figures for part in parts])[places],
            pictures=np.concatenate([part.pictures for part in parts])[places],
            shingles=_reordered([part.shingles for part in parts], places),
            told=np.concatenate([part.told for part in parts])[places],
        )

    def meetings(self) -> Iterator[tuple[Places, Places]]:
        """Pairs of places that share a bucket, a bucket kind at a time, in bounded portions."""
        having = np.flatnonzero(self.shingles.counts)
        for band in range(BANDS):
            keys = band_keys(self.told[having], self.goods[having], band)
            yield from _meeting(keys, having, self.told[having, (band * ROWS + ROWS) % self.told.shape[1]])
        for column in range(PICTURES):
            shown = np.flatnonzero(self.pictures[:, column])
            for quarter in range(QUARTERS):
                names = [quarter_keys(self.pictures[shown, column], self.goods[shown], quarter)]
                places = [shown]
                for other in range(column):
                    also = np.flatnonzero(self.pictures[:, other])
                    names.append(quarter_keys(self.pictures[also, other], self.goods[also], quarter))
                    places.append(also)
                every = np.concatenate(places)
                yield from _meeting(np.concatenate(names), every, self.told[every, 0])

    def twins(self, ones: Places, others: Places) -> npt.NDArray[np.bool_]:
        """The rule of `detectors.grouping.twins.are_twins`, for many pairs of one goods key."""
        parts = [
            self._twins(ones[start : start + PAIRS_AT_ONCE], others[start : start + PAIRS_AT_ONCE])
            for start in range(0, len(ones), PAIRS_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=bool)

    def _twins(self, ones: Places, others: Places) -> npt.NDArray[np.bool_]:
        mine, theirs = self.shingles.counts[ones], self.shingles.counts[others]
        common = _common(self.shingles, ones, others)
        likeness = common / np.maximum(1, mine + theirs - common)
        near = (likeness >= NEAR_EQUAL) & (np.minimum(mine, theirs) >= LONG_ENOUGH)
        near &= self.figures[ones] == self.figures[others]
        undecided = np.flatnonzero(~near & (likeness >= RELATED))
        near[undecided] = _same_picture(self.pictures[ones[undecided]], self.pictures[others[undecided]])
        alike: npt.NDArray[np.bool_] = near & (self.goods[ones] == self.goods[others])
        return alike


def _part(chunk: Sequence[Entry]) -> Stock:
    shingles = shingles_of([entry.title for entry in chunk])
    pictures = np.zeros((len(chunk), PICTURES), dtype=np.uint64)
    for place, entry in enumerate(chunk):
        for column, value in enumerate(entry.pictures[:PICTURES]):
            pictures[place, column] = value
    figures = [" ".join(sorted(FIGURES.findall(entry.title))) for entry in chunk]
    return Stock(
        ids=[entry.lead_id for entry in chunk],
        goods=goods_words([entry.goods_key for entry in chunk]),
        figures=goods_words(figures),
        pictures=pictures,
        shingles=shingles,
        told=signatures(shingles),
    )


def _reordered(parts: Sequence[Shingles], places: Places) -> Shingles:
    values = np.concatenate([part.values for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    starts = np.concatenate([[0], np.cumsum(counts)])
    moved = counts[places]
    ends = np.concatenate([[0], np.cumsum(moved)])
    taken = np.repeat(starts[:-1][places] - ends[:-1], moved) + np.arange(int(ends[-1]))
    return Shingles(values[taken], ends.astype(np.int64))


def _meeting(keys: Words, places: Places, beside: npt.NDArray[np.uint32]) -> Iterator[tuple[Places, Places]]:
    """Pairs with equal keys. Members of a large bucket are ordered by another value of theirs, so that twins stand
    together, and each is compared with the few that follow."""
    order = np.lexsort((places, beside, keys))
    keys, places = keys[order], places[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, dtype=bool)
    starts = np.flatnonzero(first)
    sizes = np.diff(np.concatenate([starts, [len(keys)]]))
    reach = np.repeat(np.where(sizes <= ALL_PAIRS, ALL_PAIRS, WINDOW), sizes)
    for step in range(1, min(ALL_PAIRS, len(keys))):
        here = np.flatnonzero((keys[step:] == keys[:-step]) & (reach[:-step] >= step))
        if len(here):
            yield places[here], places[here + step]


def _common(shingles: Shingles, ones: Places, others: Places) -> Places:
    """How many shingles each pair shares."""
    owners, values = [], []
    for places in (ones, others):
        counts = shingles.counts[places]
        ends = np.concatenate([[0], np.cumsum(counts)])
        taken = np.repeat(shingles.starts[places] - ends[:-1], counts) + np.arange(int(ends[-1]))
        owners.append(np.repeat(np.arange(len(places), dtype=np.uint64), counts))
        values.append(shingles.values[taken].astype(np.uint64))
    keys = np.sort(np.concatenate(owners) << np.uint64(32) | np.concatenate(values))
    twice = keys[1:][keys[1:] == keys[:-1]] >> np.uint64(32)
    return np.bincount(twice.astype(np.int64), minlength=len(ones))


def _same_picture(mine: Words, theirs: Words) -> npt.NDArray[np.bool_]:
    """Whether any picture of one side is any of the other's, hashes of 0 meaning none."""
    found = np.zeros(len(mine), dtype=bool)
    for one in range(PICTURES):
        for other in range(PICTURES):
            apart = np.bitwise_count(mine[:, one] ^ theirs[:, other])
            found |= (apart <= PICTURE_BITS) & (mine[:, one] != 0) & (theirs[:, other] != 0)
    return found
