"""The market's snapshots: peer prices built from listings, published by version, and the price model's file.

Owns how they are built, written as bytes and loaded again. What they mean is `detectors.price`; where published ones
lie is the store's. Peer prices are a function of the listings alone, rebuilt from their stored newest states: nothing
is counted twice, whatever was delivered how often, and another registry or other rules need no migration.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.behaviour import SHOPS, ShopCounts
from detectors.price.forest import FEATURES, PriceForest, features_of
from detectors.price.market import PEERS, PRICE_MODEL
from detectors.price.peer_offers import PeerOffer, PeerReader
from detectors.price.peer_policy import peer_policy
from detectors.price.peers import PeerCounts, PeerPrices
from models.context import Snapshot
from models.errors import InputError
from models.market import MarketStore
from models.ports import Store
from models.registry import Registry
from models.subjects import Listing

Arrays = Mapping[str, npt.NDArray[Any]]
WINDOW_DAYS = 90  # a listing that was not seen for so long is no peer any more
HISTORY_DAYS = 120  # so long a listing's own prices are kept
LARGEST_MODEL = 256 * 2**20


def build_peers(registry: Registry, listings: Iterable[Listing]) -> PeerPrices:
    """Peer prices of these listings, each given once, in any order."""
    reader = PeerReader(registry)
    offers = (reader.read(listing) for listing in listings)
    return PeerCounts().add_all(offer for offer in offers if offer is not None).prices()


def publish_peers(store: Store, organisation_id: str, *, at: datetime, days: int = WINDOW_DAYS) -> PeerPrices:
    """Build peer prices from the stored listings seen within so many days and make them the newest version, and
    with them the table of shops (`detectors.behaviour`), counted in the same pass. Also
    forgets prices too old to be anybody's history."""
    since = at - timedelta(days=days)
    listings = store.market.newest_listings(organisation_id, since=since)
    registry = store.registry.current(organisation_id)
    shops = ShopCounts(registry)
    peers = build_peers(registry, shops.watching(listings))
    store.market.publish(organisation_id, PEERS, peers.version, to_bytes(peers.arrays()), at=at)
    table = shops.table()
    store.market.publish(organisation_id, SHOPS, table.version, table.to_bytes(), at=at)
    store.market.forget_prices(organisation_id, before=at - timedelta(days=HISTORY_DAYS))
    return peers


def training_rows(registry: Registry, listings: Iterable[Listing], *, at: datetime) -> npt.NDArray[np.float64]:
    """The features of every listing that has enough peers: what `detectors.price.forest_training` learns from."""
    reader, counts = PeerReader(registry), PeerCounts()
    read: list[tuple[Listing, PeerOffer]] = []
    for listing in listings:
        offer = reader.read(listing)
        if offer is not None:
            counts.add(offer)
            read.append((listing, offer))
    peers, fewest = counts.prices(), peer_policy().fewest
    rows = []
    for listing, offer in read:
        standing = peers.standing(offer)
        if standing is not None and standing.sellers >= fewest:
            rows.append(features_of(listing, standing, listing.captured_at or at))
    return np.array(rows, np.float64).reshape(len(rows), len(FEATURES))


class MarketSnapshots:
    """What a worker's contexts take from the market: the newest published peers, and the model it was started with."""

    def __init__(self, store: MarketStore, model: PriceForest | None = None) -> None:
        self._store, self._model = store, model

    def fingerprint(self, organisation_id: str) -> str:
        """Changes when `load` would answer otherwise."""
        return self._store.published_version(organisation_id, PEERS)

    def load(self, organisation_id: str) -> dict[str, Snapshot]:
        """The snapshots by name; without published peers there is nothing to compare with, and no model is asked."""
        version = self._store.published_version(organisation_id, PEERS)
        if not version:
            return {}
        body = self._store.published(organisation_id, PEERS, version).body
        return named(PeerPrices.from_arrays(from_bytes(body, where=f"snapshot {PEERS} {version}")), self._model)


def named(peers: PeerPrices, model: PriceForest | None) -> dict[str, Snapshot]:
    """Snapshots under the names that the price detector looks for."""
    return {PEERS: peers} if model is None else {PEERS: peers, PRICE_MODEL: model}


def read_model(file: Path) -> PriceForest:
    """The price model in that file. Raises `InputError` for anything else; nothing of it is executed."""
    try:
        if file.stat().st_size > LARGEST_MODEL:
            raise InputError("the file is too large for a price model", where=str(file))
        return PriceForest.from_arrays(from_bytes(file.read_bytes(), where=str(file)))
    except OSError as error:
        raise InputError(f"无法读取 / cannot be read: {error.strerror}", where=str(file)) from None
    except InputError as error:
        mend = "用 jianzhen price train 重新训练 / train it anew"
        raise InputError(f"不是可用的价格模型 / not a usable model: {error.what}", where=str(file), mend=mend) from None


def to_bytes(arrays: Arrays) -> bytes:
    """Arrays as one compressed file; equal arrays give equal bytes."""
    target = io.BytesIO()
    np.savez_compressed(target, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    return target.getvalue()


def from_bytes(body: bytes, *, where: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays again. Raises `InputError` for bytes that are none; never unpickles."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > 8 * LARGEST_MODEL:
                raise InputError("the arrays are too large", where=where)
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"these are no arrays: {error}", where=where) from None
