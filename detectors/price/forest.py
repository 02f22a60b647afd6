"""The second opinion: an isolation forest over prices, held as plain arrays and scored here.

Owns the features of an offer, the scoring of trees and the explanation of a score. Training is
`detectors.price.forest_training` and needs scikit-learn; scoring needs numpy alone and gives scikit-learn's numbers
(F. T. Liu, K. M. Ting, Z.-H. Zhou, Isolation Forest, ICDM 2008). A model file holds arrays and no code.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.price.peer_policy import forest_policy
from detectors.price.peers import Standing
from models.errors import InputError
from models.moments import SHANGHAI
from models.subjects import Listing

# The features in the order of their columns, with the words that tell them to a person.
FEATURES: dict[str, str] = {
    "ratio": "与同类中位价之比 / ratio to peers",
    "spread": "同类价格离散度 / spread of peers",
    "sales": "销量 / sales",
    "seller_age": "开店时间 / age of the shop",
    "discount": "折扣深度 / depth of discount",
}
KINDS = {
    "roots": np.int64,
    "feature": np.int16,
    "threshold": np.float64,
    "left": np.int32,
    "right": np.int32,
    "length": np.float64,
    "medians": np.float64,
    "tuning": np.float64,
}
MOST_NODES = 4_000_000
REASONS = 3
EULER = 0.5772156649015329
Arrays = Mapping[str, npt.NDArray[Any]]


class Opinion(NamedTuple):
    """`strangeness` is minus scikit-learn's `score_samples` (0..1); `score` 0..1 says how far it lies beyond the
    training prices, 0 within them; `reasons` are the features that make it strange, most telling first."""

    strangeness: float
    score: float
    reasons: tuple[str, ...]


class PriceForest:
    """Trees as arrays: `roots` the first node of each tree; of each node its `feature` (-1 for a leaf), `threshold`,
    children `left` and `right`, and for a leaf the path `length` to it; `medians` of the training features stand in
    for what a listing does not tell; `tuning` is (path length that is average, strangeness that begins to speak,
    strangeness of the strangest)."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = {name: np.ascontiguousarray(arrays[name], kind) for name, kind in KINDS.items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "PriceForest":
        """Raises `InputError` unless the arrays make trees that every offer finds its way through."""
        if set(arrays) != set(KINDS) or any(arrays[name].ndim != 1 for name in KINDS):
            raise InputError("no price model: its arrays are not those of this version")
        if any(not np.issubdtype(arrays[name].dtype, np.number) for name in KINDS):
            raise InputError("no price model: its arrays hold no numbers")
        if any(not np.can_cast(arrays[name].dtype, kind, "same_kind") for name, kind in KINDS.items()):
            raise InputError("no price model: its arrays are of other kinds")
        forest = cls(arrays)
        forest._check()
        return forest

    @cached_property
    def version(self) -> str:
        """A digest of the content."""
        told = hashlib.sha256(b"forest 1")
        for name, kind in KINDS.items():
            told.update(self._arrays[name].astype(np.dtype(kind).newbyteorder("<")).tobytes())
        return told.hexdigest()[:32]

    def arrays(self) -> Arrays:
        return dict(self._arrays)

    def strangeness(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Of each row of features (NaN: not told): 2 ** (-mean path length / average path length)."""
        told = np.where(np.isnan(rows), self._arrays["medians"], rows).astype(np.float32)
        lengths = np.zeros(len(told))
        for root in self._arrays["roots"]:
            lengths += self._arrays["length"][self._leaves(told, int(root))]
        average = self._arrays["tuning"][0]
        return np.asarray(2.0 ** (-lengths / (len(self._arrays["roots"]) * average)))

    def opinion(self, features: Sequence[float]) -> Opinion:
        """What the forest says of one offer. A feature's share is what the strangeness loses when the training median
        stands in for it."""
        told = np.array(features, np.float64)
        rows = np.tile(told, (len(FEATURES) + 1, 1))
        for place in range(len(FEATURES)):
            rows[place + 1, place] = self._arrays["medians"][place]
        strange = self.strangeness(rows)
        _, begins, most = self._arrays["tuning"]
        beyond = (float(strange[0]) - begins) / max(most - begins, 1e-9)
        score = round(min(1.0, 0.5 + beyond / 2), 6) if beyond >= 0 else 0.0
        shares = sorted(
            (round(float(strange[place + 1] - strange[0]), 9), place)
            for place in range(len(FEATURES))
            if not np.isnan(told[place])
        )
        names = tuple(FEATURES.values())
        reasons = tuple(f"{names[place]} {-share:.3f}" for share, place in shares if share < 0)[:REASONS]
        return Opinion(round(float(strange[0]), 9), score, reasons)

    def _leaves(self, rows: npt.NDArray[np.float32], root: int) -> npt.NDArray[np.int64]:
        feature, threshold = self._arrays["feature"], self._arrays["threshold"]
        left, right = self._arrays["left"], self._arrays["right"]
        places = np.full(len(rows), root, np.int64)
        walking = np.arange(len(rows))
        while len(walking := walking[feature[places[walking]] >= 0]):
            at = places[walking]
            goes_left = rows[walking, feature[at]] <= threshold[at]
            places[walking] = np.where(goes_left, left[at], right[at])
        return places

    def _check(self) -> None:
        arrays = self._arrays
        nodes = len(arrays["feature"])
        of_nodes = ("threshold", "left", "right", "length")
        fits = (
            0 < nodes <= MOST_NODES
            and all(len(arrays[name]) == nodes for name in of_nodes)
            and len(arrays["medians"]) == len(FEATURES)
            and len(arrays["tuning"]) == 3
            and len(arrays["roots"]) > 0
            and bool(((arrays["roots"] >= 0) & (arrays["roots"] < nodes)).all())
            and bool((arrays["feature"] < len(FEATURES)).all())
            and all(bool(np.isfinite(arrays[name]).all()) for name in ("threshold", "length", "medians", "tuning"))
            and arrays["tuning"][0] > 0
        )
        inner = np.flatnonzero(arrays["feature"] >= 0)
        if fits and len(inner):
            for child in (arrays["left"][inner], arrays["right"][inner]):
                fits = fits and bool(((child > inner) & (child < nodes)).all())  # children lie behind: no way round
        if not fits:
            raise InputError("no price model: its trees do not fit together")


def features_of(listing: Listing, standing: Standing, at: datetime) -> tuple[float, ...]:
    """The features of one offer, in the order of `FEATURES`; NaN where the listing does not tell."""
    depth = math.nan
    if listing.list_price and listing.price:
        depth = math.log(float(listing.list_price / listing.price))
    return (
        math.log(standing.ratio),
        standing.spread,
        math.nan if listing.sales is None else math.log1p(listing.sales),
        _age(listing, at),
        depth,
    )


def average_path(samples: float) -> float:
    """The average path length of an unsuccessful search in a tree of so many samples (Liu et al., equation 1)."""
    if samples <= 1:
        return 0.0
    return 1.0 if samples <= 2 else 2.0 * (math.log(samples - 1.0) + EULER) - 2.0 * (samples - 1.0) / samples


def _age(listing: Listing, at: datetime) -> float:
    """The logarithm of the shop's age in days, where an attribute tells when it was opened."""
    for name in forest_policy().opened:
        try:
            opened = date.fromisoformat(listing.attributes.get(name, "")[:10])
        except ValueError:
            continue
        return math.log1p(max(0, (at.astimezone(UTC).astimezone(SHANGHAI).date() - opened).days))
    return math.nan
