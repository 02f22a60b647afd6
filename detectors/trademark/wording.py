"""Wording: what the words around a name say: how it is used, whether the goods are used or copied.

Owns the finding of table words (`data/words.toml`) in a text, with exact spans. Places are for
`detectors.trademark.origins`; what follows from the words is for `detectors.trademark.counter`.
"""

import re
from dataclasses import dataclass
from functools import cache

from pypinyin.constants import PHRASES_DICT

from detectors.trademark.alphabet import is_han
from detectors.trademark.lexicon import crossing, is_chinese_word, is_english_word
from detectors.trademark.tables import table

REACH = 10  # code points between a word that says what goods fit and the name it speaks of
LIST_REACH = 60  # the same where only other names and models stand between
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
    """Words that say the goods were used before, surest first."""
    return trade_words("second_hand", text)


def trade_words(kind: str, text: str) -> list[Word]:
    """Words of one list of `data/words.toml` that say what trade this is, surest first."""
    found = []
    for entry in table("words")[kind]:
        found += _found(tuple(entry["words"]), text, float(entry["score"]))
    return sorted(found, key=lambda word: (-word.score, word.start))


def nominative_word(text: str, start: int, end: int) -> Word | None:
    """The word by which the name at [start, end) only says what the goods fit, the surest: it stands in the name's
    clause, before it with nothing but other names between, or close behind it."""
    first, last = _clause(text, start, end)
    lists = table("words")["nominative"]
    said = []
    for entry in lists["before"]:
        for word in _found(tuple(entry["words"]), text[:start], float(entry["score"])):
            if first <= word.start and (word.end + REACH >= start or _only_names(text[word.end : start])):
                said.append(word)
    for entry in lists["after"]:
        for word in _found(tuple(entry["words"]), text[:last], float(entry["score"])):
            if end <= word.start <= end + AFTER:
                said.append(word)
    return max(said, key=lambda word: (word.score, -abs(word.start - start)), default=None)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a name: from the sign that ends the one before to the sign that ends it."""
    signs = table("words")["clauses"]["signs"]
    first = max((place + 1 for place in range(start) if text[place] in signs), default=0)
    last = next((place for place in range(end, len(text)) if text[place] in signs), len(text))
    return first, last


def _only_names(between: str) -> bool:
    """Whether a stretch lists names and models: letters, digits and signs of a list, and a few characters beside."""
    return len(between) <= LIST_REACH and sum(map(is_han, between)) <= REACH


def is_word(text: str) -> bool:
    """Whether the text is an everyday word: of the shipped lists, or a phrase of the pronunciation dictionary."""
    return text.casefold() in _everyday() or _is_phrase(text)


def is_any_word(text: str) -> bool:
    """Whether the text is a word of the lexicon too, or made of nothing but words of English."""
    if is_word(text) or is_chinese_word(text):
        return True
    runs = re.findall(r"[^\W\d_]+", text)
    words = [run for run in runs if len(run) >= 3]
    return bool(words) and text.isascii() and not re.search(r"\d", text) and all(map(is_english_word, words))


def is_common_mark(text: str) -> bool:
    """Whether the text is an everyday word that is also known as a mark, or one of the commonest words of English."""
    return text.casefold() in _everyday() or is_english_word(text, common=True)


def amount_follows(text: str, end: int) -> bool:
    """Whether an amount with an everyday unit follows, with at most a few characters between: apples by weight, not
    computers."""
    units = "|".join(sorted(map(re.escape, table("words")["common_use"]["units"]), key=len, reverse=True))
    amount = rf"[^\W\d_]{{0,4}}?\s*[0-9一二三四五六七八九十两半]+(?:\.\d+)?\s*(?:{units})(?![a-z])"
    return re.match(amount, text[end : end + 16], re.IGNORECASE) is not None


def crosses_words(text: str, start: int, end: int) -> str:
    """The word that crosses an edge of [start, end) when the characters around are read as words, or ""."""
    found = crossing(text, start, end, same=True) if text[start:end] and all(map(is_han, text[start:end])) else None
    return found[0] if found else ""


def style_word(text: str, end: int) -> Word | None:
    """The word behind a name ending at `end` that says goods are made like those of that name, if one stands there."""
    style = table("words")["style"]
    hit = re.compile(rf"[\s·]?(?:{'|'.join(style['between'])})?(?:{'|'.join(style['words'])})").match(text, end)
    return Word(hit.start(), hit.end(), hit.group().strip()) if hit else None


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
