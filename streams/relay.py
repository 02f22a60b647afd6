"""The relay: from the outbox to the bus, at least once, in order under each key.

The order of its steps is the promise: it claims, publishes, and only then marks. Whatever dies in between is published
again with the same bytes, message id included, and readers that have seen it do nothing. Several relays may run: what
one claims, no other touches until the claim ends, nor anything later under the same key.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from models.errors import InputError
from models.events import OutboxStore, Outgoing
from models.moments import now
from streams.bus import Bus
from streams.bus.raw import Raw, raw_topic
from streams.retrying import Patience, Stopped
from streams.settings import RelaySettings

log = structlog.get_logger(__name__)

PRUNED_AT_ONCE = 5000
PRUNED_EVERY = timedelta(minutes=1)


def _carry_on(step: str) -> None:
    """The default checkpoint: does nothing."""


class Relay:
    """Publishes what waits. `checkpoint` is called with `claimed`, `published` and `marked` in each round: a place to
    look in, or to fall over in a test."""

    def __init__(
        self,
        outbox: OutboxStore,
        bus: Bus,
        settings: RelaySettings,
        *,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
    ) -> None:
        self._outbox, self._bus, self._settings = outbox, bus, settings
        self._clock, self._checkpoint = clock, checkpoint
        self._name = f"relay-{uuid4().hex}"
        self._patience = Patience(longest_s=settings.retry_longest_s)
        self._pruned_at: datetime | None = None
        self.sent = 0

    def run(self) -> int:
        """Publish until `stop` is called; returns how many messages were sent. Raises `ConfigurationError`."""
        with suppress(Stopped):
            while not self._patience.stopped:
                if not self._patience.insist(self._turn):
                    self._patience.pause(self._settings.idle_s)
        self._outbox.release(by=self._name)
        return self.sent

    def drain(self) -> int:
        """Publish everything that waits now; returns how many. Raises `TransientFault` when a server is away."""
        before = self.sent
        while self.round():
            pass
        return self.sent - before

    def stop(self) -> None:
        """Finish the round at hand and return. May be called from a signal handler or a thread."""
        self._patience.stop()

    def round(self) -> int:
        """Claim, publish, mark; returns how many messages were sent."""
        at = self._clock()
        until = at + timedelta(seconds=self._settings.claim_s)
        claimed = self._outbox.claim(by=self._name, at=at, until=until, limit=self._settings.batch)
        if not claimed:
            return 0
        self._checkpoint("claimed")
        published = self._publish(claimed)
        self._checkpoint("published")
        self._outbox.mark_sent(published, at=self._clock())
        self._checkpoint("marked")
        self.sent += len(published)
        return len(published)

    def _turn(self) -> int:
        sent = self.round()
        if not sent:
            self._prune()
        return sent

    def _publish(self, messages: tuple[Outgoing, ...]) -> tuple[Outgoing, ...]:
        """Topic by topic, each in the order of its numbers; returns what was published. A message that a bus refuses
        for its size is said and goes on waiting; nothing else waits for it."""
        published: list[Outgoing] = []
        for topic in dict.fromkeys(message.topic for message in messages):
            mine = [message for message in messages if message.topic == topic]
            try:
                self._bus.publish(raw_topic(topic), [Raw(each.key, each.body) for each in mine])
                published += mine
            except InputError:
                published += self._one_by_one(topic, mine)
        return tuple(published)

    def _one_by_one(self, topic: str, messages: list[Outgoing]) -> list[Outgoing]:
        published = []
        for each in messages:
            try:
                self._bus.publish(raw_topic(topic), [Raw(each.key, each.body)])
                published.append(each)
            except InputError as error:
                log.error("a message cannot be published", topic=topic, message=each.message_id, reason=str(error))
        return published

    def _prune(self) -> None:
        at = self._clock()
        if self._pruned_at is None or at - self._pruned_at >= PRUNED_EVERY:
            self._pruned_at = at
            before = at - timedelta(hours=self._settings.kept_hours)
            while self._outbox.prune(before=before, limit=PRUNED_AT_ONCE) == PRUNED_AT_ONCE:
                pass
