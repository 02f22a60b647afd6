"""The order of the queue and the cursor that continues it: by key, so that a page stays right while leads come in.

Whole keys are compared, which both engines look up in the index: a page deep in the queue costs what the first does.
"""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, tuple_

from models.errors import InputError
from models.ports import LeadQuery
from models.storage.tables import leads

# The column that each order goes by, greatest first; the lead's id settles ties.
ORDERS: dict[str, ColumnElement[Any]] = {"score": leads.c.score, "newest": leads.c.last_seen, "value": leads.c.value}


def ordering(query: LeadQuery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What to order by. Raises `InputError` for an order that is not known."""
    return _column(query).desc(), leads.c.lead_id.desc()


def after_cursor(statement: Select[Any], query: LeadQuery) -> Select[Any]:
    """The statement from behind the cursor on. Raises `InputError` for a cursor that is not one of ours."""
    if not query.after:
        return statement
    column = _column(query)
    place, lead_id = _read(query)
    return statement.where(tuple_(column, leads.c.lead_id) < (place, lead_id))


def cursor_of(row: Row[Any], query: LeadQuery) -> str:
    """Names the place behind this row, for this order only."""
    place = row.last_seen.isoformat() if query.order == "newest" else getattr(row, query.order)
    return base64.urlsafe_b64encode(json.dumps([query.order, place, row.lead_id]).encode()).decode()


def _column(query: LeadQuery) -> ColumnElement[Any]:
    column = ORDERS.get(query.order)
    if column is None:
        raise InputError(f"leads are ordered by {', '.join(ORDERS)}, not {query.order!r}", where="order")
    return column


def _read(query: LeadQuery) -> tuple[float | datetime, str]:
    try:
        order, place, lead_id = json.loads(base64.urlsafe_b64decode(query.after.encode("ascii")))
        if order == query.order and isinstance(lead_id, str):
            return (datetime.fromisoformat(place) if order == "newest" else float(place)), lead_id
    except (ValueError, TypeError, binascii.Error):
        pass
    raise InputError("the cursor does not belong to this list", where="after", mend="begin at the first page")
