"""Numerals: measures and model numbers, whose digits are digits and not letters in disguise.

Owns telling `8cm`, `ml/14`, `ad10` or `a85` from `K3STR3LL0`. Knows no mark but by its name. What the goods measure is
for `detectors.price.specification`.
"""

import re
from functools import cache

from detectors.trademark.tables import table

SURE = 0.9  # a number beside it, a unit, or signs between: no disguise, whatever the goods
MODEL_LETTERS = 2
NAMED_SO = 0.5  # a name that is itself a number with a unit, standing as one
RUNS = re.compile(r"[^\W\d_]+|\d+")
YEAR = re.compile(r"(?<![A-Za-z\d.])20[1-3]\d$")  # of the season; `2000ml` is none
AFTER_YEAR = 3  # letters from which what follows a year is surely no unit
WORD_FROM = 4  # letters from which what stands before an amount or a word in other case is a word itself
# One change between letters and digits, by the number of letters: how likely it is that this numbers a model.
MODEL = {1: 0.8, 2: 0.8, 3: 0.8, 4: 0.3}


def number_in(text: str, start: int, end: int, name: str) -> tuple[str, float] | None:
    """What holds the digits of [start, end) as a number, and how sure that is; None where the stretch has no digits
    beyond the name's and is no measure itself, or where they stand between letters as letters do."""
    piece = text[start:end]
    digits = sum(map(_is_digit, piece))
    if not digits or digits <= sum(map(_is_digit, name)):
        whole = digits and any(found.span() == (start, end) for found in _measures().finditer(text))
        return (piece, NAMED_SO) if whole else _glued_unit(text, start, end, name)
    left, right = _token(text, start, end)
    token = text[left:right]
    measured = any(found.start() < end and start < found.end() for found in _measures().finditer(text))
    if measured or (left, right) != (start, end) or _parted(piece):
        return token, 0.95
    runs = RUNS.findall(piece)
    if len(runs) == 2:
        letters = next((len(run) for run in runs if not _is_digit(run[0])), 0)
        score = MODEL.get(letters, 0.0)
        return (token, score) if score else None
    return None


def _glued_unit(text: str, start: int, end: int, name: str) -> tuple[str, float] | None:
    """Letters right behind a number are its unit or the rest of a code (`2` before `g*20`); letters between a name and
    a number begin a model (`KESTRELLOa59`)."""
    piece = text[start:end]
    more = piece.casefold().removeprefix(name.casefold())
    if _is_digit(text[end : end + 1]) and piece.isascii() and len(more) <= min(MODEL_LETTERS, len(piece) - len(name)):
        left, right = _token(text, start, end)
        return (text[left:right], SURE) if more else None
    glued = start and _is_digit(text[start - 1]) and text[start].isascii() and text[start].isalpha()
    if glued and _year_before(text, start, end):
        return None
    if not glued or end - start > len(name) + 2 or end - start > 6:
        return None
    left, right = _token(text, start, end)
    return text[left:right], SURE


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the Latin letters and digits that touch it, decimal points between digits included. The year
    before a word is no part of it, nor the measure or the word in other case behind one."""
    left, right = start, end
    if _plain(text[start]) and not _year_before(text, start, end):
        while left and (_plain(text[left - 1]) or (text[left - 1] == "." and left > 1 and _is_digit(text[left - 2]))):
            left -= 1
    if _plain(text[end - 1]) and not _other_word_behind(text, start, end):
        while right < len(text) and (
            _plain(text[right]) or (text[right] == "." and right + 1 < len(text) and _is_digit(text[right + 1]))
        ):
            right += 1
    return left, right


def _year_before(text: str, start: int, end: int) -> bool:
    """Whether a year stands right before letters that are no unit (`2024KESTRELLO`)."""
    letters = re.match(r"[A-Za-z]+", text[start:])
    word = sum(map(str.isalpha, text[start:end])) >= AFTER_YEAR
    unit = not word and letters is not None and letters.group().casefold() in _units()
    return not unit and YEAR.search(text[max(0, start - 5) : start]) is not None


def _other_word_behind(text: str, start: int, end: int) -> bool:
    """Whether a word of letters ends here although more follows: an amount (`KESTRELLO52度`), or capitals behind small
    letters (`kestrelloLED`)."""
    piece = text[start:end]
    if sum(map(str.isalpha, piece)) < WORD_FROM:
        return False
    capitals = piece.rstrip("0123456789")[-1:].islower() and re.match(r"[A-Z]+(?![A-Za-z\d])", text[end:])
    return bool(capitals or _measure_behind().match(text, end))


def _parted(piece: str) -> bool:
    """Whether digits stand apart from the letters, behind a sign."""
    runs = re.split(r"[\W_]+", piece)
    return len(runs) > 1 and any(run.isdigit() for run in runs)


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()


def _plain(character: str) -> bool:
    return character.isascii() and character.isalnum()


@cache
def _units() -> frozenset[str]:
    return frozenset(word.casefold() for word in table("words")["common_use"]["measures"])


def _joined() -> str:
    return "|".join(map(re.escape, sorted(_units(), key=lambda word: (-len(word), word))))


@cache
def _measure_behind() -> re.Pattern[str]:
    return re.compile(rf"\d+(?:\.\d+)?(?:[\u3400-\u9fff]|(?:{_joined()})(?![a-z\d]))", re.IGNORECASE)


@cache
def _measures() -> re.Pattern[str]:
    joined = _joined()
    behind = rf"(?<![a-z\d])\d+(?:\.\d+)?\s?(?:{joined})(?![a-z\d])"
    before = rf"(?<![a-z])(?:{joined})[/*×x]\d+"
    degrees = r"(?<!\d)\d+(?:\.\d+)?\s?[℃°]"
    return re.compile(f"{behind}|{before}|{degrees}", re.IGNORECASE)
