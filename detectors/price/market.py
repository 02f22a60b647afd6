"""What the market says of a listing's price, where the holder's reference price says nothing: peers, the listing's own
past, the second opinion.

Owns which of them are asked, and the reader held for a registry version. The snapshots of the context are `peers`
(`PeerPrices`) and `price-model` (`PriceForest`); a context without them hears nothing from them.
"""

from collections.abc import Collection

from detectors.price.forest import PriceForest
from detectors.price.history import history_evidence
from detectors.price.peer_evidence import peer_evidence
from detectors.price.peer_offers import PeerReader
from detectors.price.peers import PeerPrices
from models.context import Context
from models.findings import Evidence, Observation
from models.registry import Registry
from models.subjects import Listing

PEERS, PRICE_MODEL = "peers", "price-model"


class Market:
    """The market's side of the price detector."""

    def __init__(self) -> None:
        self._held: tuple[str, PeerReader] | None = None

    def evidence(
        self, observation: Observation, listing: Listing, context: Context, compared: Collection[str]
    ) -> list[Evidence]:
        """Findings on the listing's price; marks in `compared` were held against the holder's own goods already."""
        found = history_evidence(listing, observation.earlier, context.as_of)
        peers = context.snapshots.get(PEERS)
        if not isinstance(peers, PeerPrices) or not peers.sizes[0]:
            return found
        offer = self._reader(context.registry).read(listing)
        if offer is None or not set(offer.mark_ids).isdisjoint(compared):
            return found
        model = context.snapshots.get(PRICE_MODEL)
        forest = model if isinstance(model, PriceForest) else None
        return [*peer_evidence(listing, offer, peers, forest, context.as_of), *found]

    def _reader(self, registry: Registry) -> PeerReader:
        """The reader of this registry version; the newest one is kept."""
        held = self._held
        if held is None or held[0] != registry.version:
            held = (registry.version, PeerReader(registry))
            self._held = held
        return held[1]
