"""Peer prices: how fast they take listings, what a million of them cost, and what one cached comparison costs beside a
single-sample call of scikit-learn's IsolationForest, both asked in turn in the same run.

"Counted" takes offers that the price detector has read already; "read and counted" begins with listings, title and all.
Sellers, prices and groups are drawn; titles are of fictional marks.
"""

import random
import resource
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from detectors.price.forest import FEATURES
from detectors.price.forest_training import train
from detectors.price.peer_offers import PeerOffer, PeerReader
from detectors.price.peers import PeerCounts, PeerPrices
from models.registry import Mark, Registry
from models.subjects import Listing, Seller

LISTINGS, GROUPS, SHOPS = 1_000_000, 5_000, 200_000
READ = 10_000
ROUNDS, CACHED_CALLS, FOREST_CALLS = 7, 20_000, 20
FAMILIES = ("洗面奶", "面膜", "爽肤水", "口红", "香水")


def run() -> dict[str, float]:
    """Rates, memory, and the cost of one comparison."""
    before_mib = _peak_mib()
    counts, counting_s = _counted()
    start = perf_counter()
    peers = counts.prices()
    built_s = perf_counter() - start
    peak_mib = _peak_mib()
    return {
        "listings/s counted, of 1,000,000": LISTINGS / counting_s,
        "listings/s counted, snapshot included": LISTINGS / (counting_s + built_s),
        "listings/s read and counted": _read_rate(),
        "MiB more at the peak for 1,000,000 listings": peak_mib - before_mib,
        "MiB of the snapshot": sum(array.nbytes for array in peers.arrays().values()) / 2**20,
        **_comparisons(peers),
    }


def _counted() -> tuple[PeerCounts, float]:
    """Count a million offers, made in portions so that only the counting is timed."""
    counts, seconds = PeerCounts(), 0.0
    offers = _offers(random.Random(3), LISTINGS)
    while portion := list(islice(offers, 20_000)):
        start = perf_counter()
        counts.add_all(portion)
        seconds += perf_counter() - start
    return counts, seconds


def _offers(dice: random.Random, count: int) -> Iterator[PeerOffer]:
    for _ in range(count):
        group, shop = dice.randrange(GROUPS), dice.randrange(SHOPS)
        price = Decimal(round(100 * dice.lognormvariate(0, 0.3))) / 100
        yield PeerOffer(_group(group), ("m",), "toner", "ml", price, "CNY", f"shop|p|{shop}", 1.0, "100ml")


def _group(number: int) -> str:
    return f"mark{number}|toner|ml64|CNY"


def _read_rate() -> float:
    """From listings to counts, one core."""
    marks = tuple(Mark(mark_id=f"m{number}", text=f"KESTRELLO{number}") for number in range(1000))
    reader, dice = PeerReader(Registry(marks=marks)), random.Random(4)
    listings = [
        Listing(
            listing_id=str(number),
            platform="p",
            title=f"KESTRELLO{dice.randrange(1000)} {dice.choice(FAMILIES)} {dice.randrange(30, 500)}ml 清透官方正品",
            price=Decimal(dice.randrange(900, 30_000)) / 100,
            currency="CNY",
            seller=Seller(name=f"店{dice.randrange(3000)}"),
        )
        for number in range(READ)
    ]
    counts = PeerCounts()
    start = perf_counter()
    counts.add_all(offer for offer in map(reader.read, listings) if offer is not None)
    seconds = perf_counter() - start
    if len(counts) < READ * 0.9:
        raise RuntimeError("the listings of the bench are not read as offers")
    return READ / seconds


def _comparisons(peers: PeerPrices) -> dict[str, float]:
    """One cached comparison, one call of scikit-learn's forest, one of ours: medians over rounds, in turn."""
    dice, numbers = random.Random(5), np.random.default_rng(5)
    rows = numbers.normal(size=(4_000, len(FEATURES)))
    theirs = IsolationForest(n_estimators=100, random_state=1).fit(rows)
    ours = train(rows)
    took: dict[str, list[float]] = {"cached": [], "theirs": [], "ours": []}
    for _ in range(ROUNDS):
        asked = [
            (_group(dice.randrange(200)), f"shop|p|{dice.randrange(SHOPS)}", dice.random() * 3 + 0.01)
            for _ in range(2_000)
        ]
        asked *= CACHED_CALLS // len(asked)
        for group, voice, price in asked[:2_000]:
            peers.standing_of(group, voice, price)  # held ready from here on, as in a worker
        samples = numbers.normal(size=(FOREST_CALLS, len(FEATURES)))
        took["cached"].append(_each(lambda one: peers.standing_of(*one), asked))
        took["theirs"].append(_each(lambda row: theirs.score_samples(row[None]), list(samples)))
        took["ours"].append(_each(lambda row: ours.strangeness(row[None]), list(samples)))
    cached, their, our = (median(took[name]) for name in ("cached", "theirs", "ours"))
    return {
        "us a cached comparison with peers": cached * 1e6,
        "us a single-sample call of scikit-learn's IsolationForest": their * 1e6,
        "us a single-sample call of the exported forest": our * 1e6,
        "times faster: cached comparison than scikit-learn's call": their / cached,
    }


def _each(work: Callable[[Any], object], asked: Sequence[Any]) -> float:
    start = perf_counter()
    for one in asked:
        work(one)
    return (perf_counter() - start) / len(asked)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
