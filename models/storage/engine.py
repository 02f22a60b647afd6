"""Connections and transactions on SQLite and PostgreSQL. Owns how a database's faults become the project's errors.

Everything above works in `reading(engine)` and `writing(engine)`, each held to one organisation where the engine is
(`models.storage.walls`). A writing transaction on SQLite takes the writer's
lock at once (BEGIN IMMEDIATE): it waits its turn at the door and never fails half-way for a lock.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, func, select
from sqlalchemy import exc as faults
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.schema import Table

from models import room
from models.errors import ConfigurationError, TransientFault
from models.storage import walls
from models.storage.settings import StoreSettings

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
WRITE = "jianzhen_write"

AWAY = "数据库没有响应 / the database does not answer"
# SQLSTATE: the class of exceeded limits (an index row too large), a server that became a standby, a full disk.
LIMIT_EXCEEDED, READ_ONLY, DISK_FULL = "54", "25006", "53100"
# A lock not given in time, and a deadlock.
REFUSED = frozenset({"55P03", "40P01"})
# No such table, no right to it, no such role: what a database of another version says.
NOT_MIGRATED = frozenset({"42P01", "42501", "22023"})

# From this size on an SQLite file is worth a sample of so many rows of each index; a million leads take well under 1 s.
LARGE_BYTES, SAMPLED_ROWS = 16 << 20, 1000

Key = TypeVar("Key")

# The first 64 bits of SHA-256("jianzhen migrate"), signed: PostgreSQL's lock while tables are being changed.
MIGRATION_LOCK = -3453187112408745527


def open_engine(settings: StoreSettings) -> Engine:
    """An engine that has not connected yet. Raises `ConfigurationError` for an address that is not one of ours."""
    url = _address(settings.url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, settings)
    engine = create_engine(
        url,
        pool_size=settings.pool_size,
        pool_timeout=settings.busy_timeout_s,
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(2, int(settings.busy_timeout_s))},
    )
    walls.watch(engine)

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection, entry: ConnectionPoolEntry) -> None:
        connection.adapters.register_dumper(list, ListBinaryDumper)  # as text, every quote in it would be escaped

    return engine


def database_file(settings: StoreSettings) -> Path | None:
    """The file of an SQLite store; None for a server."""
    url = _address(settings.url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot. Raises `TransientFault` when the database does not answer."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        walls.enter(connection)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """All or nothing, durable on return. Raises `TransientFault` when the database is away or stays locked."""
    with _translated(engine), engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        walls.enter(connection)
        yield connection


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """As `writing`, with the right to change tables."""
    with _translated(engine), engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        walls.enter_as_owner(connection)
        yield connection


@contextmanager
def outside_transactions(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements are each committed at once: for what PostgreSQL refuses in a transaction, and for
    locks of the session."""
    with _translated(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def lock_was_refused(fault: TransientFault) -> bool:
    """Whether a statement gave up waiting for a lock, or was the one that a deadlock ended."""
    return fault.__cause__ is not None and isinstance(fault.__cause__, Exception) and _state(fault.__cause__) in REFUSED


def take_stock(engine: Engine) -> None:
    """Have SQLite sample how the rows of a large file lie along each index: without that it takes an operator's ten
    leads for as many as a state's half million, and reads those. PostgreSQL looks by itself. Never waited for: while
    somebody writes, or where there is no room, another time does."""
    file = Path(engine.url.database or "")
    if engine.dialect.name != "sqlite" or not file.is_file() or file.stat().st_size < LARGE_BYTES:
        return
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.execute(f"PRAGMA analysis_limit={SAMPLED_ROWS}")
        connection.execute("ANALYZE")


def insert_into(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of this engine's own kind, which knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def add_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; leave the others as they are."""
    if rows:
        statement, values = insert_all(connection, table, rows)
        connection.execute(statement.on_conflict_do_nothing(), values)


def insert_all(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]]
) -> "tuple[sqlite.Insert | postgresql.Insert, Any]":
    """An INSERT of all these rows, of this engine's own kind, and what to execute it with. All rows have the columns of
    the first. PostgreSQL takes each column as one array: a statement for each row, or one with a place for each value,
    costs several times as much on both sides. ON CONFLICT DO UPDATE may meet each key once."""
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table), rows
    names = tuple(rows[0])
    return _of_arrays(table, names), {f"all_{name}": [row[name] for row in rows] for name in names}


