"""Hamming search: which of many binary codes differ from a query in few bits.

Owns the arithmetic on packed codes and nothing else: what codes mean, and which radius is near, is the caller's. Every
answer is exact. A code of 64 bits is one 64-bit word, one of 256 bits is four.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Counts = NDArray[np.int64]

BLOCK = 1 << 16
"""Codes compared at a time: half a megabyte of one word, which stays in the processor's cache."""


class Near(NamedTuple):
    """Pairs within the radius: row of the query, row of the code, bits that differ; ordered by query, then code."""

    query: Counts
    code: Counts
    distance: Counts


def pack(codes: Sequence[str], bits: int) -> Words:
    """Codes in hex (`bits` / 4 digits each) as an array of shape (len(codes), bits / 64). Raises `ValueError`."""
    joined = b"".join(bytes.fromhex(code.zfill(bits // 4)) for code in codes)
    return np.frombuffer(joined, dtype=np.uint64).reshape(len(codes), bits // 64)


def distances(query: Words, codes: Words) -> Counts:
    """Bits that differ between one query of shape (words,) and every code of shape (n, words)."""
    differing: Counts = np.bitwise_count(codes ^ query).sum(axis=-1, dtype=np.int64)
    return differing


class HammingTable:
    """Codes of one width, laid out word by word. Holds no copy of what it can look at in place."""

    def __init__(self, codes: Words) -> None:
        self._columns = [np.ascontiguousarray(codes[:, word]) for word in range(codes.shape[1])]
        self._count = len(codes)

    def within(self, queries: Words, radius: int) -> Near:
        """Every pair of a query and a code that differ in at most `radius` bits."""
        found = [self._within_block(queries, start, radius) for start in range(0, self._count, BLOCK)]
        if not found:
            empty = np.zeros(0, dtype=np.int64)
            return Near(empty, empty, empty)
        query, code, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.lexsort((code, query))
        return Near(query[order], code[order], distance[order])

    def _within_block(self, queries: Words, start: int, radius: int) -> Near:
        columns = [column[start : start + BLOCK] for column in self._columns]
        at_once = max(1, BLOCK // max(1, len(columns[0])))
        parts = [
            self._within_part(queries[first : first + at_once], first, columns, start, radius)
            for first in range(0, len(queries), at_once)
        ]
        empty = np.zeros(0, dtype=np.int64)
        query, code, distance = (
            (np.concatenate(pieces) for pieces in zip(*parts, strict=True)) if parts else (empty, empty, empty)
        )
        return Near(query, code, distance)

    @staticmethod
    def _within_part(queries: Words, first: int, columns: list[Words], start: int, radius: int) -> Near:
        """Two words are counted for all; the others only for pairs that are not yet too far apart."""
        head, tail = columns[:2], columns[2:]
        partial = np.bitwise_count(head[0] ^ queries[:, 0, None])
        for word, column in enumerate(head[1:], start=1):
            partial += np.bitwise_count(column ^ queries[:, word, None])
        near = np.flatnonzero(partial.ravel() <= radius)  # several times faster than nonzero in two dimensions
        query, code = np.divmod(near, len(columns[0]))
        distance = partial[query, code].astype(np.int64)
        for word, column in enumerate(tail, start=2):
            distance += np.bitwise_count(column[code] ^ queries[query, word])
        kept = distance <= radius
        return Near(query[kept] + first, code[kept] + start, distance[kept])
