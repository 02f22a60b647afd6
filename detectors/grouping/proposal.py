"""The proposal: the groups of a whole stock at once, by arrays.

Entries meet in buckets, pairs that meet are held against the rule of twins, and what pairs connect is a group. A group
is proposed as it is when most of it are twins of one middle member; a chain whose ends are strangers is an alarm, and
is cut into stars around such members. No group has more than 5,000 members. The order of entries changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.grouping.stock import Places, Stock
from detectors.grouping.twins import Entry
from models.groups import AlarmKind, GroupAlarm

MOST_MEMBERS = 5_000
CHECKED_FROM = 8  # members from which a group is held against its middle member
COHESION = 0.5  # share of a group that must be twins of it


@dataclass(frozen=True)
class Proposal:
    """Groups of two or more lead ids, each sorted, ordered by their first; and what looks like a runaway."""

    groups: tuple[tuple[str, ...], ...]
    alarms: tuple[GroupAlarm, ...]


def propose(entries: Iterable[Entry]) -> Proposal:
    """Group a stock. Needs about 0.7 kB of memory an entry beside the ids."""
    stock = Stock.build(entries)
    roots = _Roots(len(stock.ids))
    for one, other in stock.meetings():
        strangers = roots.of(one) != roots.of(other)
        one, other = one[strangers], other[strangers]
        twins = stock.twins(one, other)
        roots.join(one[twins], other[twins])
    groups: list[Places] = []
    alarms: list[GroupAlarm] = []
    for members in roots.components():
        kept, alarm = _cohesive(stock, members)
        groups += [group for group in kept if len(group) > 1]
        alarms += [alarm] if alarm else []
    named = sorted(tuple(stock.ids[place] for place in group) for group in groups)
    return Proposal(tuple(named), tuple(sorted(alarms, key=lambda alarm: alarm.group_id)))


def _cohesive(stock: "Stock", members: Places) -> tuple[list[Places], GroupAlarm | None]:
    """The members as one group, or cut up with an alarm."""
    if len(members) < CHECKED_FROM:
        return [members], None
    chain = not _star(stock, members).mean() >= COHESION
    cut: list[Places] = []
    rest = members
    while len(rest):
        near = _star(stock, rest) if chain else np.ones(len(rest), dtype=bool)
        star, rest = rest[near], rest[~near]
        cut += [star[start : start + MOST_MEMBERS] for start in range(0, len(star), MOST_MEMBERS)]
    if len(cut) == 1:
        return cut, None
    kind = AlarmKind.CHAIN if chain else AlarmKind.FULL
    return cut, GroupAlarm(group_id=stock.ids[members[0]], kind=kind, members=len(members))


def _star(stock: "Stock", members: Places) -> npt.NDArray[np.bool_]:
    """Which members are twins of the middle one: the one whose signature agrees most with the
    median of each value, which among twins is the commonest."""
    told = stock.told[members]
    ordered = np.sort(told, axis=0)
    middle = ordered[len(ordered) // 2]
    centre = int(np.argmax((told == middle).sum(axis=1)))
    near = stock.twins(np.full(len(members), members[centre]), members)
    near[centre] = True
    return near


class _Roots:
    """Union and find over places; the least place names a component."""

    def __init__(self, count: int) -> None:
        self._parents = np.arange(count, dtype=np.int64)

    def of(self, places: Places) -> Places:
        found = self._parents[places]
        while True:
            above = self._parents[found]
            if np.array_equal(above, found):
                return found
            found = above

    def join(self, ones: Places, others: Places) -> None:
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            low, high = sorted((self._root(one), self._root(other)))
            self._parents[high] = low

    def components(self) -> Iterator[Places]:
        """Places by component, of two or more."""
        roots = self.of(np.arange(len(self._parents)))
        order = np.argsort(roots, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(roots[order])) + 1):
            if len(members) > 1:
                yield members

    def _root(self, place: int) -> int:
        parents = self._parents
        while (above := int(parents[place])) != place:
            parents[place] = parents[above]
            place = above
        return place
