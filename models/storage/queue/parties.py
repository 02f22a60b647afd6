"""Parties as rows: named when a screening shows them, their figures kept by `models.storage.queue.standing`."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, tuple_

from models.errors import InputError, NotFoundError
from models.leads import Screening
from models.ports import COUNTED_TO
from models.queue.keeping import PartyPage, PartyQuery
from models.queue.parties import Party, party_of
from models.queue.places import division_of
from models.storage.engine import insert_into, pages, reading
from models.storage.queue.weighing import Weighing
from models.storage.queue_tables import parties as table
from models.storage.tables import leads

LONGEST_PAGE = 200


class SqlPartyStore:
    """Implements `models.queue.keeping.PartyStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, organisation_id: str, query: PartyQuery) -> PartyPage:
        """See the port. Raises `InputError` for a cursor that is not one of ours."""
        if not 1 <= query.limit <= LONGEST_PAGE:
            raise InputError(f"a page has 1 to {LONGEST_PAGE} parties, not {query.limit}", where="limit")
        matching = select(table).where(table.c.organisation_id == organisation_id)
        if query.waiting:
            matching = matching.where(table.c.value > 0)
        if query.place is not None:
            matching = matching.where(table.c.place == query.place.value)
        if query.text.strip():
            matching = matching.where(table.c.name.contains(query.text.strip(), autoescape=True))
        bounded = matching.with_only_columns(table.c.party_key).limit(COUNTED_TO + 1).subquery()
        page = matching.order_by(table.c.value.desc(), table.c.party_key.desc()).limit(query.limit + 1)
        if query.after:
            value, key = _read(query.after)
            page = page.where(tuple_(table.c.value, table.c.party_key) < (value, key))
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(bounded)).scalar_one()
            rows = connection.execute(page).all()
            found = _with_platforms(connection, organisation_id, rows[: query.limit])
        cursor = _cursor(rows[query.limit - 1]) if len(rows) > query.limit else ""
        return PartyPage(found, cursor, min(total, COUNTED_TO), more=total > COUNTED_TO)

    def get(self, organisation_id: str, party_key: str) -> Party:
        """See the port."""
        with reading(self._engine) as connection:
            found = _load(connection, organisation_id, party_key)
        if found is None:
            raise NotFoundError(f"no operator {party_key!r}", mend="it may belong to another organisation")
        return found

    def of_lead(self, organisation_id: str, lead_id: str) -> Party | None:
        """See the port."""
        named = select(leads.c.party_key).where(leads.c.organisation_id == organisation_id, leads.c.lead_id == lead_id)
        with reading(self._engine) as connection:
            key = connection.execute(named).scalar_one_or_none()
            if key is None:
                raise NotFoundError(f"no lead {lead_id!r}", mend="it may belong to another organisation")
            return _load(connection, organisation_id, key) if key else None

    def shops(self, organisation_id: str, party_key: str, *, limit: int = 50) -> tuple[tuple[str, str, int], ...]:
        """See the port."""
        query = (
            select(leads.c.platform, leads.c.seller_name, func.count().label("found"))
            .where(leads.c.organisation_id == organisation_id, leads.c.party_key == party_key)
            .group_by(leads.c.platform, leads.c.seller_name)
            .order_by(func.count().desc(), leads.c.platform, leads.c.seller_name)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple((row[0], row[1], row[2]) for row in connection.execute(query))


def name(connection: Connection, organisation_id: str, screenings: Iterable[Screening], weighing: Weighing) -> None:
    """Have a row for the party of each of these leads, with what its newest page says; figures come after."""
    rows: dict[str, dict[str, Any]] = {}
    for screening in sorted(screenings, key=lambda each: each.screened_at):
        party, division = party_of(screening.subject), division_of(screening.subject)
        if party.key:
            rows[party.key] = {
                "organisation_id": organisation_id, "party_key": party.key, "name": party.name, "uscc": party.uscc,
                "division": division, "place": weighing.place(division).value, "leads": 0, "open_leads": 0,
                "best_score": 0.0, "value": 0.0, "last_seen": screening.screened_at,
            }  # fmt: skip
    if not rows:
        return
    statement = insert_into(connection, table)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.organisation_id, table.c.party_key],
        set_={column: statement.excluded[column] for column in ("name", "uscc", "division", "place")},
    )
    connection.execute(statement, [rows[key] for key in sorted(rows)])


def _load(connection: Connection, organisation_id: str, party_key: str) -> Party | None:
    query = select(table).where(table.c.organisation_id == organisation_id, table.c.party_key == party_key)
    rows = connection.execute(query).all()
    return _with_platforms(connection, organisation_id, rows)[0] if rows else None


def _with_platforms(connection: Connection, organisation_id: str, rows: Sequence[Row[Any]]) -> tuple[Party, ...]:
    query = select(leads.c.party_key, leads.c.platform).where(leads.c.organisation_id == organisation_id).distinct()
    platforms: dict[str, set[str]] = {}
    for page in pages([row.party_key for row in rows]):
        for key, platform in connection.execute(query.where(leads.c.party_key.in_(page))):
            platforms.setdefault(key, set()).add(platform)
    return tuple(
        Party(
            party_key=row.party_key,
            name=row.name,
            uscc=row.uscc,
            division=row.division,
            place=row.place,
            platforms=tuple(sorted(platforms.get(row.party_key, ()))),
            leads=row.leads,
            open_leads=row.open_leads,
            best_score=row.best_score,
            value=row.value,
            last_seen=row.last_seen,
        )
        for row in rows
    )


def _cursor(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.value, row.party_key]).encode()).decode()


def _read(cursor: str) -> tuple[float, str]:
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if isinstance(key, str):
            return float(value), key
    except (ValueError, TypeError, binascii.Error):
        pass
    raise InputError("the cursor does not belong to this list", where="after", mend="begin at the first page")
