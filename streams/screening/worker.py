"""The screening worker: from messages to stored results, so that every accepted subject ends in exactly one of lead,
no-match and dead letter.

The order of its steps is the promise. It computes first, then writes one transaction, then acknowledges: whatever
dies in between is delivered again, and the store's unique keys absorb it. A transient fault is retried and moves no
offset. Any other failure is bisected down to the messages that cause it.
"""

import random
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any

import structlog

from detectors.triage.looking import calls_for_words
from models.context import Context
from models.errors import PoisonError, TransientFault, told
from models.leads import DeadLetter, Outcome, Screening
from models.moments import now
from models.ports import Store
from models.rescreenings import StoredSubject
from models.subjects import AnySubject, Listing, ParcelRecord
from streams.bus import Bus, Delivery, Subscription, Topic
from streams.bus.topics import PICTURE_REQUESTS
from streams.measures import Measures
from streams.screening.bisection import Failure, bisect
from streams.screening.contexts import ContextSource
from streams.screening.dead_letters import dead_letter, settle
from streams.screening.grouping import place_twins
from streams.screening.observations import Pictures, observe
from streams.screening.picture_requests import answer, request_words
from streams.screening.rescreening import screen_stored
from streams.screening.screener import Screener
from streams.settings import WorkerSettings

log = structlog.get_logger(__name__)

QUICK_LOOK_S = 0.05


@dataclass(frozen=True)
class Received:
    """A message and the subject it carries."""

    delivery: Delivery[Any]
    subject: AnySubject


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


def _carry_on(step: str) -> None:
    """The default checkpoint: does nothing."""


