"""Printed text: what pictures say, put together for those who read fields of text.

Owns joining what the recogniser took apart: characters far apart on one row, a name set in two lines, characters below
one another. Each piece stands by itself too. Nothing is corrected. From a stretch of a text it finds the way back to
the picture and the box that it stands in.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from detectors.trademark.alphabet import is_han
from models.findings import Parameter
from models.pictures import Box, PictureReading, PrintedWord

FIELD = "picture"

LEAST_CONFIDENCE = 0.6
LINES_AT_MOST = 60
"""So many lines of all of a page's pictures are read, in their order."""

LONGEST = 400
ALIKE_HEIGHT = 1.7
"""Pieces of one name are set in sizes that differ by less than this factor."""

BESIDE, BELOW = 1.6, 0.9
"""Pieces stand together with a gap of up to so many of their heights, beside or below one another."""


@dataclass(frozen=True)
class Piece:
    """A line as it was read, where it stands about level: left, top, right, bottom."""

    word: PrintedWord
    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        return max(1, self.bottom - self.top)

    @property
    def size(self) -> float:
        """How large its characters are about: the shorter side."""
        return float(max(1, min(self.height, self.right - self.left)))


@dataclass(frozen=True)
class PrintedText:
    """A text made of the pieces of one picture, in the order in which they are read."""

    reading: PictureReading
    pieces: tuple[Piece, ...]

    @cached_property
    def text(self) -> str:
        return self._joined[0]

    @property
    def confidence(self) -> float:
        return min(piece.word.confidence for piece in self.pieces)

    @cached_property
    def _joined(self) -> tuple[str, tuple[int, ...]]:
        """The text, and where each piece begins in it. Characters are joined as they are, words by a space."""
        text, starts = "", []
        for piece in self.pieces:
            said = piece.word.text
            if text and not (is_han(text[-1]) and is_han(said[0])):
                text += " "
            starts.append(len(text))
            text += said
        return text[:LONGEST], tuple(starts)

    def box(self, start: int, end: int) -> Box:
        """The box of [start, end): of one piece the part of its box that these characters take, of several what holds
        all of them."""
        boxes = [
            _part(piece.word.box, max(0, start - begins), min(len(piece.word.text), end - begins), piece.word.text)
            for piece, begins in zip(self.pieces, self._joined[1], strict=True)
            if begins < end and start < begins + len(piece.word.text)
        ]
        return boxes[0] if len(boxes) == 1 else _around(boxes or [piece.word.box for piece in self.pieces])

    def parameters(self, start: int, end: int) -> tuple[tuple[str, Parameter], ...]:
        """What a finding on this stretch carries: the picture by its content's hash and address, the box as four
        corners `x,y`, and how sure the recogniser is."""
        corners = " ".join(f"{x},{y}" for x, y in self.box(start, end))
        return (
            ("picture", self.reading.content_sha256 or ""),
            ("address", self.reading.address),
            ("box", corners),
            ("confidence", self.confidence),
        )


def printed(readings: Sequence[PictureReading]) -> list[PrintedText]:
    """Every text of a page's pictures: each line, then what stands together; a text that is there twice once."""
    texts: dict[str, PrintedText] = {}
    left = LINES_AT_MOST
    for reading in readings:
        pieces = [_piece(word) for word in reading.words if word.confidence >= LEAST_CONFIDENCE][:left]
        left -= len(pieces)
        for some in _groups(pieces):
            made = PrintedText(reading, some)
            texts.setdefault(made.text, made)
    return list(texts.values())


def _groups(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Each piece by itself; then runs of pieces beside one another, and runs below one another."""
    for piece in pieces:
        yield (piece,)
    rows = sorted(pieces, key=lambda piece: (piece.left, piece.top))
    columns = sorted(pieces, key=lambda piece: (piece.top, piece.left))
    yield from _runs(rows, _goes_on_beside)
    yield from _runs(columns, _goes_on_below)


def _runs(pieces: Sequence[Piece], goes_on: Callable[[Piece, Piece], bool]) -> Iterator[tuple[Piece, ...]]:
    """The longest runs of two pieces or more, each piece in at most one."""
    taken: set[int] = set()
    for first, opener in enumerate(pieces):
        if first in taken:
            continue
        run, last = [opener], opener
        for number in range(first + 1, len(pieces)):
            if number not in taken and goes_on(last, pieces[number]):
                taken.add(number)
                last = pieces[number]
                run.append(last)
        if len(run) > 1:
            yield tuple(run)


def _goes_on_beside(one: Piece, other: Piece) -> bool:
    if not _alike(one.height, other.height):
        return False
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    gap = other.left - one.right
    return overlap > 0.5 * min(one.height, other.height) and -0.3 * one.height <= gap <= BESIDE * one.height


def _goes_on_below(one: Piece, other: Piece) -> bool:
    if not _alike(one.size, other.size):
        return False
    overlap = min(one.right, other.right) - max(one.left, other.left)
    gap = other.top - one.bottom
    narrower = min(one.right - one.left, other.right - other.left)
    return overlap > 0.5 * narrower and -0.3 * one.size <= gap <= BELOW * one.size


def _alike(one: float, other: float) -> bool:
    return max(one, other) <= ALIKE_HEIGHT * min(one, other)


def _piece(word: PrintedWord) -> Piece:
    across, down = [x for x, _ in word.box], [y for _, y in word.box]
    return Piece(word, min(across), min(down), max(across), max(down))


def _part(box: Box, start: int, end: int, text: str) -> Box:
    """The part of a line's box that characters [start, end) take: a wide character takes two places, others one. A line
    that runs down is divided downwards."""
    widths = [2 if character >= "\u2e80" else 1 for character in text]
    whole = max(1, sum(widths))
    first, last = sum(widths[:start]) / whole, sum(widths[:end]) / whole
    upper_left, upper_right, lower_right, lower_left = box
    across = abs(upper_right[0] - upper_left[0]) + abs(upper_right[1] - upper_left[1])
    down = abs(lower_left[0] - upper_left[0]) + abs(lower_left[1] - upper_left[1])
    if down > 1.5 * across:
        return (
            _between(upper_left, lower_left, first),
            _between(upper_right, lower_right, first),
            _between(upper_right, lower_right, last),
            _between(upper_left, lower_left, last),
        )
    return (
        _between(upper_left, upper_right, first),
        _between(upper_left, upper_right, last),
        _between(lower_left, lower_right, last),
        _between(lower_left, lower_right, first),
    )


def _between(one: tuple[int, int], other: tuple[int, int], share: float) -> tuple[int, int]:
    return round(one[0] + (other[0] - one[0]) * share), round(one[1] + (other[1] - one[1]) * share)


def _around(boxes: Sequence[Box]) -> Box:
    across, down = [x for box in boxes for x, _ in box], [y for box in boxes for _, y in box]
    left, top, right, bottom = min(across), min(down), max(across), max(down)
    return ((left, top), (right, top), (right, bottom), (left, bottom))
