"""Whether the page offers the goods for sale now: a stock notice near the heading, else a button to buy.

Owns: the order of these signs. Leaves to others: the words (`words`).
"""

from crawlers.pages.shown.elements import Page, hidden, names_of, text_of
from crawlers.pages.shown.words import BUY_NAMES, BUY_WORDS, CART_ACTIONS, IN_WORDS, OUT_WORDS, STOCK_NAMES
from crawlers.pages.tree import HtmlElement

NEAR = 0.6
LONGEST_NOTICE = 160


def shown_stock(page: Page) -> str:
    """`InStock`, `OutOfStock` or empty when the page does not say."""
    notice = _notice(page)
    if notice == "OutOfStock":
        return notice
    if can_buy(page):
        return "InStock"
    return notice or _short_notice(page)


def _notice(page: Page) -> str:
    """What elements named after availability say, nearest first."""
    found: list[tuple[float, str]] = []
    for element, text in page.leaves(LONGEST_NOTICE):
        if page.aside(element) or names_of(element).isdisjoint(STOCK_NAMES) or hidden(element):
            continue
        word = _word(text)
        if word:
            found.append((page.distance(element), word))
    return min(found)[1] if found and min(found)[0] < NEAR else ""


def _word(text: str) -> str:
    lowered = text.lower()
    if any(word in lowered for word in OUT_WORDS):
        return "OutOfStock"
    return "InStock" if any(word in lowered for word in IN_WORDS) else ""


def _short_notice(page: Page) -> str:
    """A short text near the heading that is nothing but a stock notice."""
    stated = False
    for element, text in page.leaves(40):
        if not page.aside(element) and page.distance(element) < NEAR and not hidden(element):
            lowered = text.lower().strip(" .!")
            if any(lowered.startswith(word) for word in OUT_WORDS):
                return "OutOfStock"
            stated = stated or lowered in IN_WORDS
    return "InStock" if stated else ""


def can_buy(page: Page) -> bool:
    """Whether a button puts the goods into a basket."""
    return buy_buttons(page) > 0


def buy_buttons(page: Page) -> int:
    """How many buttons and forms put something into a basket."""
    return sum(_buys(element) and not page.aside(element) and not hidden(element) for element in page.shown)


def _buys(element: HtmlElement) -> bool:
    if element.tag == "form":
        return any(word in str(element.get("action") or "").lower() for word in CART_ACTIONS)
    if element.tag not in ("button", "a", "input", "span", "div") or element.get("disabled") is not None:
        return False
    if element.tag == "input" and (element.get("type") or "").lower() not in ("submit", "button", "image"):
        return False
    marked = " ".join(
        str(element.get(name) or "") for name in ("class", "id", "name", "data-action", "data-test")
    ).lower()
    if element.tag in ("button", "a", "input") and any(name in marked for name in BUY_NAMES):
        return True
    if len(element) > 3:
        return False
    text = (element.get("value") or element.get("title") or "") if element.tag == "input" else text_of(element)
    lowered = text.lower().strip()
    return 0 < len(lowered) <= 30 and any(word in lowered for word in BUY_WORDS)
