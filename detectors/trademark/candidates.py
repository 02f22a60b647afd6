"""Candidates: which names of the index could be near to which windows of a batch.

Owns the questions put to the index. Each channel's questions are made for the whole batch as arrays; nothing loops
over marks or over texts. A candidate is a possibility: `detectors.trademark.comparators` judges it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from detectors.trademark.alphabet import CODE_POINTS
from detectors.trademark.index import MarkIndex
from detectors.trademark.keys import U64, Channel, RollingSums, mixed_pair, pair_of_syllables, sealed
from detectors.trademark.name_keys import ends
from detectors.trademark.readings import Readings
from detectors.trademark.tables import STRONGLY_ALIKE, TWO_LETTERS_FROM, TWO_LOOK_ALIKES_UP_TO, glyph_neighbours
from detectors.trademark.windows import Windows, spread, windows

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """Pairs of a window (range of the batch's elements, end exclusive) and a name, ordered, each pair once; `exact`
    says that both have the same folded shape."""

    start: Ints
    end: Ints
    name: Ints
    exact: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Candidates":
        """Those that are chosen."""
        return Candidates(self.start[chosen], self.end[chosen], self.name[chosen], self.exact[chosen])


def candidates(readings: Readings, index: MarkIndex) -> Candidates:
    """Every name that could be near to a window of the batch."""
    spans = windows(readings)
    asked, names = [], []
    for window, keys in _questions(readings, spans):
        place, name = index.lookup(keys)
        asked.append(window[place])
        names.append(name)
    window, name = np.concatenate(asked), np.concatenate(names)
    count = max(1, len(index.owner))
    pairs = np.unique(window * count + name)
    window, name = pairs // count, pairs % count
    start, end = spans.start[window], spans.end[window]
    shape = sealed(RollingSums(readings.shape).window(start, end), Channel.SHAPE)
    return Candidates(start, end, name, shape == index.exact[name])


def _questions(readings: Readings, spans: Windows) -> Iterator[tuple[Ints, U64]]:
    """Windows by number, with the keys under which near names would be found."""
    shape, sound = RollingSums(readings.shape), RollingSums(readings.sound)
    start, end, length = spans.start, spans.end, spans.length
    characters = np.zeros(len(readings) + 1, dtype=np.int64)
    np.cumsum(readings.han, out=characters[1:])
    han = characters[end] - characters[start]
    everything = np.arange(len(start), dtype=np.int64)
    whole = shape.window(start, end)
    yield everything, sealed(whole, Channel.SHAPE)
    with_han = everything[han > 0]
    yield with_han, sealed(shape.any_order(start[with_han], end[with_han]), Channel.ANY_ORDER)
    letters = everything[(han == 0) & (length >= TWO_LETTERS_FROM - 2)]
    for begin, finish, channel in ends(start[letters], end[letters]):
        yield letters, sealed(shape.window(begin, finish), channel)
    between = everything[(length == 3) & (han == 3)]
    pair = shape.without(start[between], end[between], start[between] + 1)
    yield between, sealed(pair, Channel.SHAPE)
    three = everything[length >= 3]
    yield three, sealed(whole[three], Channel.SHAPE_BUT_ONE)
    yield from _but_one(shape, spans, three, Channel.SHAPE_BUT_ONE, Channel.SHAPE)
    spoken = three[han[three] > 0]
    said = sound.window(start[spoken], end[spoken])
    yield spoken, sealed(said, Channel.SOUND)
    yield spoken, sealed(said, Channel.SOUND_BUT_ONE)
    yield from _but_one(sound, spans, everything[(length >= 4) & (han > 0)], Channel.SOUND_BUT_ONE, Channel.SOUND)
    pairs = everything[(length == 2) & (han == 2)]
    first, second = start[pairs], start[pairs] + 1
    yield pairs, pair_of_syllables(readings.syllable[first], readings.syllable[second])
    yield pairs, mixed_pair(readings.syllable[first], readings.shape[second], sound_first=True)
    yield pairs, mixed_pair(readings.syllable[second], readings.shape[first], sound_first=False)
    yield pairs, mixed_pair(readings.sound[first], readings.shape[second], sound_first=True)
    yield pairs, mixed_pair(readings.sound[second], readings.shape[first], sound_first=False)
    yield from _two_look_alikes(readings, shape, spans, everything[(han == length) & (length >= 3)])


def _but_one(
    sums: RollingSums, spans: Windows, window: Ints, replaced: Channel, added: Channel
) -> Iterator[tuple[Ints, U64]]:
    """Windows without one element: equal to a name without one (`replaced`), or to a whole name (`added`)."""
    row, within = spread(spans.length[window])
    row = window[row]
    keys = sums.without(spans.start[row], spans.end[row], spans.start[row] + within)
    yield row, sealed(keys, replaced)
    longer = spans.length[row] >= 4
    yield row[longer], sealed(keys[longer], added)


def _two_look_alikes(
    readings: Readings, shape: RollingSums, spans: Windows, window: Ints
) -> Iterator[tuple[Ints, U64]]:
    """Windows with one character replaced by a strong look-alike and another left out."""
    first, count, near = _strong_look_alikes()
    window = window[spans.length[window] <= TWO_LOOK_ALIKES_UP_TO]
    row, within = spread(spans.length[window])
    code = np.minimum(readings.shape[spans.start[window][row] + within], CODE_POINTS - 1)
    again, which = spread(count[code])
    row, within, sign = row[again], within[again], near[first[code[again]] + which]
    begin, finish = spans.start[window][row], spans.end[window][row]
    other, left_out = spread(finish - begin)
    keep = left_out != within[other]
    other, left_out = other[keep], left_out[keep]
    begin, finish, place = begin[other], finish[other], within[other]
    sums = shape.without(begin, finish, begin + left_out)
    keys = shape.replaced(sums, begin + (left_out < place), begin + place, sign[other])
    yield window[row[other]], sealed(keys, Channel.SHAPE_BUT_ONE)


@cache
def _strong_look_alikes() -> tuple[Ints, Ints, Ints]:
    """For each code point where its strong look-alikes begin, how many there are; and all of them in one row."""
    first = np.zeros(CODE_POINTS, dtype=np.int64)
    count = np.zeros(CODE_POINTS, dtype=np.int64)
    row: list[int] = []
    for sign, near in sorted(glyph_neighbours().items()):
        strong = [ord(other) for other, likeness in sorted(near.items()) if likeness >= STRONGLY_ALIKE]
        first[ord(sign)], count[ord(sign)] = len(row), len(strong)
        row += strong
    return first, count, np.array([*row, 0], dtype=np.int64)
