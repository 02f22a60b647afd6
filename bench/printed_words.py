"""Pictures with a made-up name printed on them, drawn under ten conditions that goods are photographed in.

Owns the drawing; `bench.words` measures how many names are read. Fonts are whichever of `FONTS` are installed (Debian's
fonts-noto-cjk, fonts-wqy-zenhei, fonts-wqy-microhei, fonts-arphic-ukai). Each third name is a look-alike of the one
before it, one character changed, so that a reader which "corrects" is caught.
"""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 640, 480
FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/arphic/ukai.ttc", 0),
)

# A name, its look-alike, and a name of letters.
NAMES = (
    ("云师傅", "云帅傅", "Kestrello"),
    ("大白鹭", "大白鹜", "VOLTAIRA"),
    ("雪岭泉", "雷岭泉", "Norvane"),
    ("晴川妈妈", "睛川妈妈", "OSTRYA"),
    ("金麦兔", "金麦免", "Sable Moor"),
    ("山月集", "山用集", "BRISSEL"),
    ("青未了", "青末了", "Tamarund"),
    ("天目茶园", "夫目茶园", "Quillane"),
)
OTHER_WORDS = ("净含量 500ml", "生产日期见瓶身", "天然饮用水", "NEW 2026", "全国包邮", "产地：浙江")

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Printed:
    """One picture: the condition, the name that is printed, and the bytes of the file."""

    condition: str
    name: str
    data: bytes


def pictures(for_each: int = 24, seed: int = 6) -> list[Printed]:
    """So many pictures of each condition, always the same ones with the same fonts."""
    chance = random.Random(seed)
    fonts = [font for font in FONTS if Path(font[0]).is_file()]
    if not fonts:
        raise SystemExit("none of the fonts is installed: " + ", ".join(path for path, _ in FONTS))
    names = [name for row in NAMES for name in row]
    made = []
    for condition, draw in CONDITIONS.items():
        for number in range(for_each):
            name = names[number % len(names)]
            picture, quality = draw(name, fonts[chance.randrange(len(fonts))], chance)
            kept = io.BytesIO()
            picture.save(kept, "JPEG", quality=quality)
            made.append(Printed(condition, name, kept.getvalue()))
    return made


Font = tuple[str, int]
Drawn = tuple[Image.Image, int]


def _font(font: Font, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font[0], size, index=font[1])


def _colours(chance: random.Random) -> tuple[Colour, Colour]:
    """A light ground and a dark ink, or the other way round."""
    light, dark = (
        (chance.randint(low, high), chance.randint(low, high), chance.randint(low, high))
        for low, high in ((200, 255), (0, 90))
    )
    return (light, dark) if chance.random() < 0.7 else (dark, light)


def _label(name: str, font: Font, size: int, ink: Colour) -> Image.Image:
    """The name alone on nothing, trimmed."""
    face = _font(font, size)
    left, top, right, bottom = face.getbbox(name)
    label = Image.new("RGBA", (int(right - left) + 8, int(bottom - top) + 8), (*ink, 0))
    ImageDraw.Draw(label).text((4 - left, 4 - top), name, font=face, fill=(*ink, 255))
    return label


def _placed(ground: Image.Image, label: Image.Image, chance: random.Random) -> Image.Image:
    """The label somewhere on the ground, whole."""
    if label.width > ground.width - 20 or label.height > ground.height - 20:
        scale = min((ground.width - 20) / label.width, (ground.height - 20) / label.height)
        label = label.resize((int(label.width * scale), int(label.height * scale)), Image.Resampling.LANCZOS)
    at = (
        chance.randint(8, max(8, ground.width - label.width - 8)),
        chance.randint(8, max(8, ground.height - label.height - 8)),
    )
    whole = ground.convert("RGBA")
    whole.alpha_composite(label, at)
    return whole.convert("RGB")


def _pack(colour: Colour, chance: random.Random) -> Image.Image:
    """A plain ground with a band of another shade."""
    ground = Image.new("RGB", (WIDTH, HEIGHT), colour)
    shade = tuple(max(0, min(255, part + chance.choice((-14, 14)))) for part in colour)
    ImageDraw.Draw(ground).rectangle((0, chance.randint(0, HEIGHT), WIDTH, HEIGHT), fill=shade)
    return ground


def _sizes(name: str, font: Font, chance: random.Random) -> Drawn:
    ground, ink = _colours(chance)
    return _placed(_pack(ground, chance), _label(name, font, chance.choice((18, 22, 28, 40, 72, 110)), ink), chance), 85


def _rotation(name: str, font: Font, chance: random.Random) -> Drawn:
    ground, ink = _colours(chance)
    label = _label(name, font, chance.randint(44, 64), ink)
    turned = label.rotate(chance.uniform(8, 28) * chance.choice((-1, 1)), Image.Resampling.BICUBIC, expand=True)
    return _placed(_pack(ground, chance), turned, chance), 85


def _blur(name: str, font: Font, chance: random.Random) -> Drawn:
    ground, ink = _colours(chance)
    size = chance.randint(36, 60)
    picture = _placed(_pack(ground, chance), _label(name, font, size, ink), chance)
    return picture.filter(ImageFilter.GaussianBlur(size * chance.uniform(0.035, 0.055))), 80


