"""Worth: what a minute on a lead is expected to yield, by a declared formula (`models/queue/data/order.toml`).

Owns the arithmetic and how rates are added up from what officers decided. Every part is shown beside the lead; nothing
here is learned in secret. The order is of work, not of guilt: a lead that comes late is no less a lead.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from models.leads import Cell
from models.values import Value


class Order(Value):
    """The declared numbers."""

    halving: float = Field(gt=0)
    doubt: float = Field(gt=0)
    campaign: float = Field(ge=1)
    usual_minutes: float = Field(gt=0)
    usual_weight: float = Field(gt=0)
    longest_minutes: float = Field(gt=0)
    yields: dict[str, float]


class StrandRate(Value):
    """What leads of one kind and cell came to: how many were decided, what they yielded, what their scores had said;
    and of those whose time is known, how many and how many minutes."""

    kind: str
    cell: Cell | None = None
    decided: int = 0
    yielded: float = 0.0
    expected: float = 0.0
    timed: int = 0
    spent_minutes: float = 0.0

    @property
    def lift(self) -> float:
        return (self.yielded + order().doubt) / (self.expected + order().doubt)

    @property
    def minutes(self) -> float:
        usual = order()
        return (self.spent_minutes + usual.usual_weight * usual.usual_minutes) / (self.timed + usual.usual_weight)


class QueueRates(Value):
    """The rates in use, as they were measured; none yet: every lift is 1 and every lead takes the usual minutes."""

    strands: tuple[StrandRate, ...] = ()
    measured_at: AwareDatetime | None = None

    def strand(self, kind: str, cell: Cell | None) -> StrandRate:
        """The rate of a kind and cell, an empty one where nothing was decided."""
        empty = StrandRate(kind=kind, cell=cell)
        return next((each for each in self.strands if (each.kind, each.cell) == (kind, cell)), empty)


class Worth(NamedTuple):
    """The parts of a value, as a page shows them. `alone` is the value without the reach of twins."""

    chance: float
    lift: float
    campaign: float
    minutes: float

    @property
    def alone(self) -> float:
        return round(min(1.0, self.chance * self.lift) * self.campaign / self.minutes, 9)

    def value(self, size: int) -> float:
        """Leads a minute, for a group of that size."""
        return round(self.alone * reach(size), 9)


class Decided(NamedTuple):
    """A decided lead as rates are measured from it: `outcome` is a word of the table of yields."""

    kind: str
    cell: Cell | None
    score: float
    outcome: str
    minutes: float | None


@cache
def order() -> Order:
    """The shipped numbers."""
    text = resources.files("models.queue").joinpath("data", "order.toml").read_text("utf-8")
    return Order(**tomllib.loads(text))


def chance(score: float) -> float:
    """What the score alone says, 0..1."""
    return float(1.0 - 2.0 ** (-max(score, 0.0) / order().halving))


def reach(size: int) -> int:
    """How far one decision on a group of so many twins reaches: grows by one with every doubling."""
    return max(1, size).bit_length()


def worth_of(kind: str, cell: Cell | None, score: float, rates: QueueRates, *, in_campaign: bool = False) -> Worth:
    """The parts for one lead."""
    strand = rates.strand(kind, cell)
    return Worth(chance(score), strand.lift, order().campaign if in_campaign else 1.0, strand.minutes)


def measure(decided: Iterable[Decided], *, at: AwareDatetime) -> QueueRates:
    """Rates from what was decided, by kind and cell. A time over the longest is a person who went away: the longest
    counts."""
    sums: dict[tuple[str, Cell | None], list[float]] = {}
    for each in decided:
        row = sums.setdefault((each.kind, each.cell), [0.0] * 5)
        row[0] += 1
        row[1] += order().yields[each.outcome]
        row[2] += chance(each.score)
        if each.minutes is not None:
            row[3] += 1
            row[4] += min(each.minutes, order().longest_minutes)
    strands = [
        StrandRate(
            kind=kind,
            cell=cell,
            decided=int(row[0]),
            yielded=round(row[1], 6),
            expected=round(row[2], 6),
            timed=int(row[3]),
            spent_minutes=round(row[4], 6),
        )
        for (kind, cell), row in sums.items()
    ]
    strands.sort(key=lambda strand: (strand.kind, strand.cell or ""))
    return QueueRates(strands=tuple(strands), measured_at=at)
