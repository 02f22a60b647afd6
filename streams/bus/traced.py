"""A bus that tells at level debug what it carries: a line for every publication and one for every subject.

The trace of a subject is its observation's id: the digest of its key and content. Nothing is added to messages, so the
same word is known where it is captured, on every bus, over a gap, after a replay, and in the store. The lines hold ids
and numbers, never what a subject says.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import structlog

from models.subjects import Listing, ParcelRecord
from streams.bus.protocol import Bus, Place, Subscription, Topic

log = structlog.get_logger(__name__)

Payload = TypeVar("Payload")


class TracedBus:
    """Another bus, with its publications told."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def ensure(self, topics: Iterable[Topic[Any]]) -> tuple[str, ...]:
        return self._bus.ensure(topics)

    def publish(self, topic: Topic[Payload], payloads: Iterable[Payload]) -> int:
        if log.is_enabled_for(logging.DEBUG):
            payloads = _told(topic.name, payloads)
        count = self._bus.publish(topic, payloads)
        if count:
            log.debug("published", topic=topic.name, messages=count)
        return count

    def subscribe(self, topic: Topic[Payload], *, group: str, member: str) -> Subscription[Payload]:
        return self._bus.subscribe(topic, group=group, member=member)

    def backlog(self, topic: Topic[Payload], *, group: str) -> int:
        return self._bus.backlog(topic, group=group)

    def places(self, topic: Topic[Payload], *, group: str) -> Mapping[int, Place]:
        return self._bus.places(topic, group=group)

    def close(self) -> None:
        self._bus.close()


def _told(topic: str, payloads: Iterable[Payload]) -> Iterator[Payload]:
    for payload in payloads:
        if isinstance(payload, Listing | ParcelRecord):
            log.debug("publishing", topic=topic, trace=payload.observation_id, subject=payload.key.token)
        yield payload
