"""Changing tables while others read and write them, on PostgreSQL.

Owns how a change waits for its lock, and how an index is made beside traffic. What a revision may say so that this
holds is checked by `tests/house/test_migrations.py`.

A change of a table needs a lock that waits for every transaction on it, and everybody who comes later waits behind that
lock. So it waits for a moment only (`store.lock_timeout_s`), steps aside, and tries again: nobody stands longer than
that moment.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic import op
from sqlalchemy import Connection, Engine, text

from models.errors import TransientFault
from models.storage import walls
from models.storage.engine import MIGRATION_LOCK, lock_was_refused, outside_transactions
from models.storage.settings import StoreSettings

LIVE = "jianzhen_live"
PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


@contextmanager
def alone(engine: Engine, settings: StoreSettings) -> Iterator[None]:
    """One process at a time changes the tables. Asked for again and again rather than waited for: a waiting statement
    would itself be a transaction that a new index waits for. Raises `TransientFault` after `migrate_patience_s`."""
    until = time.monotonic() + settings.migrate_patience_s
    asked = text("SELECT pg_try_advisory_lock(:lock)")
    with outside_transactions(engine) as connection:
        while not connection.execute(asked, {"lock": MIGRATION_LOCK}).scalar_one():
            if time.monotonic() >= until:
                raise TransientFault("another process has been changing the tables all the time", mend="try again")
            time.sleep(PAUSE_S)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})


def patiently(change: Callable[[], None], settings: StoreSettings) -> int:
    """Make the change, again as long as its locks are refused; how often they were. The change is all or nothing and
    sets the time that it waits with `wait_briefly`. Raises `TransientFault` after `migrate_patience_s`."""
    until, refused = time.monotonic() + settings.migrate_patience_s, 0
    while True:
        try:
            change()
            return refused
        except TransientFault as fault:
            if not lock_was_refused(fault) or time.monotonic() >= until:
                raise
        time.sleep(min(LONGEST_PAUSE_S, PAUSE_S * 2**refused))
        refused += 1


def wait_briefly(connection: Connection, settings: StoreSettings) -> None:
    """No statement of this transaction waits longer for a lock."""
    if connection.dialect.name == "postgresql":
        milliseconds = max(1, round(settings.lock_timeout_s * 1000))
        connection.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{milliseconds}ms"})


@contextmanager
def beside_traffic(engine: Engine) -> Iterator[Connection]:
    """For revisions that only make indexes: no transaction, so that PostgreSQL can build them while others write."""
    with outside_transactions(engine) as connection:
        walls.stay_as_owner(connection)
        yield connection.execution_options(**{LIVE: True})


def add_index(name: str, table: str, columns: list[str]) -> None:
    """For migrations: an index on a table that exists. Beside traffic it is built concurrently, and what an attempt
    that died left behind is built anew; on SQLite and on tables that nobody uses yet it is built at once."""
    connection = op.get_bind()
    if not connection.get_execution_options().get(LIVE):
        op.create_index(name, table, columns)
        return
    invalid = text(
        "SELECT NOT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relname = :name AND pg_table_is_visible(pg_class.oid)"
    )
    if connection.execute(invalid, {"name": name}).scalar_one_or_none():
        op.drop_index(name, table, postgresql_concurrently=True)
    op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True)