class ScreeningWorker:
    """One member of the screening group. `checkpoint` is called after each step of a batch, with `polled`, `screened`,
    `recorded` or `acknowledged`: a place to look in, or to fall over in a test."""

    def __init__(
        self,
        bus: Bus,
        topics: Sequence[Topic[Any]],
        store: Store,
        screener: Screener,
        contexts: ContextSource,
        settings: WorkerSettings,
        *,
        pictures: Pictures | None = None,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
        measures: Measures | None = None,
    ) -> None:
        self._bus, self._topics, self._store = bus, tuple(topics), store
        self._screener, self._contexts, self._settings = screener, contexts, settings
        self._pictures, self._clock, self._checkpoint = pictures, clock, checkpoint
        self._stopping = threading.Event()
        self.tally = Tally()
        self.measures = measures or Measures()

    def run(self, *, until_idle: bool = False) -> Tally:
        """Work until `stop` is called; with `until_idle`, until the group has no backlog. Raises `ConflictError` when
        another worker takes this one's name, and `ConfigurationError`."""
        with ExitStack() as opened:
            joined = [self._patiently(partial(self._join, opened, topic)) for topic in self._topics]
            subscriptions = [each for each in joined if each is not None]
            busy = True
            while not self._stopping.is_set():
                self.measures.tick()
                # One batch of every topic in turn: a list, because `any` alone would stop at the first busy topic.
                rounds = [self._round(each, waiting=not busy) for each in subscriptions]
                busy = any(rounds)
                if until_idle and not busy and self._patiently(self._drained):
                    break
        return self.tally

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it and return. May be called from a signal handler or a thread."""
        self._stopping.set()

    def handle(self, deliveries: Sequence[Delivery[Any]]) -> None:
        """Screen and store these messages in one transaction. Raises `TransientFault` when the messages are to be
        handled again: what was stored by then is absorbed."""
        received, letters = self._decode(deliveries)
        by_organisation: dict[str, list[Received]] = defaultdict(list)
        for each in received:
            by_organisation[each.subject.key.organisation_id].append(each)
        done: list[tuple[Received, Screening]] = []
        for organisation_id, members in by_organisation.items():
            screened, failures = self._screen(organisation_id, members)
            done += screened
            letters += [self._letter(failure) for failure in failures]
        self._checkpoint("screened")
        with self.measures.stage("store"):
            refused = self._record(done, letters)
            self._keep_prices(done, refused)
        letters += refused
        for organisation_id in by_organisation:
            self._link(organisation_id, [screening for _, screening in done])
            done = self._look(organisation_id, done)
            own = [each for _, each in done if each.subject.organisation_id == organisation_id]
            place_twins(self._store, organisation_id, own, at=self._clock())
        settle(self._store, [each.delivery for each, _ in done], at=self._clock())
        self._count(done, letters)

    def _count(self, done: Sequence[tuple[Received, Screening]], letters: Sequence[DeadLetter]) -> None:
        """Add what was stored up, and tell of every lead, and at level debug of every subject."""
        self.tally.batches += 1
        self.tally.screened += len(done)
        self.tally.dead_letters += len(letters)
        for letter in letters:
            self.measures.count("jianzhen_dead_letters", topic=letter.topic)
        for _, screening in done:
            self.tally.leads += screening.outcome is Outcome.LEAD
            self.measures.count("jianzhen_screened", kind=screening.subject.key.kind, outcome=screening.outcome)
            tell = log.info if screening.outcome is Outcome.LEAD else log.debug
            tell(
                "screened",
                trace=screening.observation_id,
                subject=screening.subject.key.token,
                outcome=screening.outcome.value,
                registry=screening.registry_version,
                context=screening.context_version,
            )

    def _join(self, opened: ExitStack, topic: Topic[Any]) -> Subscription[Any]:
        settings = self._settings
        return opened.enter_context(self._bus.subscribe(topic, group=settings.group, member=settings.member))

    def _round(self, subscription: Subscription[Any], *, waiting: bool) -> bool:
        """Take one batch to its end; returns whether there was one."""
        timeout_s = self._settings.poll_timeout_s / len(self._topics) if waiting else QUICK_LOOK_S
        limit = self._settings.batch
        begun = perf_counter()
        deliveries = self._patiently(lambda: subscription.poll(limit=limit, timeout_s=timeout_s))
        if not deliveries:
            return False
        self.measures.seconds("jianzhen_stage_seconds", perf_counter() - begun, stage="bus")
        self.measures.count("jianzhen_received", len(deliveries), topic=deliveries[0].topic.name)
        self._checkpoint("polled")
        if self._patiently(partial(self._stored, deliveries)) is None:
            return False  # stopped while the store was away: nothing is stored, nothing acknowledged
        self._checkpoint("recorded")
        with self.measures.stage("bus"):
            self._patiently(lambda: subscription.ack(deliveries))
        self.measures.batch_done()
        self._checkpoint("acknowledged")
        return True

    def _stored(self, deliveries: Sequence[Delivery[Any]]) -> bool:
        if deliveries[0].topic.name == PICTURE_REQUESTS.name:
            self._answer(deliveries)
        else:
            self.handle(deliveries)
        return True

    def _answer(self, deliveries: Sequence[Delivery[Any]]) -> None:
        """Screen the listings of these picture requests again, with the words of their pictures."""
        received, letters = self._decode(deliveries)
        stood, failures = bisect(
            received,
            lambda some: answer(self._store, [each.delivery.payload() for each in some], self._screen_to_the_full),
        )
        letters += [self._dead(each.item.delivery, each.error, each.attempts) for each in failures]
        if letters:
            self._store.screenings.record((), letters)
        for organisation_id in sorted({each.subject.organisation_id for each in stood}):
            own = [each for each in stood if each.subject.organisation_id == organisation_id]
            place_twins(self._store, organisation_id, own, at=self._clock())
        settle(self._store, [each.delivery for each in received], at=self._clock())
        self.tally.looked += len(stood)
        self.tally.dead_letters += len(letters)

    def _screen_to_the_full(self, organisation_id: str, some: Sequence[StoredSubject]) -> Sequence[Screening]:
        context, at = self._contexts.current(organisation_id), self._clock()
        return screen_stored(
            self._store, self._screener, organisation_id, context, some, at=at, pictures=self._pictures
        )

    def _drained(self) -> bool:
        return all(self._bus.backlog(topic, group=self._settings.group) == 0 for topic in self._topics)

    def _patiently(self, step: Callable[[], Any]) -> Any:
        """Do the step, again and again while a server is away; None when stopped meanwhile."""
        pause_s = self._settings.retry_first_s
        while True:
            try:
                return step()
            except TransientFault as fault:
                self.tally.retries += 1
                self.measures.count("jianzhen_retries")
                log.warning("retrying", fault=str(fault), pause_s=round(pause_s, 1))
                if self._stopping.wait(pause_s * random.uniform(0.5, 1.0)):  # noqa: S311  # spreads workers, no secret
                    return None
                pause_s = min(pause_s * 2, self._settings.retry_longest_s)

    def _decode(self, deliveries: Sequence[Delivery[Any]]) -> tuple[list[Received], list[DeadLetter]]:
        received, letters = [], []
        for delivery in deliveries:
            try:
                received.append(Received(delivery, delivery.payload()))
            except PoisonError as error:
                letters.append(self._dead(delivery, error))
        return received, letters

    def _screen(
        self, organisation_id: str, members: Sequence[Received]
    ) -> tuple[list[tuple[Received, Screening]], list[Failure[Received]]]:
        context = self._contexts.current(organisation_id)
        at = self._clock()

        def work(some: Sequence[Received]) -> list[tuple[Received, Screening]]:
            subjects = [each.subject for each in some]
            with self.measures.stage("pictures"):
                observations = observe(
                    organisation_id, subjects, self._store.screenings, self._pictures, self._store.market
                )
            with self.measures.stage("detectors"):
                return list(zip(some, self._screener.screen(observations, context, at=at), strict=True))

        return bisect(members, work)

    def _record(self, done: Sequence[tuple[Received, Screening]], letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Store everything in one transaction; when the store refuses a subject, find it and store the rest. Returns
        the letters of those refused."""
        pending = list(letters)

        def work(some: Sequence[tuple[Received, Screening]]) -> Sequence[None]:
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

    def _keep_prices(self, done: Sequence[tuple[Received, Screening]], refused: Sequence[DeadLetter]) -> None:
        """What stored listings asked on which day, of those that anything was found on: their history from now on."""
        dead = {letter.key for letter in refused}
        found = (screening.subject for _, screening in done if screening.findings)
        listings = (subject for subject in found if isinstance(subject, Listing))
        self._store.market.keep_prices([listing for listing in listings if listing.key.token not in dead])

    def _link(self, organisation_id: str, screenings: Sequence[Screening]) -> None:
        """Screen parcels again whose listing came later than they did. Whoever stores a listing looks for the parcels
        that wait for it, and whoever stores a waiting parcel looks for its listing: after both are stored, one of two
        workers sees the other's."""
        own = [each for each in screenings if each.subject.organisation_id == organisation_id]
        arrived = {each.subject.listing_id for each in own if isinstance(each.subject, Listing)}
        missed = {each.awaited_listing for each in own} - {""}
        ledger = self._store.screenings
        arrived |= set(ledger.listings(organisation_id, missed)) if missed else set()
        waiting = ledger.parcels_awaiting(organisation_id, arrived) if arrived else ()
        for start in range(0, len(waiting), self._settings.batch):
            page = waiting[start : start + self._settings.batch]
            context = self._contexts.current(organisation_id)
            at = max(self._clock(), *(screened_at for _, screened_at in page))
            screen = partial(self._screen_again, organisation_id, context, at)
            _, failures = bisect([parcel for parcel, _ in page], screen)
            self.tally.linked += len(page) - len(failures)
            for failure in failures:  # its first screening stands
                token = failure.item.key.token
                log.error("a parcel cannot be screened with its listing", subject=token, error=told(failure.error))

    def _look(self, organisation_id: str, done: list[tuple[Received, Screening]]) -> list[tuple[Received, Screening]]:
        """Read the words in the pictures of those listings whose findings call for it, and screen them again; returns
        all with what is newest. Where a listing cannot be screened with its words, its first screening stands."""
        if self._pictures is None:
            return done
        context = self._contexts.current(organisation_id)
        table = self._screener.table_in(context)
        if self._pictures.highest != "full":
            own = [each for _, each in done if each.subject.organisation_id == organisation_id]
            request_words(self._bus, self._store.screenings, own, table, at=self._clock())
            return done
        called = {
            place: screening.subject
            for place, (_, screening) in enumerate(done)
            if screening.subject.organisation_id == organisation_id
            and isinstance(screening.subject, Listing)
            and screening.subject.images
            and calls_for_words(screening.findings, screening.assessment, table)
        }
        if not called:
            return done
        at = max(self._clock(), *(done[place][1].screened_at for place in called))
        seen, failures = bisect(list(called), partial(self._screen_with_words, organisation_id, context, at, called))
        self.tally.looked += len(seen)
        for failure in failures:
            token = called[failure.item].key.token
            log.error(
                "a listing cannot be screened with the words of its pictures", subject=token, error=told(failure.error)
            )
        newest = dict(seen)
        return [(each, newest.get(place, screening)) for place, (each, screening) in enumerate(done)]

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


def stop_on_signals(worker: ScreeningWorker) -> None:
    """Let SIGTERM and SIGINT end the worker after the batch at hand. For the main thread of a process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
