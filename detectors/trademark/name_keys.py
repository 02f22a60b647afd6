"""Name keys: every key under which a registered name can be found again.

Owns which keys a name has, channel by channel, made for all names of a registry at once. The same keys are
asked for by `detectors.trademark.candidates`; a change here needs its counterpart there, and the oracle's test holds
both together.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from detectors.trademark.alphabet import folded_sound, heard_letters, sound_number, syllables
from detectors.trademark.edges import edges_of
from detectors.trademark.keys import U64, Channel, RollingSums, mixed_pair, pair_of_syllables, sealed, text_keys
from detectors.trademark.meanings import meaning
from detectors.trademark.readings import Readings
from detectors.trademark.tables import (
    END_LETTERS,
    TWO_LETTERS_FROM,
    glyph_neighbours,
    near_letters,
)
from detectors.trademark.transliterations import consonants
from detectors.trademark.windows import LONGEST, spread

READINGS_AT_MOST = 32  # ways to read one name aloud; each character with a second reading doubles them
SPREAD_AT_MOST = 6  # names up to this long are also met with one character's look-alike among near sounds

Ints = npt.NDArray[np.int64]
Keys = tuple[U64, Ints]
Edges = list[npt.NDArray[np.uint32]]


def name_keys(
    readings: Readings, exact_only: npt.NDArray[np.bool_], first: int
) -> tuple[U64, npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
    """Every key of these names with the name's number, the first of them `first`, in no order; and every edge of those
    that may be met changed (`detectors.trademark.edges`)."""
    edges: Edges = []
    parts = _all_keys(readings, exact_only, edges)
    owners = np.concatenate([owners.astype(np.int32) for _, owners in parts])
    return np.concatenate([keys for keys, _ in parts]), owners + np.int32(first), np.unique(np.concatenate(edges))


def _all_keys(readings: Readings, exact_only: npt.NDArray[np.bool_], edges: Edges) -> list[Keys]:
    """Every key of every name, with the names' numbers. Pinyin and split spellings are met exactly or not at all."""
    start, end = readings.first[:-1], readings.first[1:]
    length = end - start
    usable = (length >= 2) & (length <= LONGEST)
    name = np.flatnonzero(usable)
    start, end, length = start[name], end[name], length[name]
    some_han = np.array([bool(readings.han[s:e].any()) for s, e in zip(start, end, strict=True)], dtype=np.bool_)
    shape = RollingSums(readings.shape)
    found = [(sealed(shape.window(start, end), Channel.SHAPE), name)]
    found.append(_spelled(readings, start[~some_han], end[~some_han], name[~some_han], heard_letters, Channel.HEARD))
    near = ~exact_only[name]
    start, end, length, name, some_han = start[near], end[near], length[near], name[near], some_han[near]
    found.append(_spelled(readings, start, end, name, _meant, Channel.MEANT))
    found.append(_spelled(readings, start[~some_han], end[~some_han], name[~some_han], consonants, Channel.ACROSS))
    for chosen in (some_han & (length >= 3), ~some_han & (length >= 4)):
        found.append(_but_one(shape, start[chosen], end[chosen], name[chosen], Channel.SHAPE_BUT_ONE))
    found.append((sealed(shape.any_order(start[some_han], end[some_han]), Channel.ANY_ORDER), name[some_han]))
    pairs = some_han & (length == 2)
    found += _two_characters(readings, shape, start[pairs], name[pairs])
    edges.append(edges_of(shape, start, end, heard=False))
    found += _aloud(readings, start[some_han], end[some_han], name[some_han], edges)
    for begin, finish, channel in ends(start, end):
        long = ~some_han & (length >= TWO_LETTERS_FROM)
        found.append((sealed(shape.window(begin[long], finish[long]), channel), name[long]))
    found.append(_three_letters(readings, shape, start, name, ~some_han & (length == 3)))
    return found


def ends(start: Ints, end: Ints) -> tuple[tuple[Ints, Ints, Channel], ...]:
    """The two ends of names of letters, as ranges of elements."""
    return (start, start + END_LETTERS, Channel.BEGINNING), (end - END_LETTERS, end, Channel.ENDING)


def _but_one(sums: RollingSums, start: Ints, end: Ints, name: Ints, channel: Channel) -> Keys:
    row, within = spread(end - start)
    keys = sums.without(start[row], end[row], start[row] + within)
    return sealed(keys, channel), name[row]


def _aloud(readings: Readings, start: Ints, end: Ints, name: Ints, edges: Edges) -> list[Keys]:
    """Keys by sound: of every way to read the name, whole and without one."""
    ways = [_ways_to_read(tuple(readings.shape[s:e].tolist())) for s, e in zip(start, end, strict=True)]
    row, _ = spread(np.array([len(way) for way in ways], dtype=np.int64))
    flat = np.array([sound for way in ways for reading in way for sound in reading], dtype=np.uint32)
    size = (end - start)[row]
    last = np.cumsum(size)
    spoken, owner = RollingSums(flat), name[row]
    edges.append(edges_of(spoken, last - size, last, heard=True))
    three, four = size >= 3, size >= 4
    found = [(sealed(spoken.window((last - size)[three], last[three]), Channel.SOUND), owner[three])]
    found.append(_but_one(spoken, (last - size)[four], last[four], owner[four], Channel.SOUND_BUT_ONE))
    return found


