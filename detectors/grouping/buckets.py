"""Buckets: where possible twins meet without every pair being compared.

Titles by MinHash (Broder 1997) over character pairs, 16 bands of 3 values: titles of Jaccard index 0.6 share a bucket
with probability 0.98, of 0.2 with 0.12. Pictures by the four 16-bit quarters of their hash (multi-index hashing,
Norouzi 2012): hashes at most 3 bits apart share one. Each bucket is of one goods key. The constants are digits of
SHA-256, so a bucket has the same name on every machine and in every version of numpy.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.grouping.twins import Entry
from models.groups import Sketch

Words = npt.NDArray[np.uint64]

BANDS, ROWS = 16, 3
QUARTERS = 4
VALUES = BANDS * ROWS


def _constants(name: str, count: int) -> Words:
    drawn = [hashlib.sha256(f"{name} {number}".encode()).digest()[:8] for number in range(count)]
    return np.array([int.from_bytes(each, "big") | 1 for each in drawn], dtype=np.uint64)


MULTIPLIERS = _constants("minhash", VALUES)
MIXERS = _constants("bucket", 2)
SHIFT = np.uint64(32)


@dataclass(frozen=True)
class Shingles:
    """The hashed character pairs of many titles, each once, sorted: those of title i are
    `values[starts[i]:starts[i + 1]]`."""

    values: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        return np.diff(self.starts)


def shingles_of(titles: Sequence[str]) -> Shingles:
    """Hash the character pairs of folded titles; a title of fewer than two characters has none."""
    text = "".join(titles)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter((len(title) for title in titles), dtype=np.int64, count=len(titles))
    owners = np.repeat(np.arange(len(titles), dtype=np.uint64), lengths)
    if len(codes) < 2:
        return Shingles(np.empty(0, np.uint32), np.zeros(len(titles) + 1, np.int64))
    inside = owners[1:] == owners[:-1]
    hashed = mixed(codes[:-1] << np.uint64(21) | codes[1:])[inside] >> SHIFT
    keys = np.unique(owners[:-1][inside] << SHIFT | hashed)
    starts = np.searchsorted(keys, np.arange(len(titles) + 1, dtype=np.uint64) << SHIFT)
    return Shingles((keys & np.uint64(0xFFFFFFFF)).astype(np.uint32), starts.astype(np.int64))


def signatures(shingles: Shingles) -> npt.NDArray[np.uint32]:
    """MinHash values, one row of 48 for each title; a title without pairs has the greatest value everywhere."""
    told = np.full((len(shingles.counts), VALUES), 0xFFFFFFFF, dtype=np.uint32)
    having = shingles.counts > 0
    if not having.any():
        return told
    values, starts = shingles.values.astype(np.uint64), shingles.starts[:-1][having]
    for place, multiplier in enumerate(MULTIPLIERS):
        permuted = ((values + MIXERS[0]) * multiplier >> SHIFT).astype(np.uint32)
        told[having, place] = np.minimum.reduceat(permuted, starts)
    return told


def band_keys(told: npt.NDArray[np.uint32], goods: Words, band: int) -> Words:
    """The names of each title's bucket in one band. `goods` are 64-bit names of the goods keys."""
    keys = goods + np.uint64(band)
    for value in told[:, band * ROWS : (band + 1) * ROWS].T:
        keys = mixed(keys ^ value.astype(np.uint64))
    return keys


def quarter_keys(pictures: Words, goods: Words, quarter: int) -> Words:
    """The names of each picture's bucket by one quarter of its hash."""
    part = pictures >> np.uint64(16 * quarter) & np.uint64(0xFFFF)
    return mixed(goods ^ (MIXERS[1] + (np.uint64(quarter) << np.uint64(16) | part)))


def goods_words(names: Sequence[str]) -> Words:
    """64-bit names of goods keys."""
    known: dict[str, int] = {}
    for name in names:
        if name not in known:
            known[name] = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big")
    return np.fromiter((known[name] for name in names), dtype=np.uint64, count=len(names))


def sketch_of(entry: Entry) -> Sketch:
    """The entry with the names of its buckets, as it is kept."""
    told, goods = signatures(shingles_of([entry.title])), goods_words([entry.goods_key])
    keys = [int(band_keys(told, goods, band)[0]) for band in range(BANDS)] if len(entry.title) > 1 else []
    if entry.pictures:
        hashes = np.array(entry.pictures, dtype=np.uint64)
        every = np.repeat(goods, len(hashes))
        keys += [int(key) for quarter in range(QUARTERS) for key in quarter_keys(hashes, every, quarter)]
    return Sketch(
        lead_id=entry.lead_id,
        goods_key=entry.goods_key,
        title=entry.title,
        pictures=tuple(f"{value:016x}" for value in entry.pictures),
        buckets=tuple(dict.fromkeys(f"{key:016x}" for key in keys)),
    )


def mixed(words: Words) -> Words:
    """The finalizer of splitmix64 (Steele 2014): every bit of a word moves every other."""
    words = (words ^ words >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ words >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return np.asarray(words ^ words >> np.uint64(31), dtype=np.uint64)
