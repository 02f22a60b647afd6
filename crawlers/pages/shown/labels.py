"""Labelled values: `品牌: 晴川`, a table's `EAN | 6901…`, a form's hidden number, and numbers in the address.

Owns: finding the value that stands behind a label, and the shop's own number for the goods.
Leaves to others: which labels there are (`words`).
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from crawlers.pages.shown.elements import Page, names_of, text_of
from crawlers.pages.shown.words import (
    BRAND_LABELS,
    BRAND_NAMES,
    BYLINES,
    GTIN_LABELS,
    ID_FIELDS,
    ID_PARAMETERS,
    SKU_LABELS,
)
from crawlers.pages.tree import HtmlElement

LONGEST_LABEL = 40
LONGEST_PAIR = 120
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{1,39}")
_GTIN_TEXT = re.compile(r"\b(?:EAN|GTIN|UPC)(?:[ -]?1[234])?\W{0,12}(\d{8}|\d{12,14})\b", re.IGNORECASE)


class Labels:
    """Every `label, value` pair of a page, in reading order."""

    def __init__(self, page: Page) -> None:
        self._pairs = list(_pairs(page))

    def values(self, wanted: Sequence[str]) -> Iterator[str]:
        """Values of the wanted labels, by the order of `wanted`, then of the page."""
        for label in wanted:
            for found, value in self._pairs:
                if found == label:
                    yield value


def _pairs(page: Page) -> Iterator[tuple[str, str]]:
    labels = frozenset((*SKU_LABELS, *BRAND_LABELS, *GTIN_LABELS))
    for element, text in page.leaves(LONGEST_PAIR):
        if page.aside(element):
            continue
        head, colon, tail = _split(text)
        if head in labels and colon and tail:
            yield head, tail
        elif len(text) <= LONGEST_LABEL and _bare(text) in labels and (value := _value_behind(element)):
            yield _bare(text), value


def _split(text: str) -> tuple[str, str, str]:
    match = re.match(r"^(.{1,30}?)\s*(?:[:：#№]|\s-\s)\s*[:：#]?\s*(.*)$", text)
    return (_bare(match.group(1)), ":", match.group(2).strip()) if match else ("", "", "")


def _bare(text: str) -> str:
    return text.strip().strip(":：#.№ \u200e\u200f").strip().lower()


def _value_behind(element: HtmlElement) -> str:
    """The text next to a label: its tail, the next element, or the next cell."""
    tail = " ".join((element.tail or "").split()).strip(":： ")
    if tail:
        return tail[:80]
    current: HtmlElement | None = element
    for _ in range(3):
        if current is None:
            return ""
        following = current.getnext()
        if following is not None and isinstance(following.tag, str):
            value = text_of(following)
            return value if len(value) <= 80 else ""
        parent = current.getparent()
        if parent is None or len(text_of(parent)) > LONGEST_PAIR:
            return ""
        current = parent
    return ""


def shown_sku(page: Page, labels: Labels, url: str) -> str:
    """The shop's number: a label's, else a form's or an attribute's, preferring what the address names too."""
    address = unquote(url).lower()
    labelled = [
        match.group() for value in labels.values(SKU_LABELS) if (match := _NUMBER.match(value.strip("\u200e\u200f ")))
    ]
    labelled = [value for value in labelled if any(map(str.isdigit, value))]
    fielded = list(_fielded(page))
    for value in (*labelled, *fielded):
        if len(value) >= 4 and value.lower() in address:
            return value
    return next(iter((*labelled, *fielded[:1])), "") or number_in_address(url)


def labelled_sku(labels: Labels) -> str:
    """The one number that the page itself labels as the goods'; empty when it labels none or several."""
    numbers = {
        match.group()
        for value in labels.values(SKU_LABELS)
        if (match := _NUMBER.fullmatch(value.strip("\u200e\u200f ")))
    }
    return numbers.pop() if len(numbers) == 1 else ""


def _fielded(page: Page) -> Iterator[str]:
    """Values of form fields and data attributes that carry a number, nearest to the heading first."""
    found: list[tuple[float, str]] = []
    for element in page.shown:
        pairs = [(str(name), str(value)) for name, value in element.attrib.items() if str(name).startswith("data-")]
        if element.tag == "input":
            pairs.append((str(element.get("name") or element.get("id") or ""), str(element.get("value") or "")))
        for name, value in pairs:
            key = name.removeprefix("data-").lower()
            if key in ID_FIELDS and _NUMBER.fullmatch(value) and any(map(str.isdigit, value)):
                found.append((page.distance(element) + (1 if page.aside(element) else 0), value))
    found.sort(key=lambda entry: entry[0])
    return iter([value for _, value in found[:20]])


def number_in_address(url: str) -> str:
    """The number by which the address itself names the goods; empty when it shows none."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in ID_PARAMETERS and _NUMBER.fullmatch(value) and any(map(str.isdigit, value)):
            return value
    for segment in reversed([unquote(part) for part in parts.path.split("/") if part]):
        stem = re.sub(r"\.(?:s?html?|php|aspx?|jsp)$", "", segment)
        if re.fullmatch(r"(?=.*\d)[A-Z0-9]{8,14}|\d{4,20}", stem):
            return stem
        if match := re.search(r"(?:^|[-_.])([a-z]{0,3}\d{4,20})$|^(\d{5,20})[-_]", stem):
            return match.group(1) or match.group(2)
    return ""


def shown_brand(page: Page, labels: Labels, title: str) -> str:
    """The brand: an element named so near the heading, else a label's value."""
    for value in labels.values(BRAND_LABELS):
        if brand := _cleaned(value):
            return brand
    found: list[tuple[float, str]] = []
    for element in page.shown:
        if page.aside(element) or (
            names_of(element).isdisjoint(BRAND_NAMES) and "byline" not in (element.get("id") or "").lower()
        ):
            continue
        text = text_of(element) or " ".join(str(alt) for alt in element.xpath(".//img/@alt")[:1])
        brand = _cleaned(text)
        if brand:
            found.append((page.distance(element) - (0.3 if brand.lower() in title.lower() else 0), brand))
    return min(found)[1] if found and min(found)[0] < 0.5 else ""


def _cleaned(text: str) -> str:
    """A brand without the words around it; empty when it reads like a sentence."""
    text = text.strip().strip("\u200e\u200f").strip()
    match = BYLINES.match(text)
    if match:
        text = next(part for part in match.groups() if part).strip()
    text = re.split(r"\s*[|(（]\s*|\s{2,}", text)[0].strip(" :-")
    if re.match(r"(?:from the|about|more|all|shop|see|view|other|our|关于|更多) ", text, re.IGNORECASE):
        return ""
    plausible = (
        1 < len(text) <= 40
        and len(text.split()) <= 6
        and not text.isdecimal()
        and not re.search(r"[.!?;]$|[{}$]", text)
    )
    return text if plausible else ""


def shown_gtins(page: Page, labels: Labels, text: str) -> Iterator[str]:
    """Candidates for a GTIN: labelled values, then `EAN 690…` in the running text."""
    yield from labels.values(GTIN_LABELS)
    for match in _GTIN_TEXT.finditer(text[:400_000]):
        yield match.group(1)
