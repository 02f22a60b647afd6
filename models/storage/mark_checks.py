"""Checks of marks: entries of the journal, about the mark."""

from sqlalchemy import Engine

from models.mark_checks import MarkCheck
from models.storage import journal
from models.storage.engine import reading, writing


class SqlMarkCheckStore:
    """Implements `models.mark_checks.MarkCheckStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, check: MarkCheck) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            journal.append(
                connection, check.organisation_id, journal.MARK_CHECKS, check, about=check.mark_id, at=check.at
            )

    def of_mark(self, organisation_id: str, mark_id: str) -> tuple[MarkCheck, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.MARK_CHECKS, MarkCheck, about=mark_id)
        return tuple(check for _, check in found)

    def newest(self, organisation_id: str) -> dict[str, MarkCheck]:
        """See the port."""
        with reading(self._engine) as connection:
            return journal.newest_of_each(connection, organisation_id, journal.MARK_CHECKS, MarkCheck)
