"""Edges: whether any name of so many elements begins with these elements, or ends with them.

Owns a table of bits, small enough to stay near the processor, that spares most questions to the table of keys
(`detectors.trademark.postings`). A name that lacks one element, or has one replaced, still has its beginning or its
ending whole, since both fit into it twice: a window whose first and last elements are nobody's is near to no one. Where
a name must be met whole, both must be somebody's. Elements are known by shape or by sound; a bit may be set by
accident, which costs a question, and is never missing.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.trademark.keys import SILVER, RollingSums

SHORTEST = 4  # elements: in a shorter name no edge is sure to be left whole
LONG = 6  # elements from which an edge has three elements instead of two
BITS_AN_EDGE = 12
BITS_AT_LEAST, BITS_AT_MOST = 9, 28  # of the table's size
TOLD_APART = np.uint64(0x632BE59BD9B4E019)

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


class Edge(IntEnum):
    """Which edge of a name, and how its elements are known."""

    BEGINS = 0
    ENDS = 1
    SOUNDS_BEGIN = 2
    SOUNDS_END = 3


def width(size: Ints) -> Ints:
    """How many elements an edge of names of these sizes has; it fits into them twice."""
    return np.where(size < LONG, 2, 3)


def numbered(sums: U64, size: Ints, edge: Edge | Ints) -> U32:
    """Edges as numbers: the sum of an edge's elements (`RollingSums`) with the name's size and which `Edge` it is."""
    told_apart = (size * 4 + edge).astype(np.uint64) * TOLD_APART
    return ((sums ^ told_apart) * SILVER >> np.uint64(32)).astype(np.uint32)


def edges_of(sums: RollingSums, start: Ints, end: Ints, *, heard: bool) -> U32:
    """Both edges of every name [start, end) that is long enough, known by sound where they are `heard`."""
    chosen = end - start >= SHORTEST
    start, end = start[chosen], end[chosen]
    size, wide = end - start, width(end - start)
    first = numbered(sums.window(start, start + wide), size, Edge(2 * heard))
    return np.concatenate([first, numbered(sums.window(end - wide, end), size, Edge(2 * heard + 1))])


def table_of(parts: Iterable[U32]) -> U8:
    """The table of these edges: bit `n` of it is bit `n % 8` of byte `n // 8`."""
    edges = np.unique(np.concatenate([np.zeros(0, dtype=np.uint32), *parts]))
    bits = min(BITS_AT_MOST, max(BITS_AT_LEAST, (len(edges) * BITS_AN_EDGE).bit_length()))
    held = np.zeros(1 << bits, dtype=np.bool_)
    held[edges >> np.uint32(32 - bits)] = True
    return np.packbits(held, bitorder="little")


def holds(table: U8, sums: U64, size: Ints, edge: Edge | Ints) -> Flags:
    """Whether a name of each size may have the edge with these elements."""
    bits = (len(table) * 8).bit_length() - 1
    place = numbered(sums, size, edge) >> np.uint32(32 - bits)
    held: Flags = table[place >> np.uint32(3)] >> (place & np.uint32(7)).astype(np.uint8) & np.uint8(1) == 1
    return held


def first_of(sums: RollingSums, start: Ints, wide: Ints, gone: Ints) -> U64:
    """The sums of the first elements of windows that begin at `start`, without the element at `gone`."""
    inside = gone < start + wide
    return np.where(
        inside,
        sums.without(start, start + wide + inside, np.where(inside, gone, start)),
        sums.window(start, start + wide),
    )


def last_of(sums: RollingSums, end: Ints, wide: Ints, gone: Ints) -> U64:
    """The sums of the last elements of windows that end at `end`, without the element at `gone`."""
    inside = gone >= end - wide
    begin = end - wide - inside
    return np.where(inside, sums.without(begin, end, np.where(inside, gone, begin)), sums.window(end - wide, end))
