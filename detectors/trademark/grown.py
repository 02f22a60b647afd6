"""Grown names: a short name with one character more at its edge (晴川达 for 晴川).

Owns the judgement, and the questions by which such names are found. In longer names one character more is near wherever
it stands (`detectors.trademark.comparators`); here so much is sure only where a title opens, which is for
`detectors.trademark.heads`.
"""

import numpy as np

from detectors.trademark import goods
from detectors.trademark.alphabet import is_han
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.keys import U64, Channel, Ints, RollingSums, sealed
from detectors.trademark.readings import Readings
from detectors.trademark.tables import table
from detectors.trademark.windows import Windows

SIZE = 2  # characters of the name
GROWN = 0.73


def grown(piece: str, name: str) -> Likeness | None:
    """The likeness of a piece to a name of two characters that it is but for one more at an edge, where that one says
    nothing of the goods."""
    read, meant = folded(piece), folded(name)
    if len(meant) != SIZE or len(read) != SIZE + 1 or not all(map(is_han, read)):
        return None
    edges = table("words")["name_edges"]
    more = None
    if read.startswith(meant) and read[-1] not in edges["said_behind"] and not goods.classes_of(read[-1]):
        more = read[-1]
    elif read.endswith(meant) and read[0] in edges["begins"]:
        more = read[0]
    return None if more is None else Likeness(GROWN, "similar-spelling", "grown", f"+{more}")


def grown_questions(sums: RollingSums, readings: Readings, spans: Windows) -> tuple[Ints, U64]:
    """Heads of three characters without the first, and without the last: windows and keys; `sums` run over the
    readings' shapes."""
    fit = np.flatnonzero((spans.length == SIZE + 1) & readings.han[spans.start])
    start, end = spans.start[fit], spans.end[fit]
    keys = [sums.window(start, end - 1), sums.window(start + 1, end)]
    return np.concatenate([fit, fit]), sealed(np.concatenate(keys), Channel.SHAPE)
