"""The audit trail: entries are numbered without gaps and only ever added; the database itself refuses changes."""

from sqlalchemy import Connection, Engine, insert, select

from models.audit import Act, AuditEntry, NumberedEntry
from models.storage import counters
from models.storage.access_tables import audit_trail
from models.storage.engine import reading, writing

LONGEST_PAGE = 500


class SqlAuditStore:
    """Implements `models.access.AuditStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, entry: AuditEntry) -> int:
        """See the port."""
        with writing(self._engine) as connection:
            return add_entry(connection, entry)

    def entries(
        self, organisation_id: str, *, act: Act | None = None, before: int = 0, limit: int = 100
    ) -> tuple[NumberedEntry, ...]:
        """See the port. At most 500 at a time."""
        query = select(audit_trail.c.number, audit_trail.c.body).where(audit_trail.c.organisation_id == organisation_id)
        if act is not None:
            query = query.where(audit_trail.c.act == act.value)
        if before:
            query = query.where(audit_trail.c.number < before)
        query = query.order_by(audit_trail.c.number.desc()).limit(min(limit, LONGEST_PAGE))
        with reading(self._engine) as connection:
            return tuple(
                NumberedEntry(number=number, entry=AuditEntry.model_validate_json(body))
                for number, body in connection.execute(query)
            )


def add_entry(connection: Connection, entry: AuditEntry) -> int:
    """Write an entry down in the transaction at hand."""
    number = counters.advance(connection, entry.organisation_id, counters.AUDIT)
    columns = entry.model_dump(include={"organisation_id", "at", "act", "actor", "about"})
    connection.execute(insert(audit_trail).values(**columns, number=number, body=entry.model_dump_json()))
    return number
