"""A page's product as a `Listing`.

Owns: the listing's id (the shop's own number where the address carries it, else the address itself), its platform, and
which extras become attributes. Leaves to others: reading (`reading`), handing on (`crawlers.crawl`).
"""

import re
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import ValidationError

from crawlers.pages.products import PageProduct
from crawlers.pages.reading import PageReading, in_address
from crawlers.pages.shown.words import ID_PARAMETERS
from models.identity import digest
from models.subjects import Listing, Seller

# Parameters that say where a visitor came from, not which goods.
TRACKING = re.compile(
    r"^(?:utm_\w+|spm|scm|pvid|ref|ref_|gclid|fbclid|yclid|msclkid|from|source|track\w*|sessionid|sid|_\w+)$"
)
LONGEST_TITLE = 2000
LONGEST_DESCRIPTION = 20_000
LONGEST_ID = 200


def listings_of(
    reading: PageReading, *, platform: str, source: str, captured_at: datetime, capture_sha256: str
) -> list[Listing]:
    """Every listing of a page. A product without a name yields none."""
    made = []
    for product in reading.products:
        listing = _listing(product, reading, platform, source, captured_at, capture_sha256)
        if listing is not None:
            made.append(listing)
    return made


def _listing(
    product: PageProduct, reading: PageReading, platform: str, source: str, captured_at: datetime, sha256: str
) -> Listing | None:
    if not product.name.strip():
        return None
    alone = product is reading.own
    url = (reading.canonical if alone else product.url) or reading.url
    attributes = {"page_url": reading.url if reading.url != url else ""}
    attributes["mpn"] = product.mpn if product.mpn != product.sku else ""
    if product.high_price is not None and product.price is not None and product.high_price > product.price:
        attributes["price_range"] = f"{product.price}-{product.high_price}"
    try:
        return Listing(
            listing_id=listing_id(product, url, alone=alone),
            platform=platform or (urlsplit(reading.url).hostname or "web").removeprefix("www."),
            title=_plain(product.name, LONGEST_TITLE),
            price=product.price,
            currency=product.currency or None,
            url=url,
            description=_plain(product.description, LONGEST_DESCRIPTION),
            list_price=product.list_price,
            category=_plain(product.category, 500),
            brand=_plain(product.brand, 200),
            sku=product.sku[:LONGEST_ID],
            gtin=product.gtin,
            availability=product.availability,
            condition=product.condition or None,
            seller=Seller(name=_plain(product.seller, 200)),
            images=product.images,
            captured_at=captured_at,
            capture_sha256=sha256,
            attributes={name: value for name, value in attributes.items() if value},
            source=source,
        )
    except ValidationError:
        return None


def listing_id(product: PageProduct, url: str, *, alone: bool) -> str:
    """The same goods at the same address always get the same id: the shop's number where the address carries it, a
    numeric parameter of the address, else the address without its scheme and tracking parameters. Products of a list
    page that have no address of their own add their number or name."""
    sku = product.sku.strip()
    if " " not in sku and in_address(sku, url):
        return sku[:LONGEST_ID]
    parts = urlsplit(url)
    parameters = [(name, value) for name, value in parse_qsl(parts.query) if not TRACKING.match(name.lower())]
    for name, value in parameters:
        if name.lower() in ID_PARAMETERS and re.fullmatch(r"[\w-]*\d[\w-]*", value):
            return value[:LONGEST_ID]
    plain = f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"
    if parameters:
        plain += "?" + urlencode(sorted(parameters))
    if not alone and not product.url:
        plain += "#" + (sku or digest(product.name)[:12])
    return plain if len(plain) <= LONGEST_ID else f"{plain[:160]}~{digest(plain)[:32]}"


def _plain(text: str, limit: int) -> str:
    """Text without tags, control characters and double blanks, within `limit` characters."""
    bare = re.sub(r"<[a-zA-Z/!][^<>]{0,300}>", " ", text)
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in bare).split())[:limit]
