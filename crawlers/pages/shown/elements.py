"""Elements of a page and the words in their names, with the distance to the page's main heading.

Owns: walking the tree once, what is hidden or belongs to another product, nearness. Leaves to others: meanings.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from crawlers.pages.shown.words import ELSEWHERE_NAMES
from crawlers.pages.tree import HtmlElement

SILENT_TAGS = frozenset({"script", "style", "noscript", "template", "head", "select", "option", "svg", "iframe"})
MAX_ELEMENTS = 60_000
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LIST_PRICE = re.compile(r"list[-_ ]?price(?!s)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_THROUGH = re.compile(r"line-through", re.IGNORECASE)


def text_of(element: HtmlElement) -> str:
    """The element's text with single blanks."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


def names_of(element: HtmlElement) -> frozenset[str]:
    """The words in the element's class, id and test names: `priceblock_ourPrice` gives priceblock, our, price."""
    joined = " ".join(
        str(element.get(name) or "")
        for name in ("class", "id", "itemprop", "data-test", "data-testid", "data-qa", "data-hook", "data-auto")
    )
    words = re.split(r"[^a-z]+", _CAMEL.sub(" ", _LIST_PRICE.sub("listprice", joined)).lower())
    return frozenset(word for word in words if word)


class Page:
    """The tree with what the rules ask of it. Built once a page."""

    def __init__(self, tree: HtmlElement) -> None:
        self.tree = tree
        self.shown: list[HtmlElement] = []
        self.order: dict[HtmlElement, int] = {}
        self._aside: set[HtmlElement] = set()
        self.convincing_price = False
        self.rivals = 0
        self._walk()

    def _walk(self) -> None:
        body = self.tree.find("body")
        stack: list[tuple[HtmlElement, bool]] = [(body if body is not None else self.tree, False)]
        while stack and len(self.shown) < MAX_ELEMENTS:
            element, aside = stack.pop()
            if not isinstance(element.tag, str) or element.tag in SILENT_TAGS:
                continue
            aside = aside or element.tag in ("footer", "nav", "aside") or _names_elsewhere(element)
            self.order[element] = len(self.shown)
            self.shown.append(element)
            if aside:
                self._aside.add(element)
            stack.extend((child, aside) for child in reversed(element))

    def aside(self, element: HtmlElement) -> bool:
        """Whether it stands in a part that speaks of other products, or in the frame of the site."""
        return element in self._aside

    @cached_property
    def heading(self) -> HtmlElement | None:
        """The main heading: the h1 that says most of the page's title, best outside the frame, the first of equals."""
        found = [element for element in self.shown if element.tag == "h1" and text_of(element)]
        said = [text_of(element) for element in self.tree.xpath("//head/title")]
        said += [str(text) for text in self.tree.xpath("//meta[@property='og:title' or @name='og:title']/@content")]
        title = _words(" ".join(said))
        return max(found, key=lambda element: _closeness(element, title, aside=self.aside(element)), default=None)

    @cached_property
    def _heading_line(self) -> dict[HtmlElement, int]:
        line: dict[HtmlElement, int] = {}
        element = self.heading
        while element is not None:
            line[element] = len(line)
            element = element.getparent()
        return line

    def distance(self, element: HtmlElement) -> float:
        """How far from the heading, 0 (beside it) to 1: by the ancestor they share and by reading order."""
        if not self._heading_line:
            return min(1.0, self.order.get(element, 0) / max(1, len(self.shown)))
        current: HtmlElement | None = element
        while current is not None and current not in self._heading_line:
            current = current.getparent()
        climb = self._heading_line.get(current, len(self._heading_line)) / max(1, len(self._heading_line))
        apart = self.order.get(element, 0) - self.order[self.heading]
        reach = min(1.0, abs(apart) / 800) * (1.0 if apart >= 0 else 1.5)
        return min(1.0, 0.5 * climb + 0.5 * reach)

    def leaves(self, limit: int) -> Iterator[tuple[HtmlElement, str]]:
        """Elements of few parts with their text of 1 to `limit` characters."""
        for element in self.shown:
            if len(element) <= 6:
                text = text_of(element)
                if 0 < len(text) <= limit:
                    yield element, text


def _closeness(element: HtmlElement, title: frozenset[str], *, aside: bool) -> float:
    words = _words(text_of(element))
    return len(words & title) / max(1, len(words | title)) - (0.2 if aside else 0)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.lower()))


def _names_elsewhere(element: HtmlElement) -> bool:
    return element.tag != "body" and not names_of(element).isdisjoint(ELSEWHERE_NAMES)


def hidden(element: HtmlElement) -> bool:
    """Whether the element or a near ancestor is not shown."""
    current: HtmlElement | None = element
    for _ in range(6):
        if current is None:
            return False
        if _HIDDEN.search(current.get("style") or "") or current.get("hidden") is not None:
            return True
        current = current.getparent()
    return False


def struck(element: HtmlElement) -> bool:
    """Whether the text is crossed out."""
    current: HtmlElement | None = element
    for _ in range(4):
        if current is None:
            return False
        if current.tag in ("del", "s", "strike") or _THROUGH.search(current.get("style") or ""):
            return True
        current = current.getparent()
    return False
