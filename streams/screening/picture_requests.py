"""Picture requests: listings whose findings call for the words in their pictures where nobody could read them.

Owns asking and answering. A worker without a reader of words asks and goes on; one that has it answers: it takes the
listing as it is stored now, reads its pictures to the full and screens it again. A request for a state that is no
longer the newest is done with, because the newer state has been screened since.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from detectors.triage import Rules
from detectors.triage.looking import calls_for_words
from models.events import PictureRequest
from models.identity import digest
from models.leads import Screening
from models.ports import ScreeningStore, Store
from models.rescreenings import StoredSubject
from models.subjects import Listing
from streams.bus import Bus
from streams.bus.topics import PICTURE_REQUESTS


def called_for(screenings: Sequence[Screening], table: Rules) -> dict[int, Listing]:
    """The listings whose findings call for the words in their pictures, by place."""
    return {
        place: screening.subject
        for place, screening in enumerate(screenings)
        if isinstance(screening.subject, Listing)
        and screening.subject.images
        and calls_for_words(screening.findings, screening.assessment, table)
    }


def request_words(
    bus: Bus, store: ScreeningStore, organisation_id: str, called: Collection[Listing], *, at: datetime
) -> int:
    """Ask for the words in the pictures of those listings of one organisation that nobody has read to the full yet;
    returns how many. The same state of a listing is asked for under the same event id."""
    addresses = {address for listing in called for address in listing.images}
    if not addresses:
        return 0
    readings = store.readings(organisation_id, addresses)
    read = {address for address, reading in readings.items() if reading.level == "full"}
    unread = [listing for listing in called if not read.issuperset(listing.images)]
    return bus.publish(PICTURE_REQUESTS, [_request(listing, at) for listing in unread]) if unread else 0


def _request(listing: Listing, at: datetime) -> PictureRequest:
    return PictureRequest(
        event_id=digest("picture-request", listing.observation_id, "full"),
        organisation_id=listing.organisation_id,
        at=at,
        platform=listing.platform,
        listing_id=listing.listing_id,
        observation_id=listing.observation_id,
    )


Screen = Callable[[str, Sequence[StoredSubject]], Sequence[Screening]]


def answer(store: Store, requests: Sequence[PictureRequest], screen: Screen) -> tuple[Screening, ...]:
    """Screen the listings of these requests again with `screen`, which reads their pictures; returns what stands
    newly. Asking twice changes nothing."""
    by_organisation: dict[str, dict[str, str]] = defaultdict(dict)
    for request in requests:
        by_organisation[request.organisation_id][request.key] = request.observation_id
    stood: list[Screening] = []
    for organisation_id, asked in by_organisation.items():
        stored = store.rescreenings.newest(organisation_id, tuple(asked))
        still = [each for each in stored if asked[each.subject.key.token] == each.subject.observation_id]
        if still:
            stood += store.screenings.record_again(screen(organisation_id, still))
    return tuple(stood)
