"""Decoding: the bytes of a picture become its dimensions and hashes, or a clear rejection.

Owns what is accepted as a picture and how it is normalised before hashing. It runs in a child process with limits
(`streams.pictures.child`): here is where a stranger's bytes meet the decoders. Only the first frame is looked at,
its orientation applied, transparency laid on white, colour and every kind of metadata dropped.
"""

import io
import json
import re
import struct
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import imagehash
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from detectors.pictures.borders import within_border
from detectors.pictures.devices.drawings import drawings
from detectors.pictures.devices.outlines import packed
from detectors.pictures.features import features
from detectors.pictures.features import packed as packed_features
from detectors.pictures.matching import MIRRORED, PDQ, PHASH, TRIMMED
from detectors.pictures.pdq import pdq_mirrored
from models.errors import PictureRejected
from models.pictures import Level
from streams.pictures.animation import frame_count
from streams.pictures.failures import sentence
from streams.pictures.looking import Looker, look

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

# The shorter side that hashing needs: PDQ looks at 64 x 64, pHash at 32 x 32 points. JPEGs are decoded at an eighth,
# a quarter or half of their size down to this, other pictures are reduced to it. Moves PDQ by 2 bits of 256 in the
# median, 10 at most, and pHash by 0 (2 at most) on 22 large photographs: far inside the radii of matching.
WORKING_SIDE = 256
LARGE_SIDE = 800
OF_LARGE = 200  # of a picture with a shorter side of 800 or more, less is enough: a quarter is decoded, not half
LONGEST_SIDE = 4096

# Only the first frame is looked at; a picture with more than this many is made to keep somebody busy.
MOST_FRAMES = 2000

# EXIF orientation -> what puts the picture upright (EXIF 2.32, tag 0x0112).
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What a browser, a reader or an unpacker would take the file for. Browsers look at the first 1445 bytes (WHATWG MIME
# Sniffing), PDF readers at the first 1024, unpackers at the last 65557 (APPNOTE 4.3.16).
HEAD = 1445
# A tag counts with the byte that ends its name (there too): four bytes alone stand in honest pictures by chance.
MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|\?php)[\s/>]", re.IGNORECASE)
ARCHIVE_END = b"PK\x05\x06"
ARCHIVE_TAIL = 65557


@dataclass(frozen=True)
class Decoded:
    """One picture, as the fields of a `models.pictures.PictureReading`."""

    width: int
    height: int
    hashes: dict[str, str]
    quality: int
    level: Level = "hash"
    features: str = ""
    shapes: str = ""
    words: tuple[dict[str, Any], ...] = ()
    codes: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def prepare(max_pixels: int) -> None:
    """Set this process up for `decode`: Pillow's pixel limit, its warning made an error, every decoder loaded."""
    Image.MAX_IMAGE_PIXELS = max_pixels
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.init()
    sample = Image.radial_gradient("L")
    for name in FORMATS:
        packed = io.BytesIO()
        sample.save(packed, name)
        decode(packed.getvalue(), max_pixels)


def decode(data: bytes, max_pixels: int, level: Level = "hash", those: Sequence[Looker] = ()) -> Decoded:
    """Read the first frame of a JPEG, PNG, WebP or GIF: decoded once reduced, for hashes, features and shapes, and for
    level `full` once more whole, for `those` who look at it. Raises `PictureRejected`; damaged bytes may raise anything
    that decoders raise."""
    _refuse_two_faced(data)
    _refuse_endless(data)
    (width, height), small = opened(data, max_pixels, WORKING_SIDE)
    hashes, quality = _views(small)
    if level == "hash":
        return Decoded(width, height, hashes, quality)
    seen = packed_features(features(small)), packed(drawings(small.convert("RGB")))
    if level == "features":
        return Decoded(width, height, hashes, quality, level, *seen)
    _, whole = opened(data, max_pixels, 0)
    words, codes = look(whole.convert("RGB"), those).as_json()
    return Decoded(width, height, hashes, quality, level, *seen, words, codes)


