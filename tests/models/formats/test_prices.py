"""Prices and counts as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.prices import currency_code, read_count, read_price

READ = {
    "¥1,299.00": ("1299.00", "CNY"),
    "12.5元": ("12.5", "CNY"),
    "１２．５": ("12.5", None),
    "￥１，２９９": ("1299", "CNY"),
    "1.299,00 €": ("1299.00", "EUR"),
    "1 299,00 Kč": ("1299.00", "CZK"),
    "1'299.-": ("1299", None),
    "US$ 12": ("12", "USD"),
    "HK$1,000": ("1000", "HKD"),
    "CNY 12": ("12", "CNY"),
    "12,50 €": ("12.50", "EUR"),
    "1.2万": ("12000.0", None),
    "券后价￥59.9": ("59.9", "CNY"),
    "99元起": ("99", "CNY"),
    "8折 99": ("99", None),
    "0,999": ("0.999", None),
    ".99": ("0.99", None),
    "12.5 / 500ml": ("12.5", None),
    "3.900.000 ₫": ("3900000", "VND"),
    "RMB12": ("12", "CNY"),
}


@pytest.mark.parametrize("text", READ)
def test_spellings(text: str) -> None:
    price, currency = READ[text]
    read = read_price(text)
    assert (read.price, read.currency, read.problem) == (Decimal(price), currency, "")


@pytest.mark.parametrize("text", ["12.00-35.00", "12~35元", "¥12 – ¥35", "12至35元", "12 - 35"])
def test_a_range_gives_its_low_end_and_says_so(text: str) -> None:
    read = read_price(text)
    assert (read.price, read.high, read.problem) == (Decimal(12), Decimal(35), "price-range")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("面议", "price-on-request"),
        ("价格请电询", "price-on-request"),
        ("-5", "price-negative"),
        ("-¥12", "price-negative"),
        (-3, "price-negative"),
        ("NaN", "price-unreadable"),
        (float("nan"), "price-unreadable"),
        (float("inf"), "price-unreadable"),
        ("abc123", "price-unreadable"),
        ("1e3", "price-unreadable"),
        ("9" * 60, "price-unreadable"),
        ("", "price-unreadable"),
        (True, "price-unreadable"),
        ([1], "price-unreadable"),
    ],
)
def test_what_is_no_price_has_none(value: object, problem: str) -> None:
    read = read_price(value)
    assert (read.price, read.problem) == (None, problem)


def test_a_dot_groups_thousands_only_where_a_page_shows_it() -> None:
    assert read_price("1.299 €").price == Decimal("1.299")
    assert read_price("1.299 €", visible=True).price == Decimal(1299)
    assert read_price("$1.299", visible=True).price == Decimal("1.299")


def test_the_default_settles_ambiguous_signs() -> None:
    assert read_price("$12", currency="CAD").currency == "CAD"
    assert read_price("¥12", currency="JPY").currency == "JPY"
    assert read_price("¥12").currency == "CNY"


def test_floats_keep_their_shortest_spelling() -> None:
    assert read_price(59.9).price == Decimal("59.9")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    read = read_price(text, visible=True)
    assert read.price is None or 0 <= read.price < 10**12
    count = read_count(text)
    assert count is None or count >= 0


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_plain_numbers_survive(price: Decimal) -> None:
    assert read_price(str(price)).price == price
    assert read_price(f"¥{price:,}").price == price


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("5万+人付款", 50000),
        ("月销 2,000+件", 2000),
        ("1.2w", 12000),
        ("3", 3),
        (7, 7),
        (7.0, 7),
        ("-3", None),
        ("无", None),
    ],
)
def test_counts(value: object, count: int | None) -> None:
    assert read_count(value) == count


@pytest.mark.parametrize(
    ("text", "code"), [("RMB", "CNY"), ("元", "CNY"), ("￥", "CNY"), ("cny", "CNY"), ("RUR", "RUB"), ("??", None)]
)
def test_currency_columns(text: str, code: str | None) -> None:
    assert currency_code(text) == code
