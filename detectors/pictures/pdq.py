"""PDQ, the 256-bit perceptual hash, computed with numpy.

Follows the published algorithm ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook,
2019): luminance, two Jarosz box-filter passes, decimation to 64 x 64, the 16 x 16 low-frequency DCT without the
constant terms, one bit per coefficient above the median. The existing bindings are not used because they publish no
built package for Linux and a bare machine has no compiler (decision 0008). This module owns the hash of pixels; it
knows nothing of files, radii or indexes.
"""

from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS = 256
GRID = 64
COEFFICIENTS = 16
SMALLEST_SIDE = 5
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Floats = NDArray[np.float64]


class PdqHash(NamedTuple):
    """64 lower-case hex digits in the reference order, and quality 0..100 (how much structure the picture has)."""

    hex: str
    quality: int


NOTHING = PdqHash("0" * (BITS // 4), 0)


def pdq(pixels: NDArray[np.uint8]) -> PdqHash:
    """Hash an RGB (height, width, 3) or grey (height, width) picture; one under 5 pixels a side has quality 0."""
    luma = _luma(pixels)
    if min(luma.shape) < SMALLEST_SIDE:
        return NOTHING
    return _hashed(_weights(luma.shape[0]) @ luma @ _weights(luma.shape[1]).T)


def pdq_mirrored(pixels: NDArray[np.uint8]) -> tuple[PdqHash, PdqHash]:
    """The hash of a picture and that of its left-right mirror image, looking at the pixels once."""
    luma = _luma(pixels)
    if min(luma.shape) < SMALLEST_SIDE:
        return NOTHING, NOTHING
    rows, columns = _weights(luma.shape[0]) @ luma, _weights(luma.shape[1])
    return _hashed(rows @ columns.T), _hashed(rows @ columns[:, ::-1].T)


def _hashed(grid: NDArray[np.floating[Any]]) -> PdqHash:
    exact = grid.astype(np.float64)
    return PdqHash(_hex(_spectrum(exact)), _quality(exact))


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    luma: NDArray[np.float32] = pixels @ LUMA if pixels.ndim == 3 else pixels.astype(np.float32)
    return luma


@lru_cache(maxsize=256)
def _weights(length: int) -> NDArray[np.float32]:
    """What each of the 64 sampled points takes from each of `length` pixels, (64, length).

    Blurring and sampling are linear and treat rows and columns alike, so two box filters and the decimation of one
    axis are one matrix: a point is the mean, over a window of about 1/128 of the length, of such means.
    """
    window = (length + 2 * GRID - 1) // (2 * GRID)
    half = (window + 2) // 2
    pixel = np.arange(length)
    left = np.maximum(pixel - (window - half), 0)
    right = np.minimum(pixel + half, length)
    steps = np.zeros((GRID, length + 1))
    for point, centre in enumerate(((np.arange(GRID) + 0.5) * length / GRID).astype(int)):
        inner = np.arange(left[centre], right[centre])
        share = 1 / ((right[inner] - left[inner]) * len(inner))
        np.add.at(steps[point], left[inner], share)
        np.add.at(steps[point], right[inner], -share)
    return np.cumsum(steps, axis=1)[:, :length].astype(np.float32)


def _quality(grid: Floats) -> int:
    gradient = sum(int(np.abs(np.trunc(np.diff(grid, axis=axis) * 100 / 255)).sum()) for axis in (0, 1))
    return min(100, gradient // 90)


def _spectrum(grid: Floats) -> Floats:
    cosines = _cosines()
    spectrum: Floats = cosines @ grid @ cosines.T
    return spectrum


@cache
def _cosines() -> Floats:
    frequency = np.arange(1, COEFFICIENTS + 1)[:, None]
    position = 2 * np.arange(GRID)[None, :] + 1
    cosines: Floats = np.sqrt(2 / GRID) * np.cos(np.pi / (2 * GRID) * frequency * position)
    return cosines


def _hex(spectrum: Floats) -> str:
    """Bit 16 * row + column of a 256-bit number, most significant first, is set where a coefficient is above the
    lower median."""
    flat = spectrum.ravel()
    median = np.partition(flat, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits((flat > median)[::-1]).tobytes().hex()
