"""A listing's unit price against that of the reference goods, and what may explain a low one.

Owns the ratio, the score that follows from it, and the reasons why a low price says nothing. Leaves the bands to
`detectors/price/data/bands.toml`, quantities and goods to the modules of their names.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from detectors.price.bands import bands
from detectors.price.goods import ENOUGH, Offer
from detectors.price.specification import Specification
from detectors.price.wording import (
    ACCESSORY,
    FITTING,
    PART_PAYMENT,
    PLACEHOLDER,
    PROMOTION,
    SAMPLE,
    SERVICE,
    USED,
    words,
)
from models.findings import Evidence, Parameter, Stance
from models.subjects import Listing

FAR_BELOW, BELOW, NEAR = "price-far-below", "price-below", "price-near-reference"
EXPLAINING = (USED, PART_PAYMENT, PLACEHOLDER, SERVICE, ACCESSORY)


@dataclass(frozen=True)
class Comparison:
    """`equivalent` is what the listing asks for the quantity of one reference piece, in the common currency."""

    equivalent: Decimal
    ratio: float
    sure: float


def compare(listing: Listing, offer: Offer) -> Comparison | None:
    """The two unit prices; None without a price, in another currency, or without a common measure."""
    goods = offer.entry.goods
    if not listing.price or listing.currency != goods.currency or not goods.reference_price:
        return None
    pieces, sure = _pieces(offer.quantity, offer.entry.specification)
    if not pieces:
        return None
    equivalent = listing.price / pieces
    sure *= offer.quantity.sure * offer.entry.specification.sure * _goods_sure(offer)
    return Comparison(equivalent, float(equivalent / goods.reference_price), round(sure, 6))


def price_evidence(listing: Listing, offer: Offer) -> list[Evidence]:
    """What the price of this offer says, for or against; nothing when it cannot be compared or says nothing."""
    compared = compare(listing, offer)
    if compared is None:
        return []
    table = bands()
    if table.near[0] <= compared.ratio <= table.near[1]:
        return [_evidence(NEAR, Stance.AGAINST, compared.sure, listing, offer, compared)]
    if compared.ratio >= table.below:
        return []
    explained = _explained(listing, offer)
    if explained is not None:
        return [_explanation(explained, listing, offer, compared)]
    promotion = _said(PROMOTION, PROMOTION, "title", listing.title)
    ratio = compared.ratio / table.promotion_share if promotion else compared.ratio
    score = table.score(ratio) * compared.sure
    if not score:
        return []
    fact = FAR_BELOW if ratio < table.far_below else BELOW
    told = [_evidence(fact, Stance.FOR, score, listing, offer, compared)]
    return told + ([_explanation(promotion, listing, offer, compared)] if promotion else [])


def _pieces(bought: Specification, reference: Specification) -> tuple[Decimal, float]:
    """How many reference pieces are bought, and how sure that is."""
    sure = bands().sure
    if reference.content is not None:
        if bought.content is None:
            return bought.packs / reference.packs, sure["size_assumed"]
        return _by_content(bought.content, bought.packs, reference.content, reference.packs)
    share = sure["content_ignored"] if bought.content is not None else sure["same_measure"]
    for unit, amount in reference.amounts:
        told = bought.amount(unit)
        if told:
            return told / amount, share
    reference_packs = max((amount for _, amount in reference.amounts), default=Decimal(1))
    if not any(unit not in ("g", "ml") for unit, _ in bought.amounts):
        return Decimal(1) / reference_packs, share * sure["count_assumed"]
    return bought.packs / reference_packs, share * sure["count_assumed"]


def _by_content(
    bought: tuple[str, Decimal], packs: Decimal, reference: tuple[str, Decimal], reference_packs: Decimal
) -> tuple[Decimal, float]:
    """By mass or volume; another size of package is sold at another unit price, which makes it less sure."""
    sure = bands().sure
    share = sure["same_measure"] if bought[0] == reference[0] else sure["mass_for_volume"]
    size, reference_size = bought[1] / packs, reference[1] / reference_packs
    larger = max(size, reference_size) / min(size, reference_size)
    if larger > 3:
        share *= sure["far_other_size"]
    elif larger > Decimal("1.05"):
        share *= sure["other_size"]
    return bought[1] / reference[1], share


def _goods_sure(offer: Offer) -> float:
    """How sure it is that these goods are offered: from the share of the goods' name that the title has."""
    sure = bands().sure
    part, whole = sure["goods_part_named"], sure["goods_named"]
    if offer.coverage < ENOUGH:
        return min(part, sure["mark_and_size_alone"] + offer.coverage)
    return min(whole, part + (whole - part) * (offer.coverage - ENOUGH) / 0.5)


