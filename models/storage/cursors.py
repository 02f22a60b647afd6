"""Cursors of lists that go by time: each names the place behind a row, by its moment and its name."""

import base64
import binascii
import json
from datetime import datetime

from models.errors import InputError


def cursor_of(at: datetime, name: str) -> str:
    """Names the place behind this row."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), name]).encode()).decode()


def place_of(cursor: str) -> tuple[datetime, str]:
    """Raises `InputError` for a cursor that is not one of ours."""
    try:
        at, name = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        moment = datetime.fromisoformat(at)
        if isinstance(name, str) and moment.tzinfo is not None:
            return moment, name
    except (ValueError, TypeError, binascii.Error):
        pass
    raise InputError("the cursor does not belong to this list", where="after", mend="begin at the first page")
