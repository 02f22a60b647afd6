"""Groups of twins as rows: a lead names its group, a sketch what its twins are told by, a bucket where they meet.

A group that nobody settled is named by the least of its leads' ids, so that the order in which twins arrive does not
matter. A person's split or merge pins every lead of the groups it touched to a name; no proposal moves a pinned lead,
and what is proposed beside one joins it. Placing is done by one worker at a time for each organisation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from models.errors import InputError, NotFoundError
from models.groups import AlarmKind, GroupAct, GroupAlarm, GroupDecision, Sketch
from models.identity import digest
from models.ports import LeadGroup, LeadQuery, Twins
from models.storage import counters, journal
from models.storage.engine import add_missing, insert_into, pages, reading, writing
from models.storage.paging import ordering
from models.storage.queue.order import spread
from models.storage.summaries import summaries
from models.storage.tables import lead_sketches, leads, sketch_buckets

MOST_MEMBERS = 5_000
CANDIDATES = 64  # possible twins looked at, those that share most buckets
REPRESENTATIVES = 64  # members of a group that stand in buckets; further twins meet these
CHECKED_FROM = 8  # members from which a group is asked whether a new lead is a twin of most of it
SAMPLE = 8


@dataclass(frozen=True)
class _Group:
    """A group as it stands: how many leads, and whether a person settled it."""

    group_id: str
    size: int
    settled: bool


class SqlGroupStore:
    """Implements `models.ports.GroupStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def place(
        self, organisation_id: str, sketches: Sequence[Sketch], twins: Twins, *, at: datetime
    ) -> tuple[GroupAlarm, ...]:
        """See the port."""
        if not sketches:
            return ()
        raised: list[GroupAlarm] = []
        with writing(self._engine) as connection:
            counters.advance(connection, organisation_id, counters.GROUPS, by=0)
            places = _places(connection, organisation_id, [sketch.lead_id for sketch in sketches])
            stored = _sketches(connection, organisation_id, list(places))
            placing = _Placing(connection, organisation_id, twins)
            for sketch in sorted(sketches, key=lambda sketch: sketch.lead_id):
                if sketch.lead_id in places and stored.get(sketch.lead_id) != sketch:
                    raised += placing.place(sketch, stored.get(sketch.lead_id), at)
            spread(connection, organisation_id, placing.touched)
            for alarm in raised:
                journal.append(connection, organisation_id, journal.ALARMS, alarm, about=alarm.group_id, at=at)
        return tuple(raised)

    def repropose(
        self, organisation_id: str, groups: Sequence[Sequence[str]], alarms: Sequence[GroupAlarm], *, at: datetime
    ) -> int:
        """See the port."""
        with writing(self._engine) as connection:
            counters.advance(connection, organisation_id, counters.GROUPS, by=0)
            query = select(leads.c.lead_id, leads.c.group_id, leads.c.group_pinned).where(
                leads.c.organisation_id == organisation_id
            )
            held = {row.lead_id: row for row in connection.execute(query)}
            wanted = {lead_id: lead_id for lead_id, row in held.items() if not row.group_pinned}
            for group in groups:
                members = [lead_id for lead_id in group if lead_id in held]
                pinned = Counter(held[lead_id].group_id for lead_id in members if held[lead_id].group_pinned)
                free = [lead_id for lead_id in members if lead_id in wanted]
                target = min(pinned, key=lambda name: (-pinned[name], name)) if pinned else min(free, default="")
                wanted.update(dict.fromkeys(free, target))
            moved = {lead_id: target for lead_id, target in wanted.items() if held[lead_id].group_id != target}
            _move(connection, organisation_id, moved)
            spread(connection, organisation_id, {held[lead_id].group_id for lead_id in moved} | set(moved.values()))
            for alarm in alarms:
                journal.append(connection, organisation_id, journal.ALARMS, alarm, about=alarm.group_id, at=at)
        return len(moved)

    def sketches(self, organisation_id: str) -> tuple[Sketch, ...]:
        """See the port."""
        query = select(lead_sketches.c.body).where(lead_sketches.c.organisation_id == organisation_id)
        with reading(self._engine) as connection:
            bodies = connection.execute(query.order_by(lead_sketches.c.lead_id)).scalars()
            return tuple(Sketch.model_validate_json(body) for body in bodies)

    def of_lead(self, organisation_id: str, lead_id: str, *, limit: int = 50) -> LeadGroup:
        """See the port."""
        with reading(self._engine) as connection:
            group_id = _group_of(connection, organisation_id, lead_id)
            mine = (leads.c.organisation_id == organisation_id, leads.c.group_id == group_id)
            rows = connection.execute(select(leads).where(*mine).order_by(*ordering(LeadQuery())).limit(limit)).all()
            standing = _standing(connection, organisation_id, [group_id])[group_id]
            decided = journal.entries(connection, organisation_id, journal.GROUPS, GroupDecision, about=group_id)
            return LeadGroup(
                group_id=group_id,
                size=standing.size,
                settled=standing.settled,
                members=summaries(connection, organisation_id, rows),
                decisions=tuple(entry for _, entry in decided),
            )

    def split(self, organisation_id: str, lead_ids: Sequence[str], *, by: str, at: datetime, reason: str = "") -> str:
        """See the port."""
        chosen = sorted(set(lead_ids))
        if not chosen:
            raise InputError("no lead was chosen", where="leads", mend="choose the leads that do not belong")
        with writing(self._engine) as connection:
            number = counters.advance(connection, organisation_id, counters.GROUPS)
            groups = {_group_of(connection, organisation_id, lead_id) for lead_id in chosen}
            if len(groups) > 1:
                raise InputError("the leads are of several groups", where="leads", mend="split one group at a time")
            (group_id,) = groups
            if _standing(connection, organisation_id, [group_id])[group_id].size == len(chosen):
                raise InputError("the whole group was chosen", where="leads", mend="leave at least one lead in it")
            made = digest("group", organisation_id, number)
            _pin(connection, organisation_id, leads.c.group_id == group_id, group_id)
            for page in pages(chosen):
                _pin(connection, organisation_id, leads.c.lead_id.in_(page), made)
            spread(connection, organisation_id, {group_id, made})
            _decided(
                connection,
                organisation_id,
                GroupDecision(
                    organisation_id=organisation_id,
                    act=GroupAct.SPLIT,
                    group_id=group_id,
                    other_id=made,
                    lead_ids=tuple(chosen),
                    reason=reason,
                    decided_by=by,
                    decided_at=at,
                ),
            )
        return made

    def merge(
        self, organisation_id: str, lead_id: str, other_id: str, *, by: str, at: datetime, reason: str = ""
    ) -> str:
        """See the port."""
        with writing(self._engine) as connection:
            counters.advance(connection, organisation_id, counters.GROUPS, by=0)
            mine, theirs = (_group_of(connection, organisation_id, each) for each in (lead_id, other_id))
            if mine == theirs:
                raise InputError("the two leads are in one group already", where="lead", mend="name another lead")
            _pin(connection, organisation_id, leads.c.group_id.in_([mine, theirs]), mine)
            spread(connection, organisation_id, {mine})
            _decided(
                connection,
                organisation_id,
                GroupDecision(
                    organisation_id=organisation_id,
                    act=GroupAct.MERGE,
                    group_id=mine,
                    other_id=theirs,
                    lead_ids=(lead_id, other_id),
                    reason=reason,
                    decided_by=by,
                    decided_at=at,
                ),
            )
        return mine

    def alarms(self, organisation_id: str, *, limit: int = 50) -> tuple[GroupAlarm, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.ALARMS, GroupAlarm, limit=limit)
        return tuple(entry for _, entry in found)


@dataclass(frozen=True)
class _Placing:
    """Leads on their way into groups, inside a transaction that holds the groups' lock. `touched` names the groups that
    have other members now."""

    connection: Connection
    organisation_id: str
    twins: Twins
    touched: set[str] = field(default_factory=set)

    def place(self, sketch: Sketch, before: Sketch | None, at: datetime) -> list[GroupAlarm]:
        """Keep the sketch and join the groups of its twins, unless a person placed the lead."""
        place = _places(self.connection, self.organisation_id, [sketch.lead_id])[sketch.lead_id]
        self._keep(sketch, before)
        if place.group_pinned:
            self._stand(sketch)
            return []
        if before is not None:
            self._leave(sketch.lead_id, place.group_id)
        found = self._twins(sketch)
        held = _places(self.connection, self.organisation_id, [twin.lead_id for twin in found])
        votes = Counter(held[twin.lead_id].group_id for twin in found if twin.lead_id in held)
        groups = _standing(self.connection, self.organisation_id, list(votes))
        joined, alarms = self._joined(sketch, votes, groups, at)
        settled = [group for group in joined if group.settled]
        free = [group.group_id for group in joined if not group.settled]
        target = settled[0].group_id if settled else min([sketch.lead_id, *free])
        self.touched.add(target)
        renamed = update(leads).where(*self._own(leads), leads.c.group_id.in_([*free, sketch.lead_id]))
        self.connection.execute(renamed.where(leads.c.group_pinned == 0).values(group_id=target))
        if sum(group.size for group in joined) < REPRESENTATIVES:
            self._stand(sketch)
        return alarms

    def _joined(
        self, sketch: Sketch, votes: Counter[str], groups: dict[str, _Group], at: datetime
    ) -> tuple[list[_Group], list[GroupAlarm]]:
        """The groups that the lead makes one, settled first: at most one that a person settled, none that would
        become a chain, and no more than fit."""
        ranked = sorted(groups.values(), key=lambda group: (not group.settled, -votes[group.group_id], group.group_id))
        joined: list[_Group] = []
        alarms: list[GroupAlarm] = []
        size = 1
        for group in ranked:
            if group.settled and any(each.settled for each in joined):
                continue
            kind = AlarmKind.FULL if size + group.size > MOST_MEMBERS else None
            if group.size >= CHECKED_FROM and not self._fits(sketch, group):
                kind = AlarmKind.CHAIN
            if kind is None:
                joined.append(group)
                size += group.size
            else:
                alarms.append(GroupAlarm(group_id=group.group_id, kind=kind, members=size + group.size, raised_at=at))
        return joined, alarms

    def _fits(self, sketch: Sketch, group: _Group) -> bool:
        """Whether the lead is a twin of at least half of a sample of the group."""
        query = select(leads.c.lead_id).where(*self._own(leads), leads.c.group_id == group.group_id)
        sample = self.connection.execute(query.order_by(leads.c.lead_id).limit(SAMPLE)).scalars().all()
        known = _sketches(self.connection, self.organisation_id, sample).values()
        return 2 * sum(self.twins(sketch, each) for each in known) >= len(known)

    def _twins(self, sketch: Sketch) -> list[Sketch]:
        """Stored sketches that are twins, of those that share most buckets."""
        table = sketch_buckets
        query = select(table.c.lead_id, func.count().label("shared")).where(
            *self._own(table), table.c.bucket.in_(sketch.buckets), table.c.lead_id != sketch.lead_id
        )
        query = query.group_by(table.c.lead_id).order_by(func.count().desc(), table.c.lead_id).limit(CANDIDATES)
        met = [row.lead_id for row in self.connection.execute(query)] if sketch.buckets else []
        known = _sketches(self.connection, self.organisation_id, met)
        return [each for lead_id in met if (each := known.get(lead_id)) is not None and self.twins(sketch, each)]

    def _keep(self, sketch: Sketch, before: Sketch | None) -> None:
        statement = insert_into(self.connection, lead_sketches).values(
            organisation_id=self.organisation_id, lead_id=sketch.lead_id, body=sketch.model_dump_json()
        )
        key = [lead_sketches.c.organisation_id, lead_sketches.c.lead_id]
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=key, set_={"body": statement.excluded.body})
        )
        if before is not None and before.buckets:
            table = sketch_buckets
            stale = (*self._own(table), table.c.bucket.in_(before.buckets), table.c.lead_id == sketch.lead_id)
            self.connection.execute(delete(table).where(*stale))

    def _stand(self, sketch: Sketch) -> None:
        add_missing(
            self.connection,
            sketch_buckets,
            [
                {"organisation_id": self.organisation_id, "bucket": bucket, "lead_id": sketch.lead_id}
                for bucket in sketch.buckets
            ],
        )

    def _leave(self, lead_id: str, group_id: str) -> None:
        """Stand alone again; a group that was named by this lead is named by the least of those that stay."""
        self.connection.execute(
            update(leads).where(*self._own(leads), leads.c.lead_id == lead_id).values(group_id=lead_id)
        )
        self.touched.update((lead_id, group_id))
        staying = (*self._own(leads), leads.c.group_id == group_id, leads.c.lead_id != lead_id)
        least = self.connection.execute(select(func.min(leads.c.lead_id)).where(*staying)).scalar_one()
        if group_id == lead_id and least is not None:
            self.touched.add(least)
            self.connection.execute(update(leads).where(*staying).values(group_id=least))

    def _own(self, table: Any) -> tuple[Any, ...]:
        return (table.c.organisation_id == self.organisation_id,)


def _places(connection: Connection, organisation_id: str, lead_ids: Sequence[str]) -> dict[str, Any]:
    """Lead id -> its row's group and pin."""
    query = select(leads.c.lead_id, leads.c.group_id, leads.c.group_pinned)
    query = query.where(leads.c.organisation_id == organisation_id)
    found: dict[str, Any] = {}
    for page in pages(lead_ids):
        found.update((row.lead_id, row) for row in connection.execute(query.where(leads.c.lead_id.in_(page))))
    return found


def _sketches(connection: Connection, organisation_id: str, lead_ids: Sequence[str]) -> dict[str, Sketch]:
    table = lead_sketches
    query = select(table.c.lead_id, table.c.body).where(table.c.organisation_id == organisation_id)
    found: dict[str, Sketch] = {}
    for page in pages(lead_ids):
        rows = connection.execute(query.where(table.c.lead_id.in_(page)))
        found.update((lead_id, Sketch.model_validate_json(body)) for lead_id, body in rows)
    return found


def _standing(connection: Connection, organisation_id: str, group_ids: Sequence[str]) -> dict[str, _Group]:
    query = select(leads.c.group_id, func.count(), func.max(leads.c.group_pinned))
    query = query.where(leads.c.organisation_id == organisation_id)
    found: dict[str, _Group] = {}
    for page in pages(group_ids):
        for group_id, size, pinned in connection.execute(
            query.where(leads.c.group_id.in_(page)).group_by(leads.c.group_id)
        ):
            found[group_id] = _Group(group_id, size, bool(pinned))
    return found


def _group_of(connection: Connection, organisation_id: str, lead_id: str) -> str:
    found = _places(connection, organisation_id, [lead_id]).get(lead_id)
    if found is None:
        raise NotFoundError(f"no lead {lead_id!r}", mend="it may belong to another organisation")
    return str(found.group_id)


def _pin(connection: Connection, organisation_id: str, which: Any, group_id: str) -> None:
    chosen = update(leads).where(leads.c.organisation_id == organisation_id, which)
    connection.execute(chosen.values(group_id=group_id, group_pinned=1))


def _move(connection: Connection, organisation_id: str, moved: dict[str, str]) -> None:
    by_target: dict[str, list[str]] = {}
    for lead_id, target in sorted(moved.items()):
        by_target.setdefault(target, []).append(lead_id)
    for target, members in by_target.items():
        for page in pages(members):
            this = update(leads).where(leads.c.organisation_id == organisation_id, leads.c.lead_id.in_(page))
            connection.execute(this.values(group_id=target))


def _decided(connection: Connection, organisation_id: str, decision: GroupDecision) -> None:
    """One entry for each of the two groups, so that either tells its history."""
    for about in dict.fromkeys((decision.group_id, decision.other_id)):
        journal.append(connection, organisation_id, journal.GROUPS, decision, about=about, at=decision.decided_at)