class Reason(NamedTuple):
    """Why a low price says nothing: the fact, and the words of the field that say so."""

    fact: str
    field: str
    words: str
    span: tuple[int, int] | None = None


def _explained(listing: Listing, offer: Offer) -> Reason | None:
    """The first reason why a low price is not that of one whole, new piece."""
    if listing.condition in ("used", "refurbished"):
        return Reason(USED, "condition", listing.condition)
    for fact in EXPLAINING:
        if reason := _said(fact, fact, "title", listing.title):
            return reason
    fitting = _said(FITTING, ACCESSORY, "title", listing.title)
    if fitting is not None and fitting.span is not None and fitting.span[0] < offer.named_at:
        return fitting
    for fact in (USED, ACCESSORY, SERVICE):
        if reason := _said(fact, fact, "category", listing.category):
            return reason
    limit = bands().placeholder.get(listing.currency or "")
    if limit is not None and listing.price is not None and listing.price <= limit:
        return Reason(PLACEHOLDER, "price", _money(listing.price, listing.currency))
    return _said(SAMPLE, SAMPLE, "title", listing.title) if offer.quantity.content is None else None


def _said(kind: str, fact: str, field: str, text: str) -> Reason | None:
    found = words().find(kind, text)
    return Reason(fact, field, found.group(), found.span()) if found else None


def _explanation(reason: Reason, listing: Listing, offer: Offer, compared: Comparison) -> Evidence:
    return Evidence(
        fact=reason.fact,
        stance=Stance.AGAINST,
        score=1.0,
        field=reason.field,
        mark_id=offer.mark.mark_id,
        goods_id=offer.entry.goods.goods_id,
        subject_value=reason.words,
        reference_value=_money(offer.entry.goods.reference_price, offer.entry.goods.currency),
        span=reason.span,
        params=_params(listing, offer, compared),
    )


def _evidence(
    fact: str, stance: Stance, score: float, listing: Listing, offer: Offer, compared: Comparison
) -> Evidence:
    return Evidence(
        fact=fact,
        stance=stance,
        score=score,
        field="price",
        mark_id=offer.mark.mark_id,
        goods_id=offer.entry.goods.goods_id,
        subject_value=_money(listing.price, listing.currency),
        reference_value=_money(offer.entry.goods.reference_price, offer.entry.goods.currency),
        params=_params(listing, offer, compared),
    )


def _params(listing: Listing, offer: Offer, compared: Comparison) -> tuple[tuple[str, Parameter], ...]:
    """What the sentences need: money as text, the ratio as a whole percentage, the specifications as read."""
    return (
        ("price", _money(listing.price, listing.currency)),
        ("equivalent", _money(compared.equivalent, listing.currency)),
        ("reference_price", _money(offer.entry.goods.reference_price, offer.entry.goods.currency)),
        ("ratio_percent", round(compared.ratio * 100)),
        ("ratio", round(compared.ratio, 6)),
        ("specification", offer.quantity.used or "×1"),
        ("reference_specification", offer.entry.goods.specification or offer.entry.specification.used or "×1"),
        ("goods", offer.entry.goods.name),
        ("sure_percent", round(compared.sure * 100)),
        ("noted", "、".join(offer.quantity.noted)),
    )


def _money(amount: Decimal | None, currency: str | None) -> str:
    """`59.90 CNY`, rounded to cents."""
    return f"{amount:.2f} {currency}" if amount is not None else ""
