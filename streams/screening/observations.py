"""From subjects to observations: a subject linked with what has been read about it.

Owns which readings and which listing belong to a subject. Reading pictures is `streams.pictures`.
"""

from collections.abc import Sequence
from typing import Protocol

from models.findings import EarlierPrice, Observation
from models.market import MarketStore
from models.pictures import Level, PictureReading
from models.ports import ScreeningStore
from models.subjects import AnySubject, Listing, ParcelRecord


class Pictures(Protocol):
    """What can give readings of addresses, fetching and reading what is not known yet: `streams.pictures`."""

    @property
    def highest(self) -> Level:
        """The highest level that can be read here."""

    def read_all(
        self, addresses: Sequence[str], *, organisation_id: str, level: Level = "hash"
    ) -> dict[str, PictureReading]: ...


def observe(
    organisation_id: str,
    subjects: Sequence[AnySubject],
    store: ScreeningStore,
    pictures: Pictures | None = None,
    market: MarketStore | None = None,
    *,
    level: Level = "hash",
) -> list[Observation]:
    """One observation per subject of one organisation, in order. Without `pictures`, only readings that the store
    holds are linked. A parcel that names a listing gets the listing's newest stored state; with `market`, a listing
    gets its own prices of earlier days. `level` is what `pictures` are read to at least."""
    readings = _readings(organisation_id, subjects, store, pictures, level)
    named = {subject.listing_id for subject in subjects if isinstance(subject, ParcelRecord) and subject.listing_id}
    listings = store.listings(organisation_id, named) if named else {}
    earlier = market.earlier_prices([one for one in subjects if isinstance(one, Listing)]) if market else {}
    return [_observation(subject, readings, listings, earlier) for subject in subjects]


def _observation(
    subject: AnySubject,
    readings: dict[str, PictureReading],
    listings: dict[str, Listing],
    earlier: dict[str, tuple[EarlierPrice, ...]],
) -> Observation:
    if isinstance(subject, ParcelRecord):
        return Observation(subject, listing=listings.get(subject.listing_id))
    read = tuple(readings[address] for address in subject.images if address in readings)
    return Observation(subject, read, earlier=earlier.get(subject.key.token, ()))


def _readings(
    organisation_id: str,
    subjects: Sequence[AnySubject],
    store: ScreeningStore,
    pictures: Pictures | None,
    level: Level,
) -> dict[str, PictureReading]:
    images = (subject.images for subject in subjects if isinstance(subject, Listing))
    addresses = list(dict.fromkeys(address for some in images for address in some))
    if not addresses:
        return {}
    if pictures is not None:
        return pictures.read_all(addresses, organisation_id=organisation_id, level=level)
    return store.readings(organisation_id, addresses)
