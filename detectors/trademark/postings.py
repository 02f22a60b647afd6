"""Postings: the table from keys to the names that have them, in less than seven bytes a key.

Owns how keys are held, not what they mean. Rows are ordered by key. A key's leading bits choose a bucket of about eight
rows, the next eight bits are the row's print, and the row points to one name. The rest of the key is not kept: a name
met by accident is told from others when it is compared, and must be, since the table promises every name that has the
key and adds for one question in five hundred a name that has not. A filter answers most questions after one look, and
most are not even put to it (`detectors.trademark.edges`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.trademark.edges import table_of
from detectors.trademark.keys import U64, Ints
from detectors.trademark.windows import spread

ROWS_A_BUCKET = 8
BUCKET_BITS_AT_MOST = 24  # with the eight bits of a print the 32 by which rows are sorted
PRINT_BITS = 8
KEYS_A_WORD = 8  # of the filter; two bits of its 64 are set for every key
SCATTER = 0x9E3779B1

U32 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Postings:
    """Rows `buckets[b]:buckets[b+1]` have a key that begins with the bits `b`; row `r` has the print `prints[r]` and
    points to the name `rows[r]`. The word of `filter` that a key chooses has both its bits set if the key is held;
    `edges` is the table of the names' edges."""

    buckets: U32
    prints: U8
    rows: U32
    filter: U64
    edges: U8

    @classmethod
    def build(cls, parts: list[U64], edges: Iterable[U32]) -> "Postings":
        """A table of packed entries (see `packed`), in any order. Empties `parts`, so that entries are held once."""
        entries = np.empty(sum(map(len, parts)), dtype=np.uint64)
        filled = 0
        while parts:
            some = parts.pop()
            entries[filled : filled + len(some)] = some
            filled += len(some)
        entries.sort()
        bits = min(BUCKET_BITS_AT_MOST, max(4, (len(entries) // ROWS_A_BUCKET).bit_length()))
        buckets = np.searchsorted(entries, np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits))
        heads = (entries >> np.uint64(32)).astype(np.uint32)
        return cls(
            buckets=np.append(buckets, len(entries)).astype(np.uint32),
            prints=(heads >> np.uint32(32 - bits - PRINT_BITS)).astype(np.uint8),
            rows=entries.astype(np.uint32),
            filter=_filter(heads),
            edges=table_of(edges),
        )

    def rows_of(self, keys: U64) -> tuple[Ints, Ints]:
        """For every name that may have one of the keys: the key's place in `keys`, and the name."""
        heads = (keys >> np.uint64(32)).astype(np.uint32)
        bucket = heads >> np.uint32(32 - self.bits)
        first = self.buckets[bucket].astype(np.int64)
        row, within = spread(self.buckets[bucket + np.uint32(1)].astype(np.int64) - first)
        place = first[row] + within
        wanted = (heads >> np.uint32(32 - self.bits - PRINT_BITS)).astype(np.uint8)
        same = np.flatnonzero(self.prints[place] == wanted[row])
        return row[same], self.rows[place[same]].astype(np.int64)

    def may_hold(self, keys: U64) -> npt.NDArray[np.bool_]:
        """Whether a key is not known to be missing."""
        heads = keys >> np.uint64(32)
        words = self.filter[(heads * np.uint64(len(self.filter)) >> np.uint64(32)).astype(np.int64)]
        mask = _mask(heads.astype(np.uint32))
        held: npt.NDArray[np.bool_] = words & mask == mask
        return held

    @property
    def bits(self) -> int:
        """How many bits choose a bucket."""
        return (len(self.buckets) - 1).bit_length() - 1


def packed(keys: U64, names: Ints) -> U64:
    """Keys with their names as entries of a table, each pair once. A name has at most 32 bits."""
    return np.unique(keys >> np.uint64(32) << np.uint64(32) | names.astype(np.uint64))


def _mask(heads: U32) -> U64:
    mixed = heads * np.uint32(SCATTER)
    one = np.uint64(1)
    mask: U64 = one << (mixed >> np.uint32(26)).astype(np.uint64)
    return mask | one << (mixed >> np.uint32(20) & np.uint32(63)).astype(np.uint64)


def _filter(heads: U32) -> U64:
    held = np.zeros(len(heads) // KEYS_A_WORD + 1, dtype=np.uint64)
    for first in range(0, len(heads), 1 << 18):
        some = heads[first : first + (1 << 18)]
        word = (some.astype(np.uint64) * np.uint64(len(held)) >> np.uint64(32)).astype(np.int64)
        begins = np.flatnonzero(np.diff(word, prepend=-1))
        held[word[begins]] |= np.bitwise_or.reduceat(_mask(some), begins)
    return held
