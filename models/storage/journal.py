"""The journal: what people settled, numbered within its name and never changed; of a thing the newest entry holds."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func, insert, select

from models.storage import counters, tables
from models.values import Value

Kind = TypeVar("Kind", bound=Value)

POINTS = "operating-points"
OUTCOMES = "case-outcomes"
GROUPS = "group-decisions"
ALARMS = "group-alarms"
COMPARISONS = "rules-comparisons"
CASE_EVENTS = "case-events"
CASE_EXPORTS = "case-exports"
DISMISSALS = "dismissal-reasons"
MARK_CHECKS = "mark-checks"
LEAD_RECORDS = "lead-records"
QUEUE_RATES = "queue-rates"
CAMPAIGNS = "campaigns"
STATEMENTS = "statements"
BULK_ACTS = "bulk-acts"
BULK_UNDONE = "bulk-undone"


def append(connection: Connection, organisation_id: str, name: str, entry: Value, *, about: str, at: datetime) -> int:
    """Write an entry down; returns its number, which begins at 1 and has no gaps."""
    number = counters.advance(connection, organisation_id, f"journal-{name}")
    connection.execute(
        insert(tables.journal).values(
            organisation_id=organisation_id,
            name=name,
            number=number,
            about=about,
            at=at,
            body=entry.model_dump_json(),
        )
    )
    return number


def entries(
    connection: Connection, organisation_id: str, name: str, kind: type[Kind], *, about: str = "", limit: int = 1000
) -> tuple[tuple[int, Kind], ...]:
    """Entries of a name, newest first, of one thing or of all."""
    table = tables.journal
    query = select(table.c.number, table.c.body).where(table.c.organisation_id == organisation_id, table.c.name == name)
    if about:
        query = query.where(table.c.about == about)
    rows = connection.execute(query.order_by(table.c.number.desc()).limit(limit))
    return tuple((number, kind.model_validate_json(body)) for number, body in rows)


def newest_of_each(connection: Connection, organisation_id: str, name: str, kind: type[Kind]) -> dict[str, Kind]:
    """Of every thing that has entries of a name, the newest, by the thing."""
    table = tables.journal
    of_name = (table.c.organisation_id == organisation_id, table.c.name == name)
    newest = select(func.max(table.c.number)).where(*of_name).group_by(table.c.about)
    rows = connection.execute(select(table.c.about, table.c.body).where(*of_name, table.c.number.in_(newest)))
    return {about: kind.model_validate_json(body) for about, body in rows}
