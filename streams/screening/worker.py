"""The screening worker: one member of the screening group, which takes batches of every topic in turn.

The order of its steps is the promise. A batch is computed and stored (`streams.screening.batches`) before it is
acknowledged: whatever dies in between is delivered again, and the store's unique keys absorb it. A transient fault is
retried and moves no offset.
"""

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any

from models.moments import now
from models.ports import Store
from streams.bus import Bus, Delivery, Subscription, Topic
from streams.bus.topics import PICTURE_REQUESTS
from streams.measures import Measures
from streams.retrying import Patience, Stopped
from streams.screening.batches import Batches, Tally
from streams.screening.contexts import Contexts
from streams.screening.observations import Pictures
from streams.screening.screener import Screener
from streams.settings import WorkerSettings

QUICK_LOOK_S = 0.05


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
        contexts: Contexts,
        settings: WorkerSettings,
        *,
        pictures: Pictures | None = None,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
        measures: Measures | None = None,
    ) -> None:
        self._bus, self._topics, self._settings, self._checkpoint = bus, tuple(topics), settings, checkpoint
        self.measures = measures or Measures()
        self._patience = Patience(
            first_s=settings.retry_first_s, longest_s=settings.retry_longest_s, heard=self._retrying
        )
        self.batches = Batches(
            bus,
            store,
            screener,
            contexts,
            pictures=pictures,
            clock=clock,
            checkpoint=checkpoint,
            measures=self.measures,
            page=settings.batch,
        )

    @property
    def tally(self) -> Tally:
        """What it has done since it started."""
        return self.batches.tally

    def run(self, *, until_idle: bool = False) -> Tally:
        """Work until `stop` is called; with `until_idle`, until the group has no backlog. Raises `ConflictError` when
        another worker takes this one's name, and `ConfigurationError`."""
        with ExitStack() as opened, suppress(Stopped):
            subscriptions = [self._patience.insist(partial(self._join, opened, topic)) for topic in self._topics]
            busy = True
            while not self._patience.stopped:
                self.measures.tick()
                # One batch of every topic in turn: a list, because `any` alone would stop at the first busy topic.
                rounds = [self._round(each, waiting=not busy) for each in subscriptions]
                busy = any(rounds)
                if until_idle and not busy and self._patience.insist(self._drained):
                    break
        return self.tally

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it and return. May be called from a signal handler or a thread."""
        self._patience.stop()

    def _join(self, opened: ExitStack, topic: Topic[Any]) -> Subscription[Any]:
        settings = self._settings
        return opened.enter_context(self._bus.subscribe(topic, group=settings.group, member=settings.member))

    def _round(self, subscription: Subscription[Any], *, waiting: bool) -> bool:
        """Take one batch to its end; returns whether there was one."""
        timeout_s = self._settings.poll_timeout_s / len(self._topics) if waiting else QUICK_LOOK_S
        limit = self._settings.batch
        begun = perf_counter()
        deliveries = self._patience.insist(lambda: subscription.poll(limit=limit, timeout_s=timeout_s))
        if not deliveries:
            return False
        self.measures.seconds("jianzhen_stage_seconds", perf_counter() - begun, stage="bus")
        self.measures.count("jianzhen_received", len(deliveries), topic=deliveries[0].topic.name)
        self._checkpoint("polled")
        self._patience.insist(partial(self._store, deliveries))
        self._checkpoint("recorded")
        with self.measures.stage("bus"):
            self._patience.insist(lambda: subscription.ack(deliveries))
        self.measures.batch_done()
        self._checkpoint("acknowledged")
        return True

    def _store(self, deliveries: Sequence[Delivery[Any]]) -> None:
        asked = deliveries[0].topic.name == PICTURE_REQUESTS.name
        (self.batches.answer if asked else self.batches.handle)(deliveries)

    def _retrying(self) -> None:
        self.tally.retries += 1
        self.measures.count("jianzhen_retries")

    def _drained(self) -> bool:
        return all(self._bus.backlog(topic, group=self._settings.group) == 0 for topic in self._topics)


def stop_on_signals(worker: ScreeningWorker) -> None:
    """Let SIGTERM and SIGINT end the worker after the batch at hand. For the main thread of a process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
