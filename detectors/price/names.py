"""The words of names: what tells one of a mark's goods from another, and where a name stands in a title.

Owns folding and splitting of names in Chinese and Latin script. Leaves the index over them to `detectors.price.goods`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

LETTERS, MODEL, PAIR, HEAD, GRADE = 2.0, 3.0, 1.0, 1.0, 1.0  # what a word of a goods name weighs, by what it is
WORDS = re.compile(r"\d+[A-Za-z]-?\d+|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+(?:\.\d+)?|[\u3400-\u9fff]+")
NUMERAL = re.compile(r"第?([一二三四五六七八九十])([代度段号])")
GRADES = frozenset("度段号")
DIGITS = {word: str(value) for value, word in enumerate("一二三四五六七八九十", start=1)}


def compact(text: str) -> tuple[str, tuple[int, ...]]:
    """Letters and digits alone, in one width and case, and where in `text` each stands."""
    folded = [_folded(character) for character in text]
    places = [place for place, plain in enumerate(folded) for _ in plain]
    return "".join(folded), tuple(places)


@lru_cache(maxsize=65536)
def _folded(character: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", character).casefold()))


def stands_alone(text: str, first: int, last: int) -> bool:
    """Latin words neither begin nor end inside other words; a capital begins one (KestrelloPro, KESTRELLOPro)."""
    return not (_runs_on(text, first) or _runs_on(text, last + 1))


def _runs_on(text: str, place: int) -> bool:
    """Whether the letters before and at `place` belong to one Latin word."""
    if not 0 < place < len(text):
        return False
    left, right = text[place - 1], text[place]
    if not (left.isascii() and left.isalpha() and right.isascii() and right.isalpha()):
        return False
    return not (right.isupper() and (left.islower() or text[place + 1 : place + 2].islower()))


def name_words(text: str) -> Iterator[tuple[str, float]]:
    """The words of a name with their weights: letters, letters with the number behind them (pro2, hd08) or around them
    (0w40), pairs of Chinese characters with the last pair (the kind of goods) counted more, and grades (53度, 3段)."""
    plain = _plain(text)
    found = list(WORDS.finditer(plain))
    last_run = next((match for match in reversed(found) if match.group()[0] >= "\u3400"), None)
    for place, match in enumerate(found):
        word = match.group()
        if word[0].isdigit():
            yield from _numbered(match, found[place - 1] if place else None, plain)
        elif word[0].isascii():
            if len(word) > 1:
                yield word.lower(), LETTERS
        else:
            for start in range(len(word) - 1):
                head = match is last_run and start == len(word) - 2
                yield word[start : start + 2], PAIR + (HEAD if head else 0.0)


def is_grade(word: str) -> bool:
    """Grades tell two goods of one name apart, and alone name nothing."""
    return word[-1] in GRADES


def _numbered(match: re.Match[str], before: re.Match[str] | None, plain: str) -> Iterator[tuple[str, float]]:
    word = match.group()
    after = plain[match.end() : match.end() + 1]
    if not word.replace(".", "").isdigit():
        yield word.lower().replace("-", ""), MODEL
    elif after and after in GRADES:
        yield word + after, GRADE
    elif (
        before is not None
        and before.group().isascii()
        and before.group().isalpha()
        and match.start() - before.end() <= 1
    ):
        yield before.group().lower() + word, MODEL


def _plain(text: str) -> str:
    """One width, and digits for the numerals of generations and grades (第二代, 三段, 一号)."""
    return NUMERAL.sub(lambda found: DIGITS[found[1]] + found[2], unicodedata.normalize("NFKC", text))
