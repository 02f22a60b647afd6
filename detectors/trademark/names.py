"""Names: the spellings under which a mark may be met.

Owns which readings a mark has: its text, the aliases its holder registered, its pinyin written out, the text with one
character taken apart, and the initials of a name of several words. Which of them is near to what stands on a page is
for `detectors.trademark.comparators`.
"""

import re
from collections.abc import Iterator
from enum import IntEnum

from detectors.trademark.alphabet import is_han, syllables
from detectors.trademark.tables import parts_of
from models.registry import Mark

PINYIN_AT_LEAST = 5  # letters: shorter ones are everyday words of other languages


class Spelling(IntEnum):
    """How a name is spelled."""

    TEXT = 0
    ALIAS = 1
    PINYIN = 2
    SPLIT = 3
    INITIALS = 4


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


def _all(mark: Mark) -> Iterator[tuple[str, Spelling]]:
    yield mark.text.strip(), Spelling.TEXT
    for alias in mark.aliases:
        yield alias.strip(), Spelling.ALIAS
    for text in (mark.text, *mark.aliases):
        yield _initials(text), Spelling.INITIALS
        if len(text) >= 2 and all(map(is_han, text)):
            written = "".join((syllables(character) or ("",))[0] for character in text)
            if len(written) >= PINYIN_AT_LEAST:
                yield written, Spelling.PINYIN
            for place, character in enumerate(text):
                for parts in parts_of().get(character, ()):
                    yield text[:place] + parts + text[place + 1 :], Spelling.SPLIT
