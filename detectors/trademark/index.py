"""The index of marks: for any window of any text, the marks whose names could be near to it.

Owns the keys of every name, sorted, with what they point to, as plain arrays that can be written to files and mapped
into memory again. Leaves asking to `detectors.trademark.candidates` and judging to `detectors.trademark.comparators`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.trademark.keys import Channel, RollingSums, sealed
from detectors.trademark.name_keys import name_keys, sorted_keys
from detectors.trademark.names import Spelling, names
from detectors.trademark.readings import read
from detectors.trademark.tables import (
    class_mask,
    data_version,
)
from detectors.trademark.windows import spread
from models.errors import ConfigurationError
from models.identity import digest
from models.registry import Registry

ALGORITHM = "1"  # changes whenever the keys do
FILTER_BITS_A_KEY = 16
NAMES_AT_ONCE = 8192  # names keyed at once while building, which bounds the memory that it takes

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MarkIndex:
    """The marks of one registry version, searchable. Build it with `MarkIndex.build`.

    `keys` are sorted, each once; `keys[i]` points to the names `postings[postings_at[i]:postings_at[i+1]]`; keys that
    share their leading bits `b` are `keys[buckets[b]:buckets[b+1]]`; `filter` holds a bit for a few bits more, so
    that most of what is not there is known at once. Name `n` belongs to mark `owner[n]`, is spelled as `spelling[n]`
    and reads `letters[letters_at[n]:letters_at[n+1]]`; marks are numbered in the order of `ids`; `classes` are bits.
    `exact[n]` is the key of the name's own shape.
    """

    version: str
    keys: U64
    postings_at: npt.NDArray[np.int32]
    postings: npt.NDArray[np.int32]
    buckets: npt.NDArray[np.int32]
    filter: npt.NDArray[np.uint8]
    owner: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.uint8]
    letters: npt.NDArray[np.uint32]
    letters_at: npt.NDArray[np.int64]
    ids: npt.NDArray[np.uint32]
    ids_at: npt.NDArray[np.int64]
    classes: U64
    exact: U64

    @classmethod
    def build(cls, registry: Registry) -> "MarkIndex":
        """Index every mark that has a text or an alias, whatever its status: status is a fact for later."""
        marks = sorted(registry.marks, key=lambda mark: mark.mark_id)
        found = [(name, spelling, number) for number, mark in enumerate(marks) for name, spelling in names(mark)]
        exact_only = np.array([spelling >= Spelling.PINYIN for _, spelling, _ in found], dtype=np.bool_)
        parts, exact = [], [np.zeros(0, dtype=np.uint64)]
        for first in range(0, len(found), NAMES_AT_ONCE):
            some = slice(first, first + NAMES_AT_ONCE)
            readings = read([name for name, _, _ in found[some]])
            parts.append(name_keys(readings, exact_only[some], first))
            whole = RollingSums(readings.shape).window(readings.first[:-1], readings.first[1:])
            exact.append(sealed(whole, Channel.SHAPE))
        keys, postings_at, postings = sorted_keys(parts)
        letters, letters_at = _packed([name for name, _, _ in found])
        ids, ids_at = _packed([mark.mark_id for mark in marks])
        return cls(
            version=index_version(registry),
            keys=keys,
            postings_at=postings_at,
            postings=postings,
            buckets=_buckets(keys),
            filter=_filter(keys),
            owner=np.array([number for _, _, number in found], dtype=np.int32),
            spelling=np.array([spelling for _, spelling, _ in found], dtype=np.uint8),
            letters=letters,
            letters_at=letters_at,
            ids=ids,
            ids_at=ids_at,
            classes=np.array([class_mask(mark.nice_classes) for mark in marks], dtype=np.uint64),
            exact=np.concatenate(exact),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything but the version, by name, ready to be written with `numpy.save` and mapped with `mmap_mode`."""
        return {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def from_arrays(cls, version: str, arrays: Mapping[str, npt.NDArray[Any]]) -> "MarkIndex":
        """An index over arrays that may be memory-mapped, read-only. Raises `ConfigurationError` when
        one is missing."""
        missing = [name for name in ARRAYS if name not in arrays]
        if missing:
            raise ConfigurationError(f"the index lacks {', '.join(missing)}", mend="build the index again")
        return cls(version=version, **{name: arrays[name] for name in ARRAYS})

    def name(self, number: int) -> str:
        """The name as the registry spells it."""
        known = self._names.get(number)
        if known is None:
            known = self._names[number] = self._text(self.letters, self.letters_at, number)
        return known

    def mark_id(self, number: int) -> str:
        """The id of the mark with that number."""
        return self._text(self.ids, self.ids_at, number)

    def mark_count(self) -> int:
        return len(self.ids_at) - 1

    def lookup(self, keys: U64) -> tuple[Ints, Ints]:
        """For every name that a key points to: the key's place in `keys`, and the name."""
        place = keys >> self._filter_shift
        asked = np.flatnonzero(self.filter[place >> np.uint64(3)] >> (place & np.uint64(7)).astype(np.uint8) & 1)
        wanted = keys[asked]
        bucket = (wanted >> self._bucket_shift).astype(np.int64)
        place, last = self.buckets[bucket].astype(np.int64), self.buckets[bucket + 1]
        hits, places = [], []
        open_ = np.flatnonzero(place < last)
        while len(open_):
            equal = self.keys[place[open_]] == wanted[open_]
            hits.append(asked[open_[equal]])
            places.append(place[open_[equal]])
            place[open_] += 1
            open_ = open_[~equal & (place[open_] < last[open_])]
        hit = np.concatenate([np.zeros(0, dtype=np.int64), *hits])
        key = np.concatenate([np.zeros(0, dtype=np.int64), *places])
        row, within = spread((self.postings_at[key + 1] - self.postings_at[key]).astype(np.int64))
        return hit[row], self.postings[self.postings_at[key][row] + within].astype(np.int64)

    @cached_property
    def _names(self) -> dict[int, str]:
        """Names already asked for."""
        return {}

    @cached_property
    def _filter_shift(self) -> np.uint64:
        return np.uint64(64 - (len(self.filter) * 8).bit_length() + 1)

    @cached_property
    def _bucket_shift(self) -> np.uint64:
        return np.uint64(64 - (len(self.buckets) - 1).bit_length() + 1)

    @staticmethod
    def _text(codes: npt.NDArray[np.uint32], at: npt.NDArray[np.int64], number: int) -> str:
        return codes[at[number] : at[number + 1]].tobytes().decode("utf-32-le", "surrogatepass")


ARRAYS = tuple(name for name in MarkIndex.__dataclass_fields__ if name != "version")


def index_version(registry: Registry) -> str:
    """Names what an index of this registry holds: the registry's version, the algorithm and its tables."""
    return digest("marks", registry.version, ALGORITHM, data_version())


def _packed(texts: list[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    at = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=at[1:])
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32), at


def _buckets(keys: U64) -> npt.NDArray[np.int32]:
    bits = max(4, len(keys).bit_length() - 1)
    edges = np.arange((1 << bits) + 1, dtype=np.uint64)
    found = np.searchsorted(keys, edges[:-1] << np.uint64(64 - bits))
    return np.append(found, len(keys)).astype(np.int32)


def _filter(keys: U64) -> npt.NDArray[np.uint8]:
    bits = max(10, (max(len(keys), 1) * FILTER_BITS_A_KEY - 1).bit_length())
    held = np.zeros(1 << bits - 3, dtype=np.uint8)
    for first in range(0, len(keys), 1 << 18):
        place = keys[first : first + (1 << 18)] >> np.uint64(64 - bits)
        byte = (place >> np.uint64(3)).astype(np.int64)
        begins = np.flatnonzero(np.diff(byte, prepend=-1))
        bit = np.uint8(1) << (place & np.uint64(7)).astype(np.uint8)
        held[byte[begins]] |= np.bitwise_or.reduceat(bit, begins)
    return held
