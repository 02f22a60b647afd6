"""Figures that an officer enters into an estimate, read from a form's columns: amounts, their order, their method."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from models.case_leads import EstimateLine
from models.errors import InputError
from models.subjects import Currency

LEVELS = ("low", "middle", "high")
HIGHEST = Decimal(10) ** 15
CENT = Decimal("0.01")


def estimate_lines(columns: Sequence[Sequence[str]]) -> tuple[EstimateLine, ...]:
    """Lead, goods, currency, low, middle, high and words, column by column, as lines: those that hold a figure. Raises
    `InputError` for what does not make one, and when there is none."""
    if len({len(column) for column in columns}) != 1:
        raise InputError("the lines do not match", where="estimate", mend="load the page again")
    lines = tuple(line for row in zip(*columns, strict=True) if (line := _line(*row)) is not None)
    if not lines:
        raise InputError("no figure was given", where="estimate", mend="fill in a line, then save")
    return lines


def _line(
    lead: str, goods: str, currency: Currency, low: str, middle: str, high: str, words: str
) -> EstimateLine | None:
    amounts = dict(zip(LEVELS, map(_amount, (low, middle, high)), strict=True))
    given = [amount for amount in amounts.values() if amount is not None]
    if not given:
        return None
    if not words.strip():
        raise InputError("a figure needs its method", where="words", mend="say how it was reckoned")
    if given != sorted(given):
        raise InputError("low, middle and high rise in this order", where="estimate", mend="check the figures")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise InputError(f"{currency!r} is no currency", where="currency", mend="write a code such as CNY")
    return EstimateLine(lead_id=lead, goods=goods.strip()[:200], currency=currency, words=words.strip(), **amounts)


def _amount(text: str) -> Decimal | None:
    cleaned = text.strip().replace(",", "").replace("，", "").lstrip("¥￥")
    if not cleaned:
        return None
    try:
        amount = Decimal(cleaned)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < HIGHEST:
        raise InputError("this is no amount", where="estimate", mend="write a figure such as 12450.00")
    return amount.quantize(CENT)
