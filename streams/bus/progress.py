"""How far one member is in the partitions it holds: what it was given, what it finished, what may be committed.

Knows offsets only. Used by every bus, so that acknowledging out of order means the same on each.
"""

from collections import deque


class Progress:
    """One partition's deliveries that are not committed yet. Offsets are given in ascending order."""

    def __init__(self) -> None:
        self._given: deque[int] = deque()
        self._finished: set[int] = set()
        self._due: int | None = None

    def give(self, offset: int) -> None:
        """`offset` was delivered."""
        self._given.append(offset)

    def finish(self, offset: int) -> None:
        """`offset` was acknowledged; an offset that was not given is ignored at the next `advance`."""
        self._finished.add(offset)

    def advance(self) -> int | None:
        """Drop the contiguous finished prefix and return the offset past it; None when there is nothing to commit. The
        same offset is due again until `settle`: a commit that failed is made up for by the next."""
        while self._given and self._given[0] in self._finished:
            last = self._given.popleft()
            self._finished.discard(last)
            self._due = last + 1
        if not self._given:
            self._finished.clear()
        return self._due

    def settle(self, offset: int) -> None:
        """`offset` is committed."""
        if self._due == offset:
            self._due = None

    @property
    def open(self) -> int:
        """How many were given and not finished."""
        return len(self._given) - len(self._finished)

    @property
    def idle(self) -> bool:
        """Whether everything that was given has been finished."""
        return not self._given
