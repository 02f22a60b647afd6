"""Outlines: how the edges of a drawing run, as numbers that can be compared by the million, and how they are kept.

Owns the descriptor (histograms of edge directions, after N. Dalal and B. Triggs, 2005: 8 x 8 cells of 8 directions, an
edge and its reverse alike) and its packed form. A drawing is kept as its descriptor in bytes and its shape in bits:
the first finds candidates, the second is what `detectors.pictures.devices.alignment` lays over one another.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.pictures.devices.drawings import GRID, PARTS, Drawing

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

VERSION = "outlines-1"
CELLS, DIRECTIONS = 8, 8
LENGTH = CELLS * CELLS * DIRECTIONS
SCALE = 800
"""A descriptor's largest values are about 0.3: this many steps to 1 fill a byte."""

BLUR, POOL = 1.0, 3.0
SHAPE_BYTES = GRID * GRID // 8
RECORD = 1 + 4 + SHAPE_BYTES + LENGTH


@dataclass(frozen=True, eq=False)
class Outline:
    """A drawing as it is kept: its part's name, its place in the picture in shares (left, top, right, bottom), its
    shape as (GRID, GRID) bits, its descriptor as (LENGTH,) bytes."""

    part: str
    where: tuple[float, float, float, float]
    shape: Flags
    descriptor: NDArray[np.uint8]


def packed(parts: Sequence[Drawing]) -> str:
    """Drawings as text, "" for none."""
    if not parts:
        return ""
    records = b"".join(_record(part) for part in parts)
    return base64.b64encode(zlib.compress(records, 6)).decode()


def unpacked(text: str) -> list[Outline]:
    """What `packed` wrote. Raises `ValueError` for anything else."""
    if not text:
        return []
    try:
        records = zlib.decompress(base64.b64decode(text, validate=True))
    except (binascii.Error, zlib.error) as fault:
        raise ValueError("these are no packed outlines") from fault
    if len(records) % RECORD:
        raise ValueError("packed outlines are cut short")
    return [_outline(records[at : at + RECORD]) for at in range(0, len(records), RECORD)]


def unit(descriptors: NDArray[np.uint8]) -> Floats:
    """Descriptors of shape (n, LENGTH) scaled to length 1, so that their products are cosines."""
    values = descriptors.astype(np.float32)
    lengths = np.linalg.norm(values, axis=-1, keepdims=True)
    scaled: Floats = values / np.maximum(lengths, 1.0)
    return scaled


def described(grid: Floats) -> Floats:
    """The descriptor of one grid, of length 1."""
    blur = _blurring(GRID, BLUR)
    smooth = blur @ grid @ blur.T
    across, down = np.gradient(smooth, axis=1), np.gradient(smooth, axis=0)
    strength = np.hypot(across, down)
    turn = np.arctan2(down, across) % np.pi / np.pi * DIRECTIONS
    lower = np.floor(turn).astype(np.int64) % DIRECTIONS
    share = turn - np.floor(turn)
    planes = np.zeros((DIRECTIONS, GRID, GRID), dtype=np.float32)
    rows, columns = np.indices(lower.shape)
    planes[lower, rows, columns] = strength * (1 - share)
    planes[(lower + 1) % DIRECTIONS, rows, columns] += strength * share
    pool = _pooling()
    cells = np.moveaxis(pool @ planes @ pool.T, 0, -1)
    strengths = np.sqrt((cells**2).sum(axis=-1))
    around = _neighbours()
    evened = cells / ((around @ strengths @ around.T)[..., None] + FLOOR)
    flat = evened.astype(np.float32).ravel()
    length = float(np.linalg.norm(flat))
    described_so: Floats = flat / length if length else flat
    return described_so


FLOOR = 0.008
"""What keeps empty cells from being blown up to full strength."""


def _record(part: Drawing) -> bytes:
    place = bytes(min(255, round(share * 255)) for share in part.where)
    shape = np.packbits(part.grid > 0.5).tobytes()
    descriptor = np.clip(np.rint(described(part.grid) * SCALE), 0, 255).astype(np.uint8).tobytes()
    return bytes([PARTS.index(part.part)]) + place + shape + descriptor


def _outline(record: bytes) -> Outline:
    if record[0] >= len(PARTS):
        raise ValueError("packed outlines name a part that there is none of")
    left, top, right, bottom = (share / 255 for share in record[1:5])
    shape = np.unpackbits(np.frombuffer(record[5 : 5 + SHAPE_BYTES], dtype=np.uint8)).reshape(GRID, GRID).astype(bool)
    descriptor = np.frombuffer(record[5 + SHAPE_BYTES :], dtype=np.uint8)
    return Outline(PARTS[record[0]], (left, top, right, bottom), shape, descriptor)


@cache
def _blurring(size: int, sigma: float) -> Floats:
    """A Gaussian blur of one axis as a matrix; what lies beyond the edge is empty."""
    at = np.arange(size)
    weights = np.exp(-((at[:, None] - at[None, :]) ** 2) / (2 * sigma**2))
    blurring: Floats = (weights / (sigma * np.sqrt(2 * np.pi))).astype(np.float32)
    return blurring


@cache
def _pooling() -> Floats:
    """Blurring, then the mean of each cell."""
    means = np.kron(np.eye(CELLS), np.full(GRID // CELLS, CELLS / GRID)).astype(np.float32)
    pooling: Floats = means @ _blurring(GRID, POOL)
    return pooling


@cache
def _neighbours() -> Floats:
    """The mean of a cell and its two neighbours along one axis."""
    at = np.arange(CELLS)
    near = (np.abs(at[:, None] - at[None, :]) <= 1).astype(np.float32)
    means: Floats = near / near.sum(axis=1, keepdims=True)
    return means
