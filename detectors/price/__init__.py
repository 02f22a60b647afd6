"""Prices against the holder's reference goods.

`PriceDetector` (name `price`) finds on its own which reference goods a listing offers, reads the quantity that its
price buys, and compares unit prices. It leaves to `detectors.trademark` whether the mark is genuinely named, and to
`detectors.triage` what a low price weighs.

Fact codes, each with `mark_id` and `goods_id`:

    price-far-below        for: below a fifth of the reference price by quantity
    price-below            for: below half of it
    price-near-reference   against: about the reference price
    price-below-refurbished
                           for: low even for goods that their maker has refurbished
    price-not-of-new-goods, price-of-accessory, price-of-service, price-of-part-payment, price-placeholder,
    price-of-sample, price-from-options
                           against: low, but not the price of one whole, new piece
    price-of-refurbished   against: refurbished by the maker, which lowers honest prices a little (beside a finding for)
    price-under-promotion  against: low under a promotion that the platform itself runs (beside a finding for)

Where the holder gives no reference price (`peers`, `history`, `forest`):

    price-far-below-peers, price-below-peers
                           for: far out among other sellers' prices, when their number supports saying so
    price-on-sale-day      against: seen on a sale day (beside a finding for)
    price-dropped, price-zigzag
                           for, weak and on no mark: against the listing's own earlier prices
    price-second-opinion   for, weak: strange to the isolation forest, beside its peers
"""

from detectors.price.detector import PriceDetector
from detectors.price.specification import Specification, read_specification

__all__ = ["PriceDetector", "Specification", "read_specification"]
