"""Words: the lines of text printed in a picture, each exactly as it is read, with its box and confidence.

Owns how the recogniser is asked: sizes, orientation, what is asked a second time. The recogniser is rapidocr, whose
models come in its wheel; it is part of the extra `ocr` (decision 0037). It runs in a decoding process of its own kind
(`streams.pictures.child`), loaded before that process gives up its rights.

Nothing is ever corrected towards a dictionary, a brand or a grammar: 云帅傅 stays 云帅傅. The recogniser's network has
seen much ordinary text and sometimes reads what usually stands there; so a character that it is not sure of is shown to
it once more without its neighbours, and of two characters that look alike the one it sees there counts.
"""

import math
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from detectors.trademark.alphabet import is_han
from detectors.trademark.tables import look_alike
from models.pictures import Box, PrintedWord

MODULES = ("rapidocr", "onnxruntime", "cv2", "zxingcpp")

DETECTION_SIDE = 640
"""The longer side at which lines are looked for; they are read from the picture itself."""

LONGEST_SIDE, SHORTEST_SIDE = 1600, 384
LARGEST_SCALE = 3.0
PADDING = 0.08
"""Lines that touch the picture's edge are found only with some ground around them."""

TALL = 1.5
"""A line so many times higher than wide runs down or up: which of both is asked."""

LEAST_CONFIDENCE = 0.5
SURE = 0.965
"""A line of Chinese characters read with less is read again, character by character."""

SEEN_ALONE = 0.55
LONGEST_DOUBTED = 12

Pixels = NDArray[Any]


def installed() -> bool:
    """Whether the extra `ocr` is there."""
    return all(find_spec(module) is not None for module in MODULES)


class WordReader:
    """Reads words. Making one loads the models (a second or two); `read` may then be called in a process without the
    right to open anything. Never used by two threads at once."""

    def __init__(self, threads: int) -> None:
        import cv2
        from rapidocr import RapidOCR

        cv2.setNumThreads(threads)
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Det.limit_side_len": DETECTION_SIDE,
                "Det.limit_type": "max",
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self.read(_specimen())

    def read(self, picture: Image.Image) -> tuple[PrintedWord, ...]:
        """The lines of an upright RGB picture, from the top to the bottom as the recogniser orders them."""
        pixels, scale, margin = _prepared(picture)
        found = self._engine(pixels, use_det=True, use_cls=False, use_rec=True)
        if found.boxes is None or found.txts is None:
            return ()
        words = []
        for corners, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
            text, sure = self._again(pixels, corners, text, float(confidence))
            if text.strip() and sure >= LEAST_CONFIDENCE:
                box = _box((corners - margin) / scale, picture.size)
                words.append(PrintedWord(text=text.strip(), confidence=round(min(1.0, sure), 3), box=box))
        return tuple(words)

    def _again(self, pixels: Pixels, corners: Any, text: str, sure: float) -> tuple[str, float]:
        """The line as it stands, or as a second look gives it."""
        across, down = _sides(corners)
        if down > across * TALL:
            crop = np.rot90(_cut_out(pixels, corners, across, down))
            return max((self._line(turned) for turned in (crop, crop[::-1, ::-1])), key=lambda read: read[1])
        if sure < SURE and sum(map(is_han, text)) == len(text) and 1 < len(text) <= LONGEST_DOUBTED:
            return self._by_characters(_cut_out(pixels, corners, across, down), text), sure
        return text, sure

    def _by_characters(self, line: Pixels, text: str) -> str:
        """A line of Chinese characters, which are all of one width, with each character read alone."""
        step = line.shape[1] / len(text)
        read = ""
        for number, character in enumerate(text):
            left, right = round((number - 0.05) * step), round((number + 1.05) * step)
            alone, sure = self._line(line[:, max(0, left) : right])
            read += alone if len(alone) == 1 and sure >= SEEN_ALONE and look_alike(alone, character) else character
        return read

    def _line(self, pixels: Pixels) -> tuple[str, float]:
        """One line that stands upright in these pixels."""
        read = self._engine(np.ascontiguousarray(pixels), use_det=False, use_cls=False, use_rec=True)
        if not read.txts:
            return "", 0.0
        return read.txts[0], float(read.scores[0])


def _prepared(picture: Image.Image) -> tuple[Pixels, float, int]:
    """The picture as the recogniser takes it (rows of blue, green, red), how it was scaled, and the ground added."""
    longer = max(picture.size)
    scale = min(LARGEST_SCALE, SHORTEST_SIDE / longer) if longer < SHORTEST_SIDE else min(1.0, LONGEST_SIDE / longer)
    if scale != 1.0:
        width, height = (max(1, round(length * scale)) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(picture)[..., ::-1]
    margin = math.ceil(PADDING * SHORTEST_SIDE) if longer < SHORTEST_SIDE else 0
    if margin:
        pixels = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    return np.ascontiguousarray(pixels), scale, margin


def _sides(corners: Any) -> tuple[float, float]:
    """How long a box is across and down, by its longer sides."""
    upper_left, upper_right, lower_right, lower_left = (np.asarray(corner, dtype=np.float64) for corner in corners)
    across = max(np.linalg.norm(upper_right - upper_left), np.linalg.norm(lower_right - lower_left))
    down = max(np.linalg.norm(lower_left - upper_left), np.linalg.norm(lower_right - upper_right))
    return float(across), float(down)


def _cut_out(pixels: Pixels, corners: Any, across: float, down: float) -> Pixels:
    """What stands in a box, made upright and rectangular."""
    import cv2

    width, height = max(2, round(across)), max(2, round(down))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(np.asarray(corners, dtype=np.float32), target)
    cut: Pixels = cv2.warpPerspective(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return cut


def _box(corners: Any, size: tuple[int, int]) -> Box:
    """Corners in points of the picture, inside it."""
    points = [
        (int(min(max(round(float(x)), 0), size[0])), int(min(max(round(float(y)), 0), size[1]))) for x, y in corners
    ]
    return (points[0], points[1], points[2], points[3])


def _specimen() -> Image.Image:
    """A picture with a line that runs along and one that runs down, so that everything needed is loaded."""
    picture = Image.new("RGB", (400, 400), "white")
    line = Image.new("RGB", (200, 40), "white")
    ImageDraw.Draw(line).text((10, 5), "JIANZHEN 2026", fill="black", font=ImageFont.load_default(24))
    picture.paste(line, (20, 20))
    picture.paste(line.rotate(90, expand=True), (300, 100))
    return picture
