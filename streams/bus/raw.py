"""Raw messages: what is published as it is, under its key, by whoever passes on what others encoded.

A relay, a replay, a spool and a carrier over a gap all do. Nothing here is read: a body may be anything.
"""

from typing import NamedTuple

from streams.bus.protocol import Topic


class Raw(NamedTuple):
    """A message as bytes under its key."""

    key: str
    body: bytes


def raw_topic(name: str) -> Topic[Raw]:
    """A topic by its name on the wire, whose messages are published as they are. A delivery has its key and body
    itself; its payload has no key."""
    return Topic(name=name, encode=_body, decode=_unread, key=_key)


def _key(raw: Raw) -> str:
    return raw.key


def _body(raw: Raw) -> bytes:
    return raw.body


def _unread(body: bytes) -> Raw:
    return Raw("", body)
