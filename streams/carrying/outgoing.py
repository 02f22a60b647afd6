"""The sending side: takes one topic's messages from the bus and hands them over as batch files.

The order of its steps is the promise. A batch is sealed and durable among the kept ones, then durable in the folder
that is carried, and only then acknowledged. What dies in between is done again: the newest kept batch is handed over
once more (a repeat, which the receiving side knows by its number and digest), and messages that it holds already and
that come again from the bus are not carried twice. The newest kept batch is the only memory of number and chain.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.errors import ConfigurationError, FileRejected, NotFoundError
from models.moments import now
from streams.bus import Bus, Delivery, Subscription
from streams.bus.raw import Raw, raw_topic
from streams.carrying.batch_files import (
    NO_PREVIOUS,
    SUFFIX,
    Batch,
    Header,
    Message,
    read_batch,
    read_header,
    record_length,
    sealed,
)
from streams.carrying.places import alone, away, write_durably
from streams.carrying.settings import CarrySettings
from streams.retrying import Patience

log = structlog.get_logger(__name__)

GROUP = "carry-out"
NO_LIMIT = 1 << 40


def _carry_on(step: str) -> None:
    """The default checkpoint: does nothing."""


class Outgoing:
    """Carries one topic. `checkpoint` is called with `polled`, `kept`, `handed over` and `acknowledged`. One process at
    a time: its `with` block raises `ConflictError` while another carries the same topic."""

    def __init__(
        self,
        bus: Bus,
        topic: str,
        to: Path,
        key: Ed25519PrivateKey,
        settings: CarrySettings,
        *,
        patience: Patience | None = None,
        clock: Callable[[], datetime] = now,
        checkpoint: Callable[[str], None] = _carry_on,
    ) -> None:
        self._bus, self._topic, self._to, self._key = bus, raw_topic(topic), to, key
        self._settings, self._clock, self._checkpoint = settings, clock, checkpoint
        self.patience = patience or Patience()
        self._kept = kept_folder(settings, topic)
        self._opened = ExitStack()
        self._last: Batch | None = None
        self._held: set[Message] = set()
        self.batches = self.messages = 0

    def __enter__(self) -> Self:
        self._opened.enter_context(alone(self._kept))
        newest = max(self._kept.glob(f"*{SUFFIX}"), default=None)
        if newest is not None:
            self._remember(_reread(newest, self._key))
            self.patience.insist(lambda: self._hand_over(newest.read_bytes()))
        join = self._bus.subscribe
        self._subscription: Subscription[Raw] = self._opened.enter_context(
            self.patience.insist(lambda: join(self._topic, group=GROUP, member=self._settings.site))
        )
        return self

    def __exit__(self, *exc: object) -> None:
        self._opened.close()

    def round(self, *, timeout_s: float) -> int:
        """Carry what one poll brings; returns how many messages came. Raises `Stopped`, `ConflictError`."""
        limit = self._settings.batch_messages
        deliveries = self.patience.insist(lambda: self._subscription.poll(limit=limit, timeout_s=timeout_s))
        if deliveries:
            self._checkpoint("polled")
            self._carry(deliveries)
        return len(deliveries)

    def drained(self) -> bool:
        """Whether everything on the topic was carried and acknowledged."""
        return self.patience.insist(lambda: self._bus.backlog(self._topic, group=GROUP)) == 0

    def _carry(self, deliveries: Sequence[Delivery[Raw]]) -> None:
        for part in _parts(deliveries, self._settings.batch_bytes):
            fresh = [message for message in map(_message, part) if message not in self._held]
            if fresh:
                data = self.patience.insist(partial(self._keep, fresh))
                self._checkpoint("kept")
                self.patience.insist(partial(self._hand_over, data))
                self._checkpoint("handed over")
            self.patience.insist(partial(self._subscription.ack, part))
            self._checkpoint("acknowledged")
            self._prune()

    def _keep(self, messages: Sequence[Message]) -> bytes:
        """Seal the next batch and make it durable among the kept ones."""
        last = self._last
        header, data = sealed(
            messages,
            site=self._settings.site,
            topic=self._topic.name,
            sequence=last.header.sequence + 1 if last else 1,
            previous=last.digest if last else NO_PREVIOUS,
            made_at=self._clock(),
            key=self._key,
        )
        write_durably(self._kept / _kept_name(header.sequence), data)
        self._remember(Batch(header, tuple(messages), hashlib.sha256(data).hexdigest()))
        self.batches += 1
        self.messages += len(messages)
        return data

    def _remember(self, batch: Batch) -> None:
        self._last, self._held = batch, set(batch.messages)

    def _hand_over(self, data: bytes) -> None:
        if self._last is not None:
            header = self._last.header
            write_durably(self._to / header.name, data)
            log.info("batch handed over", batch=header.name, messages=header.messages)

    def _prune(self) -> None:
        kept = sorted(self._kept.glob(f"*{SUFFIX}"))
        for old in kept[: -self._settings.kept_batches]:
            old.unlink(missing_ok=True)


def kept_folder(settings: CarrySettings, topic: str) -> Path:
    """Where the sending side keeps what it has carried of a topic."""
    return Path(settings.folder) / "sent" / settings.site / topic


def hand_over_again(settings: CarrySettings, topic: str, sequence: int, to: Path) -> Header:
    """Hand a kept batch over once more: it was lost on its way. Raises `NotFoundError` when it is kept no longer."""
    path = kept_folder(settings, topic) / _kept_name(sequence)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(
            f"第 {sequence} 批不再保留 / batch {sequence} is not kept",
            where=str(path.parent),
            mend="接收方可用 jianzhen carry lost 声明丢失 / the receiving side may declare it lost",
        ) from None
    except OSError as error:
        raise away(path, error) from error
    header = read_header(path)
    write_durably(to / header.name, data)
    return header


def _reread(path: Path, key: Ed25519PrivateKey) -> Batch:
    """The newest kept batch. Raises `ConfigurationError` when it is damaged: the chain cannot go on from it."""
    try:
        site = read_header(path).site
        return read_batch(path, {site: [key.public_key()]}, largest=NO_LIMIT)
    except FileRejected as error:
        raise ConfigurationError(
            f"最近保留的批次无法续接: {error.what} / the newest kept batch cannot be gone on from",
            where=str(path),
            mend="换用原私钥，或另取站点名 / use the key that signed it, or take a new name for the site",
        ) from None


def _kept_name(sequence: int) -> str:
    return f"{sequence:012d}{SUFFIX}"


def _message(delivery: Delivery[Raw]) -> Message:
    return Message(delivery.partition, delivery.offset, delivery.key, delivery.body)


def _parts(deliveries: Sequence[Delivery[Raw]], limit: int) -> Iterator[list[Delivery[Raw]]]:
    """The deliveries in order, in parts of at most `limit` bytes; a message that is larger is a part of its own."""
    part: list[Delivery[Raw]] = []
    size = 0
    for delivery in deliveries:
        length = record_length(_message(delivery))
        if part and size + length > limit:
            yield part
            part, size = [], 0
        part.append(delivery)
        size += length
    if part:
        yield part
