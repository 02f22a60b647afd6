"""From the first revision that is brought up under traffic on, no revision holds a large table for long.

Each revision runs on a real PostgreSQL, one after the other, and everything it sends is looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event

from models.storage import StoreSettings
from models.storage.engine import migrating, open_engine
from models.storage.live import beside_traffic
from models.storage.migration import LIVE_SINCE, alembic_config
from tests.house.migration_rules import faults, validated_by

REFUSED = (
    "CREATE INDEX ix_a ON leads (organisation_id)",
    "CREATE UNIQUE INDEX ix_a ON leads (organisation_id)",
    "DROP INDEX ix_leads_by_value",
    "REINDEX TABLE leads",
    "ALTER TABLE leads ADD COLUMN seen TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL",
    "ALTER TABLE leads ADD COLUMN token TEXT DEFAULT gen_random_uuid()",
    "ALTER TABLE leads ADD COLUMN number BIGINT GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE leads ADD COLUMN colour TEXT NOT NULL",
    "ALTER TABLE leads ALTER COLUMN score TYPE NUMERIC",
    "ALTER TABLE leads ALTER COLUMN mark_id SET NOT NULL",
    "ALTER TABLE leads ADD CONSTRAINT fk_a FOREIGN KEY(mark_id) REFERENCES marks (mark_id)",
    "ALTER TABLE leads ADD CONSTRAINT ck_a CHECK (score > 0)",
    "ALTER TABLE leads ADD CONSTRAINT uq_a UNIQUE (organisation_id, title)",
    "ALTER TABLE leads DROP COLUMN picture",
    "ALTER TABLE leads RENAME COLUMN picture TO image",
    "DROP TABLE leads",
    "UPDATE leads SET colour = 'red'",
    "DELETE FROM leads WHERE score < 0",
    "LOCK TABLE leads IN EXCLUSIVE MODE",
    'ALTER TABLE "leads"\n  ADD COLUMN colour TEXT NOT NULL',
)
ALLOWED = (
    "CREATE TABLE colours (organisation_id TEXT NOT NULL)",
    "CREATE INDEX ix_colours ON colours (organisation_id)",
    "ALTER TABLE colours ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY seen ON colours FOR SELECT USING (true)",
    "INSERT INTO colours SELECT 'local'",
    "UPDATE alembic_version SET version_num='20261125_2050'",
    "ALTER TABLE leads ADD COLUMN colour TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE leads ADD CONSTRAINT ck_leads_mark_id_not_null CHECK (mark_id IS NOT NULL) NOT VALID",
    "ALTER TABLE leads VALIDATE CONSTRAINT ck_leads_mark_id_not_null",
)


@pytest.mark.postgres
def test_no_revision_holds_a_large_table(postgres_url: str) -> None:
    engine = open_engine(StoreSettings(url=postgres_url))
    with migrating(engine) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, LIVE_SINCE)
    found, validated, seen = [], frozenset[str](), 0
    for script in reversed(list(ScriptDirectory.from_config(alembic_config()).iterate_revisions("head", LIVE_SINCE))):
        beside = getattr(script.module, "BESIDE_TRAFFIC", False)
        with caught() as said, (beside_traffic if beside else migrating)(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, script.revision)
        found += [f"{script.revision}: {fault}" for fault in faults(said, validated=validated)]
        validated |= validated_by(said)
        seen += 1
    engine.dispose()
    assert seen
    assert found == []


@pytest.mark.parametrize("statement", REFUSED)
def test_what_would_hold_it_is_caught(statement: str) -> None:
    assert faults([statement])


def test_what_does_not_is_let_through() -> None:
    assert faults(ALLOWED) == []
    assert faults(["CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_a ON leads (organisation_id)"]) == []
    proven = frozenset({"ck_leads_mark_id_not_null"})
    assert faults(["ALTER TABLE leads ALTER COLUMN mark_id SET NOT NULL"], validated=proven) == []
    assert validated_by(ALLOWED) == proven


def test_two_tables_and_two_ways_are_one_too_many() -> None:
    widened = "ALTER TABLE {} ADD COLUMN colour TEXT DEFAULT ''"
    assert faults([widened.format("leads")]) == []
    assert faults([widened.format("leads"), widened.format("subjects")])
    assert faults([widened.format("leads"), "CREATE INDEX CONCURRENTLY ix_a ON subjects (kind)"])


@contextmanager
def caught() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)
