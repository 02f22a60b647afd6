"""What follows from leads, kept in the transaction that changes them: how many stand where, and their parties.

Whoever changes rows of `leads` does it inside `kept`: the rows are locked first, and what they were and became is added
up at the end. Locks are taken in one order by everybody: leads, parties, tallies.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, case, func, select, update

from models.queue.parties import WAITING
from models.queue.worth import reach
from models.storage import lead_traits, outbox
from models.storage.engine import insert_into, pages
from models.storage.queue_tables import lead_tallies as tallies
from models.storage.queue_tables import parties
from models.storage.tables import leads, screenings

TRAITS, MARK, CATEGORY = "traits", "mark", "category"
OPEN = tuple(disposition.value for disposition in WAITING)


class _Standing(NamedTuple):
    """What is counted of a lead, and what others hear of when it changes."""

    disposition: str
    traits_key: str
    marks_key: str
    category: str
    party_key: str
    score: float
    cell: str | None
    mark_id: str | None
    outcome: str

    @property
    def told(self) -> tuple[object, ...]:
        return self.disposition, self.score, self.cell, self.mark_id, self.outcome


@contextmanager
def kept(
    connection: Connection, organisation_id: str, lead_ids: Iterable[str], *, at: datetime | None = None
) -> Iterator[None]:
    """Hold these leads, new ones among them; then bring up to date what follows from them. With `at`, what became of
    them then is told to others."""
    named = sorted(set(lead_ids))
    before = _read(connection, organisation_id, named, lock=True)
    yield
    after = _read(connection, organisation_id, named)
    if at is not None:
        changed = [name for name, each in after.items() if name not in before or each.told != before[name].told]
        outbox.tell_leads(connection, organisation_id, changed, frozenset(set(changed) - set(before)), at=at)
    _refresh_parties(connection, organisation_id, _parties(before) | _parties(after))
    _count(connection, organisation_id, before, after)


def rebuild(connection: Connection, organisation_id: str) -> None:
    """Tallies and parties' figures from the leads that are there; nobody else writes meanwhile."""
    connection.execute(tallies.delete().where(tallies.c.organisation_id == organisation_id))
    changes: Counter[tuple[str, str, str]] = Counter()
    for field, column in ((TRAITS, leads.c.traits_key), (MARK, leads.c.marks_key), (CATEGORY, leads.c.category)):
        counted = select(leads.c.disposition, column, func.count()).where(leads.c.organisation_id == organisation_id)
        rows = connection.execute(counted.group_by(leads.c.disposition, column)).all()
        combinations = lead_traits.known(connection, organisation_id, {row[1] for row in rows} if field == MARK else ())
        for disposition, value, count in rows:
            marks = combinations.get(value, {}).get(lead_traits.MARKS, ())
            for each in marks if field == MARK else (value,):
                changes[field, disposition, each] += count
    _add(connection, organisation_id, changes)
    keys = select(leads.c.party_key).where(leads.c.organisation_id == organisation_id).distinct()
    _refresh_parties(connection, organisation_id, set(connection.execute(keys).scalars()) - {""})


