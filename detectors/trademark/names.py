"""Names: the spellings under which a mark may be met.

Owns which readings a mark has: its text, the aliases its holder registered, the names by which it is generally known in
another language, its pinyin written out, the initials of a name of several words, and what the trade calls it. Which
of them is near to what stands on a page is for `detectors.trademark.comparators`.

`data/known_names.csv` holds the names known to everyone. A user adds trade slang of a mark in a column `slang` of the
own `marks.csv`, separated by `;`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from detectors.trademark.alphabet import is_han, plain, syllables
from detectors.trademark.tables import class_mask, rows
from models.registry import Mark

PINYIN_AT_LEAST = 5  # letters: shorter ones are everyday words of other languages


class Spelling(IntEnum):
    """How a name is spelled. From `PINYIN` on a spelling is met exactly or not at all."""

    TEXT = 0
    ALIAS = 1
    PINYIN = 2
    INITIALS = 3
    SLANG = 4


@dataclass(frozen=True)
class KnownAs:
    """One brand's public names, what the trade calls it, and the classes of its goods as bits."""

    official: tuple[str, ...]
    slang: tuple[str, ...]
    classes: int


def names(mark: Mark) -> Iterator[tuple[str, Spelling]]:
    """The mark's names, its text first. The pinyin of a registered alias is left out, and so is a name told twice."""
    told: set[str] = set()
    for name, spelling in _all(mark):
        if name and name not in told:
            told.add(name)
            yield name, spelling


def _initials(text: str) -> str:
    """The first letters of the words of a Latin name, or "" for one word or for characters."""
    words = re.findall(r"[^\W\d_]+", text)
    return "".join(word[0] for word in words).upper() if len(words) >= 2 and text.isascii() else ""


def known_as(mark: Mark) -> list[KnownAs]:
    """The rows of `data/known_names.csv` that have the mark's text or one of its aliases, on goods of its classes."""
    classes = class_mask(mark.nice_classes)
    found: dict[int, KnownAs] = {}
    for name in (mark.text, *mark.aliases):
        for number, known in _known_names().get(_letters(name), ()):
            if not classes or classes & known.classes:
                found[number] = known
    return list(found.values())


def is_known_name(text: str) -> bool:
    """Whether a brand is publicly known by this text, whichever."""
    return _letters(text) in _known_names()


def is_known_as(mark: Mark, text: str) -> bool:
    """Whether one of the mark's brands is publicly known by this text."""
    own = {_letters(name) for known in known_as(mark) for name in known.official}
    return _letters(text) in own | {_letters(name) for name in (mark.text, *mark.aliases)}


@cache
def _known_names() -> dict[str, list[tuple[int, KnownAs]]]:
    by_name: dict[str, list[tuple[int, KnownAs]]] = {}
    for number, (official, slang, classes) in enumerate(rows("known_names")):
        known = KnownAs(_list(official), _list(slang), class_mask(tuple(map(int, _list(classes)))))
        for name in dict.fromkeys(map(_letters, known.official)):
            by_name.setdefault(name, []).append((number, known))
    return by_name


def _list(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(";") if item.strip())


def _letters(name: str) -> str:
    return "".join(map(plain, name))


def _all(mark: Mark) -> Iterator[tuple[str, Spelling]]:
    yield mark.text.strip(), Spelling.TEXT
    for alias in mark.aliases:
        yield alias.strip(), Spelling.ALIAS
    spoken = {_pinyin(text) for text in (mark.text, *mark.aliases)}  # told as pinyin, which is another thing to do
    for known in known_as(mark):
        for name in known.official:
            if _letters(name) not in spoken:
                yield name, Spelling.ALIAS
        for name in known.slang:
            yield name, Spelling.SLANG
    for name in _list(mark.attributes.get("slang", "")):
        yield name, Spelling.SLANG
    for text in (mark.text, *mark.aliases):
        yield _initials(text), Spelling.INITIALS
        if len(_pinyin(text)) >= PINYIN_AT_LEAST:
            yield _pinyin(text), Spelling.PINYIN


def _pinyin(text: str) -> str:
    """A name of characters as its usual pinyin, "" for any other."""
    if len(text) < 2 or not all(map(is_han, text)):
        return ""
    return "".join((syllables(character) or ("",))[0] for character in text)
