"""A listing's price against its own earlier prices: a sudden drop, and a price that goes away and comes back.

Owns what a listing's own past says. The past is handed in with the observation (`Observation.earlier`), oldest first;
nothing is looked up here. Both facts are weak: honest shops do the same in honest sales, whose days relax the one
(`detectors.price.sale_days`) and are left out of the other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from detectors.price.peer_policy import HistoryPolicy, history_policy, score_of
from detectors.price.sale_days import sale_at
from models.findings import EarlierPrice, Evidence, Stance
from models.subjects import Listing

DROP, ZIGZAG = "price-dropped", "price-zigzag"


def history_evidence(listing: Listing, earlier: Sequence[EarlierPrice], as_of: datetime) -> list[Evidence]:
    """What the listing's own earlier prices in its currency say; nothing with too few of them."""
    if not listing.price:
        return []
    policy = history_policy()
    seen_at = listing.captured_at or as_of
    since = seen_at - timedelta(days=policy.window_days)
    past = [point for point in earlier if point.currency == listing.currency and since <= point.at < seen_at]
    usual = [point.price for point in past if sale_at(point.at) is None] or [point.price for point in past]
    if len(past) < policy.days:
        return []
    found = _drop(listing, usual, seen_at, len(past), policy)
    found += _zigzag(listing, past, seen_at, policy)
    return found


def _drop(listing: Listing, usual: list[Decimal], at: datetime, days: int, policy: HistoryPolicy) -> list[Evidence]:
    middle = sorted(usual)[(len(usual) - 1) // 2]
    if listing.price is None or not middle:
        return []
    ratio = float(listing.price / middle)
    sale = sale_at(at)
    judged = ratio / sale.share if sale else ratio
    if judged >= policy.below:
        return []
    params = (
        ("price", f"{listing.price:.2f} {listing.currency}"),
        ("usual", f"{middle:.2f} {listing.currency}"),
        ("ratio_percent", round(ratio * 100)),
        ("days", days),
        ("sale", sale.zh if sale else ""),
    )
    score = score_of(judged, policy.points)
    return [_evidence(DROP, score, listing, f"{middle:.2f} {listing.currency}", params)]


def _zigzag(listing: Listing, past: Sequence[EarlierPrice], at: datetime, policy: HistoryPolicy) -> list[Evidence]:
    """A, then B, then A again, sales left out: the last turn that ends at the price of now."""
    if listing.price is None or sale_at(at) is not None:
        return []
    prices = [point.price for point in past if sale_at(point.at) is None and point.price]
    runs: list[Decimal] = []
    for price in [*prices, listing.price]:
        if not runs or _factor(price, runs[-1]) > 1 + policy.same:
            runs.append(price)
    turns = [
        (before, away)
        for before, away, back in zip(runs, runs[1:], runs[2:], strict=False)
        if _factor(before, back) <= 1 + policy.same and _factor(before, away) >= policy.zigzag
    ]
    if not turns or _factor(turns[-1][0], listing.price) > 1 + policy.same:
        return []
    before, away = turns[-1]
    params = (
        ("price", f"{listing.price:.2f} {listing.currency}"),
        ("away", f"{away:.2f} {listing.currency}"),
        ("turns", len(turns)),
        ("days", len(past)),
    )
    score = min(1.0, 0.4 + 0.2 * len(turns))
    return [_evidence(ZIGZAG, score, listing, f"{before:.2f} {listing.currency}", params)]


def _factor(one: Decimal, other: Decimal) -> float:
    """The larger over the smaller."""
    return float(max(one, other) / min(one, other))


def _evidence(
    fact: str, score: float, listing: Listing, reference: str, params: tuple[tuple[str, str | int], ...]
) -> Evidence:
    return Evidence(
        fact=fact,
        stance=Stance.FOR,
        score=score,
        field="price",
        subject_value=f"{listing.price:.2f} {listing.currency}",
        reference_value=reference,
        params=params,
    )
