"""Liveness by partition: whether each partition that has messages waiting is being read.

Heartbeats prove that a member lives, not that its partitions move: a client can go on saying that it lives while one
partition's fetching has stopped, and a partition may end up owned by nobody. `Watch` looks at what a member was given,
`orphans` at what the whole group says it owns. Pure: the clock and the offsets are given.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

# Polls without a message from a partition, per partition held, before silence can mean that it stands still: one
# partition waits its turn behind what the others have fetched already.
TURNS = 10


@dataclass
class _Seen:
    position: int
    since: float
    polls: int


class Watch:
    """One member's partitions. `look` at every so often with positions and ends, `polled` after every poll."""

    def __init__(self, stall_after_s: float) -> None:
        self._stall_after_s = stall_after_s
        self._seen: dict[int, _Seen] = {}

    def polled(self) -> None:
        """One more poll was made, whatever came."""
        for seen in self._seen.values():
            seen.polls += 1

    def look(self, now: float, places: Mapping[int, tuple[int, int]]) -> list[int]:
        """`places` is (position, end) of each partition held. Returns the partitions that have messages waiting and
        have not moved for `stall_after_s` and for `TURNS` polls for each partition held."""
        for partition in [each for each in self._seen if each not in places]:
            del self._seen[partition]
        stuck = []
        for partition, (position, end) in places.items():
            seen = self._seen.get(partition)
            if seen is None or seen.position != position or position >= end:
                self._seen[partition] = _Seen(position, now, 0)
            elif now - seen.since >= self._stall_after_s and seen.polls >= TURNS * len(places):
                stuck.append(partition)
        return stuck

    def forget(self) -> None:
        """Begin anew."""
        self._seen.clear()


class Orphans:
    """Partitions that no member of a settled group owns, told only when two looks in a row found them."""

    def __init__(self) -> None:
        self._suspected: frozenset[int] = frozenset()

    def look(self, partitions: Collection[int], owned: Iterable[int] | None) -> list[int]:
        """`owned` is what the members say they own, or None while the group is sharing anew."""
        missing = frozenset() if owned is None else frozenset(partitions) - frozenset(owned)
        certain = sorted(missing & self._suspected)
        self._suspected = missing
        return certain
