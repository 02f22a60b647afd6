"""Who may sign in, and their sessions. Passwords and tokens arrive as hashes; nothing here sees the secret."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.errors import ConflictError, NotFoundError
from models.ports import Account
from models.storage import tables
from models.storage.engine import reading, writing


class SqlAccountStore:
    """Implements `models.ports.AccountStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, account: Account) -> None:
        """See the port. A new `account_id` for a known name ends the sessions of the old one; an id that belongs to
        another name is refused (`ConflictError`)."""
        table = tables.accounts
        try:
            with writing(self._engine) as connection:
                held = _find(connection, table.c.name == account.name)
                if held is None:
                    connection.execute(insert(table).values(account.model_dump()))
                    return
                if held.organisation_id != account.organisation_id:
                    raise _taken(account)
                if held.account_id != account.account_id:
                    sessions = tables.sessions
                    connection.execute(delete(sessions).where(sessions.c.account_id == held.account_id))
                connection.execute(update(table).where(table.c.name == account.name).values(account.model_dump()))
        except IntegrityError:
            raise _taken(account) from None

    def by_name(self, name: str) -> Account | None:
        """See the port."""
        with reading(self._engine) as connection:
            return _find(connection, tables.accounts.c.name == name)

    def open_session(self, token_hash: str, account_id: str, *, expires_at: datetime) -> None:
        """See the port. Raises `NotFoundError` for an account that is not there."""
        with writing(self._engine) as connection:
            account = _find(connection, tables.accounts.c.account_id == account_id)
            if account is None:
                raise NotFoundError(f"no account {account_id!r}")
            connection.execute(
                insert(tables.sessions).values(
                    organisation_id=account.organisation_id,
                    token_hash=token_hash,
                    account_id=account_id,
                    expires_at=expires_at,
                )
            )

    def session(self, token_hash: str, *, at: datetime) -> Account | None:
        """See the port."""
        accounts, sessions = tables.accounts, tables.sessions
        query = (
            select(accounts)
            .join(sessions, accounts.c.account_id == sessions.c.account_id)
            .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > at)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return Account(**row._mapping) if row else None

    def close_session(self, token_hash: str) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash == token_hash))


def _find(connection: Connection, condition: Any) -> Account | None:
    row = connection.execute(select(tables.accounts).where(condition)).one_or_none()
    return Account(**row._mapping) if row else None


def _taken(account: Account) -> ConflictError:
    return ConflictError(
        f"the name or account id of {account.name!r} is taken", where="account", mend="choose another name"
    )
