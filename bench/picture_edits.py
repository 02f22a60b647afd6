"""Edits: what is done to a picture before it is used again, drawn at random.

Owns the edits of the copies bench, one function each, from (picture, chance) to a picture. Every edited picture is
recompressed besides, as a platform would.
"""

import io
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Edit = Callable[[Image.Image, random.Random], Image.Image]
Colour = tuple[int, int, int]
SMOOTH = (Image.Resampling.BILINEAR, Image.Resampling.LANCZOS, Image.Resampling.BICUBIC)


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """The picture's bytes as a JPEG."""
    kept = io.BytesIO()
    picture.convert("RGB").save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture of these bytes, upright."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")


def colour(chance: random.Random) -> Colour:
    """Any colour."""
    return (chance.randint(0, 255), chance.randint(0, 255), chance.randint(0, 255))


def recompress(picture: Image.Image, chance: random.Random) -> Image.Image:
    return opened(jpeg(picture, chance.randint(20, 70)))


def resize(picture: Image.Image, chance: random.Random) -> Image.Image:
    factor, squeeze = chance.uniform(0.4, 1.6), chance.uniform(0.93, 1.07)
    size = (max(8, int(picture.width * factor)), max(8, int(picture.height * factor * squeeze)))
    return picture.resize(size, chance.choice(SMOOTH))


def brightness(picture: Image.Image, chance: random.Random) -> Image.Image:
    lit = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.65, 1.4))
    return ImageEnhance.Contrast(lit).enhance(chance.uniform(0.8, 1.25))


def grey(picture: Image.Image, chance: random.Random) -> Image.Image:
    return picture.convert("L").convert("RGB")


def watermark(picture: Image.Image, chance: random.Random) -> Image.Image:
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(size=max(10, int(picture.width * chance.uniform(0.06, 0.14))))
    ink = (*chance.choice([(255, 255, 255), (0, 0, 0), (200, 30, 30)]), chance.randint(70, 170))
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = (chance.randint(0, int(picture.width * 0.6)), chance.randint(0, int(picture.height * 0.9)))
        pen.text(place, chance.choice(["SHOP 8899", "official store", f"SALE {chance.randint(1, 999)}"]), ink, font)
    if chance.random() < 0.3:
        layer = layer.rotate(chance.uniform(-30, 30))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def banner(picture: Image.Image, chance: random.Random) -> Image.Image:
    covered = picture.copy()
    pen = ImageDraw.Draw(covered)
    high = int(picture.height * chance.uniform(0.1, 0.25))
    top = chance.choice([0, picture.height - high])
    pen.rectangle((0, top, picture.width, top + high), fill=colour(chance))
    words = f"SALE {chance.randint(5, 80)}% OFF free gift"
    font = ImageFont.load_default(size=max(8, high // 2))
    pen.text((picture.width // 20, top + high // 5), words, colour(chance), font)
    return covered


def border(picture: Image.Image, chance: random.Random) -> Image.Image:
    across, down = (int(picture.width * chance.uniform(0.03, 0.15)) for _ in range(2))
    widths = chance.choice([(across,) * 4, (across,) * 4, (across, down, across, down), (0, down, 0, down)])
    return ImageOps.expand(picture, widths, fill=chance.choice([(255, 255, 255), colour(chance)]))


def mirror(picture: Image.Image, chance: random.Random) -> Image.Image:
    return ImageOps.mirror(picture)


def rotate(picture: Image.Image, chance: random.Random) -> Image.Image:
    angle = chance.choice([-1, 1]) * chance.uniform(1, 8)
    ground = chance.choice([(255, 255, 255), (0, 0, 0), colour(chance)])
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=chance.random() < 0.5, fillcolor=ground)


def crop(least: float, most: float) -> Edit:
    """Keeps so much of each side, from anywhere in the picture."""

    def cropped(picture: Image.Image, chance: random.Random) -> Image.Image:
        kept = chance.uniform(least, most)
        wide, high = int(picture.width * kept), int(picture.height * kept)
        left, top = chance.randint(0, picture.width - wide), chance.randint(0, picture.height - high)
        return picture.crop((left, top, left + wide, top + high))

    return cropped


def inset(picture: Image.Image, chance: random.Random) -> Image.Image:
    """At half its size somewhere within another picture."""
    size = (picture.width * 2, picture.height * 2)
    ground = Image.new("RGB", size, colour(chance))
    if chance.random() < 0.67:
        grain = Image.effect_noise(size, chance.uniform(5, 50))
        shade = Image.blend(Image.linear_gradient("L").resize(size), grain, 0.4)
        ground = ImageOps.colorize(shade, colour(chance), colour(chance))
    ground.paste(picture, (chance.randint(0, picture.width), chance.randint(0, picture.height)))
    return ground.resize((picture.width * 3 // 2, picture.height * 3 // 2), Image.Resampling.LANCZOS)


def collage(others: Sequence[Image.Image]) -> Edit:
    """One of four pictures, three of them others."""

    def laid(picture: Image.Image, chance: random.Random) -> Image.Image:
        wide, high = picture.size
        cells = [(0, 0), (wide, 0), (0, high), (wide, high)]
        chance.shuffle(cells)
        ground = Image.new("RGB", (wide * 2, high * 2), "white")
        for cell, shown in zip(cells, [picture, *chance.sample(list(others), 3)], strict=True):
            ground.paste(shown.resize((wide, high)), cell)
        return ground.resize((wide * 3 // 2, high * 3 // 2), Image.Resampling.LANCZOS)

    return laid


EDITS: dict[str, Edit] = {
    "recompress": recompress,
    "resize": resize,
    "brightness": brightness,
    "grey": grey,
    "watermark": watermark,
    "banner": banner,
    "border": border,
    "mirror": mirror,
    "rotate": rotate,
    "crop to 88 %": crop(0.86, 0.90),
    "crop to 75 %": crop(0.73, 0.77),
    "crop to 50 %": crop(0.48, 0.52),
    "inset at half size": inset,
}
