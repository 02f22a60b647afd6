"""Sale days (618, 双11, 双12, 年货节): days on which an honest price is lower, read from dated data.

Owns the reading of `detectors/price/data/sale_days.toml` and which sale a moment falls into. What is made of it is
decided where prices are compared.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from models.moments import SHANGHAI


@dataclass(frozen=True)
class Sale:
    """A sale with its window in one year, both ends included; on its days `share` of a price is usual."""

    zh: str
    en: str
    first: date
    last: date
    share: float


def sale_at(moment: datetime) -> Sale | None:
    """The sale on the Shanghai day of `moment`, the deepest of several; None on an ordinary day."""
    return sale_on(moment.astimezone(SHANGHAI).date())


@lru_cache(maxsize=4096)
def sale_on(day: date) -> Sale | None:
    """The sale on a day of China's calendar."""
    running = (sale for sale in _sales(day.year) if sale.first <= day <= sale.last)
    return min(running, key=lambda sale: (sale.share, sale.zh), default=None)


@lru_cache(maxsize=64)
def _sales(year: int) -> tuple[Sale, ...]:
    """Every sale whose days may fall into that year."""
    table = _table()
    found = [
        _sale(entry, _day(year, entry["first"]), _day(year, entry["last"]))
        for entry in table["yearly"]
        if _holds(entry, year)
    ]
    for festival in table["spring_festival"]["days"]:
        if festival.year in (year, year + 1):
            for entry in table["before_spring_festival"]:
                first = festival - timedelta(days=entry["first_days_before"])
                last = festival - timedelta(days=entry["last_days_before"])
                if _holds(entry, festival.year):
                    found.append(_sale(entry, first, last))
    return tuple(found)


def _holds(entry: dict[str, Any], year: int) -> bool:
    return bool(entry.get("from_year", year) <= year <= entry.get("to_year", year))


def _sale(entry: dict[str, Any], first: date, last: date) -> Sale:
    return Sale(entry["name"]["zh"], entry["name"]["en"], first, last, entry["share"])


def _day(year: int, text: str) -> date:
    return date.fromisoformat(f"{year:04}-{text}")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("detectors.price").joinpath("data", "sale_days.toml").read_text("utf-8"))
