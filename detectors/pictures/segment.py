"""Segments: a set of official pictures as arrays, built once and mapped by whoever asks.

Owns which rows the arrays have. A picture has one row for each view of it that may be met (as it is, and within an even
border), for hashes; and one row for its corners. What a row belongs to is told by the entry's key, a digest of all that
is compared, so that a segment made of an older registry still serves the pictures that did not change.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.pictures.corners import Candidate, CornerTable, corner_arrays
from detectors.pictures.features import Features, unpacked
from detectors.pictures.hamming import Words, pack
from detectors.pictures.matching import BITS, RADII, TRIMMED, comparable
from detectors.pictures.multi_index import HammingIndex, hamming_arrays
from models.identity import digest
from models.pictures import ReferencePicture

Arrays = Mapping[str, npt.NDArray[Any]]

LAYOUT_NUMBER = 1
"""Changes with what the arrays hold; every key names it."""
VIEWS = ("", TRIMMED)
KEY_BYTES = 16


class HashHit(NamedTuple):
    """A query's row, a picture's row, and the bits that their hashes differ in, by kind of hash."""

    query: int
    row: int
    bits: dict[str, int]


class PictureSegment:
    """Official pictures by row, over arrays that `segment_arrays` made or that were mapped."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays = {**_nothing(), **arrays}
        self._corners = CornerTable(arrays)
        self._indexes = {kind: HammingIndex(arrays[f"views_{kind}"], _named(arrays, f"index_{kind}_")) for kind in BITS}

    @property
    def keys(self) -> list[bytes]:
        """Each row's key."""
        return [row.tobytes() for row in self._arrays["keys"]]

    def codes(self, kind: str) -> Words:
        """The plain hash of every row, (rows, words)."""
        codes: Words = self._arrays[f"plain_{kind}"]
        return codes

    def features(self, row: int) -> Features | None:
        """A row's local features, where it was read so far."""
        return self._corners.features(row)

    def sharing_corners(self, query: Features) -> list[Candidate]:
        """Rows that share corners with the query."""
        return self._corners.candidates(query)

    def within_radii(self, queries: Mapping[str, Words]) -> Iterator[HashHit]:
        """Every pair of a query and a view of a picture that is within the radius of at least one hash."""
        pairs: set[tuple[int, int]] = set()
        for kind, index in self._indexes.items():
            near = index.within(queries[kind], RADII[kind])
            pairs.update(zip(near.query.tolist(), near.code.tolist(), strict=True))
        views = {kind: self._arrays[f"views_{kind}"] for kind in BITS}
        for query, view in sorted(pairs):
            bits = {
                kind: int(np.bitwise_count(codes[view] ^ queries[kind][query]).sum()) for kind, codes in views.items()
            }
            yield HashHit(query, int(self._arrays["view_rows"][view]), bits)


def entry_key(entry: ReferencePicture) -> bytes:
    """Names an entry and all of it that is compared."""
    reading = entry.reading
    named = (entry.mark_id, entry.goods_id, reading.address, reading.content_sha256, reading.hashes, reading.quality)
    return bytes.fromhex(digest(LAYOUT_NUMBER, reading.reader_version, bool(reading.features), *named))


def segment_arrays(entries: Sequence[ReferencePicture]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a `PictureSegment`: one row an entry, in order. Every entry has hashes."""
    views = [
        (row, view)
        for row, entry in enumerate(entries)
        if comparable(entry.reading)
        for view in VIEWS
        if all(kind + view in entry.reading.hashes for kind in BITS)
    ]
    keys = np.frombuffer(b"".join(entry_key(entry) for entry in entries), dtype=np.uint8)
    arrays: dict[str, npt.NDArray[Any]] = {
        "layout": np.array([LAYOUT_NUMBER]),
        "keys": keys.reshape(len(entries), -1) if entries else np.zeros((0, KEY_BYTES), dtype=np.uint8),
        "view_rows": np.array([row for row, _ in views], dtype=np.uint32),
    }
    for kind, bits in BITS.items():
        arrays[f"plain_{kind}"] = pack([entry.reading.hashes[kind] for entry in entries], bits)
        codes = pack([entries[row].reading.hashes[kind + view] for row, view in views], bits)
        arrays[f"views_{kind}"] = codes
        arrays |= {f"index_{kind}_{name}": made for name, made in hamming_arrays(codes).items()}
    return arrays | corner_arrays([unpacked(entry.reading.features) for entry in entries])


def _named(arrays: Arrays, prefix: str) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def of_this_layout(arrays: Arrays) -> bool:
    """Whether these arrays can be read by this version of the code."""
    return "layout" in arrays and arrays["layout"].tolist() == [LAYOUT_NUMBER]


def without_empty(arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """The arrays that hold something: an empty file cannot be mapped, and a segment does without."""
    return {name: array for name, array in arrays.items() if array.size}


@cache
def _nothing() -> dict[str, npt.NDArray[Any]]:
    """The arrays of a segment of no pictures."""
    return segment_arrays(())
