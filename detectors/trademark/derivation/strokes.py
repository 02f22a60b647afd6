"""How a character is written: its strokes in order, and the parts it is put together from.

Owns the nearness by strokes and by parts. Pictures are for `derivation.pictures`.

Strokes come as the middle lines of the strokes of a regular-script font, in writing order; each is named by the way it
runs (a bent one by its first and last way), so a character is a string and two are as near as their edit distance
lets them be. Parts come as trees; two characters are as near as the share of their strokes that stands in parts
that both have.
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

WAYS = 8  # directions a stretch of stroke is told by
STRAIGHT = 0.14  # a middle line no further from its chord than this share of the chord is straight
SMALL_PART = 4  # a part of so few strokes is not taken apart further

Matrix = npt.NDArray[np.float32]
Point = tuple[float, float]
RECORD = re.compile(r"^(\S+?):([a-z0-9/|]+)\(([^)]*)\)$")


def written(middle_lines: Mapping[str, Sequence[Sequence[Point]]]) -> dict[str, str]:
    """Each character as a string, a letter a stroke, from its strokes' middle lines (y upwards)."""
    return {sign: "".join(map(_letter, strokes)) for sign, strokes in middle_lines.items()}


def _letter(line: Sequence[Point]) -> str:
    bends = _bends(line)
    first, last = _way(bends[0], bends[1]), _way(bends[-2], bends[-1])
    return chr(0x100 + (first if len(bends) == 2 else WAYS * (1 + first) + last))


def _way(start: Point, end: Point) -> int:
    turn = math.atan2(end[1] - start[1], end[0] - start[0]) / (2 * math.pi) * WAYS
    return round(turn) % WAYS


def _bends(line: Sequence[Point]) -> list[Point]:
    """The line's ends and, where it leaves its chord by far, the place where it is furthest; again on both sides."""
    start, end = line[0], line[-1]
    length = math.dist(start, end)
    if len(line) < 3 or not length:
        return [start, end]
    away = [abs((x - start[0]) * (end[1] - start[1]) - (y - start[1]) * (end[0] - start[0])) for x, y in line]
    place = max(range(len(line)), key=away.__getitem__)
    if away[place] / length <= STRAIGHT * length:
        return [start, end]
    return _bends(line[: place + 1])[:-1] + _bends(line[place:])


def by_strokes(strings: Sequence[str], rows: slice) -> Matrix:
    """Nearness 0..1 of these rows to every string: the share of strokes left unchanged; the empty is near none."""
    near: Matrix = cdist(strings[rows], strings, scorer=Levenshtein.normalized_similarity, dtype=np.float32)
    unknown = np.array([not string for string in strings])
    near[unknown[rows]] = 0
    near[:, unknown] = 0
    return near


class Parts:
    """Characters as bags of parts, each part weighing as many strokes as it has."""

    def __init__(self, records: str, strokes: Mapping[str, int]) -> None:
        """`records`: a line a character, `傅:a(亻,尃)`. `strokes`: how many strokes a character has."""
        found = (RECORD.match(line.strip("` ;")) for line in records.splitlines())
        self._trees = {one[1]: (one[2], one[3].split(",") if one[3] else []) for one in found if one}
        self._strokes = strokes

    def of(self, sign: str, depth: int = 0) -> list[str]:
        """The parts of a character that are not taken apart further, in the order written."""
        kind, inner = self._trees.get(sign, ("c", []))
        known = self._strokes.get(sign, 0)
        if not inner or kind == "c" or depth > 8 or 0 < known <= SMALL_PART:
            return [sign]
        times = 1
        if kind.startswith("r"):
            times = {"3": 3, "4": 4, "5": 5}.get(kind[1:2], 1 if kind.startswith(("ref", "rot")) else 2)
        return [part for one in inner for part in self.of(one, depth + 1)] * times

    def matrices(self, signs: Sequence[str]) -> tuple[Matrix, Matrix]:
        """A row a character and a column a part (its second occurrence has its own): the roots of strokes; and sums."""
        columns: dict[tuple[str, int], int] = {}
        cells: list[tuple[int, int, float]] = []
        for row, sign in enumerate(signs):
            seen: dict[str, int] = {}
            for part in self.of(sign):
                seen[part] = seen.get(part, 0) + 1
                column = columns.setdefault((part, seen[part]), len(columns))
                cells.append((row, column, math.sqrt(self._strokes.get(part, 2))))
        matrix = np.zeros((len(signs), len(columns)), dtype=np.float32)
        for row, column, value in cells:
            matrix[row, column] = value
        return matrix, (matrix * matrix).sum(axis=1)


def by_parts(matrices: tuple[Matrix, Matrix], rows: slice) -> Matrix:
    """Nearness 0..1 of these rows to every character: twice the strokes in common parts over all strokes of both."""
    matrix, sums = matrices
    near: Matrix = 2 * (matrix[rows] @ matrix.T) / (sums[rows, None] + sums[None, :])
    return near
