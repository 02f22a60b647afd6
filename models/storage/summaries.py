"""Lines of the queue from rows of `leads`, with the marks' texts beside them."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.leads import Cell, Disposition
from models.ports import LeadSummary
from models.queue.places import Place
from models.storage.engine import pages
from models.storage.tables import lead_traits, leads, marks


def summaries(connection: Connection, organisation_id: str, rows: Sequence[Row[Any]]) -> tuple[LeadSummary, ...]:
    """One line for each row, in the rows' order."""
    texts = mark_texts(connection, organisation_id, [row.mark_id for row in rows if row.mark_id])
    places = _places(connection, organisation_id, [row.traits_key for row in rows])
    sizes = group_sizes(connection, organisation_id, [row.group_id for row in rows])
    return tuple(
        LeadSummary(
            lead_id=row.lead_id,
            kind=row.kind,
            platform=row.platform,
            native_id=row.native_id,
            title=row.title,
            seller_name=row.seller_name,
            price=row.price,
            currency=row.currency,
            score=row.score,
            cell=Cell(row.cell) if row.cell else None,
            mark_id=row.mark_id,
            mark_text=texts.get(row.mark_id, ""),
            facts=tuple(json.loads(row.facts)),
            disposition=Disposition(row.disposition),
            last_seen=row.last_seen,
            picture=row.picture,
            group_id=row.group_id,
            group_size=sizes[row.group_id],
            revision=row.revision,
            first_seen=row.first_seen,
            place=places.get(row.traits_key, Place.UNKNOWN),
            division=row.division,
            category=row.category,
            party_key=row.party_key,
            value=row.value,
        )
        for row in rows
    )


def _places(connection: Connection, organisation_id: str, keys: Sequence[str]) -> dict[str, Place]:
    """Combination of traits -> where its leads lie."""
    table = lead_traits
    query = select(table.c.combination_key, table.c.value).where(
        table.c.organisation_id == organisation_id, table.c.field == "place"
    )
    found: dict[str, Place] = {}
    for page in pages(sorted(set(keys))):
        rows = connection.execute(query.where(table.c.combination_key.in_(page)))
        found.update((key, Place(value)) for key, value in rows)
    return found


def group_sizes(connection: Connection, organisation_id: str, group_ids: Sequence[str]) -> dict[str, int]:
    """How many leads are in each group."""
    counting = select(leads.c.group_id, func.count()).where(leads.c.organisation_id == organisation_id)
    sizes: dict[str, int] = {}
    for page in pages(sorted(set(group_ids))):
        grouped = counting.where(leads.c.group_id.in_(page)).group_by(leads.c.group_id)
        sizes.update((group_id, count) for group_id, count in connection.execute(grouped))
    return sizes


def mark_texts(connection: Connection, organisation_id: str, mark_ids: Sequence[str]) -> dict[str, str]:
    """The marks' texts by the newest registry version that had each."""
    query = select(marks.c.mark_id, marks.c.text).where(marks.c.organisation_id == organisation_id)
    texts: dict[str, str] = {}
    for page in pages(sorted(set(mark_ids))):
        rows = query.where(marks.c.mark_id.in_(page)).order_by(marks.c.from_version)
        texts.update((mark_id, text) for mark_id, text in connection.execute(rows))
    return texts
