"""A database is brought to this version while others read and write it: nobody fails, nobody stands for long.

The traffic is the tables' own: rows copied, changed, read and counted by statements that know no more than the revision
before. A reader whose transaction stays open for a while is part of it, since that is what a change of a table waits
for. The control is the same change made without stepping aside.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from models.errors import TransientFault
from models.storage import StoreSettings, migrate
from models.storage.engine import MIGRATION_LOCK, migrating, open_engine, outside_transactions, reading, writing
from models.storage.live import patiently, wait_briefly
from models.storage.migration import LIVE_SINCE, alembic_config, check_revision, head_revision, revision_of
from tests.models.storage.rivals import race
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres

ROWS = 20_000
OPEN_FOR_S, WAIT_S = 2.5, 0.2
# A moment of waiting, and what a busy machine adds; whoever stands behind a lock that waits stands longer.
BOUND_S = 1.8
WIDER = "ALTER TABLE subjects ADD COLUMN colour TEXT DEFAULT '' NOT NULL"
TABLES = ("subjects", "leads")
VALUES = {"text": "'k' || n", "timestamp with time zone": "now() - make_interval(secs => n)"}
READS = (
    "UPDATE subjects SET screened_at = now() WHERE organisation_id = 'local' AND subject_token = 'k1'",
    "UPDATE leads SET last_seen = now() WHERE organisation_id = 'local' AND lead_id = 'k1'",
    "SELECT count(*) FROM (SELECT 1 FROM leads WHERE organisation_id = 'local' ORDER BY score DESC LIMIT 50) AS few",
    "SELECT outcome FROM subjects WHERE organisation_id = 'local' AND subject_token = 'k1'",
)


@dataclass
class Traffic:
    """Threads that work until told to stop: how often, how long at most, and what failed."""

    engine: Engine
    statements: tuple[str, ...]
    done: int = 0
    longest_s: float = 0.0
    failures: list[Exception] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def during(self, change: Callable[[], object]) -> None:
        """Work while that is done; a reader of every table stays open at the beginning of it."""
        threads = [threading.Thread(target=self._work, args=(place,)) for place in range(len(self.statements))]
        with reading(self.engine) as open_still:
            open_still.execute(text("SELECT 1 FROM subjects, leads LIMIT 1"))
            for each in threads:
                each.start()
            changing = threading.Thread(target=change)
            changing.start()
            time.sleep(OPEN_FOR_S)
        changing.join(60)
        assert not changing.is_alive()
        time.sleep(0.2)
        self._stopping.set()
        for each in threads:
            each.join(30)

    def _work(self, place: int) -> None:
        number, statement = ROWS, self.statements[place]
        while not self._stopping.is_set():
            number += 1
            began = time.monotonic()
            try:
                with writing(self.engine) as connection:
                    connection.execute(text(statement), {"n": number} if ":n" in statement else {})
            except TransientFault as fault:
                self.failures.append(fault)
            with self._lock:
                self.done += 1
                self.longest_s = max(self.longest_s, time.monotonic() - began)


@pytest.fixture(scope="module")
def template(postgres_server: PostgresServer) -> str:
    """A database as the first version that is upgraded under traffic left it, with rows in it."""
    url = postgres_server.create_database()
    engine = open_engine(StoreSettings(url=url))
    with migrating(engine) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, LIVE_SINCE)
        for table in TABLES:
            connection.execute(text(copied(connection, table, f"generate_series(1, {ROWS}) AS n")))
    engine.dispose()
    return url


@pytest.fixture
def settings(postgres_server: PostgresServer, template: str) -> Iterator[StoreSettings]:
    address, _, name = template.rpartition("/")
    copy = f"live_{secrets.token_hex(8)}"
    postgres_server.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
    url = f"{address}/{copy}"
    yield StoreSettings(url=url, pool_size=12, lock_timeout_s=WAIT_S, migrate_patience_s=30)
    postgres_server.drop_database(url)


def copied(connection: Connection, table: str, numbers: str) -> str:
    """Rows that name every column which the table has now, and no other: the writer of that version."""
    query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table"
    types = {row.column_name: row.data_type for row in connection.execute(text(query), {"table": table})}
    values = {name: VALUES.get(kind, "n") for name, kind in types.items()} | {"organisation_id": "'local'"}
    return f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {numbers}"


@pytest.fixture
def traffic(settings: StoreSettings) -> Iterator[Traffic]:
    engine = open_engine(settings)
    with reading(engine) as connection:
        adding = [copied(connection, table, "(SELECT CAST(:n AS bigint) AS n) AS one") for table in TABLES]
    yield Traffic(engine, (*adding, *READS))
    engine.dispose()


def test_an_upgrade_under_traffic(settings: StoreSettings, traffic: Traffic) -> None:
    traffic.during(lambda: migrate(settings))
    print(f"upgrade: {traffic.done} transactions, longest {traffic.longest_s:.3f} s")  # noqa: T201  the figure asked for
    assert traffic.failures == []
    assert traffic.done > 200
    assert traffic.longest_s < BOUND_S
    with migrating(traffic.engine) as connection:
        assert revision_of(connection) == head_revision()
        invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        assert connection.execute(text(invalid)).scalar_one() == 0


def test_a_change_that_needs_the_whole_table_steps_aside(settings: StoreSettings, traffic: Traffic) -> None:
    refused = []

    def change() -> None:
        with migrating(traffic.engine) as connection:
            wait_briefly(connection, settings)
            connection.execute(text(WIDER))

    traffic.during(lambda: refused.append(patiently(change, settings)))
    assert traffic.failures == []
    assert refused[0] > 0, "it had to wait, and did not stand in the way"
    assert traffic.longest_s < BOUND_S


def test_the_same_change_that_waits_is_caught(traffic: Traffic) -> None:
    """Negative control: the traffic stands as long as the reader's transaction is open."""

    def change() -> None:
        with migrating(traffic.engine) as connection:
            connection.execute(text(WIDER))

    traffic.during(change)
    assert traffic.longest_s > BOUND_S


