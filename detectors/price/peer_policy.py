"""What makes a price low against peers and against itself: the policy as data.

Owns the reading of `detectors/price/data/peers.toml` and the score of a ratio. Leaves ratios to
`detectors.price.peers` and `detectors.price.history`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PeerPolicy:
    """`share` and `confidence` make the rule of sample size; `deviations` and `least_spread` that of the spread."""

    share: float
    confidence: float
    deviations: float
    least_spread: float
    far_below: float
    below: float
    points: Points
    least_sure: float
    fewest: int


@dataclass(frozen=True)
class HistoryPolicy:
    """How many earlier `days` within `window_days` make a listing's own history, and what is a drop or a zigzag."""

    days: int
    window_days: int
    below: float
    points: Points
    zigzag: float
    same: float


@dataclass(frozen=True)
class ForestPolicy:
    """From which share of strange training prices the second opinion speaks; which attributes tell a shop's age."""

    strange: float
    opened: tuple[str, ...]


@cache
def peer_policy() -> PeerPolicy:
    """The shipped policy, read once, on first use."""
    table = _table()
    named = ("share", "confidence", "deviations", "least_spread", "far_below", "below", "least_sure", "fewest")
    return PeerPolicy(points=_points(table), **{name: table[name] for name in named})


@cache
def history_policy() -> HistoryPolicy:
    """The shipped policy, read once, on first use."""
    table = _table()["history"]
    named = ("days", "window_days", "below", "zigzag", "same")
    return HistoryPolicy(points=_points(table), **{name: table[name] for name in named})


@cache
def forest_policy() -> ForestPolicy:
    """The shipped policy, read once, on first use."""
    table = _table()["forest"]
    return ForestPolicy(strange=table["strange"], opened=tuple(table["opened"]))


def score_of(ratio: float, points: Points) -> float:
    """0..1 by straight lines between the declared points; 0 from the last one on."""
    if ratio <= points[0][0]:
        return points[0][1]
    for (low, high_score), (high, low_score) in pairwise(points):
        if ratio < high:
            return high_score + (low_score - high_score) * (ratio - low) / (high - low)
    return 0.0


def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("detectors.price").joinpath("data", "peers.toml").read_text("utf-8"))


def _points(table: dict[str, Any]) -> Points:
    return tuple((point["ratio"], point["score"]) for point in table["points"])
