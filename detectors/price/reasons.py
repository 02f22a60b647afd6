"""Why a low price says nothing: it is not that of one whole, new piece.

Owns which reasons there are and which of them holds. Leaves the words to `detectors/price/data/wording.toml` and what a
reason is worth to `detectors.triage`.
"""

import re
from typing import NamedTuple

from detectors.price.bands import bands
from detectors.price.goods import Offer
from detectors.price.specification import Specification
from detectors.price.wording import (
    ACCESSORY,
    FITTING,
    FROM_OPTIONS,
    PART_PAYMENT,
    PLACEHOLDER,
    REFURBISHED,
    SAMPLE,
    SERVICE,
    USED,
    words,
)
from models.subjects import Listing

IN_TITLE = (USED, PART_PAYMENT, PLACEHOLDER, SERVICE, ACCESSORY, FROM_OPTIONS)
IN_CATEGORY = (USED, ACCESSORY, SERVICE)
INSTALMENTS = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?:期|个月)\s*(?:免息|分期|0息|零息)|分\s*(\d{1,2})\s*期|分期\s*(\d{1,2})\s*期"
)


class Reason(NamedTuple):
    """Why a low price says nothing: the fact, and the words of the field that say so."""

    fact: str
    field: str
    words: str
    span: tuple[int, int] | None = None


def find_reason(listing: Listing, offer: Offer, ratio: float) -> Reason | None:
    """The first reason why a price at this ratio of the reference is not that of one whole, new piece."""
    if listing.condition in ("used", "refurbished"):
        return Reason(USED, "condition", listing.condition)
    refurbished = said(REFURBISHED, "title", listing.title)
    for fact in IN_TITLE:
        if (reason := said(fact, "title", listing.title)) and not (fact == USED and refurbished):
            return reason
    fitting = said(FITTING, "title", listing.title)
    if fitting is not None and fitting.span is not None and fitting.span[0] < offer.named_at:
        return fitting._replace(fact=ACCESSORY)
    for fact in IN_CATEGORY:
        if reason := said(fact, "category", listing.category):
            return reason
    limit = bands().placeholder.get(listing.currency or "")
    if limit is not None and listing.price is not None and listing.price <= limit:
        return Reason(PLACEHOLDER, "price", f"{listing.price:.2f} {listing.currency}")
    return _instalment(listing, ratio) or _sample(listing, offer)


def said(fact: str, field: str, text: str) -> Reason | None:
    """The first words of that fact in a field."""
    found = words().find(fact, text)
    return Reason(fact, field, found.group(), found.span()) if found else None


def _instalment(listing: Listing, ratio: float) -> Reason | None:
    """Instalments are offered on whole prices too: the price is one of them when so many make about the reference."""
    found = INSTALMENTS.search(listing.title)
    if found is None:
        return None
    number = int(next(group for group in found.groups() if group))
    low, high = bands().instalments
    if number > 1 and low <= ratio * number <= high:
        return Reason(PART_PAYMENT, "title", found.group(), found.span())
    return None


def _sample(listing: Listing, offer: Offer) -> Reason | None:
    """A title that speaks of a sample and tells no size, or a much smaller one than the reference's."""
    reason = said(SAMPLE, "title", listing.title)
    if reason is None:
        return None
    size, whole = _size(offer.quantity), _size(offer.entry.specification)
    if size is None or whole is None:
        return reason if offer.quantity.content is None else None
    return reason if size[0] == whole[0] and size[1] <= whole[1] * bands().sample_size else None


def _size(specification: Specification) -> tuple[str, float] | None:
    content = specification.content
    return (content[0], float(content[1] / specification.packs)) if content and specification.packs else None
