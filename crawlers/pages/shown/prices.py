"""The price that a page shows: price elements weighed by name, nearness to the heading and what strikes them out.

Owns: the weights. Leaves to others: reading a price text (`models.formats.prices`).
"""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlsplit

from crawlers.pages.shown.elements import Page, hidden, names_of, struck
from crawlers.pages.shown.words import (
    CURRENT_NAMES,
    FORMER_NAMES,
    PARTIAL_NAMES,
    PRICE_NAMES,
    PRICE_WORDS,
    SIGN_BY_DOMAIN,
)
from crawlers.pages.tree import HtmlElement
from models.formats.prices import currency_in, read_price

LONGEST = 60  # characters of a price element's text

# What speaks for and against an element being the price asked.
WEIGHTS = {
    "currency": 2.0,  # the text names a currency
    "current": 1.5,  # named as the price now asked
    "own-id": 1.0,  # the element's id says price
    "former": -3.0,  # named as a former or list price
    "partial": -3.0,  # a price per unit, a saving, shipping
    "struck": -6.0,
    "hidden": -2.0,
    "aside": -5.0,  # in a part about other products, or in the site's frame
    "link": -1.5,  # inside a link: usually another product's tile
    "distance": -4.0,  # times 0..1
    "long": -1.0,  # more than a bare price
    "range": -1.0,
}
ENOUGH = -1.0


class ShownPrice(NamedTuple):
    price: Decimal
    high: Decimal | None
    currency: str
    points: float
    rivals: int = 0  # other amounts that could be the price


def shown_price(page: Page, url: str) -> ShownPrice | None:
    """The best price element; equal amounts support each other. None when nothing is convincing."""
    default = default_currency(url)
    best: dict[Decimal, ShownPrice] = {}
    support: dict[Decimal, int] = defaultdict(int)
    for element, text in page.leaves(LONGEST):
        names = _price_names(element, names_of(element), text)
        if not names or not any(map(str.isdigit, text)):
            continue
        read = read_price(text, currency=default, visible=True)
        if read.price is None or read.price == 0:
            continue
        named = currency_in(text, default)
        points = _weigh(page, element, names, text, named is not None, read.high is not None)
        support[read.price] += 1
        found = ShownPrice(read.price, read.high, named or "", points)
        held = best.get(read.price)
        if held is None or (found.points, bool(found.currency)) > (held.points, bool(held.currency)):
            best[read.price] = found if found.currency or held is None else found._replace(currency=held.currency)
    if not best:
        return None
    top = max(best.values(), key=lambda price: price.points + 0.3 * min(4, support[price.price]))
    rivals = sum(price.points >= ENOUGH for price in best.values()) - 1
    return top._replace(rivals=rivals) if top.points >= ENOUGH else None


def is_price_element(element: HtmlElement, text: str) -> bool:
    """Whether the element, its parent or its text speaks of a price, or the text names a currency."""
    return bool(_price_names(element, names_of(element), text)) or (len(text) <= 16 and currency_in(text) is not None)


def _price_names(element: HtmlElement, names: frozenset[str], text: str) -> frozenset[str]:
    """The names of the element and its parent when one of them, or the text, speaks of a price."""
    parent = element.getparent()
    around = names_of(parent) if parent is not None else frozenset()
    own = any(part in name for name in names for part in PRICE_NAMES)
    near = any(part in name for name in around for part in PRICE_NAMES)
    said = any(word in text.lower() for word in PRICE_WORDS)
    return (names | around | {"price"}) if own or near or said else frozenset()


def _weigh(page: Page, element: HtmlElement, names: frozenset[str], text: str, money: bool, ranged: bool) -> float:
    link = any(ancestor.tag == "a" for ancestor in element.iterancestors())
    holds = {
        "currency": money,
        "current": not names.isdisjoint(CURRENT_NAMES),
        "own-id": "price" in (element.get("id") or "").lower(),
        "former": not names.isdisjoint(FORMER_NAMES),
        "partial": not names.isdisjoint(PARTIAL_NAMES),
        "struck": struck(element),
        "hidden": hidden(element),
        "aside": page.aside(element),
        "link": link or element.tag == "a",
        "long": len(text) > 25,
        "range": ranged,
    }
    points = sum(WEIGHTS[name] for name, true in holds.items() if true)
    return points + WEIGHTS["distance"] * page.distance(element)


def default_currency(url: str) -> str | None:
    """What a bare `$` or `¥` means on this country's domain."""
    host = (urlsplit(url).hostname or "").lower()
    return SIGN_BY_DOMAIN.get(host.rsplit(".", 1)[-1])
