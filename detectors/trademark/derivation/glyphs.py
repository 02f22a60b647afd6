"""Derives `data/glyphs.npz`: which Chinese characters look alike, seen by rendering them.

    python -m detectors.trademark.derivation.glyphs            (about two minutes on two cores)

Fonts: Noto Sans CJK SC and Noto Serif CJK SC (SIL Open Font License 1.1), as packaged by Debian in `fonts-noto-cjk`.
Fonts are not shipped; only the numbers below are. Characters: the 6,763 of GB 2312, a fact about the standard.

Each character is drawn at 64 pixels, fitted to its ink, and described twice: by its blurred picture, and by its
histogram of oriented gradients. Two characters are as near as the mean cosine of both over the fonts. Four views are
compared, because a sign is taken for another in four ways: the whole character, what stands right of the radical in
both, what stands right of the radical in one with the whole of the other, and the same for what stands under it.
For every character the nearest twenty-four are kept with a score of 0..255, where 0 is the nearness that three in a
thousand unrelated pairs reach and 255 is the same picture.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc")
SIMPLIFIED_CHINESE = 2  # the face's index within the collection
SIDE = 48
KEPT = 24
RADICAL = (0.3, 0.4)  # the share of the width or height that a narrow and a wide radical take
# What a view's nearness is worth beside that of whole characters.
WORTH = {"whole": 1.0, "right": 0.92, "right-whole": 0.9, "under": 0.88, "under-whole": 0.88}

Matrix = npt.NDArray[np.float32]


def characters() -> list[str]:
    """The 6,763 characters of GB 2312, levels one and two, in the standard's order."""
    cells = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    return [text for text in (cell.decode("gb2312", "ignore") for cell in cells) if text]


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


def blurred(picture: Image.Image) -> Matrix:
    """The picture softened so that a stroke a pixel off still meets its fellow: 24 x 24 values."""
    soft = picture.resize((SIDE, SIDE)).filter(ImageFilter.GaussianBlur(2.2)).resize((24, 24))
    return np.asarray(soft, dtype=np.float32).ravel()


def gradients(picture: Image.Image) -> Matrix:
    """Eight directions in an 8 x 8 grid of cells, each cell blended with its neighbours."""
    ink = np.asarray(picture.resize((SIDE, SIDE)).filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    dy, dx = np.gradient(ink)
    strength = np.hypot(dx, dy)
    turn = (np.arctan2(dy, dx) % np.pi) / np.pi * 8
    grid = np.zeros((8, 8, 8), dtype=np.float32)
    rows, columns = np.indices(ink.shape) // (SIDE // 8)
    low = np.floor(turn).astype(int) % 8
    share = turn - np.floor(turn)
    np.add.at(grid, (rows, columns, low), strength * (1 - share))
    np.add.at(grid, (rows, columns, (low + 1) % 8), strength * share)
    return np.sqrt(grid).ravel()


def unit(rows: list[Matrix]) -> Matrix:
    """Rows about their common mean, each of length one: their products are cosines."""
    matrix = np.stack(rows)
    matrix -= matrix.mean(axis=0)
    lengths: Matrix = np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-6)
    return matrix / lengths


def described(signs: list[str], fonts: list[ImageFont.FreeTypeFont]) -> dict[str, Matrix]:
    """For each view one matrix, a row a character: all descriptions side by side, of length one."""
    found: dict[str, list[Matrix]] = {}
    for font in fonts:
        pictures = [dict(views(draw(sign, font))) for sign in signs]
        for view in pictures[0]:
            for describe in (blurred, gradients):
                found.setdefault(view, []).append(unit([describe(picture[view]) for picture in pictures]))
    return {view: np.hstack(parts) / np.sqrt(len(parts)).astype(np.float32) for view, parts in found.items()}


def nearness(descriptions: dict[str, Matrix], rows: slice) -> Matrix:
    """The nearness of these rows to every character: the best view, each scaled by its own chance level."""
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
    level = np.quantile(values, 0.997)
    scaled: Matrix = np.clip((values - level) / (1 - level), 0, 1).astype(np.float32)
    return scaled


def derive(fonts_folder: Path, out: Path) -> None:
    """Write `out`: characters, the indices of the nearest twenty-four, their scores."""
    signs = characters()
    fonts = [ImageFont.truetype(fonts_folder / name, 64, index=SIMPLIFIED_CHINESE) for name in FONTS]
    descriptions = described(signs, fonts)
    neighbours = np.zeros((len(signs), KEPT), dtype=np.uint16)
    scores = np.zeros((len(signs), KEPT), dtype=np.uint8)
    for start in range(0, len(signs), 1000):
        rows = slice(start, min(start + 1000, len(signs)))
        near = nearness(descriptions, rows)
        near[np.arange(len(near)), np.arange(rows.start, rows.stop)] = -1
        order = np.argsort(-near, axis=1, kind="stable")[:, :KEPT]
        neighbours[rows] = order
        scores[rows] = np.round(np.maximum(np.take_along_axis(near, order, axis=1), 0) * 255)
    code_points = np.array([ord(sign) for sign in signs], dtype=np.uint16)
    np.savez_compressed(out, characters=code_points, neighbours=neighbours, scores=scores)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts/opentype/noto"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "data" / "glyphs.npz")
    options = parser.parse_args()
    derive(options.fonts, options.out)
