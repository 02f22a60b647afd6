"""The sieve: candidates that cannot be as near as is asked are dropped before anyone compares them as strings.

Owns an upper bound on what `detectors.trademark.comparators` will say of a window and a name with characters, from
their elements alone. At registry scale a title meets hundreds of names that share a sound or all but one character
with it, and hardly one of them is near enough to be told. The bound may be too high, which costs time, and is never
too low: a test holds it to the comparators. Names of letters alone pass: there are few of them.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.trademark import compiled
from detectors.trademark.alphabet import CODE_POINTS, folded_sound, is_han, sound_number, sound_tables, syllables
from detectors.trademark.candidates import Candidates
from detectors.trademark.comparators import (
    ADDED,
    CROWDED,
    DROPPED,
    OF_ONE_KIND,
    REPLACED,
    SAME_SYLLABLE,
    SHAPE_AT_BEST,
    SHAPE_AT_WORST,
    SHUFFLED,
    STEEPNESS,
    STEEPNESS_BEYOND,
    SWAPPED,
)
from detectors.trademark.index import MarkIndex
from detectors.trademark.names import Spelling
from detectors.trademark.readings import Readings
from detectors.trademark.segments import Segment
from detectors.trademark.tables import TWO_LOOK_ALIKES_UP_TO, glyph_neighbours, of_one_kind
from detectors.trademark.windows import LONGEST, spread

SLACK = 1e-6  # what adding up in another order may cost
WHOLE_FROM = int(Spelling.PINYIN)  # from this spelling on a name is met exactly or not at all
UNHEARD = 1000  # more places than any name has
HEARD_FROM = 4  # elements: in names this long one more or less may come with near sounds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Nearness:
    """What the bound rests on, as arrays. Of code point `c`, `han[c]` says whether it is a character, `heard[c]` and
    `heard_too[c]` are its readings with near sounds folded, and the characters that look like it or name a thing of its
    kind are `near[first[c]:first[c+1]]` with the distances `far`. `steepness[n]` is that of names of `n` elements."""

    han: Flags
    heard: npt.NDArray[np.uint32]
    heard_too: npt.NDArray[np.uint32]
    first: npt.NDArray[np.int32]
    near: npt.NDArray[np.uint32]
    far: Floats
    steepness: Floats


@cache
def nearness() -> Nearness:
    """The tables of the bound. A fraction of a second on first use."""
    heard, _ = sound_tables()
    heard_too = heard.copy()
    han = np.zeros(CODE_POINTS, dtype=np.bool_)
    for code in range(0x3400, 0x32000):
        han[code] = is_han(chr(code))
    for code in np.flatnonzero(han & (heard != np.arange(CODE_POINTS))).tolist():
        for syllable in syllables(chr(code))[1:2]:
            heard_too[code] = sound_number(folded_sound(syllable)[0])
    first = np.zeros(CODE_POINTS + 1, dtype=np.int32)
    near: list[int] = []
    far: list[float] = []
    alike, kinds = glyph_neighbours(), of_one_kind()
    for sign in sorted({*alike, *kinds}):
        far_of = dict.fromkeys(kinds.get(sign, ()), OF_ONE_KIND)
        for other, likeness in alike.get(sign, {}).items():
            far_of[other] = SHAPE_AT_WORST - (SHAPE_AT_WORST - SHAPE_AT_BEST) * likeness
        first[ord(sign) + 1] = len(far_of)
        for other in sorted(far_of):
            near.append(ord(other))
            far.append(far_of[other])
    np.cumsum(first, out=first)
    steepness = np.array([STEEPNESS.get(size, STEEPNESS_BEYOND) for size in range(LONGEST + 3)])
    signs, distances = np.array([*near, 0], dtype=np.uint32), np.array([*far, 0.0])
    return Nearness(han, heard, heard_too, first, signs, distances, steepness)


def reach(readings: Readings, found: Candidates, index: MarkIndex) -> Floats:
    """For each candidate a score that no comparator exceeds, 0..1; -1 where none finds it near at all."""
    scores = np.zeros(len(found))
    kernels = compiled.kernels(len(index.owner))
    first = 0
    for segment in index.segments:
        own = np.flatnonzero((found.name >= first) & (found.name < first + segment.name_count()))
        some = found.start[own], found.end[own], found.name[own] - first, found.exact[own]
        scores[own] = _bounded(readings, *some, segment, kernels)
        first += segment.name_count()
    return scores


def _bounded(
    readings: Readings, start: Ints, end: Ints, name: Ints, exact: Flags, segment: Segment, kernels: Any
) -> Floats:
    """The bounds for names of one segment, numbered as there."""
    if kernels is None:
        return _bounds(readings, start, end, name, exact, segment)
    known = nearness()
    tables = (known.han, known.heard, known.heard_too, known.first, known.near, known.far, known.steepness)
    names = (segment.codes, segment.codes_at, segment.codes_size, segment.spelling)
    limits = (REPLACED, SHAPE_AT_WORST, SAME_SYLLABLE, SWAPPED[True], SHUFFLED, ADDED[True], DROPPED[True], CROWDED)
    pairs = (start, end, name, exact)
    scores: Floats = kernels.bounds(
        readings.shape, readings.sound, pairs, names, tables, WHOLE_FROM, TWO_LOOK_ALIKES_UP_TO, limits
    )
    return scores


def _bounds(readings: Readings, start: Ints, end: Ints, name: Ints, exact: Flags, segment: Segment) -> Floats:
    known = nearness()
    at = segment.meant.begins(name)
    meant = segment.codes_size[name].astype(np.int64)
    read = end - start
    scores = np.where(exact, 1.0, -1.0)
    asked = np.flatnonzero(~exact & (segment.spelling[name] < WHOLE_FROM) & (abs(read - meant) <= 2) & (meant > 0))
    row, within = spread(meant[asked])
    han = np.bincount(row, known.han[segment.codes[at[asked][row] + within]], len(asked)) > 0
    scores[asked[~han]] = 1.0
    asked = asked[han]
    alike = asked[read[asked] == meant[asked]]
    scores[alike] = _score(_replaced(readings, start[alike], at[alike], meant[alike], segment), meant[alike])
    other = asked[abs(read[asked] - meant[asked]) == 1]
    scores[other] = _score(_one_more(readings, start, end, at, meant, other, segment), meant[other])
    return scores


def _score(distance: Floats, size: Ints) -> Floats:
    """As the comparators reckon it, and a little more."""
    left = 1 - nearness().steepness[np.minimum(size, LONGEST + 2)] * distance / size
    left = np.where(left <= CROWDED, left, CROWDED + (left - CROWDED) / 2)
    return np.where(distance >= 100, -1.0, np.maximum(left, 0.0) + SLACK)


def _replaced(readings: Readings, start: Ints, at: Ints, size: Ints, segment: Segment) -> Floats:
    """How far pairs of one length are apart at least."""
    row, within = spread(size)
    place = start[row] + within
    read, meant = readings.shape[place], segment.codes[at[row] + within].astype(np.uint32)
    differ = np.flatnonzero(read != meant)
    apart = np.bincount(row[differ], _apart(readings, place[differ], meant[differ]), minlength=len(size))
    balance = np.bincount(row, read.astype(np.float64), len(size)) - np.bincount(
        row, meant.astype(np.float64), len(size)
    )
    moved = np.bincount(row[differ], minlength=len(size)) == 2
    order = np.where(moved, SWAPPED[True], min(SWAPPED[True], SHUFFLED))
    silent = np.bincount(row[differ], ~_spoken(readings, place[differ], meant[differ]), len(size))
    count = np.bincount(row[differ], minlength=len(size))
    other = (silent > 2) | ((silent == 2) & ((count > 2) | (size > TWO_LOOK_ALIKES_UP_TO)))
    apart = np.where(other, 100.0, apart)
    return np.where(balance == 0, np.minimum(apart, order), apart)


def _apart(readings: Readings, place: Ints, meant: npt.NDArray[np.uint32]) -> Floats:
    """How far each element is at least from the one it stands for."""
    known = nearness()
    read = readings.shape[place]
    far = np.where(known.han[meant] & ~known.han[read], SHAPE_AT_WORST, REPLACED)
    far = np.where(_spoken(readings, place, meant), SAME_SYLLABLE, far)
    first = known.first[meant].astype(np.int64)
    again, which = spread(known.first[meant + np.uint32(1)].astype(np.int64) - first)
    hit = np.flatnonzero(known.near[first[again] + which] == read[again])
    far[again[hit]] = np.minimum(far[again[hit]], known.far[first[again[hit]] + which[hit]])
    return far


def _one_more(
    readings: Readings, start: Ints, end: Ints, at: Ints, meant: Ints, asked: Ints, segment: Segment
) -> Floats:
    """How far windows of one element more or less are at least: with the best place left out of the longer, what
    differs must be heard alike, and that only in names long enough."""
    added = end[asked] - start[asked] > meant[asked]
    shorter = np.minimum(end[asked] - start[asked], meant[asked])
    row, within = spread(shorter)
    first, begins = start[asked][row] + within, at[asked][row] + within
    before = _heard(readings, first, segment.codes[begins])
    after = _heard(readings, first + added[row], segment.codes[begins + ~added[row]])
    edge = np.cumsum(shorter) - shorter
    ahead = np.insert(np.cumsum(before), 0, 0)
    behind = np.insert(np.cumsum(after), 0, 0)
    place, gone = spread(shorter + 1)
    cost = ahead[edge[place] + gone] - ahead[edge[place]]
    cost += behind[(edge + shorter)[place]] - behind[edge[place] + gone]
    least = np.minimum.reduceat(cost, np.cumsum(shorter + 1) - shorter - 1) if len(cost) else np.zeros(0, np.int64)
    distance = np.where(added, ADDED[True], DROPPED[True]) + least * SAME_SYLLABLE
    heard = (meant[asked] >= HEARD_FROM) & (shorter >= HEARD_FROM - 1)
    return np.where((least == 0) | (heard & (least < UNHEARD)), distance, 100.0)


def _heard(readings: Readings, place: Ints, meant: npt.NDArray[Any]) -> Ints:
    """0 where elements are the same, 1 where they are heard alike, `UNHEARD` elsewhere."""
    spoken = _spoken(readings, place, meant)
    return np.where(readings.shape[place] == meant, 0, np.where(spoken, 1, UNHEARD))


def _spoken(readings: Readings, place: Ints, meant: npt.NDArray[Any]) -> Flags:
    """Whether elements are heard alike, near sounds folded."""
    known = nearness()
    heard = readings.sound[place]
    spoken: Flags = (heard == known.heard[meant]) | (heard == known.heard_too[meant])
    return spoken
