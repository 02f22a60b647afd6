"""Portions: how many messages a bus takes at once, bounded in number and in bytes, so that memory is too."""

from collections.abc import Iterable, Iterator

BYTES = 16 * 1024 * 1024


def portions(messages: Iterable[tuple[str, bytes]], most: int) -> Iterator[list[tuple[str, bytes]]]:
    """(key, body) pairs, at most `most` together and not much more than `BYTES`."""
    portion: list[tuple[str, bytes]] = []
    weight = 0
    for message in messages:
        portion.append(message)
        weight += len(message[1])
        if len(portion) >= most or weight >= BYTES:
            yield portion
            portion, weight = [], 0
    if portion:
        yield portion
