"""The laws of the tables: whose every row is, and that migrations build exactly what the code names."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, UniqueConstraint

from models.storage import StoreSettings, migrate, migration
from models.storage.engine import open_engine, reading
from models.storage.tables import metadata

TABLES = list(metadata.sorted_tables)
# A sign-in happens before its organisation is known.
UNIQUE_OVER_ALL_ORGANISATIONS = {("accounts", "name"), ("accounts", "account_id"), ("sessions", "token_hash"),
                                 ("identities", "identity"), ("machine_keys", "key_hash")}  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_and_every_unique_key_belong_to_an_organisation(table: Table) -> None:
    assert not table.c.organisation_id.nullable
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys = [table.primary_key, *unique, *(index for index in table.indexes if index.unique)]
    for key in keys:
        names = [column.name for column in key.columns]
        assert names[0] == "organisation_id" or (table.name, *names) in UNIQUE_OVER_ALL_ORGANISATIONS


def test_migrations_build_what_the_code_names_on_sqlite(tmp_path: Path) -> None:
    differences_after_migration(StoreSettings(url=f"sqlite:///{tmp_path}/new/folder/store.sqlite"))


@pytest.mark.postgres
def test_migrations_build_what_the_code_names_on_postgresql(postgres_url: str) -> None:
    differences_after_migration(StoreSettings(url=postgres_url))


def differences_after_migration(settings: StoreSettings) -> None:
    migrate(settings)
    migrate(settings)
    engine = open_engine(settings)
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


def test_a_forgotten_column_would_be_noticed(tmp_path: Path) -> None:
    """Negative control for the comparison above."""
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    migrate(settings)
    engine = open_engine(settings)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE leads DROP COLUMN picture")
        connection.exec_driver_sql("DROP INDEX ix_subjects_organisation_id_native_id")
    with reading(engine) as connection:
        assert len(compare_metadata(MigrationContext.configure(connection), metadata)) == 2
    engine.dispose()


def test_revisions_are_named_date_time_slug() -> None:
    files = [file.name for file in (Path(migration.__file__).parent / "migrations" / "versions").glob("*.py")]
    assert files
    assert all(re.fullmatch(r"\d{8}_\d{4}_[a-z0-9_]+\.py", name) for name in files)
