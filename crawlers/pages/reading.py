"""One page's bytes as products: decoding, structured data, then what the page shows where that is silent.

Owns: the order of sources and what kind of page it is (one product, a list, neither).
Leaves to others: the sources themselves (`graph`, `products`, `markup`), making listings (`listings`).
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin

from crawlers.pages import shown
from crawlers.pages.charset import decode
from crawlers.pages.graph import read_graph
from crawlers.pages.products import (
    PageFacts,
    PageProduct,
    is_list_page,
    list_links,
    listed_products,
    own_product,
)
from crawlers.pages.tree import HtmlElement, parse


@dataclass(frozen=True)
class PageReading:
    """What a page yielded. `own` is the product that it is about; `listed` are a list page's products; `links` are
    product pages that its list names; `encoding` is the one it was decoded with."""

    url: str
    canonical: str
    encoding: str
    own: PageProduct | None
    listed: tuple[PageProduct, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def products(self) -> tuple[PageProduct, ...]:
        return (self.own,) if self.own else self.listed


def read_page(body: bytes, url: str, *, content_type: str = "") -> PageReading:
    """Read a page. Never raises for what a page holds: a page without a product has none."""
    text, encoding = decode(body, content_type)
    tree = parse(text)
    if tree is None:
        return PageReading(url, url, encoding, None)
    base = _base(tree, url)
    canonical = shown.canonical_url(tree, base) or url
    facts = PageFacts(url, canonical, shown.headings(tree))
    nodes = read_graph(tree, base)
    links = tuple(list_links(nodes, facts))
    if is_list_page(nodes, facts):
        return PageReading(url, canonical, encoding, None, tuple(listed_products(nodes, facts)), links)
    product = own_product(nodes, facts)
    page = shown.Page(tree)
    visible = shown.shown_product(page, facts, known=product)
    if product is None:
        product = visible
    elif visible is not None:
        if visible.availability == "InStock" and product.availability:
            product.availability = visible.availability  # a button to buy outweighs data that were not kept up
        product.fill(visible)
        if visible.sku and not in_address(product.sku, url):
            product.sku = visible.sku  # the number that people see, unless the address confirms the other
    shelf = () if product else tuple(shown.shelf_products(page, facts))
    return PageReading(url, canonical, encoding, product, shelf, links)


def in_address(sku: str, url: str) -> bool:
    """Whether the address names the goods by this number."""
    return (
        len(sku) >= 3
        and re.search(rf"(?<![a-z0-9]){re.escape(sku.lower())}(?![a-z0-9])", unquote(url).lower()) is not None
    )


def _base(tree: HtmlElement, url: str) -> str:
    href = next(iter(tree.xpath("//base/@href")), "")
    try:
        return urljoin(url, str(href).strip())
    except ValueError:
        return url
