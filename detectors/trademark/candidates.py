"""Candidates: which names of the index could be near to which windows of a batch.

Owns the questions put to the index. Each channel's questions are made for the whole batch as arrays; nothing loops
over marks or over texts. A candidate is a possibility: `detectors.trademark.comparators` judges it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from detectors.trademark import compiled
from detectors.trademark.alphabet import CODE_POINTS, HEARD_FROM, heard_letters
from detectors.trademark.index import MarkIndex
from detectors.trademark.keys import U64, Channel, RollingSums, mixed_pair, pair_of_syllables, sealed, text_keys
from detectors.trademark.name_keys import SPREAD_AT_MOST, ends, folded_sounds
from detectors.trademark.readings import Readings
from detectors.trademark.search import Others, Search
from detectors.trademark.tables import (
    STRONGLY_ALIKE,
    TWO_LETTERS_FROM,
    TWO_LOOK_ALIKES_UP_TO,
    TWO_NEAR_LETTERS_FROM,
    glyph_neighbours,
    near_letters,
)
from detectors.trademark.windows import Windows, windows

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
    search = Search([segment.table for segment in index.segments], spans, compiled.kernels(len(index.owner)))
    shape = RollingSums(readings.shape)
    whole = shape.window(spans.start, spans.end)
    _ask(search, readings, spans, shape, whole)
    parts = []
    first = 0
    exact_key = sealed(whole, Channel.SHAPE).astype(np.uint32)
    for segment, (window, name) in zip(index.segments, search.found(), strict=True):
        parts.append((window, name + first))
        first += segment.name_count()
    window = np.concatenate([window for window, _ in parts])
    name = np.concatenate([name for _, name in parts])
    alive = index.living(name)
    pairs = window[alive] * max(1, first) + name[alive]
    pairs.sort()
    pairs = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))]
    window, name = np.divmod(pairs, max(1, first))
    return Candidates(spans.start[window], spans.end[window], name, exact_key[window] == index.exact[name])


def _ask(search: Search, readings: Readings, spans: Windows, shape: RollingSums, whole: U64) -> None:
    """Ask for every window under the keys by which near names would be found."""
    sound = RollingSums(readings.sound)
    start, end, length = spans.start, spans.end, spans.length
    characters = np.zeros(len(readings) + 1, dtype=np.int64)
    np.cumsum(readings.han, out=characters[1:])
    han = characters[end] - characters[start]
    everything = np.arange(len(start), dtype=np.int64)
    codes = np.minimum(readings.shape, CODE_POINTS - 1).astype(np.int64)
    search.keys(everything, sealed(whole, Channel.SHAPE))
    with_han = everything[han > 0]
    search.keys(with_han, sealed(shape.any_order(start[with_han], end[with_han]), Channel.ANY_ORDER))
    letters = everything[(han == 0) & (length >= TWO_LETTERS_FROM - 2)]
    for begin, finish, channel in ends(start[letters], end[letters]):
        search.keys(letters, sealed(shape.window(begin, finish), channel))
    between = everything[(length == 3) & (han == 3)]
    search.keys(between, sealed(shape.without(start[between], end[between], start[between] + 1), Channel.SHAPE))
    three = everything[length >= 3]
    search.one_more(shape, three, Channel.SHAPE_BUT_ONE, heard=False)
    search.but_one(shape, three, Channel.SHAPE_BUT_ONE, Channel.SHAPE, 4, heard=False)
    spoken = three[han[three] > 0]
    search.keys(spoken, sealed(sound.window(start[spoken], end[spoken]), Channel.SOUND))
    search.one_more(sound, spoken, Channel.SOUND_BUT_ONE, heard=True)
    four = everything[(length >= 4) & (han > 0)]
    search.but_one(sound, four, Channel.SOUND_BUT_ONE, Channel.SOUND, 4, heard=True)
    short = spoken[length[spoken] <= SPREAD_AT_MOST]
    search.otherwise(sound, short, codes, _sounds_of_look_alikes(), Channel.SOUND, left_out=False, heard=True)
    pairs = everything[(length == 2) & (han == 2)]
    first, second = start[pairs], start[pairs] + 1
    search.keys(pairs, pair_of_syllables(readings.syllable[first], readings.syllable[second]))
    for one, other, leads in ((first, second, True), (second, first, False)):
        for heard in (readings.syllable, readings.sound):
            search.keys(pairs, mixed_pair(heard[one], readings.shape[other], sound_first=leads))
    latin = everything[(han == 0) & (length >= TWO_NEAR_LETTERS_FROM)]
    search.otherwise(shape, latin, codes, _look_alike_letters(), Channel.SHAPE_BUT_ONE, left_out=True, heard=False)
    heard = everything[(han == 0) & (length >= HEARD_FROM - 1)]
    _ask_by_ear(search, readings, heard, start, end)
    written = everything[(han == length) & (length >= 3) & (length <= TWO_LOOK_ALIKES_UP_TO)]
    look_alikes = _strong_look_alikes()
    search.otherwise(shape, written, codes, look_alikes, Channel.SHAPE_BUT_ONE, left_out=True, heard=False)


def _ask_by_ear(search: Search, readings: Readings, asked: Ints, start: Ints, end: Ints) -> None:
    """Ask for windows of letters by how they are read aloud."""
    rows = zip(asked.tolist(), start[asked].tolist(), end[asked].tolist(), strict=True)
    heard = [(window, spoken) for window, first, last in rows if (spoken := heard_letters(readings.piece(first, last)))]
    windows_ = np.array([window for window, _ in heard], dtype=np.int64)
    search.keys(windows_, text_keys([spoken for _, spoken in heard], Channel.HEARD))


@cache
def _look_alike_letters() -> Others:
    near: dict[int, list[int]] = {}
    for pair in sorted(near_letters()):
        near.setdefault(ord(pair[0]), []).append(ord(pair[1]))
    return Others.of(near)


@cache
def _strong_look_alikes() -> Others:
    return Others.of({ord(sign): list(map(ord, strong)) for sign, strong in _strongly_alike().items()})


@cache
def _sounds_of_look_alikes() -> Others:
    """For each character the ways to hear what it is strongly alike to, near sounds folded."""
    heard = {
        sign: {sound for other in strong for sound in folded_sounds(ord(other))}
        for sign, strong in _strongly_alike().items()
    }
    return Others.of({ord(sign): sorted(sounds) for sign, sounds in heard.items()})


@cache
def _strongly_alike() -> dict[str, list[str]]:
    return {
        sign: [other for other, likeness in sorted(near.items()) if likeness >= STRONGLY_ALIKE]
        for sign, near in sorted(glyph_neighbours().items())
    }
