"""Rereadings: other ways to take a text, where something in it asks for that, with the way back to the original.

Owns four of them: characters written twice (晴晴川川), syllables of pinyin among characters (qing川), characters taken
apart into two (女马 for 妈), and words of letters written backwards. What is then read goes the way of every text;
without any of them a text costs one search.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pypinyin.constants import PINYIN_DICT

from detectors.trademark.alphabet import syllables
from detectors.trademark.disguises import folded
from detectors.trademark.lexicon import is_english_word
from detectors.trademark.tables import put_together

HAN = "\\u3400-\\u9fff"
TWICE = re.compile(rf"(?:([{HAN}])\1){{2,}}|([A-Za-z])\2{{2,}}")
BESIDE = re.compile(rf"(?<=[{HAN}])[A-Za-z]{{2,12}}(?![A-Za-z])|(?<![A-Za-z])[A-Za-z]{{2,12}}(?=[{HAN}])")
PAIR = re.compile(rf"(?=([{HAN}])([^\w\s]?)([{HAN}]))")
LETTERS = re.compile(rf"[^\W\d_{HAN}]+")
SYLLABLES_AT_MOST = 3
BACKWARDS_FROM = 5  # letters


@dataclass(frozen=True)
class Rereading:
    """A text taken another way. Code point `n` of `text` stands for `[start[n], end[n])` of the original; `changed[n]`
    whether it was read otherwise there; `trick` a word of `data/tricks.toml`."""

    text: str
    start: tuple[int, ...]
    end: tuple[int, ...]
    changed: tuple[bool, ...]
    trick: str


def rereadings(text: str) -> Iterator[Rereading]:
    """Each other way to take the text that something in it asks for, at most one of a kind."""
    for trick, instead in WAYS:
        found = [(start, end, read) for start, end, read in instead(text) if read]
        if found:
            yield _reread(text, found, trick)


def _reread(text: str, found: list[tuple[int, int, list[tuple[int, int, str]]]], trick: str) -> Rereading:
    pieces: list[tuple[str, int, int, bool]] = []
    place = 0
    for start, end, read in found:
        pieces += [(text[at], at, at + 1, False) for at in range(place, start)]
        pieces += [(sign, first, last, True) for first, last, sign in read]
        place = end
    pieces += [(text[at], at, at + 1, False) for at in range(place, len(text))]
    signs, starts, ends, changed = zip(*pieces, strict=True)
    return Rereading("".join(signs), starts, ends, changed, trick)


Instead = Iterator[tuple[int, int, list[tuple[int, int, str]]]]


def _once(text: str) -> Instead:
    """Characters that all stand twice, and letters three times and more, as if each stood once."""
    for match in TWICE.finditer(text):
        step = len(match.group()) if match.group(2) else 2
        pairs = range(match.start(), match.end(), step)
        yield match.start(), match.end(), [(at, at + step, text[at]) for at in pairs]


def _aloud(text: str) -> Instead:
    """Syllables of pinyin beside characters, as a character that is read so. Common English words are left alone."""
    for match in BESIDE.finditer(text):
        word = match.group().casefold()
        if is_english_word(word, common=True):
            continue
        parsed = _parsed(word)
        read, at = [], match.start()
        for syllable in parsed:
            read.append((at, at + len(syllable), _characters()[syllable]))
            at += len(syllable)
        yield match.start(), match.end(), read


def _whole(text: str) -> Instead:
    """Two characters that are one when written as one, a sign between them or none."""
    taken = 0
    for match in PAIR.finditer(text):
        one, sign, other = match.groups()
        whole = put_together().get(one + other)
        end = match.start() + len(one + sign + other)
        if whole and match.start() >= taken:
            yield match.start(), end, [(match.start(), end, whole)]
            taken = end


def _turned(text: str) -> Instead:
    """Words of letters from the last to the first, where that makes another word than stands there."""
    for match in LETTERS.finditer(text):
        word = match.group()
        letters = folded(word)
        if len(letters) < BACKWARDS_FROM or not letters.isascii() or len(letters) != len(word):
            continue
        if is_english_word(word):
            continue
        places = range(match.end() - 1, match.start() - 1, -1)
        yield match.start(), match.end(), [(at, at + 1, text[at]) for at in places]


@cache
def _parsed(word: str) -> tuple[str, ...]:
    """The word as syllables of pinyin, as few as can be; () when it is none."""
    known = _characters()
    ways: list[tuple[str, ...]] = [()]
    for _ in range(SYLLABLES_AT_MOST):
        longer = []
        for way in ways:
            rest = word[sum(map(len, way)) :]
            longer += [(*way, rest[:size]) for size in range(min(6, len(rest)), 1, -1) if rest[:size] in known]
        for way in longer:
            if sum(map(len, way)) == len(word):
                return way
        ways = longer
    return ()


@cache
def _characters() -> dict[str, str]:
    """For each syllable a character that is read so."""
    found: dict[str, str] = {}
    for code in sorted(PINYIN_DICT):
        if 0x4E00 <= code <= 0x9FA5 and folded(chr(code)) == chr(code):
            for syllable in syllables(chr(code))[:1]:
                found.setdefault(syllable, chr(code))
    return found


WAYS = (("repeated", _once), ("pinyin-mixed", _aloud), ("split", _whole), ("backwards", _turned))
