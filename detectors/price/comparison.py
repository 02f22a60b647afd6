"""A listing's unit price against that of the reference goods.

Owns the ratio and the score that follows from it. Leaves the bands to `detectors/price/data/bands.toml`, reasons why a
low price says nothing to `detectors.price.reasons`, quantities and goods to the modules of their names. Prices in two
currencies are never compared.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from detectors.price.bands import bands
from detectors.price.goods import ENOUGH, Offer
from detectors.price.reasons import Reason, find_reason, said
from detectors.price.sale_days import Sale, sale_at
from detectors.price.specification import Specification
from detectors.price.units import ITEM, OUTER, units
from detectors.price.wording import PROMOTION, REFURBISHED
from models.findings import Evidence, Parameter, Stance
from models.subjects import Listing

FAR_BELOW, BELOW, NEAR = "price-far-below", "price-below", "price-near-reference"
BELOW_REFURBISHED, ON_SALE_DAY = "price-below-refurbished", "price-on-sale-day"


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
    pieces, sure = _pieces(offer.quantity, offer.entry.specification, offer.entry.is_set)
    if not pieces:
        return None
    if offer.quantity.share > 1:
        pieces, sure = pieces * offer.quantity.share, sure * bands().sure["more_than_paid"]
    equivalent = listing.price / pieces
    sure *= offer.quantity.sure * offer.entry.specification.sure * _goods_sure(offer)
    return Comparison(equivalent, float(equivalent / goods.reference_price), round(sure, 6))


def price_evidence(listing: Listing, offer: Offer, as_of: datetime) -> list[Evidence]:
    """What the price of this offer says, for or against; nothing when it cannot be compared or says nothing. `as_of`
    stands for the moment of a listing that tells none."""
    compared = compare(listing, offer)
    if compared is None:
        return []
    table = bands()
    if table.near[0] <= compared.ratio <= table.near[1]:
        return [_evidence(NEAR, Stance.AGAINST, compared.sure, listing, offer, compared)]
    if compared.ratio >= table.below:
        return []
    explained = find_reason(listing, offer, compared.ratio)
    if explained is not None:
        return [_explanation(explained, listing, offer, compared)]
    return _low(listing, offer, compared, sale_at(listing.captured_at or as_of))


def _low(listing: Listing, offer: Offer, compared: Comparison, sale: Sale | None) -> list[Evidence]:
    """A low price that nothing explains away, with what softens it: a promotion, a sale day, refurbished goods."""
    table = bands()
    promotion, refurbished = (said(fact, "title", listing.title) for fact in (PROMOTION, REFURBISHED))
    ratio = compared.ratio / table.promotion_share if promotion else compared.ratio
    if refurbished:
        ratio /= table.refurbished_share
    elif sale is not None:
        ratio = max(ratio, table.on_sale(compared.ratio, sale.share))
    score = table.score(ratio) * compared.sure
    if not score:
        return []
    fact = BELOW_REFURBISHED if refurbished else FAR_BELOW if ratio < table.far_below else BELOW
    told = [_evidence(fact, Stance.FOR, score, listing, offer, compared)]
    told += [_explanation(reason, listing, offer, compared) for reason in (promotion, refurbished) if reason]
    if fact == BELOW and sale is not None:
        told.append(_on_sale(sale, listing, offer, compared))
    return told


def _on_sale(sale: Sale, listing: Listing, offer: Offer, compared: Comparison) -> Evidence:
    seen = _evidence(ON_SALE_DAY, Stance.AGAINST, 1.0, listing, offer, compared)
    usual = (("sale", sale.zh), ("sale_en", sale.en), ("usual_percent", round(sale.share * 100)))
    return replace(seen, params=(*_params(listing, offer, compared), *usual))


def _pieces(bought: Specification, reference: Specification, is_set: bool) -> tuple[Decimal, float]:
    """How many reference pieces are bought, and how sure that is."""
    sure = bands().sure
    if reference.content is None:
        return _by_count(bought, reference, is_set)
    if bought.content is None:
        return bought.packs / reference.packs, sure["size_assumed"]
    return _by_content(bought.content, bought.packs, reference.content, reference.packs)


def _by_count(bought: Specification, reference: Specification, is_set: bool) -> tuple[Decimal, float]:
    """By the count of the same things; pieces beside a reference set are what it holds, so that one of it is bought."""
    sure, level = bands().sure, units().level
    share = sure["content_ignored"] if bought.content is not None else sure["same_measure"]
    if bought.capacity and reference.capacity and set(bought.capacity).isdisjoint(reference.capacity):
        share *= sure["other_capacity"]
    counted = [(unit, amount) for unit, amount in reference.amounts if unit]
    for unit, amount in counted:
        told = bought.amount(unit)
        if told:
            return told / amount, share
    single = max((amount for _, amount in counted), default=Decimal(1))
    stated = [(unit, amount) for unit, amount in bought.amounts if unit not in ("g", "ml")]
    if not stated:
        return Decimal(1) / single, share * sure["count_assumed"]
    whole = max((level(unit) for unit, _ in counted), default=OUTER if is_set else ITEM)
    alike = [amount / single for unit, amount in stated if unit and level(unit) == whole]
    alike += [amount / single for unit, amount in stated if not unit]
    if alike:
        return min(alike), share * sure["count_assumed"]
    if all(level(unit) < whole for unit, _ in stated):
        return Decimal(1) / single, share * sure["within_assumed"]
    return bought.packs / reference.packs, share * sure["count_assumed"]


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
        ("specification_at", ",".join(f"{start}-{end}" for start, end in offer.quantity.spans)),
        ("reference_specification", offer.entry.goods.specification or offer.entry.specification.used or "×1"),
        ("goods", offer.entry.goods.name),
        ("sure_percent", round(compared.sure * 100)),
        ("noted", "、".join(offer.quantity.noted)),
    )


def _money(amount: Decimal | None, currency: str | None) -> str:
    """`59.90 CNY`, rounded to cents."""
    return f"{amount:.2f} {currency}" if amount is not None else ""
