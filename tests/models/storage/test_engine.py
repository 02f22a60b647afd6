"""How a database's faults reach the layers above, and many processes on one SQLite file."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from models.errors import ConfigurationError, TransientFault
from models.identity import LOCAL
from models.leads import Outcome
from models.ports import LeadQuery
from models.storage import StoreSettings, migrate, open_store
from models.storage import engine as engines
from models.storage.engine import open_engine, writing
from tests.models.storage.accounts_contract import LI
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, at, suspicious
from tests.servers.ports import free_ports
from tests.servers.postgres import PostgresServer

WRITER = """
import sys
from models.ports import LeadQuery
from models.storage import StoreSettings, open_store
from tests.models.storage.samples import listing, screening, suspicious
url, first = sys.argv[1], int(sys.argv[2])
store = open_store(StoreSettings(url=url))
for start in range(first, first + 80, 20):
    store.screenings.record([suspicious(n) if n % 4 == 0 else screening(listing(n)) for n in range(start, start + 20)])
store.close()
"""


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    """A migrated SQLite file that is not patient."""
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite", busy_timeout_s=0.2)
    migrate(settings)
    return settings


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://127.0.0.1/x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_hold_a_store_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///PATH"):
        open_store(StoreSettings(url=url))


def test_a_database_that_was_not_migrated_says_so(tmp_path: Path) -> None:
    store = open_store(StoreSettings(url=f"sqlite:///{tmp_path}/empty.sqlite"))
    with pytest.raises(TransientFault, match="migrate"):
        store.ping()
    with pytest.raises(TransientFault, match="migrate"):
        store.registry.current(LOCAL)
    store.close()


def test_a_file_in_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    store = open_store(StoreSettings(url=f"sqlite:///{tmp_path}/none/store.sqlite"))
    with pytest.raises(TransientFault, match="unable to open"):
        store.ping()
    store.close()


def test_a_file_that_is_no_database_is_a_matter_of_configuration(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.write_bytes(b"a note, not a database\n" * 100)
    store = open_store(StoreSettings(url=f"sqlite:///{file}"))
    with pytest.raises(ConfigurationError, match="backup"):
        store.ping()
    store.close()


def test_a_damaged_page_is_not_handed_out(settings: StoreSettings, tmp_path: Path) -> None:
    store = open_store(settings)
    store.screenings.record([suspicious(number) for number in range(50)])
    store.close()
    file = tmp_path / "store.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(ConfigurationError, match="backup"):
        store.leads.find(LOCAL, LeadQuery())
    store.close()


def test_a_locked_file_is_a_fault_for_writers_and_none_for_readers(settings: StoreSettings) -> None:
    engine, store = open_engine(settings), open_store(settings)
    with writing(engine):
        with pytest.raises(TransientFault, match="locked"):
            store.screenings.record([suspicious(1)])
        store.ping()
        assert store.screenings.outcomes(LOCAL)[Outcome.LEAD] == 0
    store.screenings.record([suspicious(1)])
    assert store.screenings.outcomes(LOCAL)[Outcome.LEAD] == 1
    store.close()
    engine.dispose()


def test_a_session_is_known_though_its_use_cannot_be_noted(settings: StoreSettings) -> None:
    engine, store = open_engine(settings), open_store(settings)
    store.accounts.save(LI)
    store.accounts.open_session("t-1", LI.account_id, at=NOON, expires_at=at(60))
    with writing(engine):
        assert store.accounts.session("t-1", at=at(10)) == LI
    assert store.accounts.session("t-1", at=at(20), idle_since=at(1)) is None, "it was noted after all"
    assert store.accounts.session("t-1", at=at(20), idle_since=NOON) == LI
    assert store.accounts.session("t-1", at=at(30), idle_since=at(15)) == LI
    store.close()
    engine.dispose()


def test_a_write_is_on_the_disk_when_it_returns(settings: StoreSettings) -> None:
    engine = open_engine(settings)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engine.dispose()


def test_several_processes_write_one_file(tmp_path: Path) -> None:
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    migrate(settings)
    # The second and third overlap: what both write is there once.
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, settings.url, str(first)], cwd=Path(__file__).parents[3])
        for first in (0, 80, 120)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    store = open_store(settings)
    assert store.screenings.outcomes(LOCAL) == {Outcome.LEAD: 50, Outcome.NO_MATCH: 150, Outcome.DEAD_LETTER: 0}
    store.close()


def test_several_may_migrate_at_once(tmp_path: Path) -> None:
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    assert race([lambda: migrate(settings)] * 4) == [None] * 4
    store = open_store(settings)
    store.ping()
    store.close()


@pytest.mark.postgres
def test_several_may_migrate_one_server_at_once(postgres_url: str) -> None:
    settings = StoreSettings(url=postgres_url)
    assert race([lambda: migrate(settings)] * 4) == [None] * 4
    store = open_store(settings)
    store.ping()
    store.close()


def test_a_server_that_is_away_is_a_fault_without_the_password() -> None:
    url = f"postgresql://li:very-secret@127.0.0.1:{free_ports(1)[0]}/jianzhen"
    settings = StoreSettings(url=url, busy_timeout_s=2)
    assert "very-secret" not in repr(settings)
    store = open_store(settings)
    with pytest.raises(TransientFault) as caught:
        store.ping()
    assert "very-secret" not in str(caught.value)
    assert "li:***@127.0.0.1" in str(caught.value)


@pytest.mark.postgres
def test_a_killed_server_is_a_fault_and_comes_back_with_every_row(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    settings = StoreSettings(url=postgres_url, busy_timeout_s=10)
    migrate(settings)
    store = open_store(settings)
    store.screenings.record([suspicious(1)])
    postgres_server.kill()
    with pytest.raises(TransientFault):
        store.screenings.record([suspicious(2)])
    with pytest.raises(TransientFault):
        store.ping()
    postgres_server.start()
    store.screenings.record([suspicious(2)])
    assert store.screenings.outcomes(LOCAL)[Outcome.LEAD] == 2
    store.close()


def test_sqlite_knows_how_leads_lie_once_a_store_was_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without stock taken it walks a whole state for the few leads of one operator. Small files go without."""
    settings = StoreSettings(url=f"sqlite:///{tmp_path / 'store.sqlite'}")
    migrate(settings)
    with closing(open_store(settings)) as store:
        store.screenings.record([suspicious(number) for number in range(300)])
    asked = (
        "SELECT lead_id FROM leads WHERE organisation_id = ? AND party_key = ? AND disposition = ? ORDER BY value DESC"
    )
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as file:
        file.execute("UPDATE leads SET party_key = lead_id")
        file.commit()
        assert "ix_leads_by_value" in plan(file, asked)
        monkeypatch.setattr(engines, "LARGE_BYTES", 0)
        file.execute("BEGIN IMMEDIATE")
        open_store(settings).close()  # somebody writes: not waited for
        file.rollback()
        assert "ix_leads_by_value" in plan(file, asked)
    open_store(settings).close()
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as file:
        assert "ix_leads_by_party" in plan(file, asked)


def plan(file: sqlite3.Connection, asked: str) -> str:
    rows = file.execute(f"EXPLAIN QUERY PLAN {asked}", ("local", "x", "open"))
    return " ".join(row[3] for row in rows)