def opened(data: bytes, max_pixels: int, side: int) -> tuple[tuple[int, int], Image.Image]:
    """The picture's upright dimensions, and the picture upright in 8-bit grey or RGB: its shorter side reduced to
    about `side` points, or whole where `side` is 0."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            _refuse_giant(width, height, max_pixels)
            if side:
                side = OF_LARGE if min(width, height) >= LARGE_SIDE else side
                # Of a large JPEG, its own grey: what hashing makes of colours. Of a small one the colours, for grey is
                # rounded, and in a small picture with little in it that moves bits.
                image.draft("L" if min(width, height) >= 2 * side else None, (side, side))
            image.load()
            orientation = _orientation(image)
            drawn = _reduced(image, side)
    except UnidentifiedImageError:
        raise PictureRejected(sentence("not-a-picture")) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _refuse_giant(*_declared_size(data), max_pixels)
        raise PictureRejected(sentence("large-frame", limit=max_pixels)) from None
    if orientation in UPRIGHT:
        drawn = drawn.transpose(UPRIGHT[orientation])
        width, height = (height, width) if orientation >= 5 else (width, height)
    return (width, height), drawn


def _refuse_two_faced(data: bytes) -> None:
    head = data[:HEAD]
    other = ""
    if MARKUP.search(head):
        other = "HTML/SVG"
    elif b"%PDF-" in head[:1024].upper():
        other = "PDF"
    else:
        at = data.rfind(ARCHIVE_END, max(0, len(data) - ARCHIVE_TAIL))
        if (
            at >= 0
            and len(data) >= at + 22
            and at + 22 + int.from_bytes(data[at + 20 : at + 22], "little") == len(data)
        ):
            other = "ZIP"
    if other:
        kind = "two-faced" if _looks_like_picture(data) else "not-a-picture"
        raise PictureRejected(sentence(kind, other=other))


def _refuse_endless(data: bytes) -> None:
    frames = frame_count(data)
    if frames > MOST_FRAMES:
        raise PictureRejected(sentence("too-many-frames", frames=frames, limit=MOST_FRAMES))


def _looks_like_picture(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def _refuse_giant(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise PictureRejected(sentence("too-many-pixels", width=width, height=height, limit=max_pixels))


def _declared_size(data: bytes) -> tuple[int, int]:
    """Best effort at what a bomb claims to measure, for the message: PNG and GIF say so at a fixed place."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif data.startswith(b"GIF8") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
    else:
        return (0, 0)
    return (width, height)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) when there is none or it cannot be read."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except (ValueError, TypeError, KeyError, IndexError, OSError, SyntaxError, struct.error, OverflowError):
        return 1
    return found if isinstance(found, int) else 1


def _reduced(image: Image.Image, side: int) -> Image.Image:
    """A copy in 8-bit grey or RGB, its shorter side reduced to about `side` where that is given; transparent parts are
    white."""
    width, height = image.size
    factor = max(1, min(width, height) // side) if side else 1
    factors = (max(factor, width // LONGEST_SIDE), max(factor, height // LONGEST_SIDE)) if side else (1, 1)
    if image.has_transparency_data:
        layer = image.convert("RGBA").convert("RGBa").reduce(factors).convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    if image.mode.startswith("I;16"):  # PNG of 16 bits a sample
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).reduce(factors)
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    return image.reduce(factors)


def _views(image: Image.Image) -> tuple[dict[str, str], int]:
    """PDQ and pHash of the picture, of what an even border leaves of it where it has one, and of the mirror image of
    each; and PDQ's quality."""
    hashes, quality = _hashes(image, "")
    box = within_border(np.asarray(image.convert("L")))
    if box is not None:
        hashes |= _hashes(image.crop(box), TRIMMED)[0]
    return hashes, quality


def _hashes(image: Image.Image, view: str) -> tuple[dict[str, str], int]:
    upright, mirrored = pdq_mirrored(np.asarray(image))
    points = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS)  # what imagehash does first
    hashes = {
        f"{PDQ}{view}": upright.hex,
        f"{PDQ}{view}{MIRRORED}": mirrored.hex,
        f"{PHASH}{view}": str(imagehash.phash(points)),
        f"{PHASH}{view}{MIRRORED}": str(imagehash.phash(ImageOps.mirror(points))),
    }
    return hashes, upright.quality
