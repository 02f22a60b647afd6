"""The order by worth: measuring rates from decisions, and putting every lead in its place."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, func, select, update

from models.leads import Cell, Disposition
from models.policy import CaseOutcome
from models.queue.worth import Decided, QueueRates, measure, reach
from models.storage import journal, lead_traits
from models.storage.engine import pages, reading, writing
from models.storage.queue import standing
from models.storage.queue.weighing import Weighing, rates_of, weighing_of
from models.storage.queue_tables import parties
from models.storage.tables import decisions, leads
from models.storage.tables import lead_traits as traits

PAGE = 500


class SqlOrderStore:
    """Implements `models.queue.keeping.OrderStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rates(self, organisation_id: str) -> QueueRates:
        """See the port."""
        with reading(self._engine) as connection:
            return rates_of(connection, organisation_id)

    def weigh(self, organisation_id: str, *, at: datetime) -> tuple[QueueRates, int]:
        """See the port. A page of leads is one transaction: whoever decides meanwhile waits for a page at most."""
        with reading(self._engine) as connection:
            rates = measure(_decided(connection, organisation_id), at=at)
        with writing(self._engine) as connection:
            journal.append(connection, organisation_id, journal.QUEUE_RATES, rates, about="", at=at)
        moved, after = 0, ""
        while True:
            with writing(self._engine) as connection:
                query = select(leads.c.lead_id).where(
                    leads.c.organisation_id == organisation_id, leads.c.lead_id > after
                )
                page = connection.execute(query.order_by(leads.c.lead_id).limit(PAGE)).scalars().all()
                if not page:
                    return rates, moved
                weighing = weighing_of(connection, organisation_id, at=at)
                moved += _place(connection, organisation_id, page, weighing)
            after = page[-1]


def spread(connection: Connection, organisation_id: str, group_ids: set[str]) -> None:
    """After groups changed: the reach of their leads where it is another now, in the transaction that placed them."""
    for page in pages(sorted(group_ids)):
        mine = (leads.c.organisation_id == organisation_id, leads.c.group_id.in_(page))
        sized = select(leads.c.group_id, func.count(), func.min(leads.c.reach), func.max(leads.c.reach)).where(*mine)
        for group_id, size, least, most in connection.execute(sized.group_by(leads.c.group_id)).all():
            if not least == most == reach(size):
                _reach(connection, organisation_id, group_id, reach(size))


def _reach(connection: Connection, organisation_id: str, group_id: str, how_far: int) -> None:
    """No figure that is kept follows from `reach`: parties and tallies stay as they are."""
    this = update(leads).where(leads.c.organisation_id == organisation_id, leads.c.group_id == group_id)
    connection.execute(this.where(leads.c.reach != how_far).values(reach=how_far, value=leads.c.worth * how_far))


def _place(connection: Connection, organisation_id: str, lead_ids: Sequence[str], weighing: Weighing) -> int:
    query = select(leads).where(leads.c.organisation_id == organisation_id, leads.c.lead_id.in_(lead_ids))
    rows = connection.execute(query.order_by(leads.c.lead_id).with_for_update()).all()
    held = _combinations(connection, organisation_id, {key for row in rows for key in (row.traits_key, row.marks_key)})
    changes, added = [], set()
    for row in rows:
        marks = [value for _, value in held.get(row.marks_key, ())]
        worth = weighing.worth(
            row.kind, Cell(row.cell) if row.cell else None, row.score, category=row.category, marks=marks,
            division=row.division, text=row.search_text,
        ).alone  # fmt: skip
        kept = [each for each in held.get(row.traits_key, ()) if each[0] != "place"]
        combination = lead_traits.Combination(tuple(sorted([*kept, ("place", weighing.place(row.division).value)])))
        new = {"worth": worth, "value": worth * row.reach, "traits_key": combination.key}
        if any(getattr(row, name) != value for name, value in new.items()):
            added.add(combination)
            changes.append({"this_lead": row.lead_id, **{f"new_{name}": value for name, value in new.items()}})
    if not changes:
        return 0
    lead_traits.add(connection, organisation_id, added)
    this = update(leads).where(leads.c.organisation_id == organisation_id, leads.c.lead_id == bindparam("this_lead"))
    named: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("worth", "value", "traits_key")}
    _move_parties(connection, organisation_id, rows, weighing)
    with standing.kept(connection, organisation_id, [change["this_lead"] for change in changes]):
        connection.execute(this.values(named), changes)
    return len(changes)


def _move_parties(connection: Connection, organisation_id: str, rows: Sequence[Row[Any]], weighing: Weighing) -> None:
    keys = sorted({row.party_key for row in rows} - {""})
    query = select(parties.c.party_key, parties.c.division, parties.c.place).where(
        parties.c.organisation_id == organisation_id, parties.c.party_key.in_(keys)
    )
    for row in connection.execute(query.order_by(parties.c.party_key).with_for_update()).all():
        place = weighing.place(row.division).value
        if place != row.place:
            this = update(parties).where(
                parties.c.organisation_id == organisation_id, parties.c.party_key == row.party_key
            )
            connection.execute(this.values(place=place))


def _combinations(connection: Connection, organisation_id: str, keys: set[str]) -> dict[str, list[tuple[str, str]]]:
    query = select(traits.c.combination_key, traits.c.field, traits.c.value).where(
        traits.c.organisation_id == organisation_id
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for page in pages(sorted(keys)):
        for key, field, value in connection.execute(query.where(traits.c.combination_key.in_(page))):
            found.setdefault(key, []).append((field, value))
    return found


def _decided(connection: Connection, organisation_id: str) -> Iterator[Decided]:
    """Every lead that was decided, with what became of it and how long its newest decision took."""
    said = journal.entries(connection, organisation_id, journal.OUTCOMES, CaseOutcome, limit=10**9)
    outcomes = {entry.case_number: "filed" if entry.filed else "not-filed" for _, entry in reversed(said)}
    settled = (Disposition.DISMISSED.value, Disposition.ACCEPTED.value)
    query = (
        select(leads.c.lead_id, leads.c.kind, leads.c.cell, leads.c.score, leads.c.disposition, leads.c.case_number,
               decisions.c.spent_s)
        .join(
            decisions,
            (decisions.c.organisation_id == organisation_id) & (decisions.c.lead_id == leads.c.lead_id),
        )
        .where(leads.c.organisation_id == organisation_id, leads.c.disposition.in_(settled))
        .order_by(leads.c.lead_id, decisions.c.revision)
    )  # fmt: skip
    for row in {row.lead_id: row for row in connection.execute(query)}.values():
        accepted = row.disposition == Disposition.ACCEPTED.value
        outcome = outcomes.get(row.case_number, "accepted") if accepted else "dismissed"
        minutes = row.spent_s / 60 if row.spent_s is not None else None
        yield Decided(row.kind, Cell(row.cell) if row.cell else None, row.score, outcome, minutes)
