"""Re-screening: stored subjects screened again under the newest context and rules, at a bounded pace.

A run passes over the subjects in the order of their tokens and keeps after every batch how far it has come; whoever
takes it up again goes on there. A batch that was stored and not yet noted is done again, which changes nothing. What
people decided stays: a screening moves a lead, it never makes or unmakes a decision. Pictures are not fetched; what
was read of them is used, and where findings call for words that nobody has read yet, they are asked for.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

import structlog

from models.context import Context
from models.leads import Screening
from models.moments import now
from models.pictures import Level
from models.ports import Store
from models.rescreenings import Rescreening, StoredSubject
from streams.bus import Bus
from streams.screening.bisection import bisect
from streams.screening.contexts import ContextSource
from streams.screening.grouping import place_twins
from streams.screening.observations import Pictures, observe
from streams.screening.picture_requests import called_for, request_words
from streams.screening.screener import Screener

log = structlog.get_logger(__name__)


def _carry_on(step: str) -> None:
    """The default checkpoint: does nothing."""


@dataclass(frozen=True)
class Pace:
    """How hard a run may work: subjects in one transaction, and at most so many a second (0: as fast as it goes)."""

    batch: int = 100
    per_second: float = 50.0


class Rescreener:
    """Screens what is stored. `checkpoint` is called with `screened`, `recorded` and `noted` in each batch."""

    def __init__(
        self,
        store: Store,
        screener: Screener,
        contexts: ContextSource,
        *,
        bus: Bus | None = None,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
    ) -> None:
        self._store, self._screener, self._contexts, self._bus = store, screener, contexts, bus
        self._clock, self._checkpoint = clock, checkpoint
        self._stopping = threading.Event()

    def begin(self, organisation_id: str, *, kind: str = "", anew: bool = False) -> Rescreening:
        """The run that was left unfinished, or a new one; with `anew`, always a new one."""
        unfinished = None if anew else self._store.rescreenings.unfinished(organisation_id)
        if unfinished is not None and unfinished.kind == kind:
            return unfinished
        context, at = self._contexts.current(organisation_id), self._clock()
        run = Rescreening(
            organisation_id=organisation_id,
            run_id=uuid4().hex,
            kind=kind,
            registry_version=context.registry.version,
            rules_version=self._screener.rules_version,
            context_version=context.version,
            total=self._store.rescreenings.count(organisation_id, kind=kind),
            started_at=at,
            updated_at=at,
        )
        self._store.rescreenings.save(run)
        return run

    def run(
        self, run: Rescreening, pace: Pace, *, told: Callable[[Rescreening], None] = lambda run: None
    ) -> Rescreening:
        """Go on until every subject is done or `stop` is called; `told` hears of every batch. Raises `TransientFault`
        when the store is away: the run can be taken up again."""
        while not self._stopping.is_set():
            began = self._clock()
            page = self._store.rescreenings.subjects(
                run.organisation_id, kind=run.kind, after=run.cursor, limit=pace.batch
            )
            if not page:
                run = run.model_copy(update={"finished_at": self._clock()})
                self._store.rescreenings.save(run)
                break
            run = self._batch(run, page)
            self._store.rescreenings.save(run)
            self._checkpoint("noted")
            told(run)
            spent_s = (self._clock() - began).total_seconds()
            if pace.per_second:
                self._stopping.wait(max(0.0, len(page) / pace.per_second - spent_s))
        return run

    def stop(self) -> None:
        """End after the batch at hand. May be called from a signal handler or a thread."""
        self._stopping.set()

    def _batch(self, run: Rescreening, page: Sequence[StoredSubject]) -> Rescreening:
        context = self._contexts.current(run.organisation_id)
        mine = (self._screener.rules_version, context.version)
        due = [each for each in page if (each.rules_version, each.context_version) != mine]
        screened, failures = bisect(due, partial(self._screen, run.organisation_id, context))
        for failure in failures:
            token = failure.item.subject.key.token
            log.error("a stored subject cannot be screened again", subject=token, error=str(failure.error))
        self._checkpoint("screened")
        stood = self._store.screenings.record_again(screened)
        self._checkpoint("recorded")
        place_twins(self._store, run.organisation_id, stood, at=self._clock())
        if self._bus is not None:
            called = called_for(stood, self._screener.table_in(context)).values()
            request_words(self._bus, self._store.screenings, run.organisation_id, called, at=self._clock())
        before = {each.subject.key.token: each for each in due}
        changes = [_change(before[each.subject.key.token], each) for each in stood]
        return run.model_copy(
            update={
                "cursor": page[-1].subject.key.token,
                "done": run.done + len(page),
                "screened": run.screened + len(stood),
                "same": run.same + len(page) - len(due),
                "moved": run.moved + len(screened) - len(stood),
                "failed": run.failed + len(failures),
                "raised": run.raised + sum(change > 0 for change in changes),
                "lowered": run.lowered + sum(change < 0 for change in changes),
                "updated_at": self._clock(),
            }
        )

    def _screen(self, organisation_id: str, context: Context, some: Sequence[StoredSubject]) -> Sequence[Screening]:
        return screen_stored(self._store, self._screener, organisation_id, context, some, at=self._clock())


def screen_stored(
    store: Store,
    screener: Screener,
    organisation_id: str,
    context: Context,
    some: Sequence[StoredSubject],
    *,
    at: datetime,
    pictures: Pictures | None = None,
) -> Sequence[Screening]:
    """Screenings of stored subjects, made later than those that stand; with `pictures`, these are read to the full."""
    subjects = [each.subject for each in some]
    level: Level = "hash" if pictures is None else "full"
    observations = observe(organisation_id, subjects, store.screenings, pictures, store.market, level=level)
    at = max(at, *(each.screened_at for each in some))
    return screener.screen(observations, context, at=at)


def _change(before: StoredSubject, after: Screening) -> int:
    """1 for a subject that became a lead or rose, -1 for the opposite, 0 where nothing changed."""
    was, now_is = (before.flagged, before.score), (after.assessment.flagged, after.assessment.score)
    return (now_is > was) - (now_is < was)
