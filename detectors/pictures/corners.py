"""Corners: which of many pictures share corners with a picture, without looking at all of them.

Owns the tables that lead from a few bits of a corner to the corners that have the same, and the votes that come of it.
Whether a picture with many votes shows the same is `detectors.pictures.overlay`. A corner is entered in four tables,
each by other 24 of its 128 bits: two views of one corner differ in about ten bits and agree in one of the four tables
more often than not, two corners taken at random hardly ever. So the cost of a question hardly grows with the pictures.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.pictures.features import Features, Words

Arrays = Mapping[str, npt.NDArray[Any]]

TABLES = 4
KEY_BITS = 24
CROWDED = 256
"""Keys that more corners have than this say too little to be followed."""
NEAR = 26
"""Corners that differ in at most so many of 128 bits count as the same."""
LEAST_VOTES = 3
MOST_CANDIDATES = 12


class Candidate(NamedTuple):
    """A picture (its row) that shares `votes` corners with the query, or with the query's mirror image."""

    row: int
    votes: int
    mirrored: bool


class CornerTable:
    """The corners of many pictures, over arrays that `corner_arrays` made or that were mapped from a file."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    def features(self, row: int) -> Features | None:
        """The features of one picture; None when it was entered without."""
        arrays = self._arrays
        first, last = arrays["corner_starts"][row : row + 2].tolist()
        width, height, high, wide = arrays["picture_sizes"][row].tolist()
        if not high:
            return None
        at = int(arrays["thumb_starts"][row])
        thumb = np.asarray(arrays["thumbs"][at : at + high * wide]).reshape(high, wide)
        places = (arrays["corner_places"][first:last] / 64).astype(np.float32)
        codes = np.asarray(arrays["corner_codes"][first:last])
        return Features(width, height, places, codes, codes, thumb)

    def candidates(self, query: Features) -> list[Candidate]:
        """Pictures that share corners with the query, most votes first, then by row; at most `MOST_CANDIDATES`."""
        found = [
            Candidate(row, votes, mirrored)
            for mirrored, codes in ((False, query.codes), (True, query.mirrored))
            for row, votes in self._votes(codes)
        ]
        return sorted(found, key=lambda one: (-one.votes, one.row, one.mirrored))[:MOST_CANDIDATES]

    def _votes(self, codes: Words) -> list[tuple[int, int]]:
        asked, entered = [], []
        for number in range(TABLES):
            query, corner = self._with_key(number, _keys(codes, number))
            asked.append(query)
            entered.append(corner)
        query, corner = np.concatenate(asked), np.concatenate(entered)
        stored = self._arrays["corner_codes"][corner]
        near = np.bitwise_count(stored ^ codes[query]).sum(axis=1) <= NEAR
        owner = self._arrays["corner_owners"][corner[near]].astype(np.int64)
        pairs = np.unique(owner * len(codes) + query[near])  # one corner of the query votes once for a picture
        rows, votes = np.unique(pairs // max(1, len(codes)), return_counts=True)
        enough = votes >= LEAST_VOTES
        rows, votes = rows[enough], votes[enough]
        best = np.lexsort((rows, -votes))[:MOST_CANDIDATES]
        return list(zip(rows[best].tolist(), votes[best].tolist(), strict=True))

    def _with_key(self, number: int, keys: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
        """Pairs of a query's corner and an entered corner that have the same key in that table."""
        sorted_keys = self._arrays[f"corner_keys_{number}"]
        first = np.searchsorted(sorted_keys, keys, side="left")
        count = np.searchsorted(sorted_keys, keys, side="right") - first
        count[count > CROWDED] = 0
        query = np.repeat(np.arange(len(keys)), count)
        place = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        return query, self._arrays[f"corner_order_{number}"][place]


def corner_arrays(pictures: Sequence[Features | None]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a `CornerTable`: one row for each picture, in order."""
    counts = np.array([len(one) if one else 0 for one in pictures], dtype=np.int64)
    codes = _joined([one.codes for one in pictures if one], np.zeros((0, 2), dtype=np.uint64))
    places = _joined([one.places for one in pictures if one], np.zeros((0, 3), dtype=np.float32))
    thumbs = [one.thumb.ravel() if one else np.zeros(0, dtype=np.uint8) for one in pictures]
    sizes = [(one.width, one.height, *one.thumb.shape) if one else (0, 0, 0, 0) for one in pictures]
    arrays: dict[str, npt.NDArray[Any]] = {
        "corner_starts": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "corner_owners": np.repeat(np.arange(len(pictures), dtype=np.uint32), counts),
        "corner_codes": codes,
        "corner_places": np.round(places * 64).astype(np.uint16),
        "picture_sizes": np.array(sizes, dtype=np.int32).reshape(len(pictures), 4),
        "thumb_starts": np.concatenate([[0], np.cumsum([len(thumb) for thumb in thumbs])]).astype(np.int64),
        "thumbs": _joined(thumbs, np.zeros(0, dtype=np.uint8)),
    }
    for number in range(TABLES):
        keys = _keys(codes, number)
        order = np.argsort(keys, kind="stable").astype(np.uint32)
        arrays |= {f"corner_keys_{number}": keys[order], f"corner_order_{number}": order}
    return arrays


def _joined(parts: Sequence[npt.NDArray[Any]], nothing: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else nothing


def _keys(codes: Words, number: int) -> npt.NDArray[np.uint32]:
    word, place = divmod(number, TABLES // 2)
    shifted = codes[:, word] >> np.uint64(place * KEY_BITS)
    return (shifted & np.uint64((1 << KEY_BITS) - 1)).astype(np.uint32)
