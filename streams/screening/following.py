"""Following: what a batch that was stored calls for. Parcels are screened again when their listing came later than they
did, and listings with the words of their pictures when their findings ask for them.

Owns whom to screen again; the first screening of each is `streams.screening.batches`'. What cannot be screened again
keeps its first screening.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog

from models.context import Context
from models.errors import told
from models.leads import Screening
from models.ports import Store
from models.subjects import Listing, ParcelRecord
from streams.bus import Bus
from streams.screening.bisection import bisect
from streams.screening.contexts import Contexts
from streams.screening.observations import Pictures, observe
from streams.screening.picture_requests import called_for, request_words
from streams.screening.screener import Screener

log = structlog.get_logger(__name__)


class Following:
    """Screens again what screenings of one organisation call for. `page` parcels are taken at once."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        screener: Screener,
        contexts: Contexts,
        pictures: Pictures | None,
        clock: Callable[[], datetime],
        *,
        page: int,
    ) -> None:
        self._bus, self._store, self._screener, self._contexts = bus, store, screener, contexts
        self._pictures, self._clock, self._page = pictures, clock, page

    def link(self, organisation_id: str, screenings: Sequence[Screening]) -> int:
        """Screen parcels again whose listing came later than they did. Whoever stores a listing looks for the parcels
        that wait for it, and whoever stores a waiting parcel looks for its listing: after both are stored, one of two
        workers sees the other's. Returns how many were screened again."""
        arrived = {each.subject.listing_id for each in screenings if isinstance(each.subject, Listing)}
        missed = {each.awaited_listing for each in screenings} - {""}
        ledger = self._store.screenings
        arrived |= set(ledger.listings(organisation_id, missed)) if missed else set()
        waiting = ledger.parcels_awaiting(organisation_id, arrived) if arrived else ()
        linked = 0
        for start in range(0, len(waiting), self._page):
            page = waiting[start : start + self._page]
            context = self._contexts.current(organisation_id)
            at = max(self._clock(), *(screened_at for _, screened_at in page))
            screen = partial(self._screen_again, organisation_id, context, at)
            _, failures = bisect([parcel for parcel, _ in page], screen)
            linked += len(page) - len(failures)
            for failure in failures:  # its first screening stands
                token = failure.item.key.token
                log.error("a parcel cannot be screened with its listing", subject=token, error=told(failure.error))
        return linked

    def look(self, organisation_id: str, done: Sequence[Screening]) -> dict[int, Screening]:
        """Read the words in the pictures of those listings whose findings call for it, and screen them again; returns
        what is newest of these, by place in `done`. Where words cannot be read here, they are asked for."""
        if self._pictures is None:
            return {}
        context = self._contexts.current(organisation_id)
        table = self._screener.table_in(context)
        called = called_for(done, table)
        if self._pictures.highest != "full":
            request_words(self._bus, self._store.screenings, organisation_id, called.values(), at=self._clock())
            return {}
        if not called:
            return {}
        at = max(self._clock(), *(done[place].screened_at for place in called))
        seen, failures = bisect(list(called), partial(self._screen_with_words, organisation_id, context, at, called))
        for failure in failures:
            token = called[failure.item].key.token
            log.error(
                "a listing cannot be screened with the words of its pictures", subject=token, error=told(failure.error)
            )
        return dict(seen)

    def _screen_with_words(
        self, organisation_id: str, context: Context, at: datetime, called: Mapping[int, Listing], places: Sequence[int]
    ) -> Sequence[tuple[int, Screening]]:
        subjects = [called[place] for place in places]
        observations = observe(
            organisation_id, subjects, self._store.screenings, self._pictures, self._store.market, level="full"
        )
        screened = self._screener.screen(observations, context, at=at)
        self._store.screenings.record(screened)
        return list(zip(places, screened, strict=True))

    def _screen_again(
        self, organisation_id: str, context: Context, at: datetime, parcels: Sequence[ParcelRecord]
    ) -> Sequence[None]:
        observations = observe(organisation_id, parcels, self._store.screenings)
        self._store.screenings.record(self._screener.screen(observations, context, at=at))
        return ()
