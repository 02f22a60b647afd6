"""Answers kept for retried requests, by organisation, caller and key."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, select, update

from models.errors import InputError
from models.retries import KEPT_DAYS, STALE_S, StoredAnswer, Turn
from models.storage.engine import insert_into, writing
from models.storage.tables import answered_requests as table


class SqlRetryStore:
    """Implements `models.retries.RetryStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self, organisation_id: str, caller: str, key: str, request_digest: str, *, at: datetime
    ) -> StoredAnswer | Turn:
        """See the port."""
        this = _this(organisation_id, caller, key)
        with writing(self._engine) as connection:
            expired = (table.c.organisation_id == organisation_id, table.c.begun_at < at - timedelta(days=KEPT_DAYS))
            connection.execute(delete(table).where(*expired))
            row = {
                "organisation_id": organisation_id,
                "caller": caller,
                "request_key": key,
                "request_digest": request_digest,
                "begun_at": at,
            }
            claim = insert_into(connection, table).values(**row).on_conflict_do_nothing().returning(table.c.request_key)
            if connection.execute(claim).one_or_none() is not None:
                return Turn.YOURS
            found = connection.execute(select(table).where(*this)).one()
            if found.request_digest != request_digest:
                raise InputError(
                    "the idempotency key was used for another request",
                    where="Idempotency-Key",
                    mend="send a new key with a new request",
                )
            if found.answer is not None:
                return StoredAnswer.model_validate_json(found.answer)
            stale = (table.c.answer.is_(None), table.c.begun_at < at - timedelta(seconds=STALE_S))
            taken = connection.execute(update(table).where(*this, *stale).values(begun_at=at)).rowcount
            return Turn.YOURS if taken else Turn.ANOTHERS

    def renew(self, organisation_id: str, caller: str, key: str, *, at: datetime) -> None:
        """See the port."""
        unanswered = (*_this(organisation_id, caller, key), table.c.answer.is_(None))
        with writing(self._engine) as connection:
            connection.execute(update(table).where(*unanswered).values(begun_at=at))

    def finish(self, organisation_id: str, caller: str, key: str, answer: StoredAnswer) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            connection.execute(
                update(table).where(*_this(organisation_id, caller, key)).values(answer=answer.model_dump_json())
            )

    def abandon(self, organisation_id: str, caller: str, key: str) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(*_this(organisation_id, caller, key), table.c.answer.is_(None)))


def _this(organisation_id: str, caller: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.organisation_id == organisation_id,
        table.c.caller == caller,
        table.c.request_key == key,
    )
