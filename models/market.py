"""The market as it was seen: the port for prices of earlier days and for snapshots that are published to workers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from models.findings import EarlierPrice
from models.subjects import Listing


class PublishedSnapshot(NamedTuple):
    """One version of a named snapshot; `body` is what its builder wrote."""

    version: str
    published_at: datetime
    body: bytes


class MarketStore(Protocol):
    """Prices by listing and day, and published snapshots. What belongs to another organisation does not exist."""

    def keep_prices(self, listings: Sequence[Listing]) -> None:
        """Keep what each listing asked on the Shanghai day it was captured; of one day the latest sighting stands,
        whatever the order of arrival. Listings without a price, a currency or a time are passed over."""

    def earlier_prices(self, listings: Sequence[Listing]) -> dict[str, tuple[EarlierPrice, ...]]:
        """Of each listing (by its key's token) the prices of days before its own, oldest first. Its own day and later
        ones are left out, so that the answer stays the same when its message is handled again."""

    def forget_prices(self, organisation_id: str, *, before: datetime) -> int:
        """Remove the prices of days before that; returns how many."""

    def newest_listings(self, organisation_id: str, *, since: datetime) -> Iterator[Listing]:
        """The newest stored state of every listing screened since then, in an order that is always the same. Read page
        by page: what is stored meanwhile may or may not appear."""

    def publish(self, organisation_id: str, name: str, version: str, body: bytes, *, at: datetime) -> None:
        """Make this the newest version of that snapshot; some earlier ones are kept."""

    def published_version(self, organisation_id: str, name: str) -> str:
        """The newest version; empty without one. One cheap query, made by workers before every batch."""

    def published(self, organisation_id: str, name: str, version: str = "") -> PublishedSnapshot:
        """That version, or the newest. Raises `NotFoundError`."""
