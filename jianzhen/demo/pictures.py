"""Drawing the demo's pictures: goods as simple shapes, the same bytes at every run; no file, font or photo is needed.

Owns the drawing. An official picture and the goods of an honest shop differ in colours, parts and placement; a copied
one is the official picture scaled down, recompressed and, in the worse case, put under a sales banner.
"""

import hashlib
import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

SIZE = 640
COPY_SIZE = 420
COPY_QUALITY = 38
Colour = tuple[int, int, int]


def draw_goods(name: str, kind: str, label: str) -> bytes:
    """A PNG of goods of that kind; `name` seeds colours and details, `label` is Latin text on the package."""
    chance = random.Random(hashlib.sha256(name.encode()).digest())  # noqa: S311 drawing, not secrets
    picture = _backdrop(chance)
    pen = ImageDraw.Draw(picture)
    SHAPES.get(kind, _parcel)(pen, chance)
    _scatter(pen, chance)
    if label:
        pen.text((SIZE // 2, SIZE - 90), label, font=ImageFont.load_default(44), fill=(30, 30, 40), anchor="mm")
    return _png(picture)


def photograph_goods(name: str, kind: str) -> bytes:
    """A PNG of a shop's own photograph of such goods: another backdrop, angle and crop, other things beside them."""
    chance = random.Random(hashlib.sha256(f"photo {name}".encode()).digest())  # noqa: S311 drawing, not secrets
    goods = Image.new("RGBA", (SIZE, SIZE))
    SHAPES.get(kind, _parcel)(ImageDraw.Draw(goods), chance)
    if chance.random() < 0.5:
        goods = goods.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    side = chance.randint(SIZE // 2, SIZE * 3 // 4)
    goods = goods.rotate(chance.uniform(-40, 40), Image.Resampling.BILINEAR).resize((side, side))
    picture = _backdrop(chance)
    pen = ImageDraw.Draw(picture)
    _parcel(pen, chance)
    picture.paste(goods, (chance.randint(0, SIZE - side), chance.randint(0, SIZE - side)), goods)
    _scatter(pen, chance)
    return _png(picture)


def copy_goods(official: bytes, *, banner: bool) -> bytes:
    """A JPEG made from an official picture the way a copying shop would."""
    picture = Image.open(io.BytesIO(official)).convert("RGB").resize((COPY_SIZE, COPY_SIZE), Image.Resampling.BILINEAR)
    if banner:
        pen = ImageDraw.Draw(picture)
        pen.rectangle((0, COPY_SIZE - 46, COPY_SIZE, COPY_SIZE), fill=(214, 38, 30))
        pen.text(
            (COPY_SIZE // 2, COPY_SIZE - 23), "SALE -70%", font=ImageFont.load_default(28), fill="white", anchor="mm"
        )
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=COPY_QUALITY)
    return kept.getvalue()


def _backdrop(chance: random.Random) -> Image.Image:
    """A slanted gradient between two light colours with a table edge."""
    top, bottom = _light(chance), _light(chance)
    slope = chance.uniform(0.2, 0.8)
    picture = Image.new("RGB", (SIZE, SIZE))
    for y in range(SIZE):
        share = min(1.0, y / SIZE * slope + chance.random() * 0.02)
        row = tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        picture.paste((row[0], row[1], row[2]), (0, y, SIZE, y + 1))
    table = chance.randint(420, 520)
    ImageDraw.Draw(picture).rectangle((0, table, SIZE, SIZE), fill=_mixed(bottom, (90, 80, 70), 0.35))
    return picture


def _pack(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    left, top, right, bottom = 150, 90, chance.randint(440, 520), 500
    main, second = _strong(chance), _strong(chance)
    pen.rounded_rectangle((left, top, right, bottom), 36, fill=main, outline=(40, 40, 50), width=5)
    pen.rectangle((left, top + 120, right, top + 220), fill=second)
    for place in range(chance.randint(4, 7)):
        x, y, r = left + 40 + place * 55, top + 300 + chance.randint(-40, 40), chance.randint(18, 42)
        pen.ellipse((x - r, y - r, x + r, y + r), fill="white")


def _bottles(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    main = _strong(chance)
    for place in range(chance.randint(3, 5)):
        x, top = 110 + place * 100, chance.randint(120, 180)
        pen.rounded_rectangle(
            (x, top + 70, x + 78, 520), 22, fill=_mixed(main, (255, 255, 255), 0.45), outline=main, width=4
        )
        pen.rectangle((x + 24, top, x + 54, top + 74), fill=main)
        pen.rectangle((x, top + 190, x + 78, top + 270), fill=main)


def _tin(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    main, second = _strong(chance), _strong(chance)
    left, right = chance.randint(170, 220), chance.randint(420, 470)
    pen.rectangle((left, 150, right, 500), fill=main)
    pen.ellipse((left, 110, right, 190), fill=_mixed(main, (255, 255, 255), 0.3), outline=(30, 30, 30), width=3)
    pen.ellipse((left, 460, right, 540), fill=main)
    middle = (left + right) // 2
    for turn in range(5):
        pen.arc((middle - 80 + turn * 9, 240 + turn * 14, middle + 80 - turn * 9, 420), 180, 360, fill=second, width=8)


def _shoe(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    main, second = _strong(chance), _strong(chance)
    lift = chance.randint(-30, 30)
    body = [(90, 470), (100, 330), (210, 250 + lift), (300, 330), (470, 380), (560, 430), (560, 470)]
    pen.polygon(body, fill=main, outline=(30, 30, 30))
    pen.rounded_rectangle((80, 465, 575, 510), 20, fill="white", outline=(30, 30, 30), width=4)
    for lace in range(5):
        pen.line((220 + lace * 40, 300 + lace * 22, 280 + lace * 40, 270 + lace * 26), fill="white", width=8)
    pen.polygon([(200, 450), (330, 380), (430, 400), (250, 455)], fill=second)


def _earphones(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    main = _strong(chance)
    for x in (220, 420):
        r = chance.randint(58, 78)
        pen.ellipse((x - r, 230 - r, x + r, 230 + r), fill=main, outline=(30, 30, 30), width=5)
        pen.rounded_rectangle((x - 18, 250, x + 18, 420), 16, fill=_mixed(main, (0, 0, 0), 0.25))
        pen.ellipse((x - 24, 206, x + 24, 254), fill=(240, 240, 240))
    pen.rounded_rectangle((200, 450, 440, 540), 40, fill=_mixed(main, (255, 255, 255), 0.4), outline=main, width=6)


def _knife(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    handle, tip = _strong(chance), chance.randint(120, 170)
    pen.polygon([(tip, 300), (420, 210), (420, 330), (tip + 80, 340)], fill=(205, 210, 216), outline=(60, 60, 60))
    for wave in range(7):
        pen.line((180 + wave * 32, 320, 214 + wave * 32, 262), fill=(150, 155, 165), width=3)
    pen.rounded_rectangle((415, 235, 585, 300), 24, fill=handle, outline=(40, 30, 20), width=4)
    for rivet in (455, 500, 545):
        pen.ellipse((rivet - 9, 258, rivet + 9, 276), fill=(220, 200, 120))


def _parcel(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Any other goods: a few overlapping bodies."""
    for _ in range(chance.randint(3, 6)):
        x, y = chance.randint(80, 380), chance.randint(90, 360)
        w, h = chance.randint(90, 230), chance.randint(90, 200)
        shape = chance.choice((pen.ellipse, pen.rectangle))
        shape((x, y, x + w, y + h), fill=_strong(chance), outline=(40, 40, 40), width=4)


SHAPES: dict[str, Callable[[ImageDraw.ImageDraw, random.Random], None]] = {
    "母婴": _pack,
    "饮用水": _bottles,
    "茶叶": _tin,
    "运动": _shoe,
    "数码": _earphones,
    "厨具": _knife,
}


def _scatter(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for _ in range(chance.randint(12, 26)):
        x, y, r = chance.randint(0, SIZE), chance.randint(0, SIZE), chance.randint(3, 10)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=_light(chance))


def _light(chance: random.Random) -> Colour:
    return chance.randint(190, 250), chance.randint(190, 250), chance.randint(190, 250)


def _strong(chance: random.Random) -> Colour:
    return chance.randint(20, 220), chance.randint(20, 200), chance.randint(20, 220)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _png(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