def _noise(name: str, font: Font, chance: random.Random) -> Drawn:
    ground, ink = _colours(chance)
    picture = _placed(_pack(ground, chance), _label(name, font, chance.randint(36, 60), ink), chance)
    grain = np.random.default_rng(chance.randrange(1 << 30)).normal(0, 28, (HEIGHT, WIDTH, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)), 80


def _low_contrast(name: str, font: Font, chance: random.Random) -> Drawn:
    level = chance.randint(60, 190)
    step = chance.choice((-1, 1)) * chance.randint(26, 40)
    ground = Image.new("RGB", (WIDTH, HEIGHT), (level, level, level))
    ink = (level + step,) * 3
    return _placed(ground, _label(name, font, chance.randint(40, 70), ink), chance), 90


def _curved(name: str, font: Font, chance: random.Random) -> Drawn:
    """As on a bottle: columns sink towards the sides and draw together."""
    ground, ink = _colours(chance)
    label = np.asarray(_label(name, font, chance.randint(54, 80), ink))
    height, width = label.shape[:2]
    bend = height * chance.uniform(0.25, 0.45)
    columns = np.arange(width)
    angle = (columns / width - 0.5) * 2.0  # radians either side of the middle
    source = np.clip(((np.sin(angle) / np.sin(1.0)) + 1) / 2 * (width - 1), 0, width - 1).astype(int)
    fall = (bend * (1 - np.cos(angle)) / (1 - np.cos(1.0))).astype(int)
    bent = np.zeros((height + int(bend) + 1, width, 4), dtype=np.uint8)
    for column in range(width):
        bent[fall[column] : fall[column] + height, column] = label[:, source[column]]
    return _placed(_pack(ground, chance), Image.fromarray(bent), chance), 85


def _perspective(name: str, font: Font, chance: random.Random) -> Drawn:
    ground, ink = _colours(chance)
    picture = Image.new("RGBA", (WIDTH, HEIGHT), (*ground, 255))
    label = _label(name, font, chance.randint(60, 84), ink)
    if label.width > 560:
        label = label.resize((560, int(label.height * 560 / label.width)))
    picture.alpha_composite(label, ((WIDTH - label.width) // 2, (HEIGHT - label.height) // 2))
    far = chance.uniform(0.12, 0.25)
    left, right = (far, 0.0) if chance.random() < 0.5 else (0.0, far)
    corners = [(0, -left * HEIGHT), (WIDTH, -right * HEIGHT), (WIDTH, HEIGHT * (1 + right)), (0, HEIGHT * (1 + left))]
    coefficients = _projection(corners, [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)])
    turned = picture.transform((WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    return turned.convert("RGB"), 85


def _projection(source: list[tuple[float, float]], target: list[tuple[float, float]]) -> list[float]:
    """The eight numbers that Pillow asks for: where each point of the result is taken from."""
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return list(np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float)))


def _busy(name: str, font: Font, chance: random.Random) -> Drawn:
    """Among shapes of every colour and other words."""
    random_state = np.random.default_rng(chance.randrange(1 << 30))
    coarse = random_state.integers(70, 186, (12, 16, 3), dtype=np.uint8)
    ground = Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(ground)
    for _ in range(40):
        x, y, size = chance.randint(0, WIDTH), chance.randint(0, HEIGHT), chance.randint(6, 60)
        colour = tuple(chance.randint(60, 200) for _ in range(3))
        draw.ellipse((x, y, x + size, y + size), outline=colour, width=2)
    for word in chance.sample(OTHER_WORDS, 3):
        at = (chance.randint(0, 440), chance.choice((6, 410, 440)))
        draw.text(at, word, font=_font(font, 22), fill=(240, 240, 240))
    face = _font(font, chance.randint(48, 66))
    width = face.getlength(name)
    at = (chance.randint(10, max(10, int(WIDTH - width - 20))), chance.randint(90, 300))
    ink = (255, 255, 255) if chance.random() < 0.5 else (10, 10, 10)
    edge = (10, 10, 10) if ink[0] else (255, 255, 255)
    draw.text(at, name, font=face, fill=ink, stroke_width=3, stroke_fill=edge)
    return ground, 85


def _jpeg(name: str, font: Font, chance: random.Random) -> Drawn:
    ground, ink = _colours(chance)
    return _placed(_pack(ground, chance), _label(name, font, chance.randint(26, 44), ink), chance), 40


def _vertical(name: str, font: Font, chance: random.Random) -> Drawn:
    """Characters below one another; letters run down the side."""
    ground, ink = _colours(chance)
    size = chance.randint(40, 56)
    if name.isascii():
        label = _label(name, font, size, ink).rotate(chance.choice((90, -90)), expand=True)
        return _placed(_pack(ground, chance), label, chance), 85
    face = _font(font, size)
    step = int(size * chance.uniform(1.02, 1.2))
    label = Image.new("RGBA", (size + 12, step * len(name) + 16), (*ink, 0))
    for row, character in enumerate(name):
        ImageDraw.Draw(label).text((6, 2 + row * step), character, font=face, fill=(*ink, 255))
    return _placed(_pack(ground, chance), label, chance), 85


CONDITIONS: dict[str, Callable[[str, Font, random.Random], Drawn]] = {
    "sizes 18 to 110 px": _sizes,
    "turned by 8 to 28 degrees": _rotation,
    "blurred": _blur,
    "noisy": _noise,
    "low contrast": _low_contrast,
    "curved": _curved,
    "in perspective": _perspective,
    "on a busy ground": _busy,
    "JPEG quality 40": _jpeg,
    "vertical": _vertical,
}
