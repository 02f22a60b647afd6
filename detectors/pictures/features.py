"""Local features: what a picture shows around its corners, told so that a part of it is recognised in another picture.

Owns which corners of a picture are looked at, how the surroundings of one become 128 bits, and how all of it is packed
into text for a reading. Laying one picture over another by them is `detectors.pictures.overlay`, finding them again
among millions `detectors.pictures.corners`.

Corners (Harris and Stephens, 1988) are taken on a ladder of sizes, so that an enlarged part meets the whole at another
rung. What is told of a corner are histograms of gradients in the manner of SIFT (Lowe, 2004), without its turning:
pictures of goods are copied upright, a turn of a few degrees changes little, and a corner that keeps its direction
tells more. The histograms are kept as signs of 128 fixed contrasts, so that two corners are compared by counting bits.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

VERSION = 1
LONGEST = 256
"""Corners are looked for in the picture with a longer side of so many points. Positions are told in these points."""

STEP = 2**0.5
RUNGS = 5
PATCH = 20
MARGIN = PATCH // 2 + 1
LEAST_STRENGTH = 4.0
ON_FIRST_RUNG = 70
ON_A_RUNG = 16
APART = 2

CELLS = 4
DIRECTIONS = 8
BITS = 128
USUAL = (0.047, 0.060, 0.088)
"""What a cell at the corner, the edge and the centre of the surroundings usually holds; contrasts are taken from it."""
MOST_OF_ONE = 0.25

MOST = 255
THUMB = 96

Floats = NDArray[np.float32]
Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Features:
    """The corners of one picture. `places` of shape (n, 3): x and y in points of the working picture of `width` x
    `height`, and how many of its points one point of the corner's rung is. `codes` and `mirrored`, of shape (n, 2),
    are their 128 bits in 64-bit words, as they are and as a mirror shows them. `thumb` is the picture in grey, its
    longer side `THUMB` points, or fewer where the picture has no more."""

    width: int
    height: int
    places: Floats
    codes: Words
    mirrored: Words
    thumb: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.places)

    def in_mirror(self) -> "Features":
        """The features of the left-right mirror image."""
        places = self.places.copy()
        places[:, 0] = self.width - places[:, 0]
        return Features(self.width, self.height, places, self.mirrored, self.codes, self.thumb[:, ::-1])


class _Rung(NamedTuple):
    strength: Floats
    places: Floats
    told: Floats


def features(picture: Image.Image) -> Features:
    """The features of an upright picture of any size."""
    grey = picture if picture.mode == "L" else picture.convert("L")
    base = _at_longest(grey, LONGEST)
    width, height = base.size
    rungs = [rung for number in range(RUNGS) if (rung := _rung(base, number)) is not None]
    thumb = np.asarray(_at_longest(base, min(THUMB, max(grey.size))), dtype=np.uint8)
    if not rungs:
        nothing = np.zeros((0, 2), dtype=np.uint64)
        return Features(width, height, np.zeros((0, 3), dtype=np.float32), nothing, nothing, thumb)
    strength, places, told = (np.concatenate(parts) for parts in zip(*rungs, strict=True))
    kept = _spread(strength, places, width, height)[:MOST]
    told = told[kept]
    return Features(width, height, places[kept], _codes(told), _codes(_in_mirror(told)), thumb)


def _at_longest(picture: Image.Image, longest: int) -> Image.Image:
    factor = longest / max(picture.size)
    size = tuple(max(1, round(side * factor)) for side in picture.size)
    return picture.resize((size[0], size[1]), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _rung(base: Image.Image, number: int) -> _Rung | None:
    """The corners of one size of the picture; None where it is too small to have any."""
    size = tuple(round(side / STEP**number) for side in base.size)
    if min(size) < 2 * MARGIN + APART:
        return None
    level = base.resize((size[0], size[1]), Image.Resampling.BILINEAR) if number else base
    grey = _smooth(np.asarray(level, dtype=np.float32))
    x, y, strength = _corners(grey, max(ON_A_RUNG, round(ON_FIRST_RUNG / STEP**number)))
    if not len(x):
        return None
    scale = base.size[0] / size[0]
    places = np.stack([(x + 0.5) * scale, (y + 0.5) * scale, np.full(len(x), scale)], axis=1).astype(np.float32)
    return _Rung(strength, places, _told(grey, x, y))


def _corners(grey: Floats, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Columns, rows and strengths of the strongest corners that are the strongest within `APART` points."""
    across, down = _gradients(_smooth(grey))
    xx, yy, xy = (_smooth(_smooth(product)) for product in (across * across, down * down, across * down))
    strength = (xx * yy - xy * xy) / (xx + yy + np.float32(1e-3))
    inner = strength[MARGIN:-MARGIN, MARGIN:-MARGIN]
    y, x = np.nonzero((inner >= _greatest_around(inner)) & (inner > LEAST_STRENGTH))
    found = inner[y, x]
    order = np.argsort(-found, kind="stable")[:most]
    return x[order] + MARGIN, y[order] + MARGIN, found[order]


def _greatest_around(values: Floats) -> Floats:
    high, wide = values.shape
    padded = np.pad(values, APART, constant_values=-1)
    rows = padded[:, :wide].copy()
    for shift in range(1, 2 * APART + 1):
        np.maximum(rows, padded[:, shift : shift + wide], out=rows)
    greatest = rows[:high].copy()
    for shift in range(1, 2 * APART + 1):
        np.maximum(greatest, rows[shift : shift + high], out=greatest)
    return greatest


