"""The laws of the tables: whose every row is, and that migrations build exactly what the code names."""

import json
import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, UniqueConstraint

from models.case_leads import Amendment, CaseState
from models.case_leads.keeping import CaseQuery
from models.storage import StoreSettings, migrate, migration, open_store
from models.storage.engine import migrating, open_engine, reading
from models.storage.tables import metadata

TABLES = list(metadata.sorted_tables)
# A sign-in happens before its organisation is known.
UNIQUE_OVER_ALL_ORGANISATIONS = {("accounts", "name"), ("accounts", "account_id"), ("sessions", "token_hash"),
                                 ("identities", "identity"), ("machine_keys", "key_hash")}  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_and_every_unique_key_belong_to_an_organisation(table: Table) -> None:
    assert not table.c.organisation_id.nullable
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys = [each.columns for each in (table.primary_key, *unique)]
    keys += [index.columns for index in table.indexes if index.unique]
    for columns in keys:
        names = [column.name for column in columns]
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


def test_case_leads_of_the_first_schema_keep_their_place(tmp_path: Path) -> None:
    """An installation of before is upgraded: its case leads stand as registered, and still verify."""
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite")
    engine = open_engine(settings)
    body = (Path(__file__).parent / "case_lead_of_schema_1.json").read_text("utf-8").strip()
    with migrating(engine) as connection:
        config = migration.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "20261125_1000")
        connection.exec_driver_sql(
            "INSERT INTO case_leads VALUES ('local', '2026-00001', '2026-03-02 04:00:00.000000', ?, ?)",
            (json.loads(body)["dossier_digest"], body),
        )
    engine.dispose()
    migrate(settings)
    store = open_store(settings)
    case_lead = store.case_leads.get("local", "2026-00001")
    assert case_lead.dossier.schema_version == 1
    assert case_lead.dossier.digest == case_lead.dossier_digest == json.loads(body)["dossier_digest"]
    assert {rule.rule_id for rule in case_lead.dossier.law_of_its_day} >= {"verification", "offence-214-sales"}
    (listed,) = store.case_leads.find("local", CaseQuery()).cases
    assert (listed.state, listed.revision, listed.leads, listed.accepted_by) == (CaseState.REGISTERED, 0, 1, "li")
    second = store.case_leads.amend(
        "local", "2026-00001", Amendment(reason="补记"), revision=0, by="wu", at=case_lead.registered_at
    )
    assert (second.dossier.schema_version, second.dossier.previous_digest) == (2, case_lead.dossier_digest)
    store.close()
