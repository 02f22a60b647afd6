"""Named counters of an organisation: registry versions, case numbers, the order of readings, the audit trail.

Touching a counter locks it until the transaction ends, so that whoever numbers something is alone in doing so, and a
transaction that fails leaves no gap.
"""

from sqlalchemy import Connection, select

from models.storage.engine import insert_into
from models.storage.tables import counters

REGISTRY = "registry"
REFERENCE_PICTURES = "reference-pictures"
READINGS = "readings"
GROUPS = "groups"
AUDIT = "audit-trail"
SEARCH = "search-entries"
DERIVED = "derived-rows"


def advance(connection: Connection, organisation_id: str, name: str, *, by: int = 1) -> int:
    """Add `by` and return the new value; `by=0` only locks and reads. A counter begins at 0."""
    statement = insert_into(connection, counters).values(organisation_id=organisation_id, name=name, value=by)
    statement = statement.on_conflict_do_update(
        index_elements=[counters.c.organisation_id, counters.c.name],
        set_={"value": counters.c.value + statement.excluded.value},
    )
    return int(connection.execute(statement.returning(counters.c.value)).scalar_one())


def peek(connection: Connection, organisation_id: str) -> dict[str, int]:
    """Every counter of the organisation, without a lock."""
    query = select(counters.c.name, counters.c.value).where(counters.c.organisation_id == organisation_id)
    return dict(connection.execute(query).all())
