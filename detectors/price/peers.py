"""What other sellers ask: unit prices counted by group, one voice for each seller, and where a price stands among them.

Owns the counts (`PeerCounts`: exact, mergeable, the same whatever the order) and the immutable snapshot made of them
(`PeerPrices`, in the context as `peers`). Leaves the reading of listings to `detectors.price.peer_offers` and what a
standing means to `detectors.price.peer_evidence`.

A seller's voice in a group is the lower median of its listings there. A listing is never its own peer: the whole voice
of its seller is left out before it is compared, exactly, because the snapshot knows who said what. Names of sellers
and groups are kept as 64-bit digests alone.
"""

import hashlib
import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.price.log_bins import LOG_WIDTH, bin_of, middle_of
from detectors.price.peer_offers import PeerOffer
from detectors.price.peer_policy import peer_policy
from models.errors import InputError

CODE_VERSION = "1"
MAD_TO_DEVIATION = 1.4826  # the median absolute deviation of a normal distribution, in standard deviations
GROUPS_KEPT = 65536
Arrays = Mapping[str, npt.NDArray[Any]]
KINDS = {"groups": np.uint64, "starts": np.int64, "bins": np.int16, "voices": np.uint64}


class PeerCounts:
    """A multiset of (group, voice, bin). Adding and merging are exact: any order and any split of the same offers
    gives the same prices, byte for byte. About 18 bytes an offer."""

    def __init__(self) -> None:
        self._groups, self._voices, self._bins = array("Q"), array("Q"), array("h")

    def __len__(self) -> int:
        return len(self._bins)

    def add(self, offer: PeerOffer) -> None:
        """Count one listing. The caller gives each listing once."""
        self._groups.append(name_of(offer.group))
        self._voices.append(name_of(offer.voice))
        self._bins.append(bin_of(float(offer.unit_price)))

    def add_all(self, offers: Iterable[PeerOffer]) -> "PeerCounts":
        for offer in offers:
            self.add(offer)
        return self

    def merge(self, other: "PeerCounts") -> "PeerCounts":
        """Take in what another one counted."""
        self._groups.extend(other._groups)
        self._voices.extend(other._voices)
        self._bins.extend(other._bins)
        return self

    def prices(self) -> "PeerPrices":
        """One voice for each seller in each group: the snapshot."""
        groups = np.frombuffer(self._groups, np.uint64) if self._groups else np.empty(0, np.uint64)
        voices = np.frombuffer(self._voices, np.uint64) if self._voices else np.empty(0, np.uint64)
        bins = np.frombuffer(self._bins, np.int16) if self._bins else np.empty(0, np.int16)
        order = np.lexsort((bins, voices, groups))
        groups, voices, bins = groups[order], voices[order], bins[order]
        first = _changes(groups) | _changes(voices)
        starts = np.flatnonzero(first)
        counts = np.diff(np.append(starts, len(bins)))
        middles = starts + (counts - 1) // 2
        groups, voices, bins = groups[middles], voices[middles], bins[middles]
        order = np.lexsort((voices, bins, groups))
        groups, voices, bins = groups[order], voices[order], bins[order]
        starts = np.flatnonzero(_changes(groups))
        edges = np.append(starts, len(bins)).astype(np.int64)
        return PeerPrices({"groups": groups[starts], "starts": edges, "bins": bins, "voices": voices})


class Standing(NamedTuple):
    """Where a price stands among other sellers: how many there are and how many are as low, their median (in the
    group's currency, by the unit), the price over that median, the spread of their logarithms, the distance in such
    spreads, and whether the sample supports calling the price low at all."""

    sellers: int
    as_low: int
    median: float
    ratio: float
    spread: float
    deviations: float
    supported: bool


