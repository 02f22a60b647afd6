"""From subjects to observations: a subject linked with what has been read about it.

Owns which readings and which listing belong to a subject. Reading pictures is `streams.pictures`.
"""

from collections.abc import Sequence
from typing import Protocol

from models.findings import Observation
from models.pictures import PictureReading
from models.ports import ScreeningStore
from models.subjects import AnySubject, Listing, ParcelRecord


class Pictures(Protocol):
    """What can give readings of addresses, fetching and reading what is not known yet: `streams.pictures`."""

    def read_all(self, addresses: Sequence[str], *, organisation_id: str) -> dict[str, PictureReading]: ...


def observe(
    organisation_id: str, subjects: Sequence[AnySubject], store: ScreeningStore, pictures: Pictures | None = None
) -> list[Observation]:
    """One observation per subject of one organisation, in order. Without `pictures`, only readings that the store
    holds are linked. A parcel that names a listing gets the listing's newest stored state."""
    readings = _readings(organisation_id, subjects, store, pictures)
    named = {subject.listing_id for subject in subjects if isinstance(subject, ParcelRecord) and subject.listing_id}
    listings = store.listings(organisation_id, named) if named else {}
    return [_observation(subject, readings, listings) for subject in subjects]


def _observation(subject: AnySubject, readings: dict[str, PictureReading], listings: dict[str, Listing]) -> Observation:
    if isinstance(subject, ParcelRecord):
        return Observation(subject, listing=listings.get(subject.listing_id))
    return Observation(subject, tuple(readings[address] for address in subject.images if address in readings))


def _readings(
    organisation_id: str, subjects: Sequence[AnySubject], store: ScreeningStore, pictures: Pictures | None
) -> dict[str, PictureReading]:
    images = (subject.images for subject in subjects if isinstance(subject, Listing))
    addresses = list(dict.fromkeys(address for some in images for address in some))
    if not addresses:
        return {}
    if pictures is not None:
        return pictures.read_all(addresses, organisation_id=organisation_id)
    return store.readings(organisation_id, addresses)
