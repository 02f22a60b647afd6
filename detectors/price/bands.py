"""How low is low: the bands of price ratios as data.

Owns the reading of `detectors/price/data/bands.toml` and the score of a ratio. Leaves ratios to
`detectors.price.comparison`.
"""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Bands:
    """How low is low; ratios are of unit prices, listing to reference."""

    far_below: float
    below: float
    promotion_share: float
    refurbished_share: float
    sample_size: float
    instalments: tuple[float, float]
    near: tuple[float, float]
    placeholder: dict[str, Decimal]
    points: tuple[tuple[float, float], ...]
    sure: dict[str, float]

    def on_sale(self, ratio: float, share: float) -> float:
        """The ratio to judge by on a day when `share` of a price is usual: what lies between `far_below` and that share
        of `below` is drawn out up to `below`. A price below `far_below` no sale explains."""
        top = self.below * share
        if ratio <= self.far_below:
            return ratio
        if ratio >= top:
            return max(ratio, self.below)
        return self.far_below + (ratio - self.far_below) * (self.below - self.far_below) / (top - self.far_below)

    def score(self, ratio: float) -> float:
        """0..1 by straight lines between the declared points; 0 from the last one on."""
        if ratio <= self.points[0][0]:
            return self.points[0][1]
        for (low, high_score), (high, low_score) in pairwise(self.points):
            if ratio < high:
                return high_score + (low_score - high_score) * (ratio - low) / (high - low)
        return 0.0


@cache
def bands() -> Bands:
    """The shipped bands, read once, on first use."""
    table: dict[str, Any] = tomllib.loads(
        resources.files("detectors.price").joinpath("data", "bands.toml").read_text("utf-8")
    )
    return Bands(
        far_below=table["far_below"],
        below=table["below"],
        promotion_share=table["promotion_share"],
        refurbished_share=table["refurbished_share"],
        sample_size=table["sample_size"],
        instalments=(table["instalments"][0], table["instalments"][1]),
        near=(table["near"][0], table["near"][1]),
        placeholder={currency: Decimal(str(amount)) for currency, amount in table["placeholder"].items()},
        points=tuple((point["ratio"], point["score"]) for point in table["points"]),
        sure=table["sure"],
    )
