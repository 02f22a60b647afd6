"""A price beside others (价格分布): reference goods by the quantity that is bought, and what other sellers ask, as
counts that can be drawn. Worked out now from what is known now; findings keep what was known when they were made."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from models.values import Value


class GoodsComparison(Value):
    """What the listing asks for the quantity of one piece of reference goods, and its share of the reference price."""

    goods_id: str
    equivalent: Decimal
    currency: str
    percent: Annotated[int, Field(ge=0)]


class PriceBar(Value):
    """How many sellers ask a unit price from `low` to `high`."""

    low: float
    high: float
    sellers: int


class PriceCurve(Value):
    """Where a unit price stands among other sellers of the same goods: `sellers` is the sample, each one voice, its own
    left out; `own` and `median` are for one of `unit`, in `currency`."""

    family: str
    unit: str
    currency: str
    own: float
    median: float
    sellers: int
    as_low: int
    bars: tuple[PriceBar, ...]


class PricePicture(Value):
    """Both, as far as they are known."""

    comparisons: tuple[GoodsComparison, ...] = ()
    curve: PriceCurve | None = None
