"""Common pictures, learned from the stored listings and published to workers by version.

Owns the pass over the store. What makes a picture common is `detectors.pictures.common`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from detectors.behaviour.shops import shop_key
from detectors.pictures.common import COMMON, CommonPictures, PictureUse, learn
from models.errors import InputError
from models.market import MarketStore
from models.ports import Store

PAGE = 500


def publish_common(store: Store, organisation_id: str, *, at: datetime, days: int) -> CommonPictures:
    """Learn what is common among the pictures of the listings seen within so many days, and make it the newest
    version of the list."""
    common = learn(_uses(store, organisation_id, since=at - timedelta(days=days)))
    store.market.publish(organisation_id, COMMON, common.version, common.to_bytes(), at=at)
    return common


def load_common(store: MarketStore, organisation_id: str) -> CommonPictures | None:
    """The newest published list; None where none was published."""
    version = store.published_version(organisation_id, COMMON)
    if not version:
        return None
    try:
        return CommonPictures.from_bytes(store.published(organisation_id, COMMON, version).body)
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"this is no list of common pictures: {error}", where=f"snapshot {COMMON} {version}") from None


def _uses(store: Store, organisation_id: str, *, since: datetime) -> Iterator[PictureUse]:
    listings = store.market.newest_listings(organisation_id, since=since)
    while page := list(islice(listings, PAGE)):
        addresses = list(dict.fromkeys(address for listing in page for address in listing.images))
        readings = store.screenings.readings(organisation_id, addresses) if addresses else {}
        for listing in page:
            for address in listing.images:
                if address in readings:
                    yield PictureUse(shop_key(listing), listing.title, readings[address])
