"""A fictional market for tests of prices against peers."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from detectors.price.peer_offers import PeerOffer, PeerReader
from detectors.price.peers import PeerCounts, PeerPrices
from models.moments import SHANGHAI
from models.registry import Mark, Registry
from models.subjects import Listing, Seller

REGISTRY = Registry(
    marks=(
        Mark(mark_id="M1", text="白鹭泉", aliases=("BAILUQUAN",)),
        Mark(mark_id="M2", text="白鹭泉", nice_classes=(5,)),
        Mark(mark_id="M3", text="晴川"),
    )
)
READER = PeerReader(REGISTRY)
ORDINARY = datetime(2026, 3, 20, 12, tzinfo=SHANGHAI)  # no sale
SALE = datetime(2026, 11, 11, 12, tzinfo=SHANGHAI)


def listing(number: int, price: object, *, title: str = "白鹭泉 洗面奶 100ml", **said: Any) -> Listing:
    given: dict[str, Any] = {
        "listing_id": str(number),
        "platform": "集市",
        "title": title,
        "price": Decimal(str(price)),
        "currency": "CNY",
        "seller": Seller(name=f"店{number}"),
        "captured_at": ORDINARY,
    }
    return Listing.model_validate(given | said)


def offer(subject: Listing) -> PeerOffer:
    found = READER.read(subject)
    assert found is not None
    return found


def market(sellers: int, *, middle: float = 100.0) -> list[Listing]:
    """So many sellers whose prices lie around `middle`, a few per cent apart."""
    return [listing(number, round(middle * (1 + (number % 21 - 10) / 100), 2)) for number in range(1, sellers + 1)]


def prices(listings: list[Listing]) -> PeerPrices:
    return PeerCounts().add_all(map(offer, listings)).prices()
