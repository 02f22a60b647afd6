"""The plot of a price among others: bars, the median and the listing's own price, placed in a drawing of fixed size.

Owns the geometry alone; the template draws it, so that nothing but numbers and our own words stands in the drawing.
"""

import math
from dataclasses import dataclass

from models.price_pictures import PriceCurve

WIDTH, HEIGHT = 640, 150
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 30, 26
TICKS = 5


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A price on the axis."""

    x: float
    words: str


@dataclass(frozen=True)
class Plot:
    """Everything that is drawn. The scale of prices is logarithmic: equal ratios are equally far."""

    curve: PriceCurve
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    own_x: float
    median_x: float
    own_words: str
    median_words: str
    percent: int
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM
    top: int = TOP

    @property
    def own_anchor(self) -> str:
        return anchor(self.own_x)

    @property
    def median_anchor(self) -> str:
        return anchor(self.median_x)


def plot_of(curve: PriceCurve) -> Plot:
    """Place the curve in the drawing."""
    low, high = math.log(curve.bars[0].low), math.log(curve.bars[-1].high)
    span = high - low

    def place(price: float) -> float:
        share = (math.log(price) - low) / span
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share)), 1)

    most = max(bar.sellers for bar in curve.bars) or 1
    room = HEIGHT - TOP - BOTTOM
    bars = []
    for bar in curve.bars:
        tall = round(room * bar.sellers / most, 1)
        if tall:
            bars.append(Bar(place(bar.low), HEIGHT - BOTTOM - tall, round(place(bar.high) - place(bar.low), 1), tall))
    prices = [math.exp(low + span * number / (TICKS - 1)) for number in range(TICKS)]
    return Plot(
        curve=curve,
        bars=tuple(bars),
        ticks=tuple(Tick(place(price), figure(price)) for price in prices),
        own_x=place(curve.own),
        median_x=place(curve.median),
        own_words=figure(curve.own),
        median_words=figure(curve.median),
        percent=round(100 * curve.own / curve.median),
    )


def anchor(x: float) -> str:
    """How words at a place are set, so that they stay within the drawing."""
    return "start" if x < WIDTH / 4 else "end" if x > 3 * WIDTH / 4 else "middle"


def figure(price: float) -> str:
    """A unit price in as many figures as say something."""
    if price >= 100:
        return f"{price:,.0f}"
    return f"{price:.2f}" if price >= 1 else f"{price:.3g}"
