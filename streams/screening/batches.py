"""Batches: messages become stored results, so that every accepted subject ends in exactly one of lead, no-match and
dead letter.

Owns the order of the steps within a batch: everything is computed first, then written in one transaction. A transient
fault is the caller's to retry; any other failure is bisected down to the messages that cause it. Which messages come,
and when they are acknowledged, is `streams.screening.worker`'s; what a stored batch calls for, `following`'s.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog

from models.errors import PoisonError, told
from models.leads import DeadLetter, Outcome, Screening
from models.ports import Store
from models.rescreenings import StoredSubject
from models.subjects import AnySubject, Listing
from streams.bus import Bus, Delivery
from streams.measures import Measures
from streams.screening.bisection import Failure, bisect
from streams.screening.contexts import Contexts
from streams.screening.dead_letters import dead_letter, settle
from streams.screening.following import Following
from streams.screening.grouping import place_twins
from streams.screening.observations import Pictures, observe
from streams.screening.picture_requests import answer
from streams.screening.rescreening import screen_stored
from streams.screening.screener import Screener

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Received:
    """A message and the subject it carries."""

    delivery: Delivery[Any]
    subject: AnySubject


Done = tuple[Received, Screening]
Item = TypeVar("Item")


@dataclass
class Tally:
    """What a worker has done since it started. Redelivered subjects count again; the store knows each once."""

    batches: int = 0
    screened: int = 0
    leads: int = 0
    dead_letters: int = 0
    linked: int = 0
    """Parcels screened again with a listing that came later."""
    looked: int = 0
    """Listings screened again with the words of their pictures."""
    retries: int = 0


class Batches:
    """Screens and stores. `checkpoint` is called with `screened` before anything is written."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        screener: Screener,
        contexts: Contexts,
        *,
        pictures: Pictures | None,
        clock: Callable[[], datetime],
        checkpoint: Callable[[str], None],
        measures: Measures,
        page: int,
    ) -> None:
        self._store, self._screener, self._contexts = store, screener, contexts
        self._pictures, self._clock, self._checkpoint, self._measures = pictures, clock, checkpoint, measures
        self._following = Following(bus, store, screener, contexts, pictures, clock, page=page)
        self.tally = Tally()

    def handle(self, deliveries: Sequence[Delivery[Any]]) -> None:
        """Screen and store these messages in one transaction. Raises `TransientFault` when the messages are to be
        handled again: what was stored by then is absorbed."""
        received, letters = self._decode(deliveries)
        done: list[Done] = []
        for organisation_id, members in _by_organisation(received, lambda each: each.subject).items():
            screened, failures = self._screen(organisation_id, members)
            done += screened
            letters += [self._letter(failure) for failure in failures]
        self._checkpoint("screened")
        with self._measures.stage("store"):
            refused = self._record(done, letters)
            self._keep_prices(done, refused)
        letters += refused
        newest: list[Screening] = []
        for organisation_id, own in _by_organisation(done, lambda each: each[0].subject).items():
            newest += self._follow(organisation_id, own)
        self._count(newest, letters)

    def _follow(self, organisation_id: str, own: Sequence[Done]) -> Sequence[Screening]:
        """Do what these stored screenings of one organisation call for; returns how they stand then."""
        screenings = [screening for _, screening in own]
        self.tally.linked += self._following.link(organisation_id, screenings)
        looked = self._following.look(organisation_id, screenings)
        self.tally.looked += len(looked)
        newest = [looked.get(place, screening) for place, screening in enumerate(screenings)]
        place_twins(self._store, organisation_id, newest, at=self._clock())
        settle(self._store, organisation_id, [each.delivery for each, _ in own], at=self._clock())
        return newest

    def answer(self, deliveries: Sequence[Delivery[Any]]) -> None:
        """Screen the listings of these picture requests again, with the words of their pictures."""
        received, letters = self._decode(deliveries)
        stood, failures = bisect(
            received,
            lambda some: answer(self._store, [each.delivery.payload() for each in some], self._screen_to_the_full),
        )
        letters += [self._dead(each.item.delivery, each.error, each.attempts) for each in failures]
        if letters:
            self._store.screenings.record((), letters)
        for organisation_id, own in _by_organisation(stood, lambda each: each.subject).items():
            place_twins(self._store, organisation_id, own, at=self._clock())
        for organisation_id, handled in _by_organisation(received, lambda each: each.subject).items():
            settle(self._store, organisation_id, [each.delivery for each in handled], at=self._clock())
        self.tally.looked += len(stood)
        self.tally.dead_letters += len(letters)

    def _count(self, done: Sequence[Screening], letters: Sequence[DeadLetter]) -> None:
        """Add what was stored up, and tell of every lead, and at level debug of every subject."""
        self.tally.batches += 1
        self.tally.screened += len(done)
        self.tally.dead_letters += len(letters)
        for letter in letters:
            self._measures.count("jianzhen_dead_letters", topic=letter.topic)
        everything = log.is_enabled_for(logging.DEBUG)
        for screening in done:
            is_lead = screening.outcome is Outcome.LEAD
            self.tally.leads += is_lead
            self._measures.count("jianzhen_screened", kind=screening.subject.key.kind, outcome=screening.outcome)
            if is_lead or everything:
                (log.info if is_lead else log.debug)(
                    "screened",
                    trace=screening.observation_id,
                    subject=screening.subject.key.token,
                    outcome=screening.outcome.value,
                    registry=screening.registry_version,
                    context=screening.context_version,
                )

    def _screen_to_the_full(self, organisation_id: str, some: Sequence[StoredSubject]) -> Sequence[Screening]:
        context, at = self._contexts.current(organisation_id), self._clock()
        return screen_stored(
            self._store, self._screener, organisation_id, context, some, at=at, pictures=self._pictures
        )

    def _decode(self, deliveries: Sequence[Delivery[Any]]) -> tuple[list[Received], list[DeadLetter]]:
        received, letters = [], []
        for delivery in deliveries:
            try:
                received.append(Received(delivery, delivery.payload()))
            except PoisonError as error:
                letters.append(self._dead(delivery, error))
        return received, letters

    def _screen(self, organisation_id: str, members: Sequence[Received]) -> tuple[list[Done], list[Failure[Received]]]:
        context = self._contexts.current(organisation_id)
        at = self._clock()

        def work(some: Sequence[Received]) -> list[Done]:
            subjects = [each.subject for each in some]
            with self._measures.stage("pictures"):
                observations = observe(
                    organisation_id, subjects, self._store.screenings, self._pictures, self._store.market
                )
            with self._measures.stage("detectors"):
                return list(zip(some, self._screener.screen(observations, context, at=at), strict=True))

        return bisect(members, work)

    def _record(self, done: Sequence[Done], letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Store everything in one transaction; when the store refuses a subject, find it and store the rest. Returns
        the letters of those refused."""
        pending = list(letters)

        def work(some: Sequence[Done]) -> Sequence[None]:
            self._store.screenings.record([screening for _, screening in some], pending)
            return ()

        if not done:
            self._store.screenings.record((), pending)
            return []
        _, failures = bisect(done, work)
        refused = [
            self._dead(failure.item[0].delivery, failure.error, failure.attempts, failure.item[0].subject)
            for failure in failures
        ]
        if refused:
            self._store.screenings.record((), [*pending, *refused])
        return refused

    def _keep_prices(self, done: Sequence[Done], refused: Sequence[DeadLetter]) -> None:
        """What stored listings asked on which day, of those that anything was found on: their history from now on."""
        dead = {letter.key for letter in refused}
        found = (screening.subject for _, screening in done if screening.findings)
        listings = (subject for subject in found if isinstance(subject, Listing))
        self._store.market.keep_prices([listing for listing in listings if listing.key.token not in dead])

    def _letter(self, failure: Failure[Received]) -> DeadLetter:
        return self._dead(failure.item.delivery, failure.error, failure.attempts, failure.item.subject)

    def _dead(
        self, delivery: Delivery[Any], error: Exception, attempts: int = 1, subject: AnySubject | None = None
    ) -> DeadLetter:
        owner = subject.key.organisation_id if subject else None
        letter = dead_letter(delivery, error, at=self._clock(), attempts=attempts, organisation_id=owner)
        place = {"topic": letter.topic, "partition": letter.partition, "offset": letter.offset}
        trace = subject.observation_id if subject else letter.payload_sha256[:32]
        log.error("dead letter", trace=trace, **place, reason=told(error))
        return letter


def _by_organisation(some: Iterable[Item], subject_of: Callable[[Item], AnySubject]) -> dict[str, list[Item]]:
    """Each organisation's own, in their order."""
    found: dict[str, list[Item]] = defaultdict(list)
    for each in some:
        found[subject_of(each).organisation_id].append(each)
    return found