class PeerPrices:
    """The voices of every group, as plain arrays: an immutable snapshot that may be mapped from a file.

    `groups` are digests of groups, rising; `starts` (one more) the first voice of each; `bins` and `voices` the voices,
    by bin within each group.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = {name: np.asarray(arrays[name], kind) for name, kind in KINDS.items()}
        # A cache over a method would hold `self` for ever.
        self._group = lru_cache(maxsize=GROUPS_KEPT)(partial(_load, self._arrays))

    @classmethod
    def empty(cls) -> "PeerPrices":
        return PeerCounts().prices()

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "PeerPrices":
        """Raises `InputError` for arrays that are not peer prices."""
        if set(arrays) != set(KINDS) or any(arrays[name].ndim != 1 for name in KINDS):
            raise InputError("these are no peer prices")
        groups, starts, bins = arrays["groups"], arrays["starts"], arrays["bins"]
        whole = len(starts) == len(groups) + 1 and len(bins) == len(arrays["voices"]) == starts[-1] and starts[0] == 0
        if not whole or (np.diff(starts.astype(np.int64)) <= 0).any():
            raise InputError("the arrays of peer prices do not fit together")
        return cls(arrays)

    @cached_property
    def version(self) -> str:
        """A digest of the content: the same offers give the same version on every machine."""
        told = hashlib.sha256(f"peers {CODE_VERSION}".encode())
        for name, kind in KINDS.items():
            told.update(self._arrays[name].astype(np.dtype(kind).newbyteorder("<")).tobytes())
        return told.hexdigest()[:32]

    def arrays(self) -> Arrays:
        return dict(self._arrays)

    @property
    def sizes(self) -> tuple[int, int]:
        """How many groups, and how many voices in all."""
        return len(self._arrays["groups"]), len(self._arrays["bins"])

    def standing(self, offer: PeerOffer) -> Standing | None:
        """Where the offer stands among other sellers; None when there are none. Its own seller's voice is left out."""
        return self.standing_of(offer.group, offer.voice, float(offer.unit_price))

    def voices(self, offer: PeerOffer) -> list[int]:
        """The bins of every other seller's voice in the offer's group, rising."""
        found = self._group(offer.group)
        return [] if found is None else found.others(offer.voice)

    def standing_of(self, group: str, voice: str, unit_price: float) -> Standing | None:
        """The same by its parts: a few dictionary look-ups once a group is held ready."""
        found = self._group(group)
        return None if found is None else found.standing(voice, unit_price)


def _load(arrays: Arrays, group: str) -> "_Group | None":
    name = name_of(group)
    groups = arrays["groups"]
    place = int(np.searchsorted(groups, np.uint64(name)))
    if place == len(groups) or int(groups[place]) != name:
        return None
    first, last = (int(edge) for edge in arrays["starts"][place : place + 2])
    return _Group(arrays["bins"][first:last].tolist(), arrays["voices"][first:last].tolist())


class _Group:
    """One group held ready: its bins rising, who said which, and the middle and spread without each of them."""

    def __init__(self, bins: list[int], voices: list[int]) -> None:
        self._bins = bins
        self._own = dict(zip(voices, bins, strict=True))
        self._middles: dict[int | None, tuple[float, float]] = {}

    def standing(self, voice: str, unit_price: float) -> Standing | None:
        own = self._own.get(name_of(voice))
        sellers = len(self._bins) - (own is not None)
        if sellers < 1:
            return None
        middle = self._middles.get(own)
        if middle is None:
            middle = self._middles[own] = self._middle(own)
        median, spread = middle
        number = bin_of(unit_price)
        as_low = bisect_right(self._bins, number) - (own is not None and own <= number)
        ratio = unit_price / median
        return Standing(
            sellers, as_low, median, ratio, spread, math.log(ratio) / spread, as_low <= most_as_low(sellers)
        )

    def others(self, voice: str) -> list[int]:
        """The bins without this voice's own."""
        bins, own = list(self._bins), self._own.get(name_of(voice))
        if own is not None:
            bins.remove(own)
        return bins

    def _middle(self, own: int | None) -> tuple[float, float]:
        """The lower median price and the robust spread of logarithms, one own voice left out."""
        bins = list(self._bins)
        if own is not None:
            bins.remove(own)
        median = bins[(len(bins) - 1) // 2]
        far = sorted(abs(each - median) for each in bins)
        spread = MAD_TO_DEVIATION * far[len(far) // 2] * LOG_WIDTH
        return middle_of(median), max(spread, peer_policy().least_spread)


@lru_cache(maxsize=65536)
def most_as_low(sellers: int) -> int:
    """The rule of sample size: the most of so many sellers that may be as low for a price to be called low; -1 when
    the sample supports no such claim. The largest k with P(Binomial(sellers, share) <= k) <= 1 - confidence."""
    policy = peer_policy()
    p, doubt = policy.share, 1 - policy.confidence
    told, most = 0.0, -1
    for k in range(sellers + 1):
        chosen = math.lgamma(sellers + 1) - math.lgamma(k + 1) - math.lgamma(sellers - k + 1)
        told += math.exp(chosen + k * math.log(p) + (sellers - k) * math.log1p(-p))
        if told > doubt:
            return most
        most = k
    return most


@lru_cache(maxsize=262144)
def name_of(text: str) -> int:
    """The 64-bit digest that stands for a group or a voice."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "little")


def _changes(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one before it; the first always does."""
    told = np.ones(len(values), np.bool_)
    told[1:] = values[1:] != values[:-1]
    return told
