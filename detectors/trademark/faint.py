"""Faint likeness: names of two to four characters of which one is changed into one that is only a little like it.

Like it in shape, or a thing of the same kind (晴妊 for 晴妈, 雨师傅 for 云师傅).

Owns the judgement, and the questions by which such names are found. It holds only where a title opens, which is for
`detectors.trademark.heads`; the pairs are `data/faint.npz` and `data/kinds.toml`.
"""

from functools import cache, lru_cache

import numpy as np

from detectors.trademark.alphabet import CODE_POINTS, is_han
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.keys import U64, Channel, Ints, RollingSums, scattered, sealed
from detectors.trademark.readings import Readings
from detectors.trademark.search import Others, Search
from detectors.trademark.tables import faint_likeness, of_one_kind
from detectors.trademark.windows import Windows

SHORTEST, LONGEST = 2, 4  # characters of the names that are sought
# What a name is worth with one character for another, by the sum of their likeness in hundredths: straight between.
LEAST, MOST = (17, 0.72), (60, 0.82)
SURE = 44  # the sum from which a name of one character said twice is near with both changed
KIND = 0.74  # the same where both name things of one kind
LONGER = 0.03  # what each further kept character adds


@lru_cache(maxsize=1 << 14)
def faintly(piece: str, name: str) -> Likeness | None:
    """The likeness of a head to a name with one character changed, wherever it stands in it; None where that one is
    unlike."""
    read, meant = folded(piece), folded(name)
    if len(read) != len(meant) or not SHORTEST <= len(meant) <= LONGEST or not all(map(is_han, read + meant)):
        return None
    places = [(one, other) for one, other in zip(read, meant, strict=True) if one != other]
    changed = set(places)
    if len(changed) != 1:
        return None
    ((one, other),) = changed
    alike = faint_likeness().of(ord(other)).get(ord(one))
    if len(places) == len(meant) and (alike or 0) < SURE:
        return None
    if alike is None and one not in of_one_kind().get(other, ()):
        return None
    score = KIND if alike is None else _worth(alike)
    score += LONGER * (len(meant) - SHORTEST)
    trick = "kind" if alike is None else "faint"
    return Likeness(score, "similar-shape" if alike else "similar-spelling", trick, f"{one}→{other}")


def _worth(alike: int) -> float:
    (least, from_), (most, to) = LEAST, MOST
    return from_ + (to - from_) * min(1.0, (alike - least) / (most - least))


def ask_faintly(search: Search, sums: RollingSums, readings: Readings, spans: Windows) -> None:
    """Ask for each head with each of its characters replaced by each that it could stand for; `sums` run over the
    readings' shapes."""
    fit = np.flatnonzero((spans.length <= LONGEST) & readings.han[spans.start])
    search.otherwise(sums, fit, readings.shape.astype(np.int64), _instead(), Channel.SHAPE, left_out=False, heard=False)
    search.keys(*_changed_twice(sums, readings, spans, fit))


def _changed_twice(sums: RollingSums, readings: Readings, spans: Windows, fit: Ints) -> tuple[Ints, U64]:
    """Heads that hold one character twice, with both of them replaced: windows and keys."""
    rows, keys = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
    whole, instead = sums.window(spans.start, spans.end), _instead()
    for head in fit.tolist():
        start = int(spans.start[head])
        codes = readings.shape[start : spans.end[head]].tolist()
        if len(set(codes)) == len(codes):
            continue
        for code in {code for code in codes if codes.count(code) > 1}:
            others = instead.flat[instead.first[code] : instead.first[code] + instead.count[code]]
            weight = np.add.reduce(sums.powers[[place for place, other in enumerate(codes) if other == code]])
            changes = scattered(others) - scattered(np.array([code]))
            rows.append(np.full(len(others), head))
            keys.append(whole[head] + changes * weight)
    return np.concatenate(rows), sealed(np.concatenate(keys), Channel.SHAPE)


@cache
def _instead() -> Others:
    """What each character could stand for: those that it is faintly like, and those that name things of its kind."""
    known = faint_likeness()
    first, count = np.zeros(CODE_POINTS, dtype=np.int64), np.zeros(CODE_POINTS, dtype=np.int64)
    first[: len(known.first) - 1], count[: len(known.first) - 1] = known.first[:-1], np.diff(known.first)
    flat = [known.others.astype(np.int64)]
    size = len(known.others)
    for sign, kin in of_one_kind().items():
        both = sorted({*known.of(ord(sign)), *map(ord, kin)})
        first[ord(sign)], count[ord(sign)] = size, len(both)
        flat.append(np.array(both, dtype=np.int64))
        size += len(both)
    return Others(first, count, np.concatenate([*flat, np.zeros(1, dtype=np.int64)]))