def test_an_index_that_was_left_half_made_is_made_anew(settings: StoreSettings) -> None:
    """Killed while it built an index: what PostgreSQL keeps of it is no index yet."""
    engine = open_engine(settings)
    with migrating(engine) as connection:
        connection.execute(text("CREATE INDEX ix_subjects_by_outcome ON subjects (organisation_id)"))
        named = "indexrelid = 'ix_subjects_by_outcome'::regclass"
        connection.execute(text(f"UPDATE pg_index SET indisvalid = false WHERE {named}"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.stamp(config, LIVE_SINCE)
    migrate(settings)
    with reading(engine) as connection:
        found = connection.execute(text(f"SELECT indisvalid, indnatts FROM pg_index WHERE {named}")).one()
        assert tuple(found) == (True, 4)
    engine.dispose()


def test_two_who_migrate_at_once_do_it_once(settings: StoreSettings) -> None:
    assert race([lambda: migrate(settings) for _ in range(3)]) == [None, None, None]


def test_who_never_gets_the_locks_says_so(settings: StoreSettings) -> None:
    hurried = settings.model_copy(update={"migrate_patience_s": 0.3})
    engine = open_engine(settings)
    with outside_transactions(engine) as other:
        other.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        with pytest.raises(TransientFault, match="another process"):
            migrate(hurried)
        other.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))

    def change() -> None:
        with migrating(engine) as connection:
            wait_briefly(connection, hurried)
            connection.execute(text(WIDER))

    with reading(engine) as connection:
        connection.execute(text("SELECT 1 FROM subjects LIMIT 1"))
        with pytest.raises(TransientFault, match="lock timeout"):
            patiently(change, hurried)
    engine.dispose()


def test_the_version_before_goes_on_when_the_database_is_ahead(settings: StoreSettings) -> None:
    migrate(settings)
    engine = open_engine(settings)
    with migrating(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '99991231_2359'"))
    migrate(settings)
    with reading(engine) as connection:
        assert revision_of(connection) == "99991231_2359"
        check_revision(connection)
    engine.dispose()
