"""Products in structured data: which node the page is about, and what it says of price, stock and numbers.

Owns: telling the page's own product from related ones and from a list, choosing among offers, and the order of
sources (JSON-LD, then microdata, each filling what the one before left open).
Leaves to others: syntax (`graph`), what the page shows outside structured data (`markup`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from crawlers.pages.graph import Node, as_list, first_text, types_of
from models.formats.cells import AVAILABILITY, availability_word, condition_word
from models.formats.prices import currency_code, read_price

PRODUCT_TYPES = frozenset(
    {"product", "productgroup", "individualproduct", "productmodel", "someproducts", "vehicle", "car", "book"}
)
OFFER_TYPES = frozenset({"offer", "aggregateoffer", "offerforpurchase"})

# A product under one of these is not what the page offers.
ASIDE = frozenset({
    "isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "isconsumablefor", "itemreviewed", "review", "reviews",
    "about", "mentions", "isvariantof", "hasvariant", "model", "subjectof", "associatedarticle",
})  # fmt: skip
LISTED = frozenset({"itemlistelement", "item"})

GTIN_NAMES = ("gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "isbn", "productid")


@dataclass
class PageProduct:
    """What was read of one product, still as the page spells it but for numbers; empty fields are unknown."""

    name: str = ""
    price: Decimal | None = None
    high_price: Decimal | None = None
    list_price: Decimal | None = None
    currency: str = ""
    brand: str = ""
    sku: str = ""
    mpn: str = ""
    gtin: str = ""
    availability: str = ""
    condition: str = ""
    category: str = ""
    seller: str = ""
    description: str = ""
    url: str = ""
    images: tuple[str, ...] = ()
    origins: dict[str, str] = field(default_factory=dict)

    def fill(self, other: "PageProduct", origin: str = "") -> None:
        """Take from `other` what is unknown here. Price and currency go together."""
        if self.price is not None or other.price is None:
            borrowed = {name: value for name, value in vars(other).items() if name not in MONEY}
            if self.price is not None and not self.currency and (other.price in (None, self.price)):
                borrowed["currency"] = other.currency
        else:
            borrowed = dict(vars(other))
            self.currency = other.currency or self.currency
        for name, value in borrowed.items():
            if name != "origins" and value not in ("", None, ()) and getattr(self, name) in ("", None, ()):
                setattr(self, name, value)
                self.origins[name] = other.origins.get(name, origin)


MONEY = frozenset({"price", "high_price", "list_price", "currency"})


@dataclass(frozen=True)
class PageFacts:
    """What helps to tell the page's own product: its addresses and its headings."""

    url: str
    canonical: str = ""
    headings: tuple[str, ...] = ()


def own_product(nodes: Sequence[Node], facts: PageFacts) -> PageProduct | None:
    """The product that the page is about, filled from every node that speaks of it; None when there is none."""
    candidates = [node for node in nodes if node.types & PRODUCT_TYPES and not _aside(node)]
    top = [node for node in candidates if not _listed(node)]
    ranked = sorted(top, key=lambda node: -_likeness(node, facts))
    if not ranked:
        return _lone_offer(nodes, facts)
    product = read_product(ranked[0], facts)
    for node in ranked[1:]:
        other = read_product(node, facts)
        if _same_goods(product, other, facts) or (node.syntax != ranked[0].syntax and _sole(node, top)):
            product.fill(other)
    if product.price is None and (offer := _lone_offer(nodes, facts)) is not None:
        product.fill(offer)
    return product


def listed_products(nodes: Sequence[Node], facts: PageFacts) -> list[PageProduct]:
    """The products of a list page, in page order: those inside an ItemList, or several that stand side by side."""
    products = [node for node in nodes if node.types & PRODUCT_TYPES and not _aside(node)]
    listed = [node for node in products if _listed(node)] or products
    read = [read_product(node, facts) for node in listed]
    unique: dict[tuple[str, str], PageProduct] = {}
    for product in read:
        if product.name:
            unique.setdefault((product.url or product.sku, product.name), product)
    return list(unique.values())


def list_links(nodes: Sequence[Node], facts: PageFacts) -> list[str]:
    """Addresses that an ItemList names without saying more: pages of products."""
    links = []
    for node in nodes:
        if "listitem" in node.types and "breadcrumb" not in " ".join(node.path).lower():
            item = node.values.get("item")
            link = first_text(node.values.get("url")) or (item if isinstance(item, str) else "")
            if link:
                links.append(urljoin(facts.url, link))
    return list(dict.fromkeys(links))


def is_list_page(nodes: Sequence[Node], facts: PageFacts) -> bool:
    """Whether the page shows several products of which none is its own."""
    products = [node for node in nodes if node.types & PRODUCT_TYPES and not _aside(node)]
    own = [node for node in products if not _listed(node)]
    if not own:
        return any(_listed(node) for node in products)
    named = {first_text(node.values.get("name")) for node in own if node.syntax == own[0].syntax}
    return len(named) > 1 and all(_likeness(node, facts) < CLEARLY_OWN for node in own)


