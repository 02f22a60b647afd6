"""Drawings: a picture taken apart into the shapes that a device mark could be, each as a small black-and-white grid.

Owns how a shape is told from its ground and which parts of a picture are looked at: the whole, what a plate cuts out
(a white bird on a blue disc), what is dark and what is light in it, and each group of shapes that stands by itself (the
device beside a word). What grids are compared by is `detectors.pictures.devices.outlines`.

A mark redrawn keeps its shape and changes its colours, so nothing of colour but the difference from the ground is kept.
Everything here is arithmetic on pixels: no files, no clock.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

GRID = 64
MARGIN = 6
"""Side of a grid, and how far from its edge a shape stays."""

SMALLEST_CANVAS, LARGEST_CANVAS = 192, 384
"""What a picture's longer side is brought to before shapes are looked for."""

DIFFERS = 0.2
"""From which share of the largest difference from the ground on a point belongs to a shape."""

LEAST_SHARE = 0.05
"""A part smaller than this share of all shapes is a dot or dust."""

LEAST_CUT_OUT = 0.02
SMALLEST_EXTENT = 4
GROUPS_AT_MOST = 3
NEIGHBOURS = 0.035
"""Shapes nearer than this share of the longer side stand together."""

LEAST_CONTRAST = 0.06
"""The least spread of brightness that tells dark parts from light ones."""

# The parts, by how a finding names them. The first is always there.
WHOLE, CUT_OUT, DARK, LIGHT, PART, PART_CUT_OUT = "whole", "cut-out", "dark", "light", "part", "part-cut-out"
PART_WORDS = {
    WHOLE: ("整幅图片", "the whole picture"),
    CUT_OUT: ("底形内的镂空部分", "what a plate cuts out"),
    DARK: ("深色部分", "its dark parts"),
    LIGHT: ("浅色部分", "its light parts"),
    PART: ("其中独立的一组图形", "a group of shapes by itself"),
    PART_CUT_OUT: ("独立图形内的镂空部分", "what a group of shapes cuts out"),
}
PARTS = (WHOLE, CUT_OUT, DARK, LIGHT, PART, PART_CUT_OUT)


class Drawing(NamedTuple):
    """One part of a picture as a grid of `GRID` x `GRID` greys 0..1, its shape trimmed and centred; and where it stands
    in the picture, as (left, top, right, bottom) in shares of its width and height."""

    part: str
    grid: Floats
    where: tuple[float, float, float, float]


def drawings(picture: Image.Image) -> list[Drawing]:
    """The parts of an upright RGB picture, the whole first; none of a picture of one colour."""
    pixels: Floats = np.asarray(_canvas(picture), dtype=np.float32) / np.float32(255)
    difference = _difference(pixels)
    shapes = difference > DIFFERS
    if not shapes.any():
        return []
    parts = _parts(pixels, difference, shapes)
    return [Drawing(name, _grid(part), _where(part)) for name, part in parts if min(_extent(part)) >= SMALLEST_EXTENT]


def _canvas(picture: Image.Image) -> Image.Image:
    longer = max(picture.size)
    side = min(max(longer, SMALLEST_CANVAS), LARGEST_CANVAS)
    if side == longer:
        return picture
    size = tuple(max(1, round(length * side / longer)) for length in picture.size)
    return picture.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _difference(pixels: Floats) -> Floats:
    """How far each point is from the colour of the ground, which the picture's edge shows; 0..1."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    difference: Floats = np.sqrt(((pixels - np.median(edge, axis=0)) ** 2).sum(axis=2))
    most = float(difference.max())
    return difference / most if most > DIFFERS / 4 else np.zeros_like(difference)


def _parts(pixels: Floats, difference: Floats, shapes: Flags) -> Iterator[tuple[str, Floats]]:
    yield WHOLE, np.where(difference > 0.08, difference, 0)
    filled = ndimage.binary_fill_holes(shapes)
    cut_out = filled & ~shapes
    if cut_out.sum() > LEAST_CUT_OUT * filled.sum():
        yield CUT_OUT, cut_out.astype(np.float32)
    luma = pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    inside = luma[shapes]
    if inside.std() > LEAST_CONTRAST:
        middle = _middle(inside)
        yield DARK, (shapes & (luma <= middle)).astype(np.float32)
        yield LIGHT, (shapes & (luma > middle)).astype(np.float32)
    yield from _groups(difference, shapes)


def _groups(difference: Floats, shapes: Flags) -> Iterator[tuple[str, Floats]]:
    """Shapes that stand together, the largest groups first, when there are several."""
    reach = max(3, round(NEIGHBOURS * max(shapes.shape))) | 1
    groups, count = ndimage.label(ndimage.maximum_filter(shapes, size=reach), structure=np.ones((3, 3)))
    if count < 2:
        return
    sizes = np.bincount(groups[shapes], minlength=count + 1)
    for number in np.argsort(-sizes, kind="stable")[:GROUPS_AT_MOST].tolist():
        part = shapes & (groups == number)
        if sizes[number] > LEAST_SHARE * shapes.sum():
            yield PART, difference * part
            cut_out = ndimage.binary_fill_holes(part) & ~part
            if cut_out.sum() > LEAST_SHARE * sizes[number]:
                yield PART_CUT_OUT, cut_out.astype(np.float32)


def _middle(values: Floats) -> float:
    """The brightness that parts values best in two (N. Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=64, range=(0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1:][int(np.nanargmax(np.where(np.isfinite(between), between, -1)))])


def _bounds(part: Floats) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is there, ends exclusive; all 0 where nothing is."""
    there = part > 0.25
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _extent(part: Floats) -> tuple[int, int]:
    left, top, right, bottom = _bounds(part)
    return right - left, bottom - top


def _where(part: Floats) -> tuple[float, float, float, float]:
    height, width = part.shape
    left, top, right, bottom = _bounds(part)
    return left / width, top / height, right / width, bottom / height


def _grid(part: Floats) -> Floats:
    """Trimmed, brought to the grid with its proportions kept, and centred."""
    left, top, right, bottom = _bounds(part)
    trimmed = Image.fromarray(part[top:bottom, left:right])
    scale = (GRID - 2 * MARGIN) / max(trimmed.size)
    width, height = (max(1, round(length * scale)) for length in trimmed.size)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    small = np.asarray(trimmed.resize((width, height), method), dtype=np.float32)
    grid = np.zeros((GRID, GRID), dtype=np.float32)
    y, x = (GRID - height) // 2, (GRID - width) // 2
    grid[y : y + height, x : x + width] = small
    return grid
