"""Prices and counts as people write them: `¥1,299.00`, `12.5元`, `1.299,00 €`, `1.2万`, `12.00-35.00`, `面议`,
`5万+人付款`.

Owns: reading such text into exact numbers, and the currency when the text names one.
Leaves to others: what to do with a price that cannot be read (the readers), comparing currencies (`detectors`).
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

MAX_PRICE = Decimal(10) ** 12
MAX_DIGITS = 40  # digits in one number; more is not a price


class PriceText(NamedTuple):
    """What a price text says. `high` is set for a range; `problem` is a code of `models.formats.reasons` or empty."""

    price: Decimal | None
    high: Decimal | None = None
    currency: str | None = None
    problem: str = ""


# Longest first: how currencies are written beside an amount. `$` and `¥` alone are settled by the caller's default.
CURRENCY_WORDS: tuple[tuple[str, str], ...] = (
    ("人民币", "CNY"), ("港币", "HKD"), ("港元", "HKD"), ("美元", "USD"), ("美金", "USD"), ("欧元", "EUR"),
    ("日元", "JPY"),
    ("英镑", "GBP"), ("韩元", "KRW"), ("新台币", "TWD"), ("澳元", "AUD"), ("加元", "CAD"),
    ("RMB", "CNY"), ("CN¥", "CNY"), ("HK$", "HKD"), ("NT$", "TWD"), ("US$", "USD"), ("AU$", "AUD"), ("CA$", "CAD"),
    ("NZ$", "NZD"), ("S$", "SGD"), ("R$", "BRL"), ("C$", "CAD"), ("A$", "AUD"), ("MX$", "MXN"), ("zł", "PLN"),
    ("Kč", "CZK"), ("лв", "BGN"), ("руб", "RUB"), ("грн", "UAH"), ("Rs.", "INR"), ("Rs", "INR"), ("Ft", "HUF"),
    ("€", "EUR"), ("£", "GBP"), ("₩", "KRW"), ("₽", "RUB"), ("₹", "INR"), ("₺", "TRY"), ("₫", "VND"), ("฿", "THB"),
    ("₴", "UAH"), ("ر.س", "SAR"), ("د.إ", "AED"), ("тг", "KZT"), ("₸", "KZT"), ("kn", "HRK"), ("Kn", "HRK"),
    ("₪", "ILS"), ("₱", "PHP"), ("₦", "NGN"), ("R", "ZAR"), ("元", "CNY"),
    ("块", "CNY"), ("円", "JPY"), ("원", "KRW"),
    ("¥", "CNY"), ("$", "USD"),
)  # fmt: skip

_CODES = """
AED AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HRK HUF IDR ILS INR ISK JPY KES KRW KZT MAD MOP MXN MYR NGN
NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR
"""
ISO_CODES = frozenset(_CODES.split())

# Spellings that stand for an ISO code.
FORMER_CODES = {"RMB": "CNY", "CNH": "CNY", "RUR": "RUB", "NIS": "ILS", "TRL": "TRY", "UKP": "GBP"}

# Prices without a number: the goods are offered, the price is to be asked for.
ON_REQUEST = (
    "面议", "电议", "电询", "询价", "咨询", "议价", "暂无", "待定", "价格请",
    "call", "request", "contact", "enquire", "inquire", "n/a"
)  # fmt: skip

# Where a dot groups thousands in visible texts ("1.299 €").
DOT_GROUPS = frozenset({"EUR", "BRL", "TRY", "IDR", "VND", "CLP", "COP", "DKK", "ARS", "RON", "HUF", "ISK"})

MULTIPLIERS = {"万": 10_000, "w": 10_000, "W": 10_000, "千": 1000, "k": 1000, "K": 1000, "亿": 100_000_000, "百": 100}

_SPACE = " \u00a0\u202f"
_NUMBER = re.compile(
    rf"\d+(?:[{_SPACE}]\d{{3}}(?!\d)|[.,'’]\d+)*|(?<!\d)\.\d+"  # 1,299.00 or 1 299,00 or .99
)
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_RANGE = re.compile(r"^\s*(?:-|~|～|—|–|−|至|到|to|bis|à)\s*$", re.IGNORECASE)
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万千百亿wWkK]?)")
_WORD_ISO = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")


def read_price(value: object, *, currency: str | None = None, visible: bool = False) -> PriceText:
    """Read one price. `currency` settles `$` and `¥` and is used when the text names none; `visible` reads the text as
    a page shows it, where "1.299 €" is one thousand two hundred and ninety-nine, and not as data, where it is 1.299."""
    if isinstance(value, bool) or value is None:
        return PriceText(None, problem="price-unreadable")
    if isinstance(value, (int, float, Decimal)):
        return _from_number(value, currency)
    if not isinstance(value, str):
        return PriceText(None, currency=currency, problem="price-unreadable")
    text = value
    if _PLAIN.fullmatch(text):
        return _checked(Decimal(text), None, currency)
    if len(text) > 200:
        return PriceText(None, currency=currency, problem="price-unreadable")
    text = unicodedata.normalize("NFKC", text).strip().replace("￥", "¥")
    return _from_text(text, currency, visible)


def _from_number(value: int | float | Decimal, currency: str | None) -> PriceText:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return PriceText(None, currency=currency, problem="price-unreadable")
    return _checked(number, None, currency)


def _from_text(text: str, default: str | None, visible: bool) -> PriceText:
    named = currency_in(text, default) or default
    numbers = _numbers(text, named, visible)
    if not numbers:
        asked = any(word in text.lower() for word in ON_REQUEST)
        return PriceText(None, currency=named, problem="price-on-request" if asked else "price-unreadable")
    first, _, end = numbers[0]
    if len(numbers) > 1:
        second, start, _ = numbers[1]
        if second > first >= 0 and _RANGE.fullmatch(_without_currency(text[end:start])):
            return _checked(first, second, named)
    return _checked(first, None, named)


def _numbers(text: str, currency: str | None, visible: bool) -> list[tuple[Decimal, int, int]]:
    """Each amount in the text: its number, where it begins and ends. Percentages are left out."""
    found = []
    for match in _NUMBER.finditer(text):
        written, end = match.group(), match.end()
        if text[end : end + 2].lstrip().startswith(("%", "折")) or sum(map(str.isdigit, written)) > MAX_DIGITS:
            continue
        number = _decimal(written, currency, visible)
        if number is None or not _clear_of_letters(text, match.start(), end):
            continue
        if text[end : end + 1] in MULTIPLIERS:
            number *= MULTIPLIERS[text[end]]
            end += 1
        found.append((-number if _signed(text[: match.start()]) else number, match.start(), end))
    return found


def _clear_of_letters(text: str, start: int, end: int) -> bool:
    """Whether no word but a currency or a multiplier touches the number: "abc123" and "1e3" name no price."""
    before = re.search(r"[A-Za-z]+$", text[:start])
    after = re.match(r"[A-Za-z]+", text[end:])
    return all(touch is None or _names_money(touch.group()) for touch in (before, after))


def _names_money(word: str) -> bool:
    return word.upper() in ISO_CODES or word in MULTIPLIERS or any(word == known for known, _ in CURRENCY_WORDS)


def _signed(before: str) -> bool:
    """Whether what stands before the first number is a minus sign, perhaps with a currency: "-¥12"."""
    return before.strip().startswith(("-", "−")) and not any(map(str.isdigit, before))


def _decimal(written: str, currency: str | None, visible: bool) -> Decimal | None:
    """A number with whatever separators: the last separator is the decimal one unless it groups three digits."""
    text = re.sub(r"[\s'’]", "", written)
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        decimal_mark = "." if text.rfind(".") > text.rfind(",") else ","
    elif commas == 1:
        decimal_mark = "," if len(text) - text.rfind(",") - 1 != 3 or text.startswith("0,") else ""
    elif dots == 1:
        grouped = visible and currency in DOT_GROUPS and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text)
        decimal_mark = "" if grouped else "."
    else:
        decimal_mark = ""
    whole, _, fraction = text.rpartition(decimal_mark) if decimal_mark else (text, "", "")
    digits = whole.replace(".", "").replace(",", "")
    try:
        return Decimal(f"{digits or '0'}.{fraction}" if fraction else digits)
    except InvalidOperation:
        return None


def _checked(price: Decimal, high: Decimal | None, currency: str | None) -> PriceText:
    if price < 0:
        return PriceText(None, currency=currency, problem="price-negative")
    if price >= MAX_PRICE or (high is not None and high >= MAX_PRICE):
        return PriceText(None, currency=currency, problem="price-unreadable")
    rounded = price.quantize(Decimal("1e-6")) if -int(price.as_tuple().exponent) > 6 else price
    return PriceText(rounded, high, currency, "price-range" if high is not None else "")


def currency_in(text: str, default: str | None = None) -> str | None:
    """The ISO 4217 code that a text names by code, word or sign; `$` and `¥` follow `default` where it fits them."""
    for match in _WORD_ISO.finditer(text):
        if match.group(1) in ISO_CODES:
            return match.group(1)
    for word, code in CURRENCY_WORDS:
        if word not in text or (word.isascii() and word.isalpha() and not _stands_alone(word, text)):
            continue
        if word == "$" and default in {"AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD", "CLP", "COP", "ARS"}:
            return default
        if (word, default) in {("¥", "JPY"), ("元", "TWD"), ("元", "HKD"), ("円", "JPY")}:
            return default
        return code
    return None


def _stands_alone(word: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", text) is not None


def _without_currency(text: str) -> str:
    for word, _ in CURRENCY_WORDS:
        text = text.replace(word, "")
    return _WORD_ISO.sub("", text)


def currency_code(text: str) -> str | None:
    """A currency column's value as an ISO 4217 code: `CNY`, `rmb`, `元`, `￥`; None when it is none."""
    cleaned = unicodedata.normalize("NFKC", text).strip()
    if len(cleaned) == 3 and cleaned.isascii() and cleaned.isalpha():
        return FORMER_CODES.get(cleaned.upper(), cleaned.upper())
    return currency_in(cleaned) if len(cleaned) <= 8 else None


def read_count(value: object) -> int | None:
    """A count as shops show it: 5321, `5万+人付款`, `月销 2,000+`, `1.2w`; None when there is no number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if 0 <= value < 1 << 53 else None
    if isinstance(value, float):
        return int(value) if 0 <= value < 1 << 53 else None
    match = _COUNT.search(unicodedata.normalize("NFKC", str(value))[:200])
    if match is None or "-" in str(value)[: match.start() + 1]:
        return None
    number = Decimal(match.group(1).replace(",", "")) * MULTIPLIERS.get(match.group(2), 1)
    return int(number) if number < 1 << 53 else None
