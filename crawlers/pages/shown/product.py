"""The product that a page shows, put together from meta names and from its visible parts.

Owns: which page counts as a product page at all when structured data are silent, and the order of meta names before
visible parts. Leaves to others: the single finds (`prices`, `labels`, `stock`).
"""

from urllib.parse import urljoin, urlsplit

from crawlers.pages.products import PageFacts, PageProduct, valid_gtin
from crawlers.pages.shown.elements import Page, text_of
from crawlers.pages.shown.labels import Labels, labelled_sku, shown_brand, shown_gtins, shown_sku
from crawlers.pages.shown.prices import default_currency, shown_price
from crawlers.pages.shown.stock import can_buy, shown_stock
from crawlers.pages.tree import HtmlElement
from models.formats.cells import availability_word, condition_word
from models.formats.prices import currency_code, read_price

# Field -> names of meta elements (OpenGraph, product: namespace, Twitter, plain), best first.
META_NAMES: dict[str, tuple[str, ...]] = {
    "price": ("product:price:amount", "og:price:amount", "product:sale_price:amount", "product:price", "price"),
    "currency": ("product:price:currency", "og:price:currency", "product:sale_price:currency", "currency"),
    "availability": ("product:availability", "og:availability", "availability"),
    "brand": ("product:brand", "og:brand", "brand"),
    "sku": ("product:retailer_item_id", "product:retailer_part_no", "product:sku", "og:sku", "sku"),
    "gtin": ("product:ean", "product:gtin", "product:upc", "product:isbn", "gtin", "ean", "gtin13"),
    "condition": ("product:condition", "og:condition"),
    "image": ("og:image:secure_url", "og:image", "twitter:image"),
    "description": ("og:description", "description", "twitter:description"),
}


# A page without a button or a notice still sells when one price stands out beside its heading and few others compete.
CONVINCING = 1.5
FEW_PRICES = 6
MANY_PRICES = 12


def canonical_url(tree: HtmlElement, base: str) -> str:
    """The page's own address as it declares it; empty when it declares none, or one on another host: a copy of a shop
    must not pass for the shop."""
    for query in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for link in tree.xpath(query):
            try:
                joined = urljoin(base, str(link).strip())
            except ValueError:
                continue
            if joined.startswith(("http://", "https://")) and urlsplit(joined).netloc == urlsplit(base).netloc:
                return joined
    return ""


def headings(tree: HtmlElement) -> tuple[str, ...]:
    """The page's headings and titles, most telling first."""
    found = [text_of(element) for element in tree.xpath("//h1")]
    found += [str(text).strip() for text in tree.xpath("//meta[@property='og:title' or @name='og:title']/@content")]
    found += [text_of(element) for element in tree.xpath("//head/title")]
    return tuple(dict.fromkeys(text for text in found if text))


def shown_product(page: Page, facts: PageFacts, *, known: PageProduct | None) -> PageProduct | None:
    """What the page shows of its product. With nothing `known` from structured data, the page must look like one that
    sells: a price with a button to buy or a stock notice, or a declared product type."""
    meta = _meta(page.tree)
    labels = Labels(page)
    product = _from_meta(meta, facts)
    if known is None or known.price is None:
        _fill_price(product, page, facts)
    if not product.currency:
        product.currency = _page_currency(meta)
    if known is None or known.availability in ("", "OutOfStock", "SoldOut"):
        product.availability = product.availability or shown_stock(page)
    if known is None and not _sells(product, page, meta):
        return None
    product.name = text_of(page.heading) if page.heading is not None else next(iter(facts.headings), "")
    title = " ".join(facts.headings)
    if known is None or not known.brand:
        product.brand = product.brand or shown_brand(page, labels, title)
    if known is None or not known.sku:
        product.sku = product.sku or shown_sku(page, labels, facts.url)
    else:
        product.sku = labelled_sku(labels)
    if known is None or not known.gtin:
        candidates = shown_gtins(page, labels, text_of(page.tree))
        product.gtin = product.gtin or next((gtin for gtin in map(valid_gtin, candidates) if gtin), "")
    product.images = product.images or _heading_pictures(page, facts)
    product.origins = {name: "markup" for name, value in vars(product).items() if value and name != "origins"}
    return product


def _meta(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]"):
        content = str(element.get("content")).strip()
        for attribute in ("property", "name", "itemprop"):
            name = str(element.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _from_meta(meta: dict[str, str], facts: PageFacts) -> PageProduct:
    def told(field: str) -> str:
        return next((meta[name] for name in META_NAMES[field] if name in meta), "")

    currency = currency_code(told("currency")) if told("currency") else None
    price = read_price(told("price"), currency=currency or default_currency(facts.url)) if told("price") else None
    known_price = price is not None and bool(price.price)
    return PageProduct(
        price=price.price if price is not None and known_price else None,
        currency=(currency or (price.currency if price and known_price else "") or ""),
        availability=availability_word(told("availability")) if told("availability") else "",
        brand=told("brand"),
        sku=told("sku"),
        gtin=valid_gtin(told("gtin")),
        condition=condition_word(told("condition")) or "",
        description=told("description"),
        images=tuple(link for link in (urljoin(facts.url, told("image")),) if told("image")),
    )


def _fill_price(product: PageProduct, page: Page, facts: PageFacts) -> None:
    if product.price is not None:
        return
    shown = shown_price(page, facts.url)
    if shown is not None:
        product.price, product.high_price = shown.price, shown.high
        product.currency = shown.currency or product.currency
        page.rivals = shown.rivals
        page.convincing_price = shown.points >= CONVINCING and shown.rivals <= FEW_PRICES


def _page_currency(meta: dict[str, str]) -> str:
    for name in META_NAMES["currency"]:
        if name in meta and (code := currency_code(meta[name])):
            return code
    return ""


def _sells(product: PageProduct, page: Page, meta: dict[str, str]) -> bool:
    """Whether the page offers one product. A shelf full of prices is a list or a start page."""
    declared = "product" in meta.get("og:type", "").lower()
    if declared or page.rivals > MANY_PRICES:
        return declared
    buyable = product.price is not None and can_buy(page)
    if page.heading is None:
        return page.convincing_price and buyable
    return page.convincing_price or buyable or bool(product.availability)


def _heading_pictures(page: Page, facts: PageFacts) -> tuple[str, ...]:
    """Pictures near the heading, nearest first, at most five."""
    found: list[tuple[float, str]] = []
    for element in page.shown:
        if element.tag == "img" and not page.aside(element):
            link = str(element.get("src") or element.get("data-src") or "").strip()
            if link and not link.startswith("data:"):
                found.append((page.distance(element), urljoin(facts.url, link)))
    near = [link for distance, link in sorted(found) if distance < 0.5 and link.startswith(("http://", "https://"))]
    return tuple(dict.fromkeys(near))[:5]
