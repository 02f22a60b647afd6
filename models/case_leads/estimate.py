"""The estimate (经营额推算): what pages suggest was sold, as low, middle and high, with the method of every figure.

It is reckoned from what pages show (页面数据推算，不作为违法经营额认定依据). Currencies are never added to each other.
"""

import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import Field

from models.explanations import Language
from models.law import Rule, RuleKind
from models.leads import Lead
from models.registry import ReferenceGoods
from models.subjects import Currency, Listing
from models.values import Value

LABEL: Mapping[Language, str] = {
    "zh": "页面数据推算，不作为违法经营额认定依据",
    "en": "Reckoned from what pages show; no finding of turnover",
}
OFFICER = "officer"
LEVELS = ("low", "middle", "high")

Money = Annotated[Decimal, Field(ge=0, max_digits=24, decimal_places=6, allow_inf_nan=False)]


class EstimateLine(Value):
    """One listing's amounts, each with the code of its method, or what an officer entered with their `words`."""

    lead_id: str = ""
    goods: str = ""
    currency: Currency | None = None
    unit_price: Money | None = None
    shown_sales: int | None = None
    low: Money | None = None
    middle: Money | None = None
    high: Money | None = None
    low_method: str = ""
    middle_method: str = ""
    high_method: str = ""
    words: str = ""


class EstimateTotal(Value):
    """The sum of one currency. A level that no line has is None; `incomplete` says that some line lacks one."""

    currency: str
    low: Decimal | None = None
    middle: Decimal | None = None
    high: Decimal | None = None
    incomplete: bool = False


class Estimate(Value):
    """All lines of a case lead."""

    lines: tuple[EstimateLine, ...] = ()

    @property
    def totals(self) -> tuple[EstimateTotal, ...]:
        by_currency: dict[str, list[EstimateLine]] = {}
        for line in self.lines:
            if line.currency is not None:
                by_currency.setdefault(line.currency, []).append(line)
        return tuple(_total(currency, lines) for currency, lines in sorted(by_currency.items()))


class Reached(Value):
    """A threshold of the law beside the estimate: which levels come up to its amount."""

    rule: Rule
    levels: tuple[str, ...] = ()


def estimate_of(leads: Iterable[Lead], goods: Iterable[ReferenceGoods]) -> Estimate:
    """One line for each listing among the leads."""
    by_id = {row.goods_id: row for row in goods}
    return Estimate(lines=tuple(_line(lead, by_id) for lead in leads if isinstance(lead.screening.subject, Listing)))


def reached(estimate: Estimate, rules: Iterable[Rule]) -> tuple[Reached, ...]:
    """Every threshold of these rules, with the levels of its currency that come up to it."""
    totals = {total.currency: total for total in estimate.totals}
    return tuple(
        Reached(rule=rule, levels=_levels_from(rule, totals.get(rule.currency)))
        for rule in rules
        if rule.kind is RuleKind.THRESHOLD
    )


def method_words(code: str, language: Language) -> str:
    """What a method's code says; the code itself where the list no longer has it."""
    words = _methods().get(code)
    return words[language] if words else code


def _line(lead: Lead, goods: Mapping[str, ReferenceGoods]) -> EstimateLine:
    listing = lead.screening.subject
    if not isinstance(listing, Listing):
        raise TypeError("only a listing has a price and sales")
    price, sales = listing.price, listing.sales
    line = EstimateLine(
        lead_id=lead.lead_id, goods=listing.title, currency=listing.currency, unit_price=price, shown_sales=sales
    )
    if price is None or listing.currency is None:
        return line.model_copy(update=dict.fromkeys((f"{level}_method" for level in LEVELS), "no-price"))
    if sales is None:
        methods = dict.fromkeys((f"{level}_method" for level in LEVELS), "no-sales")
        return line.model_copy(update={"low": price, **methods})
    high, high_method = _highest(listing, lead, goods)
    return line.model_copy(
        update={
            "low": price * min(sales, 1),
            "middle": price * sales,
            "high": high * sales,
            "low_method": "one-item",
            "middle_method": "price-sales",
            "high_method": high_method,
        }
    )


def _highest(listing: Listing, lead: Lead, goods: Mapping[str, ReferenceGoods]) -> tuple[Decimal, str]:
    """The dearest price that something on record supports, and the method it stands for."""
    prices = [(listing.price or Decimal(0), "price-sales")]
    if listing.list_price is not None:
        prices.append((listing.list_price, "list-sales"))
    for goods_id in {finding.goods_id for finding in lead.screening.findings}:
        row = goods.get(goods_id or "")
        if row is not None and row.reference_price is not None and row.currency == listing.currency:
            prices.append((row.reference_price, "reference-sales"))
    return max(prices, key=lambda pair: pair[0])


def _total(currency: str, lines: list[EstimateLine]) -> EstimateTotal:
    sums: dict[str, Decimal | None] = {}
    for level in LEVELS:
        amounts = [amount for line in lines if (amount := getattr(line, level)) is not None]
        sums[level] = sum(amounts, Decimal(0)) if amounts else None
    incomplete = any(getattr(line, level) is None for line in lines for level in LEVELS)
    return EstimateTotal(currency=currency, incomplete=incomplete, **sums)


def _levels_from(rule: Rule, total: EstimateTotal | None) -> tuple[str, ...]:
    if total is None or rule.amount is None:
        return ()
    return tuple(level for level in LEVELS if (amount := getattr(total, level)) is not None and amount >= rule.amount)


@cache
def _methods() -> dict[str, dict[str, str]]:
    text = resources.files("models.case_leads").joinpath("data", "methods.toml").read_text("utf-8")
    methods: dict[str, dict[str, str]] = tomllib.loads(text)["method"]
    return methods
