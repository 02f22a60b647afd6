"""Portions: how many messages a bus takes at once, bounded in number and in bytes, so that memory is too."""

from collections.abc import Iterable, Iterator

from streams.bus.raw import Raw

BYTES = 16 * 1024 * 1024


def portions(messages: Iterable[Raw], most: int) -> Iterator[list[Raw]]:
    """The messages in their order, at most `most` together and not much more than `BYTES`."""
    portion: list[Raw] = []
    weight = 0
    for message in messages:
        portion.append(message)
        weight += len(message.body)
        if len(portion) >= most or weight >= BYTES:
            yield portion
            portion, weight = [], 0
    if portion:
        yield portion
