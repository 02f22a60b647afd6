"""The walls of PostgreSQL: whatever a statement asks for, a bound transaction sees and writes its own rows alone."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from models.errors import ConflictError
from models.identity import LOCAL
from models.organisations import OrganisationKind
from models.storage import StoreSettings, migrate, open_store, walls
from models.storage.engine import migrating, open_engine, reading, writing
from models.storage.tables import metadata
from tests.models.liaison.samples import draft
from tests.models.storage.access_contract import (
    AGENT,
    HOLDER,
    LI,
    STRANGER,
    UNIT,
    entry,
    key,
    lead_of,
    power,
    referral_of,
)
from tests.models.storage.conftest import empty
from tests.models.storage.liaison_contract import kept, sent_in
from tests.models.storage.samples import NOON, OTHER
from tests.servers.postgres import PASSWORD, PostgresServer

pytestmark = pytest.mark.postgres
TABLES = list(metadata.sorted_tables)
PLAIN_OWNER = "plain_owner"


@pytest.fixture
def engine(migrated_database: str) -> Iterator[Engine]:
    settings = StoreSettings(url=migrated_database)
    empty(settings)
    opened = open_engine(settings)
    yield opened
    opened.dispose()


def seen(engine: Engine, organisation_id: str, table: Table) -> set[str]:
    """Whose rows a statement without any condition shows."""
    with reading(walls.bound(engine, organisation_id)) as connection:
        return set(connection.execute(select(table.c.organisation_id)).scalars())


def a_row(table: Table, organisation_id: str) -> dict[str, object]:
    """Some row of a table."""
    samples = {"TEXT": "x", "INTEGER": 1, "BIGINT": 1, "FLOAT": 1.0, "BLOB": b"x"}
    row: dict[str, object] = {}
    for column in table.columns:
        kind = str(column.type).split("(")[0]
        row[column.name] = NOON if "DATETIME" in kind else samples.get(kind, "x")
    return row | {"organisation_id": organisation_id}


def fill(engine: Engine, organisation_id: str) -> None:
    """A row in every table, whatever its texts mean."""
    with writing(walls.bound(engine, organisation_id)) as connection:
        for table in TABLES:
            own = dict.fromkeys(("name", "key_hash", "identity", "token_hash"), f"{organisation_id}-{table.name}")
            row = a_row(table, organisation_id) | {"account_id": f"of {organisation_id}"}
            row |= {name: value for name, value in own.items() if name in table.c}
            connection.execute(insert(table).values({name: value for name, value in row.items() if name in table.c}))


def test_every_table_has_its_wall(engine: Engine) -> None:
    with reading(engine) as connection:
        walled = connection.execute(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).scalars()
        assert {table.name for table in TABLES} <= set(walled)


def test_a_table_without_a_wall_would_be_noticed(postgres_url: str) -> None:
    """Negative control for the test above."""
    migrate(StoreSettings(url=postgres_url))
    engine = open_engine(StoreSettings(url=postgres_url))
    with migrating(engine) as connection:
        connection.execute(text("ALTER TABLE leads NO FORCE ROW LEVEL SECURITY"))
    with pytest.raises(AssertionError):
        test_every_table_has_its_wall(engine)
    engine.dispose()


def test_statements_without_a_condition_show_the_own_rows_alone(engine: Engine) -> None:
    for organisation_id in (LOCAL, OTHER):
        fill(engine, organisation_id)
    for table in TABLES:
        assert seen(engine, LOCAL, table) == {LOCAL}, table.name
        assert seen(engine, "", table) == set(), table.name
        assert seen(engine, walls.EVERY, table) == {LOCAL, OTHER}, table.name


def test_a_connection_that_never_said_for_whom_sees_nothing(engine: Engine) -> None:
    fill(engine, LOCAL)
    with migrating(engine) as connection:
        connection.execute(text(f"SET LOCAL ROLE {walls.TENANT_ROLE}"))
        connection.execute(text(f"SELECT set_config('{walls.SETTING}', '', true)"))
        assert connection.execute(select(func.count()).select_from(metadata.tables["leads"])).scalar_one() == 0


def test_nobody_writes_into_another_organisation(engine: Engine) -> None:
    fill(engine, OTHER)
    for table in TABLES:
        with pytest.raises(DBAPIError, match="row-level security"), writing(walls.bound(engine, LOCAL)) as connection:
            connection.execute(insert(table).values(a_row(table, OTHER)))
    with writing(walls.bound(engine, LOCAL)) as connection:
        assert connection.execute(metadata.tables["leads"].update().values(title="taken")).rowcount == 0
        assert connection.execute(metadata.tables["findings"].delete()).rowcount == 0
    assert seen(engine, OTHER, metadata.tables["findings"]) == {OTHER}


def test_a_holder_and_its_agent_see_the_referral_and_nothing_else(engine: Engine, migrated_database: str) -> None:
    store = open_store(StoreSettings(url=migrated_database))
    for organisation in (UNIT, HOLDER, STRANGER, AGENT):
        store.organisations.save(organisation)
    store.referrals.add(referral_of(lead_of(store)))
    store.keys.add(key())
    store.audit.append(entry())
    store.accounts.save(LI)
    referrals = metadata.tables["referrals"]
    assert seen(engine, HOLDER.organisation_id, referrals) == {LOCAL}
    assert seen(engine, STRANGER.organisation_id, referrals) == set()
    assert seen(engine, AGENT.organisation_id, referrals) == set()
    in_force = power().model_copy(update={"valid_to": NOON + timedelta(days=36_500)})
    store.organisations.empower(in_force)
    assert seen(engine, AGENT.organisation_id, referrals) == {LOCAL}
    store.organisations.empower(power())  # it ended in March
    assert seen(engine, AGENT.organisation_id, referrals) == set()
    for organisation in (HOLDER, STRANGER, AGENT):
        for table in TABLES:
            shared = {"referrals", "powers_of_attorney", "organisations", "counters", "audit_trail"}
            assert table.name in shared or seen(engine, organisation.organisation_id, table) == set(), table.name
    assert all(organisation.kind is not OrganisationKind.SUPERVISION for organisation in (HOLDER, STRANGER, AGENT))
    store.close()


def test_a_name_behind_a_wall_is_taken_all_the_same(engine: Engine, migrated_database: str) -> None:
    store = open_store(StoreSettings(url=migrated_database))
    store.accounts.save(LI)
    other = LI.model_copy(update={"organisation_id": OTHER, "account_id": "a-2"})
    bound = store.acting_for(OTHER).accounts
    assert bound.by_name(LI.name) is None
    with pytest.raises(ConflictError):
        bound.save(other)
    assert store.accounts.by_name(LI.name) == LI
    store.close()


def test_an_owner_who_is_no_superuser_is_held_too(postgres_server: PostgresServer) -> None:
    """The login that made the tables would pass its own walls, were they not forced upon it."""
    database = f"owned_{secrets.token_hex(6)}"
    postgres_server.execute(f"CREATE ROLE {PLAIN_OWNER} LOGIN PASSWORD '{PASSWORD}'")
    postgres_server.execute(f"CREATE DATABASE {database} OWNER {PLAIN_OWNER}")
    place = urlsplit(postgres_server.url(database))
    url = f"postgresql://{PLAIN_OWNER}:{PASSWORD}@{place.hostname}:{place.port}/{database}"
    migrate(StoreSettings(url=url))
    engine = open_engine(StoreSettings(url=url))
    try:
        for organisation_id in (LOCAL, OTHER):
            fill_but_local(engine, organisation_id)
        for table in TABLES:
            assert seen(engine, OTHER, table) == {OTHER}, table.name
    finally:
        engine.dispose()
        postgres_server.drop_database(url)
        postgres_server.execute(f"DROP ROLE {PLAIN_OWNER}")


def fill_but_local(engine: Engine, organisation_id: str) -> None:
    """As `fill`, in a database that has `local` from its migration."""
    with writing(walls.bound(engine, organisation_id)) as connection:
        connection.execute(metadata.tables["organisations"].delete())
    fill(engine, organisation_id)


def test_a_platform_sees_the_letters_sent_to_it_and_no_draft(engine: Engine, migrated_database: str) -> None:
    store = open_store(StoreSettings(url=migrated_database))
    liaison = {name: metadata.tables[f"liaison_{name}"] for name in ("batches", "letters", "events", "files")}
    sent_in(store)
    kept(store, draft(batch_id="TZ20260316-DRAFT222"))
    for party, shown in (("yunjishi", {"letters", "events"}), ("haowujie", set()), ("", set())):
        assert {name for name, table in liaison.items() if seen(engine, party, table)} == shown, party
    with reading(walls.bound(engine, "yunjishi")) as connection:
        acts = connection.execute(select(liaison["events"].c.act)).scalars().all()
    assert acts == ["sent"], "what was done before sending stays with the sender"
    store.close()
