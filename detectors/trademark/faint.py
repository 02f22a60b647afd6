"""Faint likeness: names of two to four characters of which one is changed into one that is only a little like it.

Like it in shape, or a thing of the same kind (晴妊 for 晴妈, 雨师傅 for 云师傅).

Owns the judgement, and the questions by which such names are found. It holds only where a title opens, which is for
`detectors.trademark.heads`; the pairs are `data/faint.npz` and `data/kinds.toml`.
"""

from functools import lru_cache

import numpy as np

from detectors.trademark.alphabet import is_han
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.keys import U64, Channel, Ints, RollingSums, scattered, sealed
from detectors.trademark.readings import Readings
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


def faint_questions(readings: Readings, spans: Windows) -> tuple[Ints, Ints]:
    """Each head with each of its characters replaced by each that it could stand for: windows and keys."""
    sums = RollingSums(readings.shape)
    whole = sums.window(spans.start, spans.end)
    rows, keys = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
    for head, (start, end) in enumerate(zip(spans.start.tolist(), spans.end.tolist(), strict=True)):
        if end - start > LONGEST or not readings.han[start]:
            continue
        codes = readings.shape[start:end].tolist()
        for code in dict.fromkeys(codes):
            places = [place for place, other in enumerate(codes) if other == code]
            changes = _scattered_instead(code) - sums.hashes[start + places[0]]
            weights = [sums.powers[place] for place in places]
            # One of its places, or all of them: what stands there twice is changed twice.
            for weight in {*weights, np.add.reduce(np.array(weights, dtype=np.uint64))}:
                rows.append(np.full(len(changes), head))
                keys.append(whole[head] + changes * weight)
    return np.concatenate(rows), sealed(np.concatenate(keys), Channel.SHAPE)


@lru_cache(maxsize=1 << 13)
def _scattered_instead(code: int) -> U64:
    """The hashes of the characters that one could stand for."""
    instead = {*faint_likeness().of(code), *map(ord, of_one_kind().get(chr(code), ()))}
    return scattered(np.array(sorted(instead), dtype=np.int64))
