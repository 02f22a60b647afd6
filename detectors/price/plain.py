"""A text made ready for reading quantities: one width, names and what is no quantity blanked out, deals told apart.

Owns what a reader needs beside the numbers: gifts, several for the price of fewer, totals stated again, whole cases,
and whether the goods are vessels. Leaves numbers with units to `detectors.price.factors`.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from detectors.price.units import Units, number

MEMORY_SIZES = frozenset({1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024})
GIGABYTES = re.compile(r"(?<![\d.])(\d{1,4})\s*[gG](?![A-Za-z])")
NETWORK = re.compile(r"(?<![\d.])[2-5]g(?![a-z0-9])", re.IGNORECASE)
CHINESE = re.compile(r"[\u3400-\u9fff]")
GIVEN = re.compile(r"[送赠附][^，,。;；+]{0,6}$")


@dataclass(frozen=True)
class Plain:
    """`text` is in one width, with NUL for what is blanked out; `places` is where each of its code points stands in the
    original; `noted` is what was seen and not counted; `total` is a quantity that repeats the others (共10kg);
    `share` is how many goods come for each one paid (1.5 with 买2送1); `case` tells of a whole case; `whole` is the
    text with nothing but the masked spans blanked out."""

    text: str
    places: Sequence[int]
    noted: tuple[str, ...]
    total: str
    share: Decimal
    case: bool
    whole: str

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of `text` stands in the original (code points, end exclusive)."""
        return self.places[start], self.places[end - 1] + 1


def make_plain(text: str, table: Units, masked: Sequence[tuple[int, int]] = ()) -> Plain:
    """The text without gifts, promotions, rates, ages and model numbers, and what they told."""
    folded, places = _fold(text, masked)
    noted: list[str] = []

    def blank(found: re.Match[str]) -> str:
        return "\0" * len(found.group())

    def note(found: re.Match[str]) -> str:
        noted.append(found.group().replace("\0", "").strip())
        return blank(found)

    share = _share(folded, table)
    stated = list(table.totals.finditer(folded))
    case = table.cases.search(folded) is not None
    plain = table.totals.sub(blank, folded)
    for pattern in table.ignored:
        plain = pattern.sub(blank, plain)
    if table.memory.search(folded):
        plain = GIGABYTES.sub(lambda found: blank(found) if int(found[1]) in MEMORY_SIZES else found.group(), plain)
    if not CHINESE.search(folded):  # 4g in an English title is a network or a generation
        plain = NETWORK.sub(blank, plain)
    for pattern in (*table.noted, table.gift):
        plain = pattern.sub(note, plain)
    total = re.sub(r"^\D+", "", stated[-1].group()) if stated else ""
    return Plain(plain, places, tuple(noted), total, share, case, folded)


def is_vessel(text: str, base: str, table: Units) -> bool:
    """Whether the text names goods that hold (ml) or take (g) a quantity, and not as a gift."""
    return any(not GIVEN.search(text[: found.start()]) for found in table.vessels[base].finditer(text))


def _fold(text: str, masked: Sequence[tuple[int, int]]) -> tuple[str, Sequence[int]]:
    """One width, character by character, so that every place is known; masked spans become NUL."""
    if unicodedata.is_normalized("NFKC", text):
        for start, end in masked:
            text = text[:start] + "\0" * (end - start) + text[end:]
        return text, range(len(text))
    hidden = {place for start, end in masked for place in range(start, end)}
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in "\0" if place in hidden else unicodedata.normalize("NFKC", character):
            folded.append(one)
            places.append(place)
    return "".join(folded), tuple(places)


def _share(text: str, table: Units) -> Decimal:
    """How many come for each one paid; 1 without such a deal."""
    beside, in_all = (pattern.search(text) for pattern in table.deals)
    if beside is not None:
        paid, more = number(beside[1]), number(beside[2])
        return (paid + more) / paid if paid else Decimal(1)
    if in_all is not None:
        paid, got = number(in_all[1]), number(in_all[2])
        return got / paid if paid and got > paid else Decimal(1)
    return Decimal(1)
