"""Transliterations: names of letters that characters spell by ear (罗克斯 for a name like Rox).

Owns the reading of letters and of characters as one row of consonants, coarse enough that what Chinese puts for a
foreign name comes out equal, and the judgement that characters are heard like a name of letters. Where such characters
are sought is for `detectors.trademark.heads`.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from detectors.trademark.alphabet import is_han, plain, syllables
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.lexicon import holds_no_word
from detectors.trademark.tables import table

CONSONANTS_AT_LEAST = 4
SHORTEST, LONGEST = 3, 6  # characters that spell a name
HEARD_ACROSS = 0.73
VOWELS = "aeiou"


@lru_cache(maxsize=1 << 14)
def consonants(text: str) -> str:
    """The consonants by which a name of letters, or a run of characters that hold no word, is heard; "" where there are
    too few."""
    read = folded(text)
    if SHORTEST <= len(read) <= LONGEST and all(map(is_han, read)):
        heard = _joined([_of_syllable(sign) for sign in read]) if holds_no_word(read) else ""
    else:
        words = ["".join(map(plain, word)) for word in text.split() if word.casefold() != "the"]
        heard = _rewritten(" ".join(words), "letters") if words and "".join(words).isascii() else ""
    return heard if len(heard) >= CONSONANTS_AT_LEAST else ""


@lru_cache(maxsize=1 << 14)
def heard_across(piece: str, name: str) -> Likeness | None:
    """The likeness of characters to a name of letters that they spell by ear."""
    if not name.isascii() or piece.isascii():
        return None
    heard = consonants(name)
    if not heard or consonants(piece) != heard:
        return None
    return Likeness(HEARD_ACROSS, "similar-sound", "letters", f"{piece}→{name}")


def _joined(spoken: Sequence[str]) -> str:
    """Syllables in a row; an n between two of them is heard once."""
    pairs = zip(spoken, [*spoken[1:], ""], strict=True)
    return "".join(one.removesuffix("N") if len(one) > 1 and after.startswith("N") else one for one, after in pairs)


@lru_cache(maxsize=1 << 13)
def _of_syllable(sign: str) -> str:
    spoken = syllables(sign)[:1]
    return _rewritten(spoken[0], "syllables") if spoken else ""


def _rewritten(letters: str, kind: str) -> str:
    for pattern, instead in _rules(kind):
        letters = pattern.sub(instead, letters)
    return letters


@cache
def _rules(kind: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), instead) for pattern, instead in table("sounds")["across"][kind])
