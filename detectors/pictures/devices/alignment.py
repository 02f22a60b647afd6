"""Alignment: one shape laid over another, and how much of their edges then runs together.

Owns the geometric check that a device hit shows as its reason: of all small shifts and stretches the one under which
the edges of both shapes lie nearest, and the share of them that lie within `NEAR` points. Shapes are grids of
`drawings.GRID` points, trimmed and centred, so what is left to find is small.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from detectors.pictures.devices.drawings import GRID

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]

NEAR = 2.0
"""Edges so many points apart count as one line: a thirtieth of the grid."""

POINTS_AT_MOST = 120
SCALES = (0.92, 1.0, 1.08)
SHIFTS = (-2.5, 0.0, 2.5)


class Edges(NamedTuple):
    """A shape's edge points (x, y) about the grid's centre, some of them, and each grid point's distance to an edge."""

    points: Floats
    distance: Floats


def edges(shape: Flags) -> Edges:
    """The edges of a shape; an empty one has no points."""
    border = shape & ~ndimage.binary_erosion(shape)
    rows, columns = np.nonzero(border)
    step = max(1, len(rows) // POINTS_AT_MOST)
    points = np.stack([columns[::step], rows[::step]], axis=1).astype(np.float32) - GRID / 2
    away = ndimage.distance_transform_edt(~border) if len(rows) else np.full(shape.shape, float(GRID))
    return Edges(points, away.astype(np.float32))


def agreement(one: Edges, other: Edges) -> float:
    """The share 0..1 of both shapes' edges that run together under the best placing of one over the other."""
    if not len(one.points) or not len(other.points):
        return 0.0
    scales, shifts = _placings()
    forth = _near(one.points[None] * scales[:, None] + shifts[:, None], other.distance)
    back = _near((other.points[None] - shifts[:, None]) / scales[:, None], one.distance)
    both = 2 * forth * back / np.maximum(forth + back, 1e-6)
    return float(both.max())


def _near(points: Floats, distance: Floats) -> Floats:
    """For each placing the share of points that lie near an edge."""
    at = np.rint(points + GRID / 2).astype(np.int64)
    inside = ((at >= 0) & (at < GRID)).all(axis=2)
    at = np.clip(at, 0, GRID - 1)
    near: Floats = (inside & (distance[at[..., 1], at[..., 0]] <= NEAR)).mean(axis=1, dtype=np.float32)
    return near


@cache
def _placings() -> tuple[Floats, Floats]:
    """Every stretch of both axes with every shift."""
    all_of_them = np.array(list(product(SCALES, SCALES, SHIFTS, SHIFTS)), dtype=np.float32)
    return all_of_them[:, :2], all_of_them[:, 2:]
