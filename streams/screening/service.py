"""The screening port: scoring as the review API is allowed to see it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from detectors.pictures.index import PictureIndex
from detectors.price.market import PEERS
from detectors.price.peers import PeerPrices
from detectors.price.pictures import PricePictures
from detectors.triage import what_would_flip
from models.errors import ConfigurationError, InputError
from models.findings import Finding
from models.leads import Flip, Screening
from models.moments import now
from models.pictures import PictureLaid, PictureReading, PictureSearch
from models.policy import RulesInUse
from models.ports import Store
from models.price_pictures import PricePicture
from models.registry import Registry
from models.subjects import AnySubject, Listing
from streams.screening.contexts import ContextSource, build_context
from streams.screening.observations import Pictures, observe
from streams.screening.picture_base import PICTURES
from streams.screening.picture_search import lay, search
from streams.screening.points import POINTS
from streams.screening.screener import Screener


class ScreeningService:
    """Implements `models.scoring_ports.ScreeningPort` with the workers' own screener and contexts."""

    def __init__(
        self,
        store: Store,
        screener: Screener,
        contexts: ContextSource,
        *,
        pictures: Pictures | None = None,
        read: Callable[[bytes], PictureReading] | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._screener, self._contexts = store, screener, contexts
        self._pictures, self._read, self._clock = pictures, read, clock
        self._prices = PricePictures()

    def preview(self, organisation_id: str, subjects: Sequence[AnySubject]) -> tuple[Screening, ...]:
        """Screen without storing. Raises `InputError` for a subject of another organisation."""
        for subject in subjects:
            if subject.organisation_id != organisation_id:
                raise InputError("the subject belongs to another organisation", where=subject.key.native_id)
        context = self._contexts.current(organisation_id)
        observations = observe(organisation_id, subjects, self._store.screenings, self._pictures, self._store.market)
        return self._screener.screen(observations, context, at=self._clock())

    def find_with(self, organisation_id: str, draft: Registry, listings: Sequence[Listing]) -> tuple[Screening, ...]:
        """Screen stored listings against a registry that is only thought of, with the readings that are stored and
        the organisation's own operating points. Raises `InputError` for a listing of another organisation."""
        for listing in listings:
            if listing.organisation_id != organisation_id:
                raise InputError("the listing belongs to another organisation", where=listing.listing_id)
        standing = self._contexts.current(organisation_id)
        context = build_context(draft, as_of=standing.as_of, organisation_id=organisation_id)
        points = {name: held for name, held in standing.snapshots.items() if name == POINTS}
        observations = observe(organisation_id, listings, self._store.screenings)
        with_points = replace(context, snapshots={**context.snapshots, **points})
        return self._screener.screen(observations, with_points, at=self._clock())

    def search_pictures(self, organisation_id: str, data: bytes, *, top: int) -> PictureSearch:
        """See the port. Raises `ConfigurationError` where nothing can read pictures."""
        if self._read is None:
            raise ConfigurationError("pictures cannot be read here", mend="build the service with a reader")
        index = self._contexts.current(organisation_id).snapshot(PICTURES, PictureIndex)
        return search(index, self._read(data), top=top)

    def lay(self, finding: Finding, reading: PictureReading, reference: PictureReading) -> PictureLaid | None:
        """See the port."""
        return lay(finding, reading, reference)

    def what_would_flip(self, screening: Screening) -> tuple[Flip, ...]:
        """What would change the outcome under today's rules; as recorded with the screening, when the registry has
        moved on since and its marks can no longer be weighed."""
        context = self._contexts.current(screening.subject.organisation_id)
        if context.registry.version != screening.registry_version:
            return screening.assessment.flips
        table = self._screener.table_in(context)
        return what_would_flip(screening.findings, context.registry, context.as_of, screening.subject, table)

    def price_picture(self, listing: Listing, marks: Collection[str] = ()) -> PricePicture:
        """See the port."""
        context = self._contexts.current(listing.organisation_id)
        peers = context.snapshots.get(PEERS)
        known = peers if isinstance(peers, PeerPrices) else None
        return self._prices.of(listing, context.registry, known, marks)

    def rules_in_use(self, organisation_id: str) -> RulesInUse:
        """See the port."""
        held = self._screener.table_in(self._contexts.current(organisation_id)).policy.operating_point
        shipped = self._screener.table.policy.operating_point
        return RulesInUse(version=self._screener.table.version, points=dict(held), shipped=dict(shipped))