@lru_cache(maxsize=256)
def _of_arrays(table: Table, names: tuple[str, ...]) -> postgresql.Insert:
    kinds = {name: postgresql.ARRAY(table.c[name].type) for name in names}
    columns = [func.unnest(bindparam(f"all_{name}", type_=kind)).label(name) for name, kind in kinds.items()]
    return postgresql.insert(table).from_select(names, select(*columns))


def pages(keys: Sequence[Key], *, size: int = 500) -> Iterator[Sequence[Key]]:
    """The keys in slices short enough for one IN list."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _address(text: str) -> URL:
    try:
        url = make_url(text)
    except faults.ArgumentError:
        url = None
    driver = DRIVERS.get(url.get_backend_name()) if url is not None else None
    if url is None or driver is None:
        raise ConfigurationError(
            "the store's address is neither SQLite nor PostgreSQL",
            where="store url",
            mend="write sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME",
        )
    if driver == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigurationError("the store must be a file", where="store url", mend="write sqlite:///PATH")
    return url.set(drivername=driver)


def _sqlite(url: URL, settings: StoreSettings) -> Engine:
    engine = create_engine(
        url,
        pool_size=settings.pool_size,
        pool_timeout=settings.busy_timeout_s,
        pool_use_lifo=True,  # the connection whose pages are still warm
        connect_args={"timeout": settings.busy_timeout_s},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says, not where the driver guesses
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32768")
        connection.execute("PRAGMA wal_autocheckpoint=8000")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except (faults.OperationalError, faults.InterfaceError, faults.TimeoutError, sqlite3.OperationalError) as fault:
        if _state(fault).startswith(LIMIT_EXCEEDED):
            raise  # the row is too large for the server: trying again would not help
        if _state(fault) == DISK_FULL or room.none_in_sqlite(_cause(fault)):
            raise room.none_left(where) from fault
        raise TransientFault(f"{AWAY}: {_first_line(fault)}", where=where, mend=_remedy(fault)) from fault
    except (faults.ProgrammingError, faults.DataError) as fault:
        if _state(fault) not in NOT_MIGRATED or _at_a_wall(fault):
            raise
        raise TransientFault(f"{AWAY}: {_first_line(fault)}", where=where, mend="migrate the database first") from fault
    except (faults.DatabaseError, sqlite3.DatabaseError) as fault:
        if _state(fault) == READ_ONLY:
            raise TransientFault("the database takes no writes now", where=where, mend=_remedy(fault)) from fault
        if type(fault) not in (faults.DatabaseError, sqlite3.DatabaseError):
            raise
        raise ConfigurationError(
            f"the file is damaged or no database: {_first_line(fault)}", where=where, mend="restore it from a backup"
        ) from fault


def _state(fault: Exception) -> str:
    """PostgreSQL's SQLSTATE, or ""."""
    return getattr(getattr(fault, "orig", None), "sqlstate", None) or ""


def _at_a_wall(fault: faults.DBAPIError) -> bool:
    """Whether a statement tried to write into another organisation: that is a fault of ours, never to be retried."""
    return getattr(getattr(fault.orig, "diag", None), "source_function", "") == "ExecWithCheckOptions"


def _cause(fault: Exception) -> BaseException | None:
    return fault.orig if isinstance(fault, faults.DBAPIError) else fault


def _first_line(fault: Exception) -> str:
    cause = _cause(fault)
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def _remedy(fault: Exception) -> str:
    if "no such table" in str(fault):
        return "migrate the database first"
    return "see that the database runs and can be reached; the work is tried again"
