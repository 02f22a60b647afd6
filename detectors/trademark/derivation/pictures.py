"""What a character looks like: drawn in several fonts, and described so that alike pictures have alike numbers.

Owns the drawing and the nearness of drawings. What strokes and parts say is for `derivation.strokes`; how both are
weighed and what is kept is for `derivation.glyphs`.

Each character is drawn at 64 pixels, fitted to its ink, and described twice: by its blurred picture, and by its
histogram of oriented gradients. Two characters are as near as the mean cosine of both over the fonts. Four views are
compared, because a sign is taken for another in four ways: the whole character, what stands right of the radical in
both, what stands right of the radical in one with the whole of the other, and the same for what stands under it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 48
DIRECTIONS, CELLS = 8, 8
RADICAL = (0.3, 0.4)  # the share of the width or height that a narrow and a wide radical take
# What a view's nearness is worth beside that of whole characters.
WORTH = {"whole": 1.0, "right": 0.92, "right-whole": 0.9, "under": 0.88, "under-whole": 0.88}
CHANCE = 0.997  # this share of unrelated pairs is no nearer than nought
AT_ONCE = 500

Matrix = npt.NDArray[np.float32]


def draw(character: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """White ink on black, cropped to the ink."""
    picture = Image.new("L", (96, 96))
    ImageDraw.Draw(picture).text((16, 4), character, font=font, fill=255)
    return picture.crop(picture.getbbox() or (0, 0, 96, 96))


def views(picture: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """The whole, the part right of a radical, the part under one: each cropped to its ink again."""
    width, height = picture.size
    yield "whole", picture
    for share in RADICAL:
        for name, box in (
            (f"right {share}", (round(width * share), 0, width, height)),
            (f"under {share}", (0, round(height * share), width, height)),
        ):
            part = picture.crop(box)
            yield name, part.crop(part.getbbox() or (0, 0, *part.size))


def blurred(pictures: Sequence[Image.Image]) -> Matrix:
    """Pictures softened so that a stroke a pixel off still meets its fellow: a row of 24 x 24 values each."""
    soft = [one.resize((SIDE, SIDE)).filter(ImageFilter.GaussianBlur(2.2)).resize((24, 24)) for one in pictures]
    return np.stack([np.asarray(one, dtype=np.float32).ravel() for one in soft])


def gradients(pictures: Sequence[Image.Image]) -> Matrix:
    """Eight directions in an 8 x 8 grid of cells, shared between the two nearest directions: a row of 512 each."""
    found = [_gradients(pictures[start : start + AT_ONCE]) for start in range(0, len(pictures), AT_ONCE)]
    return np.concatenate(found)


def _gradients(pictures: Sequence[Image.Image]) -> Matrix:
    soft = [one.resize((SIDE, SIDE)).filter(ImageFilter.GaussianBlur(0.8)) for one in pictures]
    ink = np.stack([np.asarray(one, dtype=np.float32) for one in soft])
    dy, dx = np.gradient(ink, axis=(1, 2))
    strength = np.hypot(dx, dy)
    turn = (np.arctan2(dy, dx) % np.pi) / np.pi * DIRECTIONS
    low = np.floor(turn).astype(np.int64)
    share = turn - low
    rows, columns = np.indices((SIDE, SIDE)) // (SIDE // CELLS)
    cell = (np.arange(len(ink))[:, None, None] * CELLS + rows) * CELLS + columns
    size = len(ink) * CELLS * CELLS * DIRECTIONS
    grid = np.bincount((cell * DIRECTIONS + low % DIRECTIONS).ravel(), (strength * (1 - share)).ravel(), size)
    grid += np.bincount((cell * DIRECTIONS + (low + 1) % DIRECTIONS).ravel(), (strength * share).ravel(), size)
    return np.sqrt(grid).astype(np.float32).reshape(len(ink), -1)


def unit(matrix: Matrix) -> Matrix:
    """Rows about their common mean, each of length one: their products are cosines."""
    matrix = matrix - matrix.mean(axis=0)
    lengths: Matrix = np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-6)
    return matrix / lengths


def described(signs: Sequence[str], fonts: Sequence[ImageFont.FreeTypeFont]) -> dict[str, Matrix]:
    """For each view one matrix, a row a character: all descriptions side by side, of length one."""
    found: dict[str, list[Matrix]] = {}
    for font in fonts:
        pictures: dict[str, list[Image.Image]] = {}
        for sign in signs:
            for view, picture in views(draw(sign, font)):
                pictures.setdefault(view, []).append(picture)
        for view, seen in pictures.items():
            found.setdefault(view, []).extend((unit(blurred(seen)), unit(gradients(seen))))
    return {view: np.hstack(parts) / np.sqrt(len(parts)).astype(np.float32) for view, parts in found.items()}


def nearness(descriptions: dict[str, Matrix], rows: slice) -> Matrix:
    """The nearness 0..1 of these rows to every character: the best view, each scaled by its own chance level."""
    whole = descriptions["whole"]
    best: Matrix = WORTH["whole"] * above_chance(whole[rows] @ whole.T)
    for side in ("right", "under"):
        for share in RADICAL:
            part = descriptions[f"{side} {share}"]
            both = WORTH[side] * above_chance(part[rows] @ part.T)
            one = WORTH[f"{side}-whole"] * above_chance(np.maximum(part[rows] @ whole.T, whole[rows] @ part.T))
            best = np.maximum(best, np.maximum(both, one))
    return best


def above_chance(values: Matrix) -> Matrix:
    """0 at the level that three in a thousand pairs reach, here in these rows; 1 at the same picture."""
    level = np.quantile(values[:, ::7], CHANCE)
    scaled: Matrix = np.clip((values - level) / (1 - level), 0, 1).astype(np.float32)
    return scaled
