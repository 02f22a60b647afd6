"""Codes: QR codes and barcodes in a picture, each with what it says and its box.

Owns how the reader (zxing-cpp, part of the extra `ocr`) is asked. What a code's content means is for
`detectors.wording`. A code's content is a stranger's text: it is cut to a length and never followed.
"""

import re
from typing import Any

from PIL import Image

from models.pictures import Box, PrintedCode

CODES_AT_MOST = 8
LONGEST_TEXT = 500
LONGEST_SIDE = 1600


def read_codes(picture: Image.Image) -> tuple[PrintedCode, ...]:
    """The codes of an upright RGB picture that could be read, in the reader's order."""
    import zxingcpp

    longer = max(picture.size)
    scale = min(1.0, LONGEST_SIDE / longer)
    if scale < 1.0:
        width, height = (max(1, round(length * scale)) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    found = [code for code in zxingcpp.read_barcodes(picture.convert("L")) if code.text]
    return tuple(
        PrintedCode(kind=_kind(code.format), text=code.text[:LONGEST_TEXT], box=_box(code.position, scale))
        for code in found[:CODES_AT_MOST]
    )


def _kind(symbology: Any) -> str:
    """The symbology as it is written here: `qr-code` for QRCode, `ean-13` for EAN13, `code-128` for Code128."""
    name = str(getattr(symbology, "name", symbology)).replace("QRCode", "QR-Code")
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])", "-", name).lower()


def _box(position: Any, scale: float) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    points = [(max(0, round(corner.x / scale)), max(0, round(corner.y / scale))) for corner in corners]
    return (points[0], points[1], points[2], points[3])
