"""Numbers in text: where a page states a patent, licence or certificate number, and whether it is written as one.

Owns reading `data/numbers.toml`, finding numbers and judging their form and check digit. Spaces, hyphens, points,
brackets and full-width digits are how honest people write, and never count. What tables say of a number is for
`detectors.wording.number_checks`.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Annotated

from pydantic import Field

from detectors.check_digits import mod11_10, patent_check
from detectors.wording.lines import Line, plainly
from models.values import Value

CHECKS = {"patent": patent_check, "mod11-10": mod11_10}
SURE_BY_CHECK = 0.6  # a wrong check digit is mostly a slip of the pen: printed numbers have them too
SURE_BY_FORM = 0.8
BETWEEN = frozenset("()〔〕[]【】〖〗<>《》「」-－—–_·.•/\\:：,，、 ")
MASKED = re.compile(r"[*＊…●#?？]|x{2,}")
TAIL = 32
PARTS = re.compile(r"[.·]")


class NumberKind(Value):
    """One kind of number and how it is written."""

    id: str
    zh: str
    en: str
    cue: str
    formats: tuple[str, ...]
    check: str = ""
    near: tuple[int, int]
    needs: tuple[str, ...] = ()
    source: Annotated[str, Field(min_length=1)]

    @cached_property
    def cue_expression(self) -> re.Pattern[str]:
        return re.compile(self.cue)

    @cached_property
    def expressions(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(each) for each in self.formats)


@cache
def kinds() -> tuple[NumberKind, ...]:
    """Every kind of number, read once, on first use."""
    text = resources.files("detectors.wording").joinpath("data", "numbers.toml").read_text("utf-8")
    return tuple(NumberKind.model_validate(entry) for entry in tomllib.loads(text)["kinds"])


@dataclass(frozen=True)
class Stated:
    """A number stated on a page: the stretch of the original, and `number` as tables know it. `fault` is "" for one
    that is written as it must be, otherwise `form` or `check-digit`."""

    kind: NumberKind
    field: str
    start: int
    end: int
    text: str
    number: str
    fault: str = ""

    @property
    def sure(self) -> float:
        return SURE_BY_CHECK if self.fault == "check-digit" else SURE_BY_FORM


def stated_numbers(line: Line) -> Iterator[Stated]:
    """The numbers of a field, kind by kind, in the order in which they stand."""
    if sum(map(str.isdigit, line.plain.text)) < 4:
        return
    compact = _Compact(line)
    for kind in kinds():
        for cue in kind.cue_expression.finditer(compact.text):
            stated = _stated(kind, compact, cue.start(), cue.end())
            if stated is not None:
                yield stated


def canonical(kind_id: str, written: str) -> str:
    """A number of a table as `Stated.number` has it."""
    kind = next((each for each in kinds() if each.id == kind_id), None)
    text = _bare(plainly(written))
    if kind is not None:
        cue = kind.cue_expression.match(text)
        tail = text[cue.end() :] if cue else text
        for expression in kind.expressions:
            hit = expression.fullmatch(tail)
            if hit is not None:
                return _number(hit)
    return _digits(text)


class _Compact:
    """A line's plain form without what stands between digits, and the way back."""

    def __init__(self, line: Line) -> None:
        self.line = line
        kept = [place for place, sign in enumerate(line.plain.text) if sign not in BETWEEN]
        self.text = "".join(line.plain.text[place] for place in kept)
        self.at = [line.plain.at[place] for place in kept]

    def parted(self, place: int) -> bool:
        """Whether the sign at `place` is parted from the one before by a blank, and not by a point as well."""
        if place >= len(self.text):
            return True
        between = self.line.text[self.at[place - 1] + 1 : self.at[place]]
        return any(map(str.isspace, between)) and not PARTS.search(between)


def _stated(kind: NumberKind, compact: _Compact, start: int, end: int) -> Stated | None:
    wrong_check = None
    for expression in kind.expressions:
        hit = expression.match(compact.text, end)
        if hit is None or not _ends(compact, hit.end()):
            continue
        stated = _at(kind, compact, start, hit.end(), _number(hit))
        if _checked(kind, hit):
            return stated
        wrong_check = wrong_check or _faulty(stated, "check-digit")
    tail = compact.text[end : end + TAIL]
    run = re.match(r"[a-z一-龥]{0,2}([\da-z第号]*)", tail)
    digits = _digits(run.group(1)) if run else ""
    if MASKED.search(tail) or not kind.near[0] <= len(digits) <= kind.near[1]:
        return None
    if wrong_check is not None:
        return wrong_check
    last = end + (run.end() if run else 0)
    if last >= len(compact.text) and compact.line.field == "title":  # titles are cut off
        return None
    return _faulty(_at(kind, compact, start, last, digits), "form")


def _ends(compact: _Compact, end: int) -> bool:
    after = compact.text[end : end + 1]
    return not after.isdigit() or compact.parted(end)


def _checked(kind: NumberKind, hit: re.Match[str]) -> bool:
    check = hit.groupdict().get("check")
    return not kind.check or not check or CHECKS[kind.check](hit["number"]) == check


def _number(hit: re.Match[str]) -> str:
    named = hit.groupdict().get("number")
    return _digits(named if named is not None else hit.group())


def _at(kind: NumberKind, compact: _Compact, start: int, end: int, number: str) -> Stated:
    first, last = compact.at[start], compact.at[end - 1] + 1
    return Stated(kind, compact.line.field, first, last, compact.line.text[first:last], number)


def _faulty(stated: Stated, fault: str) -> Stated:
    return Stated(stated.kind, stated.field, stated.start, stated.end, stated.text, stated.number, fault)


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign not in BETWEEN)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