def _smooth(values: Floats) -> Floats:
    down = values.copy()
    down[1:-1] = (values[:-2] + 2 * values[1:-1] + values[2:]) * np.float32(0.25)
    across = down.copy()
    across[:, 1:-1] = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) * np.float32(0.25)
    return across


def _gradients(values: Floats) -> tuple[Floats, Floats]:
    across, down = np.zeros_like(values), np.zeros_like(values)
    across[:, 1:-1] = values[:, 2:] - values[:, :-2]
    down[1:-1] = values[2:] - values[:-2]
    return across, down


def _told(grey: Floats, x: NDArray[np.int64], y: NDArray[np.int64]) -> Floats:
    """For each corner, (DIRECTIONS, CELLS, CELLS): how much the picture rises in each direction in each cell around."""
    half = PATCH // 2
    around = sliding_window_view(grey, (PATCH, PATCH))[y - half, x - half]
    across = around[:, 1:-1, 2:] - around[:, 1:-1, :-2]
    down = around[:, 2:, 1:-1] - around[:, :-2, 1:-1]
    share = _shares()
    told: Floats = np.empty((len(x), DIRECTIONS, CELLS, CELLS), dtype=np.float32)
    for number in range(DIRECTIONS // 2):
        angle = number * 2 * np.pi / DIRECTIONS
        rise = across * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))
        told[:, number] = share.T @ np.maximum(rise, 0) @ share
        told[:, number + DIRECTIONS // 2] = share.T @ np.maximum(-rise, 0) @ share
    for _ in range(2):  # no single edge may outweigh all else
        told /= np.sqrt((told**2).sum(axis=(1, 2, 3), keepdims=True) + np.float32(1e-6))
        np.minimum(told, MOST_OF_ONE, out=told)
    return told


@cache
def _shares() -> Floats:
    """What each cell takes from each row or column of the surroundings, (PATCH - 2, CELLS)."""
    place = (np.arange(PATCH - 2) + 0.5) / (PATCH - 2) * CELLS - 0.5
    shares: Floats = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(CELLS))).astype(np.float32)
    return shares


def _in_mirror(told: Floats) -> Floats:
    """The same of the mirror image: cells and directions change sides."""
    turned = [(DIRECTIONS // 2 - number) % DIRECTIONS for number in range(DIRECTIONS)]
    return told[:, turned, :, ::-1]


def _codes(told: Floats) -> Words:
    bits = (told.reshape(len(told), BITS) - _usual()) @ _contrasts() > 0
    return np.packbits(bits, axis=1).view(np.uint64)


@cache
def _usual() -> Floats:
    ring = np.minimum(np.arange(CELLS), CELLS - 1 - np.arange(CELLS))
    return np.tile(np.array(USUAL, dtype=np.float32)[ring[:, None] + ring[None, :]].ravel(), DIRECTIONS)


@cache
def _contrasts() -> Floats:
    """128 directions at right angles to one another, drawn by a fixed rule (SplitMix64) that no library can change."""
    state = np.arange(1, BITS * BITS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    drawn = (state >> np.uint64(11)).astype(np.float64) / 2**53 - 0.5
    square: Floats = np.linalg.qr(drawn.reshape(BITS, BITS))[0].astype(np.float32)
    return square


def _spread(strength: Floats, places: Floats, width: int, height: int) -> NDArray[np.int64]:
    """An order in which every part of the picture has its say early: by rank within the part, then by strength."""
    parts = 4
    across = np.minimum(places[:, 0] * parts // width, parts - 1)
    down = np.minimum(places[:, 1] * parts // height, parts - 1)
    part = (across + parts * down).astype(np.int64)
    by_strength = np.argsort(-strength, kind="stable")
    by_part = by_strength[np.argsort(part[by_strength], kind="stable")]
    starts = np.searchsorted(part[by_part], np.arange(parts * parts))
    rank = np.empty(len(part), dtype=np.int64)
    rank[by_part] = np.arange(len(part)) - starts[part[by_part]]
    return np.lexsort((-strength, rank))


def packed(found: Features) -> str:
    """Features as text, for a reading."""
    places = np.round(found.places * np.array([64, 64, 64], dtype=np.float32)).astype("<u2")
    head = np.array([VERSION, found.width, found.height, len(found), *found.thumb.shape], dtype="<u2")
    parts = (head, places, found.codes.astype("<u8"), found.mirrored.astype("<u8"))
    body = b"".join(part.tobytes() for part in parts) + zlib.compress(found.thumb.tobytes(), 1)
    return base64.b64encode(body).decode("ascii")


def unpacked(text: str) -> Features | None:
    """Features from their text; None where there are none, or none that this version can read."""
    try:
        body = base64.b64decode(text, validate=True)
        version, width, height, count, high, wide = np.frombuffer(body, dtype="<u2", count=6).tolist()
        if version != VERSION:
            return None
        places = np.frombuffer(body, dtype="<u2", offset=12, count=3 * count).reshape(count, 3)
        at = 12 + 6 * count
        codes = np.frombuffer(body, dtype="<u8", offset=at, count=4 * count).reshape(2, count, 2)
        thumb = np.frombuffer(zlib.decompress(body[at + 32 * count :]), dtype=np.uint8).reshape(high, wide)
    except (ValueError, binascii.Error, zlib.error):
        return None
    words = codes.astype(np.uint64)
    return Features(width, height, (places / 64).astype(np.float32), words[0], words[1], thumb)
