"""Prices in bins of equal ratio: the ladder that makes counts of prices exact to merge, free of order and of machines.

Owns the ladder. A bin is a factor of 1.02 wide, so that a price is known to one per cent, as with DDSketch (C. Masson,
J. Rim, H. Lee, VLDB 12 (2019)). Its rungs are worked out in decimal arithmetic, which every machine does alike.
"""

import math
from bisect import bisect_right
from decimal import Context, Decimal
from functools import cache

WIDTH = Decimal("1.02")
LOWEST = -700  # 1.02**-700 is about 0.000001
COUNT = 2000  # up to about 1.6e11
LOG_WIDTH = math.log(1.02)  # for people and spreads; never for choosing a bin


@cache
def rungs() -> tuple[float, ...]:
    """The lower edge of each bin, rising."""
    exact = Context(prec=40)
    edge = exact.power(WIDTH, LOWEST)
    edges = []
    for _ in range(COUNT):
        edges.append(float(edge))
        edge = exact.multiply(edge, WIDTH)
    return tuple(edges)


def bin_of(price: float) -> int:
    """The bin of a positive price; prices off the ladder are in its end bins."""
    return max(0, bisect_right(rungs(), price) - 1)


def middle_of(number: int) -> float:
    """A price in the middle of that bin: at most one per cent from any price in it."""
    edges = rungs()
    upper = edges[number + 1] if number + 1 < COUNT else edges[number] * 1.02
    return (edges[number] + upper) / 2