CLEARLY_OWN = 3.0


def _aside(node: Node) -> bool:
    return any(step.lower() in ASIDE for step in node.path)


def _listed(node: Node) -> bool:
    return any(step.lower() in LISTED for step in node.path)


def _sole(node: Node, top: Sequence[Node]) -> bool:
    return sum(other.syntax == node.syntax for other in top) == 1


def _likeness(node: Node, facts: PageFacts) -> float:
    """How much speaks for the node being what the page is about."""
    values = node.values
    points = 0.0
    link = first_text(values.get("url")) or first_text(values.get("@id"))
    if link and _same_page(urljoin(facts.url, link), facts):
        points += 3
    name = _letters(first_text(values.get("name")))
    if name and any(
        name == heading or (len(name) > 5 and name in heading) for heading in map(_letters, facts.headings)
    ):
        points += 3
    elif name and any(heading and len(heading) > 5 and heading in name for heading in map(_letters, facts.headings)):
        points += 2
    if _offers(values):
        points += 2
    points += min(1.0, len(values) / 20)
    sku = _letters(first_text(values.get("sku")) or first_text(values.get("productID")))
    if len(sku) >= 4 and sku in _letters(unquote(facts.url)):
        points += 1
    return points - 0.5 * len(node.path)


def _same_page(link: str, facts: PageFacts) -> bool:
    wanted = _address(link)
    return bool(wanted.strip("/")) and wanted in (_address(facts.url), _address(facts.canonical))


def _address(url: str) -> str:
    parts = urlsplit(url)
    return unquote(f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}") if url else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _same_goods(product: PageProduct, other: PageProduct, facts: PageFacts) -> bool:
    if other.sku and other.sku == product.sku:
        return True
    first, second = _letters(product.name), _letters(other.name)
    return bool(first and second) and (
        first == second or (min(len(first), len(second)) > 8 and (first in second or second in first))
    )


def read_product(node: Node, facts: PageFacts) -> PageProduct:
    """One node's fields. Offers of its variants stand in when it has none of its own."""
    values = node.values
    product = PageProduct(
        name=first_text(values.get("name")),
        brand=_filled(first_text(values.get("brand"))) or _filled(first_text(values.get("manufacturer"))),
        sku=first_text(values.get("sku")),
        mpn=first_text(values.get("mpn")),
        gtin=gtin_of(values),
        category=first_text(values.get("category")),
        description=first_text(values.get("description")),
        condition=condition_word(first_text(values.get("itemCondition"))) or "",
        images=_images(values.get("image"), facts.url),
        url=_absolute(first_text(values.get("url")), facts.url),
    )
    offers = _offers(values)
    for variant in as_list(values.get("hasVariant")):
        if not offers and isinstance(variant, Mapping):
            offers = _offers(variant)
    _read_offer(product, _chosen(offers, product, facts), facts)
    if any(stock_word(first_text(offer.get("availability"))) == "InStock" for offer in offers):
        product.availability = "InStock"  # some variant or seller has it
    product.sku = product.sku or _plain_id(first_text(values.get("productID"))) or product.mpn
    product.origins = {
        name: node.syntax for name, value in vars(product).items() if value not in ("", None, ()) and name != "origins"
    }
    return product


