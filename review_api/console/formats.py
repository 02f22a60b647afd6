"""How figures, times and money read on a page."""

from datetime import datetime
from decimal import Decimal

from models.moments import SHANGHAI
from review_api.console.texts import Texts

MINUTE, HOUR, DAY = 60, 3600, 86_400
SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "HKD": "HK$", "JPY": "JP¥", "GBP": "£"}


def beijing(at: datetime | None) -> str:
    """A time as people here read it: Beijing time, to the minute."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""


def age(at: datetime, now: datetime, texts: Texts) -> str:
    """How long ago, in the largest whole unit; a date once it is over thirty days."""
    seconds = (now - at).total_seconds()
    if seconds < MINUTE:
        return texts("age.now")
    if seconds < HOUR:
        return texts("age.minutes", count=int(seconds // MINUTE))
    if seconds < DAY:
        return texts("age.hours", count=int(seconds // HOUR))
    if seconds < 30 * DAY:
        return texts("age.days", count=int(seconds // DAY))
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d")


def money(amount: Decimal | str | None, currency: str | None) -> str:
    """An amount with its currency's sign, without needless zeros; empty without an amount."""
    if amount is None or amount == "":
        return ""
    value = Decimal(amount)
    places = max(2, -int(value.normalize().as_tuple().exponent)) if value % 1 else 0
    sign = SIGNS.get(currency or "", f"{currency} " if currency else "")
    return f"{sign}{value:,.{places}f}"


def short(token: str) -> str:
    """A long opaque token by its beginning; anything a person could have typed stays whole."""
    return f"{token[:12]}…" if len(token) > 40 else token


def points(value: float) -> str:
    """Points with their sign; the minus is a real one, and nothing has no sign."""
    return "0" if round(value, 2) == 0 else f"{value:+.2f}".replace("-", "\u2212")


def score(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


def hourly(value: float) -> str:
    """Leads an hour, as the queue shows them."""
    return f"{value:.1f}"


def figure(price: float) -> str:
    """A unit price in as many figures as say something."""
    if price >= 100:
        return f"{price:,.0f}"
    return f"{price:.2f}" if price >= 1 else f"{price:.3g}"
