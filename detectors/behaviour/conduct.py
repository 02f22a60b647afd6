"""Conduct: sales, reviews and stock of a shop that honest trade seldom shows (刷单, 铺货, 下架后重上).

Owns holding a page and its shop against the declared figures (`data/behaviour.toml`). All of it has honest reasons too:
a hit, a mall, a clearance. What it weighs is for `detectors.triage`.
"""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from detectors.behaviour.policy import moment, policy, quoted_reviews
from detectors.behaviour.shops import Shop, title_digest
from detectors.wording.lines import folded
from models.findings import Evidence, Parameter, Stance
from models.registry import Registry
from models.subjects import Listing

SECONDS_A_DAY = 86400


def page_evidence(listing: Listing, as_of: datetime) -> Iterator[Evidence]:
    """What the page alone shows: sales against price and age, reviews against each other."""
    yield from _sales_burst(listing, as_of)
    yield from _reviews(listing)


def shop_evidence(listing: Listing, shop: Shop, registry: Registry, as_of: datetime) -> Iterator[Evidence]:
    """What the shop's other listings show."""
    yield from _many_famous(listing, shop, registry)
    yield from _young(listing, shop, as_of)
    yield from _relisted(listing, shop)


def _sales_burst(listing: Listing, as_of: datetime) -> Iterator[Evidence]:
    table, listed = policy()["sales"], moment(listing, "listed")
    if listed is None or not listing.sales or listing.sales < table["least"]:
        return
    if listing.price is None or listing.currency != "CNY":
        return
    days = max(1.0, ((listing.captured_at or as_of) - listed).total_seconds() / SECONDS_A_DAY)
    usual = [step["sales"] for step in table["per_day"] if listing.price >= step["price_from"]][-1]
    rate = listing.sales / days
    if rate > usual:
        params = (("sales", listing.sales), ("days", round(days)), ("rate", round(rate)), ("usual", usual))
        yield _evidence(
            "sales-burst", min(1.0, 0.5 + 0.5 * math.log10(rate / usual)), "sales", f"{listing.sales}", params
        )


def _reviews(listing: Listing) -> Iterator[Evidence]:
    table, reviews = policy()["reviews"], quoted_reviews(listing)
    of_platform = {folded(text) for text in table["of_platform"]}
    own = [text for text in (folded(text) for text, _ in reviews) if len(text) >= table["letters"]]
    counted = Counter(text for text in own if text not in of_platform)
    total, repeated = sum(counted.values()), sum(count for count in counted.values() if count > 1)
    if total >= table["least"] and repeated >= table["repeated_share"] * total:
        params = (("repeated", repeated), ("total", total))
        yield _evidence(
            "reviews-repeated", min(1.0, 0.4 + repeated / total / 2), "reviews", f"{repeated}/{total}", params
        )
    days = Counter(day for _, day in reviews if day)
    dated = sum(days.values())
    if dated >= table["one_day_least"]:
        day, most = max(days.items(), key=lambda item: (item[1], item[0]))
        if most >= table["one_day_share"] * dated:
            told = (("day", day), ("most", most), ("total", dated))
            yield _evidence("reviews-one-day", min(1.0, most / dated), "reviews", day, told)


def _many_famous(listing: Listing, shop: Shop, registry: Registry) -> Iterator[Evidence]:
    table, marks = policy()["famous"], [registry.mark_by_id[one] for one in shop.famous if one in registry.mark_by_id]
    holders = {mark.holder or mark.mark_id for mark in marks}
    classes = {number for mark in marks for number in mark.nice_classes}
    if any(word in listing.seller.name.casefold() for word in table["malls"]):
        return
    small = shop.listings <= table["listings_at_most"] and shop.named >= table["least_share"] * shop.listings
    if small and len(holders) >= table["holders"] and len(classes) >= table["classes"]:
        params = (("holders", len(holders)), ("listings", shop.listings), ("classes", len(classes)))
        score = min(1.0, 0.5 + (len(holders) - table["holders"]) / 20)
        yield _evidence("shop-many-famous", score, "seller.name", listing.seller.name, params)


def _young(listing: Listing, shop: Shop, as_of: datetime) -> Iterator[Evidence]:
    table = policy()["young"]
    opened = datetime.fromisoformat(shop.opened) if shop.opened else moment(listing, "opened")
    if opened is None:
        return
    days = ((listing.captured_at or as_of) - opened).total_seconds() / SECONDS_A_DAY
    busy = shop.sales >= table["sales"] or shop.listings >= table["listings"]
    if 0 <= days <= table["days"] and busy:
        params = (("days", round(days)), ("sales", shop.sales), ("listings", shop.listings))
        yield _evidence("shop-young-high-volume", 0.7, "seller.name", listing.seller.name, params)


def _relisted(listing: Listing, shop: Shop) -> Iterator[Evidence]:
    earlier = shop.removed.get(title_digest(listing))
    if earlier is None or earlier[0] == listing.listing_id or listing.captured_at is None:
        return
    if earlier[1] and datetime.fromisoformat(earlier[1]) < listing.captured_at:
        yield _evidence("relisted-after-removal", 0.8, "title", listing.title, (("earlier", earlier[0]),), earlier[0])


def _evidence(
    fact: str, score: float, field: str, value: str, params: tuple[tuple[str, Parameter], ...], reference: str = ""
) -> Evidence:
    return Evidence(
        fact=fact,
        stance=Stance.FOR,
        score=score,
        field=field,
        subject_value=value,
        reference_value=reference,
        params=params,
    )
