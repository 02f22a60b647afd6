"""SQLite files as the embedded bus uses them: write-ahead log, synchronous FULL, one writer at a time, faults named.

One `Database` may be shared by the threads of a process; each process opens its own.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models import room
from models.errors import ConfigurationError, TransientFault

BUSY_S = 30.0
# Pages of 4 KiB in the write-ahead log before SQLite copies them back: 16 MiB keeps copying rare and the file small.
CHECKPOINT_PAGES = 4096


class Database:
    """One SQLite file. `schema` is run once at opening and must be repeatable."""

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            _enter_wal(self._connection)
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
            with self.write() as connection:
                for statement in schema.split(";"):
                    connection.execute(statement)
        except (sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise TransientFault(str(error), where=str(path)) from error
            if room.none_in_sqlite(error) or room.none_for_file(error):
                raise room.none_left(str(path)) from error
            raise ConfigurationError(
                f"the bus file cannot be opened: {error}", where=str(path), mend="check the bus url and its folder"
            ) from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the file's writer lock from its start; durable when the block ends."""
        with self._lock, _named_faults(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite ends it by itself when the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Statements that each see the newest committed state."""
        with self._lock, _named_faults(self.path):
            yield self._connection

    def close(self) -> None:
        with self._lock:
            self._connection.close()


@contextmanager
def _named_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if room.none_in_sqlite(error):
            raise room.none_left(str(path)) from error
        raise TransientFault(f"the bus file does not answer: {error}", where=str(path)) from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise
        raise ConfigurationError(
            f"the bus file is damaged: {error}", where=str(path), mend="move it away and feed the listings again"
        ) from error


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Several processes may open a new file at once; SQLite does not wait by itself for this change of mode."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
