"""Multi-index: exact Hamming search that looks at few of many codes.

Owns the tables and which of them are asked. A code is cut into pieces of 16 bits, each with a table of the codes that
have it. Within radius r, pieces that may differ in t1, t2, … bits miss nothing as long as the sum of (t + 1) is r + 1
(the general pigeonhole principle: Qin et al., "GPH: Similarity Search in Hamming Space", 2018): so each question shares
the bits out where its own pieces are rare, and hashes of real pictures, which crowd together, stay cheap to ask. Where
the tables would name too large a part of all codes, all are counted instead (`detectors.pictures.hamming`). Every
answer is exact either way.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.pictures.compiled import kernels
from detectors.pictures.hamming import Counts, HammingTable, Near, Words

PIECE = 16
KEYS = 1 << PIECE
WORTH_FROM = 20_000
"""Codes: fewer are counted faster than looked up."""

MOST_BITS = {4: 3, 16: 2}
"""By the number of pieces: a piece is never asked for more differing bits than this. 697 of 65,536 keys are within
three, 137 within two."""

COUNTED = 1 / 6
"""Looking at a code through a table costs about six times as much as in passing: when the tables name a larger part of
the codes, all are counted."""

Arrays = Mapping[str, npt.NDArray[Any]]


def hamming_arrays(codes: Words) -> dict[str, npt.NDArray[Any]]:
    """The tables for codes of shape (n, words), by name; none where there are too few codes to need them."""
    if len(codes) < WORTH_FROM:
        return {}
    pieces = codes.view(np.uint16).reshape(len(codes), -1)
    orders, starts = [], []
    for number in range(pieces.shape[1]):
        piece = np.ascontiguousarray(pieces[:, number])
        orders.append(np.argsort(piece, kind="stable").astype(np.uint32))
        starts.append(np.concatenate([[0], np.cumsum(np.bincount(piece, minlength=KEYS))]).astype(np.uint32))
    arrays: dict[str, npt.NDArray[Any]] = {"order": np.stack(orders), "starts": np.stack(starts)}
    if codes.shape[1] == 1:  # one word a code: kept beside its place in each table, and so read in passing
        arrays["sorted"] = np.stack([codes[order, 0] for order in orders])
    return arrays


class HammingIndex:
    """Codes of one width with the tables that `hamming_arrays` made of them, or none."""

    def __init__(self, codes: Words, tables: Arrays) -> None:
        self._codes = codes
        self._tables = tables
        self._all = HammingTable(codes)

    def within(self, queries: Words, radius: int) -> Near:
        """Every pair of a query and a code that differ in at most `radius` bits, ordered by query, then code."""
        if not self._tables or not len(queries):
            return self._all.within(queries, radius)
        answers = [self._within(query, radius) for query in queries]
        counts = [len(code) for code, _ in answers]
        return Near(
            np.repeat(np.arange(len(queries)), counts),
            np.concatenate([code for code, _ in answers]),
            np.concatenate([distance for _, distance in answers]),
        )

    def _within(self, query: Words, radius: int) -> tuple[Counts, Counts]:
        compiled = kernels(len(self._codes))
        code = self._plain(query, radius) if compiled is None else self._compiled(compiled, query, radius)
        distance = np.bitwise_count(self._codes[code] ^ query).sum(axis=1, dtype=np.int64)
        kept = distance <= radius
        return code[kept].astype(np.int64), distance[kept]

    def _too_many(self, named: int) -> bool:
        return named < 0 or named > COUNTED * len(self._codes)

    def _compiled(self, compiled: Any, query: Words, radius: int) -> npt.NDArray[Any]:
        pieces, tables = query.view(np.uint16), self._tables
        masks, rings = _masks(MOST_BITS[len(pieces)])
        reach, named = compiled.shared_out(pieces, masks, rings, tables["starts"], radius)
        if self._too_many(named):
            code: npt.NDArray[Any] = compiled.near_all(query, self._codes, radius)
            return code
        where = (pieces, reach, masks, rings, tables["starts"], tables["order"])
        if "sorted" in tables:
            return np.unique(compiled.near_words(query[0], *where, tables["sorted"], radius, named))
        return np.unique(compiled.near_codes(query, *where, self._codes, radius, named))

    def _plain(self, query: Words, radius: int) -> npt.NDArray[Any]:
        pieces = query.view(np.uint16)
        masks, rings = _masks(MOST_BITS[len(pieces)])
        keys = (pieces[:, None] ^ masks[None, :]).astype(np.int64)
        reach, named = _shared_out(self._sizes(keys, rings), radius)
        if self._too_many(named):
            return self._all.within(query[None], radius).code
        return np.unique(self._looked_up(keys, rings, reach))

    def _sizes(self, keys: npt.NDArray[np.int64], rings: npt.NDArray[np.int64]) -> Counts:
        """(pieces, bits): how many codes have a piece that differs in exactly so many bits."""
        starts = self._tables["starts"]
        rows = np.arange(len(keys))[:, None]
        counts = starts[rows, keys + 1].astype(np.int64) - starts[rows, keys]
        sizes: Counts = np.add.reduceat(counts, rings[:-1], axis=1)
        return sizes

    def _looked_up(
        self, keys: npt.NDArray[np.int64], rings: npt.NDArray[np.int64], reach: Sequence[int]
    ) -> npt.NDArray[Any]:
        starts, order = self._tables["starts"], self._tables["order"]
        found = []
        for piece, most in enumerate(reach):
            if most < 0:
                continue
            asked = keys[piece, : rings[most + 1]]
            first = starts[piece, asked].astype(np.int64)
            count = starts[piece, asked + 1] - first
            place = np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count)
            found.append(order[piece, place])
        return np.concatenate(found) if found else np.zeros(0, dtype=np.uint32)


@cache
def _masks(most: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
    """What a piece may differ by, fewest bits first; and where the masks of each number of bits begin, and end."""
    masks = [sum(1 << bit for bit in bits) for count in range(most + 1) for bits in combinations(range(PIECE), count)]
    found = np.array(masks, dtype=np.uint16)
    return found, np.searchsorted(np.bitwise_count(found), np.arange(most + 2)).astype(np.int64)


def _shared_out(sizes: Counts, radius: int) -> tuple[Sequence[int], int]:
    """How many bits each piece may differ in (-1: it is not asked), so that nothing within the radius is missed and few
    codes are named; and how many are: -1 where no sharing out misses nothing."""
    reach = [-1] * len(sizes)
    rows = sizes.tolist()
    named = 0
    for _ in range(radius + 1):
        further = [piece for piece, most in enumerate(reach) if most + 1 < len(rows[piece])]
        if not further:
            return reach, -1
        best = min(further, key=lambda piece: rows[piece][reach[piece] + 1])
        reach[best] += 1
        named += rows[best][reach[best]]
    return reach, named
