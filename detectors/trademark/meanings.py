"""Meanings: names that say the same in other words of their language, or in another language.

Owns the reading of a name as a row of meanings (`data/meanings.toml`) and of what stands in it as itself, and the
judgement that two names mean the same (赤牛 for 红牛, Golden Dragon for 金龙). Where such a name is sought is for
`detectors.trademark.heads`.
"""

from functools import cache, lru_cache

from detectors.trademark.alphabet import is_han, plain
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.tables import table

WORD_AT_LEAST = 2  # characters of a name that has a single meaning
LONGEST_WORD = 5  # characters
SAME_MEANING = 0.78
EMPTY = frozenset("的之")  # said between the parts of a name without meaning of their own
ARTICLES = frozenset({"the", "of", "a", "and"})


@lru_cache(maxsize=1 << 14)
def meaning(text: str) -> tuple[str, ...]:
    """The units of a name of characters or of words of letters: meanings, and what has none in the table as itself; ()
    where none has a meaning, and for a single word of letters or a single character."""
    units = tuple(unit for unit, _ in parts(text))
    known = any(unit.startswith("=") for unit in units)
    return units if known and (len(units) > 1 or (is_han(text[0]) and len(text) >= WORD_AT_LEAST)) else ()


@lru_cache(maxsize=1 << 14)
def parts(text: str) -> tuple[tuple[str, str], ...]:
    """Each unit with the stretch of the text that says it, in order; () for what is neither characters nor letters."""
    read = folded(text)
    if read and all(map(is_han, read)):
        return tuple(_parts_of_characters(read))
    words = "".join(one if one.isalpha() else " " for one in map(plain, text) if one != "'").split()
    if not words or not "".join(words).isascii():
        return ()
    return tuple((_english().get(word, word), word) for word in words if word not in ARTICLES)


@lru_cache(maxsize=1 << 14)
def same_meaning(piece: str, name: str) -> Likeness | None:
    """The likeness of a piece to a name that it says in other words; None where it does not, or where the
    name itself stands in it."""
    units = meaning(name)
    if not units or meaning(piece) != units or folded(name) in folded(piece):
        return None
    told, meant = parts(piece), parts(name)
    changed = [(one, other) for (_, one), (_, other) in zip(told, meant, strict=True) if one != other]
    if not changed:
        return None
    across = piece.isascii() != name.isascii()
    detail = f"{piece}→{name}" if across else ", ".join(f"{one}→{other}" for one, other in changed)
    return Likeness(SAME_MEANING, "similar-meaning", "meaning", detail)


def _parts_of_characters(read: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while place < len(read):
        size = next((size for size in range(LONGEST_WORD, 0, -1) if read[place : place + size] in _chinese()), 1)
        word = read[place : place + size]
        place += size
        if word not in EMPTY:
            found.append((_chinese().get(word, word), word))
    return found


@cache
def _chinese() -> dict[str, str]:
    return {folded(word): f"={unit}" for unit, said in _meanings() for word in said["zh"].split()}


@cache
def _english() -> dict[str, str]:
    words = {word: f"={unit}" for unit, said in _meanings() for word in said["en"].split()}
    return {f"{word}s": unit for word, unit in words.items()} | words


def _meanings() -> list[tuple[str, dict[str, str]]]:
    return [pair for kind in table("meanings").values() for pair in kind.items()]
