"""Pictures drawn for tests: as rich in structure as product photographs, each wholly made from its seed."""

import io
import random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

SIDE = 640


def drawing(seed: int, side: int = SIDE) -> Image.Image:
    """A still life of soft blobs, boxes, ellipses and lines in the seed's own places and colours."""
    chance = random.Random(seed)
    coarse = Image.new("RGB", (9, 9))
    coarse.putdata([_colour(chance) for _ in range(81)])
    picture = coarse.resize((side, side), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y = chance.randrange(side), chance.randrange(side)
        box = (x, y, x + chance.randrange(side // 12, side // 3), y + chance.randrange(side // 12, side // 3))
        draw = chance.choice([pen.rectangle, pen.ellipse])
        draw(box, fill=_colour(chance), outline=_colour(chance), width=4)
    for _ in range(10):
        ends = [(chance.randrange(side), chance.randrange(side)) for _ in range(2)]
        pen.line(ends, fill=_colour(chance), width=chance.randrange(2, 9))
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def packed(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file's bytes."""
    kept = io.BytesIO()
    picture.save(kept, kind, **options)
    return kept.getvalue()


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)