def _spelled(
    readings: Readings, start: Ints, end: Ints, name: Ints, spell: Callable[[str], str], channel: Channel
) -> Keys:
    """Names by another spelling of theirs, those that have one."""
    rows = zip(name.tolist(), start.tolist(), end.tolist(), strict=True)
    known = [(number, spelling) for number, first, last in rows if (spelling := spell(readings.piece(first, last)))]
    return text_keys([spelling for _, spelling in known], channel), np.array(
        [number for number, _ in known], dtype=np.int64
    )


def _meant(name: str) -> str:
    return " ".join(meaning(name))


def _ways_to_read(codes: tuple[int, ...]) -> list[list[int]]:
    ways: list[list[int]] = [[]]
    for code in codes:
        sounds = folded_sounds(code)
        if len(ways) * len(sounds) > READINGS_AT_MOST:
            sounds = sounds[:1]
        ways = [[*way, sound] for way in ways for sound in sounds]
    return ways


@cache
def folded_sounds(code: int) -> list[int]:
    spoken = [sound_number(folded_sound(syllable)[0]) for syllable in syllables(chr(code))]
    return list(dict.fromkeys(spoken)) or [code]


def _two_characters(readings: Readings, sums: RollingSums, start: Ints, name: Ints) -> list[Keys]:
    """Names of two characters: one replaced by a look-alike, both by their syllables, or one of each."""
    found: list[Keys] = []
    base = sums.window(start, start + 2)
    for place in (0, 1):
        row, code = _per_element(readings, start + place, list)
        keys = sums.replaced(base[row], start[row], start[row] + place, code)
        found.append((sealed(keys, Channel.SHAPE), name[row]))
    spoken = [_syllable_numbers(readings, start + place) for place in (0, 1)]
    for place in (0, 1):
        row, code = _per_element(readings, start + place, list)
        for other in spoken[1 - place]:
            found.append((mixed_pair(other[row], code, sound_first=place == 1), name[row]))
        for sound in _near_sounds(readings, start + 1 - place):
            found.append((mixed_pair(sound, readings.shape[start + place], sound_first=place == 1), name))
    for first in spoken[0]:
        for second in spoken[1]:
            found.append((pair_of_syllables(first, second), name))
    return found


def _syllable_numbers(readings: Readings, position: Ints) -> tuple[Ints, Ints]:
    """The usual and the second reading of each character; the usual one again where there is no second."""
    usual = readings.syllable[position].astype(np.int64)
    second = [syllables(chr(code))[1:] for code in readings.shape[position].tolist()]
    numbers = [sound_number(more[0]) if more else one for more, one in zip(second, usual.tolist(), strict=True)]
    return usual, np.array(numbers, dtype=np.int64)


def _near_sounds(readings: Readings, position: Ints) -> tuple[Ints, Ints]:
    """The usual and the last reading of each character with near sounds folded."""
    sounds = [folded_sounds(code) for code in readings.shape[position].tolist()]
    usual, last = (np.array([known[place] for known in sounds], dtype=np.int64) for place in (0, -1))
    return usual, last


def _per_element(
    readings: Readings, position: Ints, choose: Callable[[list[int]], list[int]], likeness: float = 0.0
) -> tuple[Ints, Ints]:
    """For each position the choices made from its character's look-alikes, at least so alike: row and choice."""
    codes, inverse = np.unique(readings.shape[position], return_inverse=True)
    choices = []
    for code in codes.tolist():
        known = glyph_neighbours().get(chr(code), {})
        near = [ord(sign) for sign in sorted(known) if known[sign] >= likeness]
        choices.append(choose(near) if near else [])
    counts = np.array([len(choice) for choice in choices], dtype=np.int64)
    flat = np.array([code for choice in choices for code in choice], dtype=np.int64)
    at = np.cumsum(counts) - counts
    row, within = spread(counts[inverse] if len(position) else np.zeros(0, dtype=np.int64))
    return row, flat[at[inverse[row]] + within] if len(row) else np.zeros(0, dtype=np.int64)


def _three_letters(
    readings: Readings, sums: RollingSums, start: Ints, name: Ints, chosen: npt.NDArray[np.bool_]
) -> Keys:
    """Names of three letters: one replaced by a letter that looks like it."""
    near: dict[str, list[int]] = {}
    for pair in sorted(near_letters()):
        near.setdefault(pair[0], []).append(ord(pair[1]))
    start, name = start[chosen], name[chosen]
    base = sums.window(start, start + 3)
    rows: list[tuple[int, int, int]] = []
    for row, begin in enumerate(start.tolist()):
        for position in range(begin, begin + 3):
            rows += [(row, position, code) for code in near.get(chr(readings.shape[position]), ())]
    row_, position_, code_ = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    keys = sums.replaced(base[row_], start[row_], position_, code_)
    return sealed(keys, Channel.SHAPE), name[row_]
