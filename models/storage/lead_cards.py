"""Cards of the queue: of each group only the lead that comes first among those that match.

Leads are walked in the queue's order, and a lead is kept when no lead of its group that matches too stands before it.
Only the groups that were met are looked at, so a page costs as much as a page.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, func, select

from models.storage.tables import leads

CHUNK = 4


class Ordered(Protocol):
    """A statement on leads narrowed to a query, ordered, from its cursor on; or all of it, in no order."""

    def __call__(self, statement: Select[Any], *, from_start: bool = False) -> Select[Any]: ...


def firsts(connection: Connection, ordered: Ordered, order: Sequence[ColumnElement[Any]], limit: int) -> list[str]:
    """The ids of the first `limit` cards, in order."""
    walk = ordered(select(leads.c.lead_id, leads.c.group_id))
    kept: list[str] = []
    with connection.execution_options(stream_results=True).execute(walk) as found:
        for chunk in found.partitions(CHUNK * limit):
            heads = _heads(connection, ordered, order, sorted({row.group_id for row in chunk}))
            kept += [row.lead_id for row in chunk if heads[row.group_id] == row.lead_id]
            if len(kept) >= limit:
                break
    return kept[:limit]


def _heads(
    connection: Connection, ordered: Ordered, order: Sequence[ColumnElement[Any]], group_ids: Sequence[str]
) -> dict[str, str]:
    """Group id -> its first lead among all that match, before the cursor too."""
    rank = func.row_number().over(partition_by=leads.c.group_id, order_by=order).label("rank")
    matching = ordered(select(leads.c.group_id, leads.c.lead_id, rank), from_start=True)
    ranked = matching.where(leads.c.group_id.in_(group_ids)).subquery()
    rows = connection.execute(select(ranked.c.group_id, ranked.c.lead_id).where(ranked.c.rank == 1))
    return {row.group_id: row.lead_id for row in rows}