def counts(connection: Connection, organisation_id: str, field: str) -> dict[tuple[str, str], int]:
    """(disposition, value) -> leads."""
    query = select(tallies.c.disposition, tallies.c.value, tallies.c.count).where(
        tallies.c.organisation_id == organisation_id, tallies.c.field == field, tallies.c.count != 0
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _read(
    connection: Connection, organisation_id: str, lead_ids: Sequence[str], *, lock: bool = False
) -> dict[str, _Standing]:
    columns = (leads.c.disposition, leads.c.traits_key, leads.c.marks_key, leads.c.category, leads.c.party_key)
    told = (leads.c.score, leads.c.cell, leads.c.mark_id, screenings.c.outcome)
    made = and_(
        screenings.c.organisation_id == leads.c.organisation_id, screenings.c.screening_key == leads.c.screening_key
    )
    query: Select[Any] = select(leads.c.lead_id, *columns, *told).outerjoin(screenings, made)
    query = query.where(leads.c.organisation_id == organisation_id).order_by(leads.c.lead_id)
    found: dict[str, _Standing] = {}
    for page in pages(lead_ids):
        asked = query.where(leads.c.lead_id.in_(page))
        rows = connection.execute(asked.with_for_update(of=leads) if lock else asked)
        found.update((row[0], _Standing(*row[1:])) for row in rows)
    return found


def _parties(standing: dict[str, _Standing]) -> set[str]:
    return {each.party_key for each in standing.values()} - {""}


def _count(
    connection: Connection, organisation_id: str, before: dict[str, _Standing], after: dict[str, _Standing]
) -> None:
    changes: Counter[tuple[str, str, str]] = Counter()
    keys = {each.marks_key for standing in (before, after) for each in standing.values()}
    combinations = lead_traits.known(connection, organisation_id, keys)
    for standing, sign in ((before, -1), (after, 1)):
        for each in standing.values():
            changes[TRAITS, each.disposition, each.traits_key] += sign
            for mark_id in combinations.get(each.marks_key, {}).get(lead_traits.MARKS, ()):
                changes[MARK, each.disposition, mark_id] += sign
            changes[CATEGORY, each.disposition, each.category] += sign
    _add(connection, organisation_id, changes)


def _add(connection: Connection, organisation_id: str, changes: Counter[tuple[str, str, str]]) -> None:
    rows = [
        {
            "organisation_id": organisation_id,
            "field": field,
            "disposition": disposition,
            "value": value,
            "count": change,
        }
        for (field, disposition, value), change in sorted(changes.items())
        if change
    ]
    if not rows:
        return
    statement = insert_into(connection, tallies)
    statement = statement.on_conflict_do_update(
        index_elements=[tallies.c.organisation_id, tallies.c.field, tallies.c.disposition, tallies.c.value],
        set_={"count": tallies.c.count + statement.excluded.count},
    )
    connection.execute(statement, rows)


def _refresh_parties(connection: Connection, organisation_id: str, keys: set[str]) -> None:
    """Figures of these parties from their leads. Each row is locked before its leads are read: of two who change leads
    of one party the later sees what the earlier did."""
    waiting = leads.c.disposition.in_(OPEN)
    figures = (
        select(
            leads.c.party_key,
            func.count().label("leads"),
            func.sum(case((waiting, 1), else_=0)).label("open_leads"),
            func.coalesce(func.max(case((waiting, leads.c.score))), 0.0).label("best_score"),
            func.coalesce(func.max(case((waiting, leads.c.worth))), 0.0).label("worth"),
            func.max(leads.c.last_seen).label("last_seen"),
        )
        .where(leads.c.organisation_id == organisation_id)
        .group_by(leads.c.party_key)
    )
    for page in pages(sorted(keys)):
        mine = (parties.c.organisation_id == organisation_id, parties.c.party_key.in_(page))
        connection.execute(select(parties.c.party_key).where(*mine).order_by(parties.c.party_key).with_for_update())
        found = connection.execute(figures.where(leads.c.party_key.in_(page))).all()
        gone = set(page) - {row.party_key for row in found}
        if gone:
            left = update(parties).where(parties.c.organisation_id == organisation_id, parties.c.party_key.in_(gone))
            connection.execute(left.values(leads=0, open_leads=0, best_score=0.0, value=0.0))
        if found:
            connection.execute(_changed(organisation_id), [_figures(row) for row in found])


def _changed(organisation_id: str) -> Any:
    this = update(parties).where(
        parties.c.organisation_id == organisation_id, parties.c.party_key == bindparam("this_party")
    )
    named = ("leads", "open_leads", "best_score", "value", "last_seen")
    return this.values({name: bindparam(f"new_{name}") for name in named})


def _figures(row: Any) -> dict[str, Any]:
    return {
        "this_party": row.party_key,
        "new_leads": row.leads,
        "new_open_leads": row.open_leads,
        "new_best_score": row.best_score,
        "new_value": round(row.worth * reach(row.open_leads), 9) if row.open_leads else 0.0,
        "new_last_seen": row.last_seen,
    }
