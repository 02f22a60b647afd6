"""The vocabulary of streams: `Topic`, `Bus`, `Subscription`, `Delivery`.

The promises every bus keeps, and `tests/streams/bus/contract.py` proves on each: what `publish` returned for is
durable; messages of one key keep their order; a message is delivered to a group until it is acknowledged and the
acknowledgement committed (at least once); groups do not see each other's progress.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

Payload = TypeVar("Payload")


@dataclass(frozen=True)
class Topic(Generic[Payload]):
    """A named, typed stream. `encode` gives JSON bytes; `decode` raises `PoisonError` for bytes it cannot read;
    `key` names the subject, so that one subject's messages stay in order. `kept_days` is how long a bus that forgets
    keeps messages at least; without it, as long as its servers say."""

    name: str
    encode: Callable[[Payload], bytes]
    decode: Callable[[bytes], Payload]
    key: Callable[[Payload], str]
    kept_days: int | None = None


@dataclass(frozen=True)
class Delivery(Generic[Payload]):
    """One message as received. `body` is raw: the handler decodes, so that a poison message harms nobody else."""

    topic: Topic[Payload]
    partition: int
    offset: int
    key: str
    body: bytes

    def payload(self) -> Payload:
        """Decode. Raises `PoisonError`."""
        return self.topic.decode(self.body)


class Place(NamedTuple):
    """How far a group is in one partition: the offset it goes on from, and the one that the next message will have."""

    committed: int
    end: int

    @property
    def lag(self) -> int:
        """How many messages wait."""
        return self.end - self.committed


class Subscription(Protocol[Payload]):
    """One member of a consumer group. Not shared between threads; closed by its `with` block.

    Finish and acknowledge what one `poll` gave before polling again: a partition may be handed to another member
    inside `poll`, and what was not acknowledged by then is delivered again there.
    """

    def poll(self, *, limit: int, timeout_s: float) -> Sequence[Delivery[Payload]]:
        """At most `limit` messages, in order within each partition; empty when none came within `timeout_s`, and while
        `BusSettings.unfinished_limit` messages are given and not acknowledged. Raises `ConflictError` when a newer
        subscription has taken this member's name, `TransientFault` when the server is away."""

    def ack(self, deliveries: Iterable[Delivery[Payload]]) -> None:
        """These are finished: commit the offset past the contiguous finished prefix of each partition, durably.
        Acknowledging what another member has taken over meanwhile does nothing. Raises `TransientFault`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Bus(Protocol):
    """What carries topics."""

    def ensure(self, topics: Iterable[Topic[Any]]) -> tuple[str, ...]:
        """Create the topics that do not exist yet; returns the names of those created. Doing it twice is harmless."""

    def publish(self, topic: Topic[Payload], payloads: Iterable[Payload]) -> int:
        """Append all; returns how many. Durable on return. When it raises, a part may be appended: publish all again,
        subjects absorb it. Raises `TransientFault` when the server is away, `InputError` for a payload too large."""

    def subscribe(self, topic: Topic[Payload], *, group: str, member: str) -> Subscription[Payload]:
        """Join a group. `member` names this worker and stays the same over its restarts."""

    def backlog(self, topic: Topic[Payload], *, group: str) -> int:
        """How many messages the group has not committed yet."""

    def places(self, topic: Topic[Payload], *, group: str) -> Mapping[int, Place]:
        """How far the group is in every partition."""

    def close(self) -> None: ...
