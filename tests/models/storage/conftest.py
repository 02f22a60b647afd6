"""The stores that the contract runs on: each test gets a migrated and empty database.

On SQLite it is a copy of a file made once, on PostgreSQL one database of the test process, emptied before each test.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.storage.engine import migrating, open_engine, reading
from models.storage.tables import metadata
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("store") / "template.sqlite"
    migrate(StoreSettings(url=f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def migrated_database(postgres_server: PostgresServer) -> str:
    url = postgres_server.create_database()
    migrate(StoreSettings(url=url))
    return url


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> StoreSettings:
    """The engine that the test class names in `engine`."""
    if request.cls.engine == "postgresql":
        served = StoreSettings(url=request.getfixturevalue("migrated_database"), pool_size=8)
        empty(served)
        return served
    file = request.getfixturevalue("tmp_path") / "store.sqlite"
    shutil.copy(request.getfixturevalue("migrated_file"), file)
    return StoreSettings(url=f"sqlite:///{file}", pool_size=8)


def empty(settings: StoreSettings) -> None:
    """As the owner: the audit trail refuses everybody else."""
    engine = open_engine(settings)
    with migrating(engine) as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names}")
    engine.dispose()


@pytest.fixture
def store(settings: StoreSettings) -> Iterator[SqlStore]:
    opened = open_store(settings)
    yield opened
    opened.close()


class Contents:
    """Every row of every table, for a test that nothing changed."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings

    def __call__(self, *without: str) -> dict[str, list[tuple[Any, ...]]]:
        engine = open_engine(self._settings)
        try:
            with reading(engine) as connection:
                return {
                    table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                    for table in metadata.sorted_tables
                    if table.name not in without
                }
        finally:
            engine.dispose()


@pytest.fixture
def contents(settings: StoreSettings) -> Contents:
    return Contents(settings)
