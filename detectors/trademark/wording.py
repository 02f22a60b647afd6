"""Wording: what the words around a name say: how it is used, whether the goods are used, copied, or from elsewhere.

Owns the finding of table words (`data/words.toml`, `data/places.csv`) in a text, with exact spans. What follows from
them is for `detectors.trademark.counter`.
"""

import re
from dataclasses import dataclass
from functools import cache

from pypinyin.constants import PHRASES_DICT

from detectors.trademark.alphabet import is_han
from detectors.trademark.tables import rows, table

REACH = 10  # code points between a word that says what goods fit and the name it speaks of
AFTER = 14  # the same for words that follow
TEXT_LIMIT = 2000


@dataclass(frozen=True)
class Word:
    """A table word found in a text; span in code points, end exclusive."""

    start: int
    end: int
    text: str
    score: float = 1.0


def second_hand_words(text: str) -> list[Word]:
    """Words that say the goods were used before."""
    return _found(tuple(table("words")["second_hand"]["words"]), text)


def nominative_word(text: str, start: int, end: int) -> Word | None:
    """The word by which the name at [start, end) only says what the goods fit."""
    words = table("words")["nominative"]
    before = [word for word in _found(tuple(words["before"]), text) if word.end <= start <= word.end + REACH]
    if before:
        return before[-1]
    after = [word for word in _found(tuple(words["after"]), text) if end <= word.start <= end + AFTER]
    return after[0] if after else None


def is_word(text: str) -> bool:
    """Whether the text is an everyday word: of the shipped list, or a phrase of the pronunciation dictionary."""
    return text.casefold() in _everyday() or _is_phrase(text)


def is_common_mark(text: str) -> bool:
    """Whether the text is an everyday word that is also known as a mark."""
    return text.casefold() in _everyday()


def amount_follows(text: str, end: int) -> bool:
    """Whether a number with an everyday unit follows: apples by weight, not computers."""
    units = "|".join(sorted(map(re.escape, table("words")["common_use"]["units"]), key=len, reverse=True))
    return (
        re.match(rf"\s*[0-9一二三四五六七八九十两半]+\s*(?:{units})", text[end : end + 12], re.IGNORECASE) is not None
    )


def crosses_words(text: str, start: int, end: int) -> str:
    """The word at either edge of [start, end) that its first or last character belongs to, with what stands outside;
    "" where there is none, or where the stretch is a word itself."""
    piece = text[start:end]
    if not piece or not all(map(is_han, piece)) or _is_phrase(piece):
        return ""
    for size in (3, 2):
        tail = text[end - 1 : end - 1 + size]
        if len(tail) == size and _is_phrase(tail):
            return tail
    for size in (3, 2):
        head = text[max(0, start + 1 - size) : start + 1]
        if len(head) == size and _is_phrase(head):
            return head
    return ""


def stated_origins(text: str) -> list[Word]:
    """Places that a text names as where the goods are from: surest where it says so (`score` 1), else wherever a place
    is named that is not where they are sent from or to."""
    origin = table("words")["origin"]
    stated = re.compile(rf"[省市县区州]?\w{{0,4}}?(?:{'|'.join(origin['after_place'])})")
    led = re.compile(rf"(?:{'|'.join(origin['before_place'])})[:\s]*$")
    trade = re.compile(rf"[省市县区州]?\w{{0,2}}?(?:{'|'.join(origin['trade'])})")
    found = []
    for place in places_in(text):
        if stated.match(text, place.end) or led.search(text[: place.start]):
            found.append(place)
        elif not trade.match(text, place.end):
            found.append(Word(place.start, place.end, place.text, 0.7))
    return sorted(found, key=lambda word: (-word.score, word.start))


def places_in(text: str) -> list[Word]:
    """Every place of the table named in a text."""
    places = "|".join(sorted(map(re.escape, _provinces()), key=len, reverse=True))
    return [Word(hit.start(), hit.end(), hit.group()) for hit in _compiled(places).finditer(text[:TEXT_LIMIT])]


def province_of(place: str) -> str:
    """The province a place of the table lies in."""
    return _provinces()[place]


@cache
def _provinces() -> dict[str, str]:
    return {place: province for place, province in rows("places")}  # noqa: C416


def _is_phrase(text: str) -> bool:
    return len(text) >= 2 and (text in PHRASES_DICT or text in _parts_of_names())


@cache
def _parts_of_names() -> frozenset[str]:
    return frozenset(table("words")["everyday"]["words"])


@cache
def _everyday() -> frozenset[str]:
    return frozenset(table("words")["common"]["words"])


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _found(words: tuple[str, ...], text: str, score: float = 1.0) -> list[Word]:
    return [Word(*hit.span(), hit.group(), score) for hit in _matcher(words).finditer(text[:TEXT_LIMIT])]


@cache
def _matcher(words: tuple[str, ...]) -> re.Pattern[str]:
    """Longest words first; words of Latin letters only where no Latin letter touches them."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    parts = [
        rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() and word[0].isalpha() else re.escape(word)
        for word in ordered
    ]
    return re.compile("|".join(parts), re.IGNORECASE)