def _offers(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The node's offers, those inside an aggregate included."""
    found: list[Mapping[str, Any]] = []
    for name in ("offers", "offer", "offerDetails"):
        for offer in as_list(values.get(name)):
            if isinstance(offer, Mapping):
                found.append(offer)
                if first_text(offer.get("price")) == "" and first_text(offer.get("lowPrice")) == "":
                    found.extend(inner for inner in as_list(offer.get("offers")) if isinstance(inner, Mapping))
    if not found and ("price" in values or "lowPrice" in values):
        found.append(values)
    return found


def _chosen(offers: Sequence[Mapping[str, Any]], product: PageProduct, facts: PageFacts) -> Mapping[str, Any]:
    """The offer of this very page or variant, otherwise the first that has a price."""
    priced = [offer for offer in offers if _offer_price(offer)[0] is not None]
    for offer in priced:
        sku = first_text(offer.get("sku"))
        if len(priced) > 1 and sku and (sku == product.sku or (len(sku) > 3 and sku in facts.url)):
            return offer
    for offer in priced:
        link = first_text(offer.get("url"))
        if len(priced) > 1 and link and urljoin(facts.url, link) in (facts.url, facts.canonical):
            return offer
    return priced[0] if priced else offers[0] if offers else {}


def _offer_price(offer: Mapping[str, Any]) -> tuple[Any, str]:
    """The price as written and the currency beside it."""
    currency = first_text(offer.get("priceCurrency"))
    if first_text(offer.get("price")):
        return _leaf(offer.get("price")), currency
    if first_text(offer.get("lowPrice")):
        return _leaf(offer.get("lowPrice")), currency
    for specification in as_list(offer.get("priceSpecification")):
        if isinstance(specification, Mapping) and first_text(specification.get("price")):
            kind = first_text(specification.get("priceType")).lower()
            if not any(word in kind for word in ("listprice", "srp", "msrp", "strikethrough")):
                return _leaf(specification.get("price")), first_text(specification.get("priceCurrency")) or currency
    return None, currency


def _leaf(value: Any) -> Any:
    """Numbers stay numbers, so that 1.299 is not taken for text."""
    while isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else first_text(value)


def _read_offer(product: PageProduct, offer: Mapping[str, Any], facts: PageFacts) -> None:
    if not offer:
        return
    written, currency_text = _offer_price(offer)
    currency = currency_code(currency_text) if currency_text else None
    read = read_price(written, currency=currency) if written not in (None, "") else None
    if read is not None and read.price is not None:
        product.price, product.high_price = read.price, read.high
        high = read_price(first_text(offer.get("highPrice")))
        if high.price is not None and high.price > read.price:
            product.high_price = high.price
        product.currency = currency or read.currency or ""
    elif currency:
        product.currency = currency
    product.availability = stock_word(first_text(offer.get("availability")))
    product.condition = product.condition or condition_word(first_text(offer.get("itemCondition"))) or ""
    product.seller = first_text(offer.get("seller")) or first_text(offer.get("offeredBy"))
    product.sku = product.sku or first_text(offer.get("sku"))
    product.gtin = product.gtin or gtin_of(offer)


def stock_word(text: str) -> str:
    """A schema.org word; empty for what is none."""
    word = availability_word(text) if text else ""
    return word if word in AVAILABILITY.values() else ""


def _lone_offer(nodes: Sequence[Node], facts: PageFacts) -> PageProduct | None:
    """An offer that hangs on no product (microdata without itemprop): taken when it is the only one."""
    lone = [node for node in nodes if node.types & OFFER_TYPES and not node.path]
    if len(lone) != 1:
        return None
    product = PageProduct()
    _read_offer(product, lone[0].values, facts)
    if product.price is None:
        return None
    product.name = first_text(as_list(lone[0].values.get("itemOffered")))
    product.origins = {"price": lone[0].syntax, "currency": lone[0].syntax, "availability": lone[0].syntax}
    return product


def gtin_of(values: Mapping[str, Any]) -> str:
    """The first property that holds a number with a valid GS1 check digit."""
    for name in GTIN_NAMES:
        for key in (name, name.upper()):
            if gtin := valid_gtin(first_text(values.get(key))):
                return gtin
    wanted = {"gtin", "ean", "upc"}
    for extra in as_list(values.get("additionalProperty")):
        if isinstance(extra, Mapping) and first_text(extra.get("name")).lower() in wanted:
            return valid_gtin(first_text(extra.get("value")))
    return valid_gtin(first_text(values.get("productID"))) if "productID" in values else ""


def valid_gtin(text: str) -> str:
    """The digits of a GTIN-8, -12, -13 or -14 whose check digit fits (GS1 General Specifications 7.9), else empty."""
    digits = (
        re.sub(r"^(?:gtin\d*|ean\d*|upc|isbn)[\s:-]*", "", text.strip(), flags=re.IGNORECASE)
        .replace("-", "")
        .replace(" ", "")
    )
    if not digits.isdecimal() or not digits.isascii() or len(digits) not in (8, 12, 13, 14) or not int(digits):
        return ""
    weighted = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits[:-1])))
    return digits if (weighted + int(digits[-1])) % 10 == 0 else ""


def _filled(text: str) -> str:
    """Empty for a template's placeholder that was never filled in."""
    return "" if text.startswith("$") or "{{" in text or text.lower() in ("null", "undefined", "none") else text


def _plain_id(text: str) -> str:
    """`sku:123` as `123`."""
    return re.sub(r"^(?:sku|mpn|id|gtin\d*|asin|isbn)\s*:\s*", "", text, flags=re.IGNORECASE)


def _images(value: Any, base: str) -> tuple[str, ...]:
    links = (first_text(part, "contentUrl", "url") for part in as_list(value))
    return tuple(dict.fromkeys(link for link in (_absolute(link, base) for link in links) if link))[:20]


def _absolute(link: str, base: str) -> str:
    """An http(s) address; empty for anything else (`data:`, `javascript:`)."""
    try:
        joined = urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


__all__ = [
    "PageFacts",
    "PageProduct",
    "gtin_of",
    "is_list_page",
    "list_links",
    "listed_products",
    "own_product",
    "read_product",
    "types_of",
    "valid_gtin",
]
