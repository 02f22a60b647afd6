"""Borders: what an even frame around a picture leaves of it.

Owns what counts as a border: rows and columns at an edge, of one even light. A copy that was given a frame, or an
official picture with much white around the goods, is so compared by what it shows.
"""

import numpy as np
from numpy.typing import NDArray

EVEN = 20
"""Light within a row of border varies by at most this, in grey levels of 256: recompression leaves its marks."""
LEAST_TRIMMED = 0.02
LEAST_LEFT = 0.25

Box = tuple[int, int, int, int]


def within_border(grey: NDArray[np.uint8]) -> Box | None:
    """Left, upper, right and lower edge of what lies within the border; None where there is none, or nothing else."""
    top, bottom = _even_ends(grey)
    left, right = _even_ends(grey[top:bottom].T) if bottom > top else (0, 0)
    high, wide = grey.shape
    if right - left < LEAST_LEFT * wide or bottom - top < LEAST_LEFT * high:
        return None
    trimmed = max(left / wide, 1 - right / wide, top / high, 1 - bottom / high)
    return (left, top, right, bottom) if trimmed >= LEAST_TRIMMED else None


def _even_ends(grey: NDArray[np.uint8]) -> tuple[int, int]:
    """First row that is no border, and the row after the last one; one more row goes where any did, for the frame's
    edge is blurred into it."""
    light = grey.astype(np.int16)
    even = light.max(axis=1) - light.min(axis=1) <= EVEN
    mean = light.mean(axis=1)
    upper = even & (np.abs(mean - mean[0]) <= EVEN)
    lower = even & (np.abs(mean - mean[-1]) <= EVEN)
    if upper.all():
        return 0, 0
    first, last = int(np.argmin(upper)), len(grey) - int(np.argmin(lower[::-1]))
    return first + (first > 0), last - (last < len(grey))
