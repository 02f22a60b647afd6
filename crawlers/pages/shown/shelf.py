"""The goods on a list page that has no structured data: tiles of one make, side by side, each with a price.

Owns: finding the row of tiles and reading one tile. Leaves to others: single product pages (`product`).
"""

from collections import defaultdict
from urllib.parse import urljoin

from crawlers.pages.products import PageFacts, PageProduct
from crawlers.pages.shown.elements import Page, names_of, struck, text_of
from crawlers.pages.shown.prices import default_currency, is_price_element
from crawlers.pages.shown.words import FORMER_NAMES, ID_FIELDS, PARTIAL_NAMES
from crawlers.pages.tree import HtmlElement
from models.formats.prices import read_price

FEWEST_TILES = 4
LONGEST_PRICE = 40
SHORTEST_TITLE, LONGEST_TITLE = 4, 300
PICTURE_ATTRIBUTES = ("data-lazy-img", "data-src", "data-original", "data-lazyload", "data-ks-lazyload", "src")
TITLE_NAMES = frozenset({"title", "name", "subject", "productname", "goodsname"})


def shelf_products(page: Page, facts: PageFacts) -> list[PageProduct]:
    """One product for each tile of the page's largest row of tiles; empty when there is none."""
    currency = default_currency(facts.url)
    rows: dict[tuple[HtmlElement, str], list[HtmlElement]] = defaultdict(list)
    for element, text in page.leaves(LONGEST_PRICE):
        if not page.aside(element) and any(map(str.isdigit, text)) and is_price_element(element, text):
            for tile in _ancestors(element):
                row = rows[(tile.getparent(), _make(tile))]
                if tile not in row[-3:]:
                    row.append(tile)
    found: list[PageProduct] = []
    for tiles in rows.values():
        if len(tiles) < FEWEST_TILES:
            continue
        read = [product for tile in tiles if (product := _read_tile(tile, facts, currency)) is not None]
        if len({product.name for product in read}) >= FEWEST_TILES and len(read) > len(found):
            found = read
    return found


def _ancestors(element: HtmlElement) -> list[HtmlElement]:
    """The element and what it lies in, up to ten levels, within the body."""
    line = [element, *element.iterancestors()][:10]
    return [part for part in line if part.getparent() is not None and part.tag not in ("html", "body")]


def _make(element: HtmlElement) -> str:
    """What tiles of one row share: tag and the first class."""
    return f"{element.tag}.{(element.get('class') or '').split(' ')[0]}"


def _read_tile(tile: HtmlElement, facts: PageFacts, currency: str | None) -> PageProduct | None:
    price = None
    for element in tile.iter():
        text = text_of(element) if isinstance(element.tag, str) and len(element) <= 6 else ""
        if not 0 < len(text) <= LONGEST_PRICE or struck(element) or not is_price_element(element, text):
            continue
        if not names_of(element).isdisjoint((*FORMER_NAMES, *PARTIAL_NAMES)):
            continue
        read = read_price(text, currency=currency, visible=True)
        if read.price:
            price = read
            break
    name = _title(tile)
    link = next((str(href) for href in tile.xpath(".//a/@href") if not str(href).startswith(("#", "javascript:"))), "")
    url = _absolute(facts.url, link)
    if price is None or not name or not url:
        return None
    told = (str(image.get(key) or "") for image in tile.iter("img") for key in PICTURE_ATTRIBUTES)
    image = _absolute(facts.url, next((picture for picture in told if "/" in picture and "data:" not in picture), ""))
    return PageProduct(
        name=name,
        price=price.price,
        high_price=price.high,
        currency=price.currency or "",
        url=url,
        sku=_number(tile),
        images=(image,) if image else (),
        origins={"name": "markup", "price": "markup"},
    )


def _title(tile: HtmlElement) -> str:
    """The tile's title: an element named so, else a link's or picture's title, else its longest link text."""
    for element in tile.iter():
        if isinstance(element.tag, str) and not names_of(element).isdisjoint(TITLE_NAMES):
            text = text_of(element)
            if SHORTEST_TITLE <= len(text) <= LONGEST_TITLE:
                return text
    told = [str(text).strip() for text in tile.xpath(".//img/@alt | .//a/@title")]
    told += [text_of(link) for link in tile.iter("a")]
    fitting = [text for text in told if SHORTEST_TITLE <= len(text) <= LONGEST_TITLE]
    return max(fitting, key=len, default="")


def _number(tile: HtmlElement) -> str:
    for element in (tile, *tile.iterdescendants()):
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            if str(name).removeprefix("data-").lower() in ID_FIELDS and str(value).strip().isalnum():
                return str(value).strip()
    return ""


def _absolute(base: str, link: str) -> str:
    try:
        joined = urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""
