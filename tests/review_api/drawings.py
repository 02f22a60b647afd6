"""Pictures drawn for the tests: goods of fictional brands, the official view and what sellers show."""

import io

from PIL import Image, ImageDraw, ImageEnhance

SIZE = 480


def tin(*, shade: str = "#2f6b4f", band: str = "#f0dfae", backdrop: str = "#eef2ea") -> Image.Image:
    """A tin of tea."""
    image, draw = _canvas(backdrop)
    draw.ellipse((120, 380, 360, 440), fill="#d3dacb")
    draw.rounded_rectangle((135, 120, 345, 410), 22, fill=shade)
    draw.rectangle((135, 210, 345, 320), fill=band)
    draw.polygon(((240, 225), (285, 265), (240, 308), (195, 265)), fill=shade)
    draw.line(((240, 228), (240, 305)), fill=band, width=4)
    draw.rounded_rectangle((125, 90, 355, 140), 14, fill="#21503a")
    return image


def shoe(*, upper: str = "#e8a3a8", sole: str = "#ffffff", backdrop: str = "#f6efe9") -> Image.Image:
    """A child's shoe with a deer's ears."""
    image, draw = _canvas(backdrop)
    draw.polygon(((90, 300), (120, 190), (215, 180), (265, 250), (390, 285), (405, 335), (90, 335)), fill=upper)
    draw.rounded_rectangle((80, 325, 415, 375), 24, fill=sole, outline="#cfc4ba", width=4)
    draw.polygon(((130, 190), (115, 120), (165, 180)), fill="#c77d83")
    draw.polygon(((185, 182), (200, 112), (225, 190)), fill="#c77d83")
    for x in (285, 315, 345):
        draw.line(((x - 30, 250), (x, 292)), fill=sole, width=7)
    return image


def bag(*, body: str = "#31466b", strap: str = "#c9a15a", backdrop: str = "#e9edf2") -> Image.Image:
    """A backpack with a kestrel's wing."""
    image, draw = _canvas(backdrop)
    draw.rounded_rectangle((190, 70, 290, 130), 40, outline=strap, width=14)
    draw.rounded_rectangle((120, 110, 360, 410), 54, fill=body)
    draw.rounded_rectangle((150, 270, 330, 390), 22, outline=strap, width=6)
    draw.polygon(((165, 215), (315, 160), (270, 205), (300, 215), (245, 232), (262, 246)), fill=strap)
    return image


def bottle(*, glass: str = "#a9cfd6", cap: str = "#2e4a52", backdrop: str = "#f3f6f7") -> Image.Image:
    """A bottle of lotion with a spring."""
    image, draw = _canvas(backdrop)
    draw.rounded_rectangle((175, 150, 305, 420), 34, fill=glass)
    draw.rectangle((212, 90, 268, 155), fill=cap)
    draw.ellipse((200, 230, 280, 310), outline=cap, width=6)
    draw.arc((212, 250, 268, 330), 190, 350, fill=cap, width=6)
    return image


def resold(image: Image.Image, *, brightness: float = 0.94, side: int = 400) -> Image.Image:
    """The official picture as a seller uses it: smaller, a little darker, compressed again."""
    return ImageEnhance.Brightness(image.resize((side, side))).enhance(brightness)


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=82)
    return stream.getvalue()


def _canvas(backdrop: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIZE, SIZE), backdrop)
    return image, ImageDraw.Draw(image)
