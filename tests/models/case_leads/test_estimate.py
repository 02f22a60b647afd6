"""The estimate: three levels with their methods, never one figure, and thresholds beside it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.case_leads import LABEL, Estimate, EstimateLine, estimate_of, method_words, reached
from models.law import RuleKind, law
from models.leads import Lead
from tests.models.storage.samples import CREAM, NOON, finding, listing, parcel, screening


def lead(number: int = 1, **fields: Any) -> Lead:
    subject = listing(number, **fields)
    copied = finding(subject, fact="price-below", field="price", goods_id="g-1")
    return Lead(lead_id=subject.key.token, screening=screening(subject, copied), first_seen=NOON, last_seen=NOON)


def test_three_levels_and_the_method_of_each() -> None:
    (line,) = estimate_of([lead(sales=1000, list_price=Decimal("29.90"))], [CREAM]).lines
    assert (line.low, line.middle, line.high) == (Decimal("9.90"), Decimal("9900.00"), Decimal("39900.00"))
    assert (line.low_method, line.middle_method, line.high_method) == ("one-item", "price-sales", "reference-sales")
    (line,) = estimate_of([lead(sales=1000, list_price=Decimal("59.90"))], [CREAM]).lines
    assert (line.high, line.high_method) == (Decimal("59900.00"), "list-sales")
    (line,) = estimate_of([lead(sales=0)], []).lines
    assert (line.low, line.middle, line.high) == (0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "low", "method"),
    [({"price": None}, None, "no-price"), ({"currency": None}, None, "no-price"), ({}, Decimal("9.90"), "no-sales")],
)
def test_what_cannot_be_reckoned_is_not_made_up(fields: dict[str, Any], low: Decimal | None, method: str) -> None:
    (line,) = estimate_of([lead(**fields)], [CREAM]).lines
    assert (line.low, line.middle, line.high) == (low, None, None)
    assert {line.low_method, line.middle_method, line.high_method} == {method}


def test_currencies_are_never_added_up() -> None:
    leads = [lead(1, sales=10), lead(2, sales=10, currency="USD"), lead(3)]
    totals = {total.currency: total for total in estimate_of(leads, []).totals}
    assert set(totals) == {"CNY", "USD"}
    assert (totals["CNY"].middle, totals["CNY"].incomplete) == (Decimal("99.00"), True)
    assert (totals["USD"].middle, totals["USD"].incomplete) == (Decimal("99.00"), False)
    assert estimate_of([], []).totals == ()


def test_a_parcel_has_no_line() -> None:
    subject = parcel()
    carried = Lead(lead_id="p", screening=screening(subject), first_seen=NOON, last_seen=NOON)
    assert estimate_of([carried], []).lines == ()


def test_thresholds_are_reached_by_level_and_currency() -> None:
    rules = law().on(date(2026, 3, 2))
    thresholds = [rule for rule in rules if rule.kind is RuleKind.THRESHOLD]
    line = EstimateLine(currency="CNY", low=Decimal(49_999), middle=Decimal(50_000), high=Decimal(90_000))
    told = reached(Estimate(lines=(line,)), rules)
    assert [each.rule for each in told] == thresholds
    assert {each.levels for each in told} == {("middle", "high")}
    foreign = line.model_copy(update={"currency": "USD"})
    assert {each.levels for each in reached(Estimate(lines=(foreign,)), rules)} == {()}


def test_every_method_has_words_and_the_label_says_what_it_is_worth() -> None:
    for code in ("one-item", "price-sales", "reference-sales", "list-sales", "no-price", "no-sales", "officer"):
        assert method_words(code, "zh") not in {code, method_words(code, "en")}
    assert method_words("gone", "zh") == "gone"
    assert LABEL["zh"] == "页面数据推算，不作为违法经营额认定依据"
