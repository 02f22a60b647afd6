"""Building anew what follows from leads: for a database whose leads were written by a version that did not keep it."""

from sqlalchemy import Connection, select

from models.registry import Mark
from models.storage.ledger import load_screenings
from models.storage.queue import order, search, standing
from models.storage.screenings import put_leads
from models.storage.tables import leads, marks

PAGE = 500


def rebuild(connection: Connection) -> None:
    """Of every organisation. What people did stays as it is; nobody else writes meanwhile."""
    for organisation_id in connection.execute(select(leads.c.organisation_id).distinct()).scalars().all():
        _leads(connection, organisation_id)
        standing.rebuild(connection, organisation_id)
        groups = select(leads.c.group_id).where(leads.c.organisation_id == organisation_id).distinct()
        order.spread(connection, organisation_id, set(connection.execute(groups).scalars()))
    for organisation_id in connection.execute(select(marks.c.organisation_id).distinct()).scalars().all():
        query = select(marks.c.body).where(marks.c.organisation_id == organisation_id, marks.c.to_version.is_(None))
        current = [Mark.model_validate_json(body) for body in connection.execute(query).scalars()]
        search.keep(connection, organisation_id, [search.entry_of_mark(mark) for mark in current])


def _leads(connection: Connection, organisation_id: str) -> None:
    query = select(leads.c.lead_id, leads.c.screening_key, leads.c.first_seen)
    query = query.where(leads.c.organisation_id == organisation_id).order_by(leads.c.lead_id).limit(PAGE)
    after = ""
    while rows := connection.execute(query.where(leads.c.lead_id > after)).all():
        found = load_screenings(connection, organisation_id, [row.screening_key for row in rows])
        put_leads(connection, organisation_id, list(found.values()), {row.lead_id: row.first_seen for row in rows})
        after = rows[-1].lead_id
