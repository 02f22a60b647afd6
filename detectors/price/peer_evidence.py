"""What a price among its peers says: low and supported by the sample, or nothing; and what may explain it.

Owns the findings on peers, their sale days and the second opinion's finding. Leaves statistics to
`detectors.price.peers`, trees to `detectors.price.forest`, the policy to `detectors/price/data/peers.toml`.
"""

from datetime import datetime

from detectors.price.forest import PriceForest, features_of
from detectors.price.peer_offers import PeerOffer
from detectors.price.peer_policy import peer_policy, score_of
from detectors.price.peers import PeerPrices, Standing
from detectors.price.sale_days import Sale, sale_at
from models.findings import Evidence, Parameter, Stance
from models.subjects import Listing

FAR_BELOW_PEERS, BELOW_PEERS = "price-far-below-peers", "price-below-peers"
ON_SALE_DAY, SECOND_OPINION = "price-on-sale-day", "price-second-opinion"
Params = tuple[tuple[str, Parameter], ...]


def peer_evidence(
    listing: Listing, offer: PeerOffer, peers: PeerPrices, forest: PriceForest | None, as_of: datetime
) -> list[Evidence]:
    """Findings on each mark of the sign that the offer goes by; nothing where the sample supports no claim."""
    standing = peers.standing(offer)
    if standing is None:
        return []
    sale = sale_at(listing.captured_at or as_of)
    ratio = standing.ratio / sale.share if sale else standing.ratio
    found = _low(listing, offer, standing, sale, ratio)
    if forest is not None and standing.sellers >= peer_policy().fewest:
        found += _second_opinion(listing, offer, standing, forest, as_of, ratio)
    return found


def _low(listing: Listing, offer: PeerOffer, standing: Standing, sale: Sale | None, ratio: float) -> list[Evidence]:
    """`ratio` is the one to judge by: on a sale day it is measured against the share that is usual on it."""
    policy = peer_policy()
    if ratio >= policy.below or not standing.supported or standing.deviations > -policy.deviations:
        return []
    score = score_of(ratio, policy.points) * offer.sure
    fact = FAR_BELOW_PEERS if ratio < policy.far_below else BELOW_PEERS
    params = _params(listing, offer, standing)
    found = [_evidence(fact, Stance.FOR, score, listing, offer, mark_id, params) for mark_id in offer.mark_ids]
    if sale is not None:
        told = (*params, ("sale", sale.zh), ("sale_en", sale.en), ("usual_percent", round(sale.share * 100)))
        found += [_evidence(ON_SALE_DAY, Stance.AGAINST, 1.0, listing, offer, one, told) for one in offer.mark_ids]
    return found


def _second_opinion(
    listing: Listing, offer: PeerOffer, standing: Standing, forest: PriceForest, as_of: datetime, ratio: float
) -> list[Evidence]:
    """A cheap offer that is strange as a whole, with the features that make it so."""
    if ratio >= 1:
        return []
    features = features_of(listing, standing, listing.captured_at or as_of)
    opinion = forest.opinion(features)
    if opinion.score <= 0:
        return []
    params = (
        *_params(listing, offer, standing),
        ("features", "、".join(opinion.reasons)),
        ("strangeness", round(opinion.strangeness, 6)),
        ("model", forest.version),
    )
    return [
        _evidence(SECOND_OPINION, Stance.FOR, opinion.score * offer.sure, listing, offer, mark_id, params)
        for mark_id in offer.mark_ids
    ]


def _params(listing: Listing, offer: PeerOffer, standing: Standing) -> Params:
    """What the sentences need; the sample size is always among it."""
    return (
        ("price", f"{listing.price:.2f} {listing.currency}"),
        ("unit_price", f"{offer.unit_price:.4f}"),
        ("unit", offer.unit),
        ("median", f"{standing.median:.4f}"),
        ("currency", offer.currency),
        ("ratio_percent", round(standing.ratio * 100)),
        ("ratio", round(standing.ratio, 6)),
        ("sellers", standing.sellers),
        ("as_low", standing.as_low),
        ("deviations", round(-standing.deviations, 2)),
        ("family", offer.family),
        ("specification", offer.used or "×1"),
    )


def _evidence(
    fact: str, stance: Stance, score: float, listing: Listing, offer: PeerOffer, mark_id: str, params: Params
) -> Evidence:
    return Evidence(
        fact=fact,
        stance=stance,
        score=round(score, 6),
        field="price",
        mark_id=mark_id,
        subject_value=f"{listing.price:.2f} {listing.currency}",
        reference_value=f"{offer.family} {offer.unit}",
        params=params,
    )
