"""Who may sign in, their sessions and failed attempts. Passwords, tokens and names that were typed arrive as hashes;
nothing here sees the secret."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.access import Account
from models.audit import NOBODY
from models.errors import ConflictError, NotFoundError, TransientFault
from models.organisations import Role
from models.storage import access_tables as tables
from models.storage import walls
from models.storage.engine import insert_into, reading, writing

# How exactly a session's last use is known: a page of pictures is one write, not fifty.
USE_NOTED_EVERY = timedelta(minutes=1)


class SqlAccountStore:
    """Implements `models.access.AccountStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._of_nobody = walls.bound(engine, NOBODY)

    def save(self, account: Account) -> None:
        """See the port. A new `account_id` for a known name ends the sessions of the old one; an id or identity that
        belongs to another name is refused (`ConflictError`)."""
        table = tables.accounts
        try:
            with writing(self._engine) as connection:
                held = _find(connection, table.c.name == account.name)
                if held is None:
                    connection.execute(insert(table).values(_row(account)))
                else:
                    if held.organisation_id != account.organisation_id:
                        raise _taken(account)
                    _forget(connection, held, sessions=held.account_id != account.account_id or not account.active)
                    connection.execute(update(table).where(table.c.name == account.name).values(_row(account)))
                if account.identity:
                    named = {"organisation_id": account.organisation_id, "account_id": account.account_id}
                    connection.execute(insert(tables.identities).values(**named, identity=account.identity))
        except IntegrityError:
            raise _taken(account) from None

    def by_name(self, name: str) -> Account | None:
        """See the port."""
        with reading(self._engine) as connection:
            return _find(connection, tables.accounts.c.name == name)

    def by_identity(self, identity: str) -> Account | None:
        """See the port."""
        with reading(self._engine) as connection:
            return _find(connection, tables.identities.c.identity == identity)

    def get(self, organisation_id: str, account_id: str) -> Account:
        """See the port."""
        table = tables.accounts
        with reading(self._engine) as connection:
            found = _find(connection, table.c.organisation_id == organisation_id, table.c.account_id == account_id)
        if found is None:
            raise NotFoundError("no such account", where=account_id)
        return found

    def all(self, organisation_id: str) -> tuple[Account, ...]:
        """See the port."""
        table = tables.accounts
        query = _accounts().where(table.c.organisation_id == organisation_id).order_by(table.c.name)
        with reading(self._engine) as connection:
            return tuple(_account(row) for row in connection.execute(query))

    def open_session(self, token_hash: str, account_id: str, *, at: datetime, expires_at: datetime) -> None:
        """See the port."""
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
                    last_used=at,
                )
            )

    def session(self, token_hash: str, *, at: datetime, idle_since: datetime | None = None) -> Account | None:
        """See the port."""
        accounts, sessions = tables.accounts, tables.sessions
        query = (
            _accounts()
            .join(sessions, accounts.c.account_id == sessions.c.account_id)
            .add_columns(sessions.c.last_used)
            .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > at, accounts.c.active == 1)
        )
        if idle_since is not None:
            query = query.where(sessions.c.last_used >= idle_since)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is not None and row.last_used + USE_NOTED_EVERY <= at:
            with (
                suppress(TransientFault),
                writing(self._engine) as connection,
            ):  # reading goes on where nothing is written
                connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(last_used=at))
        return _account(row) if row else None

    def close_session(self, token_hash: str) -> None:
        """See the port."""
        with writing(self._engine) as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash == token_hash))

    def count_attempt(self, name_key: str, *, at: datetime, since: datetime, limit: int) -> int:
        """See the port."""
        table = tables.sign_in_attempts
        with writing(self._of_nobody) as connection:
            connection.execute(delete(table).where(table.c.last_at <= since))
            statement = insert_into(connection, table).values(
                organisation_id=NOBODY, name_key=name_key, count=1, last_at=at
            )
            counted = {"count": table.c.count + 1, "last_at": statement.excluded.last_at}
            statement = statement.on_conflict_do_update(
                index_elements=[table.c.organisation_id, table.c.name_key],
                set_=counted,
                where=table.c.count < limit,
            )
            count = connection.execute(statement.returning(table.c.count)).scalar_one_or_none()
        return limit + 1 if count is None else int(count)

    def forget_attempts(self, name_key: str) -> None:
        """See the port."""
        with writing(self._of_nobody) as connection:
            connection.execute(delete(tables.sign_in_attempts).where(tables.sign_in_attempts.c.name_key == name_key))


def _accounts() -> Select[Any]:
    accounts, identities = tables.accounts, tables.identities
    same = and_(
        identities.c.organisation_id == accounts.c.organisation_id, identities.c.account_id == accounts.c.account_id
    )
    return select(accounts, identities.c.identity).join(identities, same, isouter=True)


def _find(connection: Connection, *conditions: Any) -> Account | None:
    row = connection.execute(_accounts().where(*conditions)).one_or_none()
    return _account(row) if row else None


def _account(row: Row[Any]) -> Account:
    return Account(
        organisation_id=row.organisation_id,
        account_id=row.account_id,
        name=row.name,
        display_name=row.display_name,
        password_hash=row.password_hash,
        roles=tuple(Role(role) for role in row.roles.split()),
        active=bool(row.active),
        identity=row.identity or "",
    )


def _row(account: Account) -> dict[str, Any]:
    row = account.model_dump(exclude={"identity"})
    return row | {"roles": " ".join(account.roles), "active": int(account.active)}


def _forget(connection: Connection, held: Account, *, sessions: bool) -> None:
    """Whatever hangs on the account and does not stay: its identity, which is written anew, and its sessions."""
    for table in (tables.identities, *((tables.sessions,) if sessions else ())):
        connection.execute(delete(table).where(table.c.account_id == held.account_id))


def _taken(account: Account) -> ConflictError:
    return ConflictError(
        f"the name, account id or identity of {account.name!r} is taken", where="account", mend="choose another name"
    )
