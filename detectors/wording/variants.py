"""Variants: how a word is written so that a filter misses it and a buyer does not.

Owns making them from a word: another character of the same sound and tone, a character that looks like it, pinyin for
one character or all. What stands between characters, width and script are folded before (`detectors.wording.lines`).
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pypinyin.constants import PINYIN_DICT

from detectors.trademark.alphabet import is_han, syllables
from detectors.trademark.tables import glyph_neighbours
from detectors.trademark.wording import is_word
from detectors.wording.lines import folded

LOOKS_ALIKE = 0.72  # from this likeness of drawn glyphs on
SHORTEST_PINYIN = 5  # letters of a word that is written in pinyin alone
IDEOGRAPHS, IDEOGRAPHS_END = 0x4E00, 0xA000

# How sure a variant is that it means the word: a character of the same sound that also looks like it is no accident.
SOUND_AND_SHAPE, SOUND, SHAPE, PINYIN = 0.95, 0.85, 0.75, 0.9


class Variant(NamedTuple):
    """A spelling in folded letters, how sure it is (1 is the word itself), and how it was made ("" for the word)."""

    letters: str
    sure: float
    trick: str


def variants(word: str, *, disguise: bool) -> Iterator[Variant]:
    """The word itself, then its disguises. Spellings that are words of their own are left out."""
    letters = folded(word)
    yield Variant(letters, 1.0, "")
    if disguise and sum(map(is_han, letters)) >= 2:
        yield from _replaced(letters)
        yield from _in_pinyin(letters)


def _replaced(letters: str) -> Iterator[Variant]:
    for place, character in enumerate(letters):
        if not is_han(character):
            continue
        alike = glyph_neighbours().get(character, {})
        near = {other for other, likeness in alike.items() if likeness >= LOOKS_ALIKE}
        for other in sorted(near | _same_sound(character)):
            spelled = letters[:place] + other + letters[place + 1 :]
            if folded(other) != other or (len(spelled) < 4 and is_word(spelled)):
                continue
            sounds, looks = other in _same_sound(character), other in near
            sure = SOUND_AND_SHAPE if sounds and looks else SOUND if sounds else SHAPE
            yield Variant(spelled, sure, "sound" if sounds else "shape")


def _in_pinyin(letters: str) -> Iterator[Variant]:
    """gao仿, 高fang, gaofang."""
    spelled = [folded(next(iter(syllables(one)), one)) if is_han(one) else one for one in letters]
    for place, character in enumerate(letters):
        if is_han(character) and len(spelled[place]) > 1:
            yield Variant(letters[:place] + spelled[place] + letters[place + 1 :], PINYIN, "pinyin")
    whole = "".join(spelled)
    if len(whole) >= SHORTEST_PINYIN:
        yield Variant(whole, PINYIN, "pinyin")


@cache
def _same_sound(character: str) -> frozenset[str]:
    """Characters with a reading of the same syllable and tone, rare ones included (髙 for 高)."""
    return frozenset().union(*(_by_reading()[reading] for reading in _readings(character))) - {character}


@cache
def _by_reading() -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for code in range(IDEOGRAPHS, IDEOGRAPHS_END):
        for reading in _readings(chr(code)):
            held[reading].add(chr(code))
    return defaultdict(frozenset, {reading: frozenset(found) for reading, found in held.items()})


def _readings(character: str) -> list[str]:
    return [reading for reading in PINYIN_DICT.get(ord(character), "").split(",")[:2] if reading]
