"""A listing's price among others, to be drawn: every offer of goods it can be read as, and the voices of its peers.

Owns nothing that is scored: it shows what `detectors.price.comparison` and `detectors.price.peers` compare with.
"""

import math
from collections.abc import Collection
from itertools import pairwise

from detectors.price.comparison import compare
from detectors.price.goods import GoodsIndex
from detectors.price.log_bins import middle_of
from detectors.price.peer_offers import PeerReader
from detectors.price.peers import PeerPrices
from models.price_pictures import GoodsComparison, PriceBar, PriceCurve, PricePicture
from models.registry import Registry
from models.subjects import Listing

BARS = 24


class PricePictures:
    """Reads listings against one registry at a time; the newest one is held."""

    def __init__(self) -> None:
        self._held: tuple[str, GoodsIndex, PeerReader] | None = None

    def of(
        self, listing: Listing, registry: Registry, peers: PeerPrices | None, marks: Collection[str] = ()
    ) -> PricePicture:
        """What is known of the price, beside goods of the marks that the title names and of `marks`; nothing for a
        listing without one."""
        if not listing.price:
            return PricePicture()
        held = self._held
        if held is None or held[0] != registry.version:
            held = self._held = (registry.version, GoodsIndex(registry), PeerReader(registry))
        _, index, reader = held
        comparisons = []
        for offer in index.offers(listing, marks):
            compared, goods = compare(listing, offer), offer.entry.goods
            if compared is not None and goods.currency:
                comparisons.append(
                    GoodsComparison(
                        goods_id=goods.goods_id,
                        equivalent=round(compared.equivalent, 2),
                        currency=goods.currency,
                        percent=round(compared.ratio * 100),
                    )
                )
        return PricePicture(comparisons=tuple(comparisons), curve=_curve(listing, reader, peers) if peers else None)


def _curve(listing: Listing, reader: PeerReader, peers: PeerPrices) -> PriceCurve | None:
    offer = reader.read(listing)
    standing = peers.standing(offer) if offer is not None else None
    if offer is None or standing is None:
        return None
    prices = [middle_of(number) for number in peers.voices(offer)]
    return PriceCurve(
        family=offer.family,
        unit=offer.unit,
        currency=offer.currency,
        own=float(offer.unit_price),
        median=standing.median,
        sellers=standing.sellers,
        as_low=standing.as_low,
        bars=_bars([*prices], float(offer.unit_price)),
    )


def _bars(prices: list[float], own: float) -> tuple[PriceBar, ...]:
    """Counts over equal steps of ratio, from the least to the greatest of all, the own price included."""
    low, high = math.log(min(*prices, own)), math.log(max(*prices, own))
    step = max((high - low) / BARS, 0.01)
    counts = [0] * BARS
    for price in prices:
        counts[min(BARS - 1, int((math.log(price) - low) / step))] += 1
    edges = [math.exp(low + number * step) for number in range(BARS + 1)]
    return tuple(
        PriceBar(low=round(start, 6), high=round(stop, 6), sellers=count)
        for (start, stop), count in zip(pairwise(edges), counts, strict=True)
    )
