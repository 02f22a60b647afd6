"""Numbers with units in a text, and which of them are multiplied: `105g*24袋` is a chain of two factors.

Owns telling quantities from other numbers by what stands around them: model numbers, memory sizes, formats. Leaves
promotions and phrases to `detectors.price.plain`, the sense of chains together to `detectors.price.specification`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from detectors.price.plain import MEMORY_SIZES
from detectors.price.units import DIMENSION, PACK, PIECE, Units, number

MOST_GOODS, MOST_LONE = 10000, 1000  # of goods that a bare number counts, behind Pack of and alone
NO_COUNT_BEFORE = frozenset("%代号度折元年月期寸色码档倍段")


@dataclass(frozen=True)
class Factor:
    """One number with its unit, where it stands, and whether a sign of multiplication stands before it. `scale` is what
    its unit is in base units; `ranged` marks the lower end of 10-15斤, `choice` the smallest of 30/50/100ml, `held` the
    number of Pack of 6."""

    value: Decimal
    unit: str  # g, ml, length, a counting word, or "" for a bare number
    start: int
    end: int
    numeral: bool
    multiplied: bool = False
    ranged: bool = False
    choice: bool = False
    scale: Decimal = Decimal(1)
    held: bool = False


@dataclass(frozen=True)
class Chain:
    """Factors multiplied with each other."""

    factors: tuple[Factor, ...]

    @property
    def start(self) -> int:
        return self.factors[0].start

    @property
    def end(self) -> int:
        return self.factors[-1].end

    @property
    def content(self) -> tuple[Factor, ...]:
        return tuple(factor for factor in self.factors if factor.unit in ("g", "ml"))

    @property
    def counts(self) -> tuple[Factor, ...]:
        return tuple(factor for factor in self.factors if factor.unit not in ("g", "ml"))


def read_chains(text: str, table: Units) -> list[Chain]:
    """Neighbouring factors joined by a sign of multiplication; chains of lengths alone are dimensions, not goods."""
    chains: list[list[Factor]] = []
    for factor in _factors(text, table):
        if chains and factor.multiplied and _joined(text[chains[-1][-1].end : factor.start], table):
            chains[-1].append(factor)
        else:
            chains.append([factor])
    kept = (Chain(tuple(chain)) for chain in chains)
    return [chain for chain in kept if _is_quantity(chain)]


def _factors(text: str, table: Units) -> list[Factor]:
    factors: list[Factor] = []
    for found in table.factor.finditer(text):
        factor = _factor(found, text, table, factors[-1].end if factors else -1)
        if factor is not None:
            factors.append(factor)
    return factors


def _factor(found: re.Match[str], text: str, table: Units, last_end: int) -> Factor | None:
    written, spelling = found.group("number") or found.group("bare"), found.group("unit") or ""
    before = text[: found.start()].rstrip()
    adjacent = before == text[: found.start()]
    sign = _sign_before(before, written, last_end, adjacent=adjacent)
    if not sign and last_end != found.start() and _is_model(before, written, spelling, adjacent=adjacent):
        return None
    numeral = not written[0].isdigit()
    if not spelling:
        return _bare(written, found, text, sign, last_end)
    lower = spelling.lower()
    if not number(written) or not table.is_plausible(number(written), lower):
        return None
    if lower in table.content:
        base, size = table.content[lower]
        if written in ("单", "双") or _is_storage(written, spelling, text[found.end() :]):
            return None
        lowest, ranged, choice = _lowest(before, number(written))
        return Factor(lowest * size, base, found.start(), found.end(), numeral, sign, ranged, choice, size)
    if lower in table.dimensions:
        return Factor(number(written), DIMENSION, found.start(), found.end(), numeral, sign)
    return _count(written, lower, found, text, table, sign or bool(found.group("many")))


def _bare(written: str, found: re.Match[str], text: str, sign: bool, last_end: int) -> Factor | None:
    """A number without a unit counts only as part of a product or behind Pack of, and never before a word such as 代 or
    折."""
    after = text[found.end() :].lstrip()
    if not number(written) or number(written) != number(written).to_integral_value():
        return None
    if (found.group("many") or found.group("holding")) and written[0].isdigit() and number(written) < MOST_GOODS:
        unit = PIECE if found.group("holding") else ""
        return Factor(number(written), unit, found.start(), found.end(), False, not unit, held=True)
    ahead = text[: found.start()].rstrip()[:-1].rstrip() if sign else ""
    if ahead[-1:].isdigit() and len(ahead) != last_end:  # 3*16 behind a model number is a format
        return None
    if not written[0].isdigit() or not (sign or re.match(r"[*×✕✖xX]\s*[\d半]", after)) or after[:1] in NO_COUNT_BEFORE:
        return None
    return Factor(number(written), "", found.start(), found.end(), False, sign)


def _count(written: str, spelling: str, found: re.Match[str], text: str, table: Units, sign: bool) -> Factor | None:
    """A count. Numerals in words are counts before package words, or before 装; 半瓶 and 一件 are turns of phrase."""
    word, value = table.counting[spelling], number(written)
    if value != value.to_integral_value() or (word in table.multiplied_only and not sign):
        return None
    if spelling in table.plural_only and value != 1:
        return None
    numeral = not written[0].isdigit()
    packed = text[found.end() : found.end() + 1] == "装"
    if numeral and not (packed or sign or table.level(word) >= PACK or word in ("支", "只", "双", "副", "台", "对")):
        return None
    if written == "双" and not (packed or table.level(word) >= PACK):
        return None
    return Factor(value, word, found.start(), found.end(), numeral and not packed, sign)


def _sign_before(before: str, written: str, last_end: int, *, adjacent: bool) -> bool:
    """A sign of multiplication; the letter x is one behind a factor, or right before a small number in lower case
    (酱油x2, not X 10, X8 or x805)."""
    if before[-1:] in ("*", "×", "✕", "✖"):
        return True
    if re.fullmatch(r"\s*of", before[last_end:], re.IGNORECASE) and last_end > 0:  # 10 packs of 2
        return True
    if before[-1:] not in ("x", "X"):
        return False
    ahead = before[:-1].rstrip()
    behind_factor = len(ahead) == last_end or ahead[-1:] in (")", "装")
    if not behind_factor and (before[-1:] == "X" or not re.fullmatch(r"[1-9]\d?", written)):
        return False
    named = ahead[-1:].isascii() and (ahead[-1:].isalnum() or ahead[-1:] in "-_./")
    return behind_factor or (adjacent and not named)


def _lowest(before: str, last: Decimal) -> tuple[Decimal, bool, bool]:
    """The lower end of 10-15斤 or the smallest of 30/50/100ml, otherwise the number itself; and which of the two."""
    if found := re.search(r"(\d+(?:\.\d+)?)\s*[-~至到]$", before):
        low = Decimal(found[1])
        return (low, True, False) if low < last else (last, False, False)
    if found := re.search(r"(?<![\d./])((?:\d+(?:\.\d+)?\s*[/、,，]\s*)+)$", before):
        others = [Decimal(one) for one in re.findall(r"\d+(?:\.\d+)?", found[1])]
        return min(*others, last), False, True
    return last, False, False


def _is_model(before: str, written: str, spelling: str, *, adjacent: bool) -> bool:
    """Digits right behind a Latin letter or a hyphen belong to a model number (HD08, CW2288-111, ATG-10-2), unless the
    hyphen makes a range (10-15斤) or stands between a word and an English count (users-5 pack). A word in lower case is
    no model before a size (mini1.5g)."""
    last = before[-1:]
    if not last or not adjacent:
        return False
    if last == "-" and written[0].isdigit():
        if spelling.isascii() and len(spelling) > 2 and re.search(r"(?<![A-Za-z0-9])[a-z]{3,}-$", before):
            return False
        low = re.search(r"(?<![A-Za-z0-9-])(\d+(?:\.\d+)?)-$", before)
        return low is None or Decimal(low[1]) >= number(written)
    if spelling and re.search(r"(?<![A-Za-z0-9])[a-z]{3,}$", before):
        return False
    return (last.isascii() and last.isalpha()) or last in "_."


def _is_storage(written: str, spelling: str, after: str) -> bool:
    """16G and 5G in capitals are memory and networks; 500G is flour. A product (16G*20包) is goods after all."""
    return (
        spelling == "G"
        and written.isdigit()
        and int(written) in MEMORY_SIZES
        and not re.match(r"\s*[*×✕✖xX/]\s*\d*\s*(?:袋|包|盒|瓶|罐|支|条|片|杯|块|粒)", after)
    )


def _joined(gap: str, table: Units) -> bool:
    return bool(
        re.fullmatch(
            rf"\s*of\s*|[\s()\[\]【】]*(?:/|每)?(?:{table.pack_words})?(?:装)?[\s()\[\]【】]*[*×✕✖xX]\s*[(\[【]?\s*",
            gap,
            re.IGNORECASE,
        )
    )


def _is_quantity(chain: Chain) -> bool:
    if any(factor.unit == DIMENSION for factor in chain.factors):
        return False
    named = [factor for factor in chain.factors if factor.unit]
    if not named:  # 32*32 is a format; a lone *2 counts the goods, and so does Set of 2
        return (
            len(chain.factors) == 1
            and chain.factors[0].multiplied
            and (chain.factors[0].value < MOST_LONE or chain.factors[0].held)
        )
    return len(chain.content) <= 1
