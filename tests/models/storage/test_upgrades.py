"""A database of an earlier version is brought to this one with everything in it."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from models.dead_letters import LetterPlace, LetterQuery, LetterState
from models.leads import Disposition
from models.organisations import OrganisationKind, Role
from models.ports import LeadQuery
from models.queue.keeping import PartyQuery
from models.storage import SqlStore, StoreSettings, migrate, open_store
from models.storage.engine import migrating, open_engine
from models.storage.migration import alembic_config
from models.subjects import Seller
from tests.models.storage.leads_contract import decision
from tests.models.storage.samples import NOON, REGISTRY, finding, letter, listing, screening

BEFORE_ACCESS = "20261122_1400"
BEFORE_QUEUE = "20261125_1300"
BEFORE_TRAFFIC = "20261125_1340"


def test_existing_accounts_become_officers_and_administrators(tmp_path: Path) -> None:
    upgraded_with_its_people(StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite"))


@pytest.mark.postgres
def test_and_on_postgresql(postgres_url: str) -> None:
    upgraded_with_its_people(StoreSettings(url=postgres_url))


def upgraded_with_its_people(settings: StoreSettings) -> None:
    engine = open_engine(settings)
    with migrating(engine) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE_ACCESS)
        for organisation_id, name in (("local", "li"), ("harbour", "wu")):
            connection.execute(
                text("INSERT INTO accounts VALUES (:organisation_id, :account_id, :name, '', '$argon2id$1')"),
                {"organisation_id": organisation_id, "account_id": f"a-{name}", "name": name},
            )
        connection.execute(text("INSERT INTO sessions VALUES ('local', 't-1', 'a-li', :ends)"), {"ends": str(NOON)})
    engine.dispose()
    migrate(settings)
    store = open_store(settings)
    for organisation_id, name in (("local", "li"), ("harbour", "wu")):
        account = store.accounts.by_name(name)
        assert account is not None
        assert account.organisation_id == organisation_id
        assert account.password_hash == "$argon2id$1"
        assert (account.roles, account.active) == ((Role.OFFICER, Role.ADMINISTRATOR), True)
        assert store.organisations.get(organisation_id).kind is OrganisationKind.SUPERVISION
    assert store.accounts.session("t-1", at=NOON) is None, "everybody signs in again"
    store.close()


def test_leads_that_are_there_are_counted_found_and_placed(tmp_path: Path) -> None:
    """A database of before the queue's own tables: what follows from its leads is built with the upgrade."""
    ours, before = (StoreSettings(url=f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("ours", "before"))
    migrate(ours)
    store = open_store(ours)
    store.registry.commit("local", REGISTRY, at=NOON)
    shown = [listing(number, seller=Seller(name="南街小店"), category="日化 > 护手霜") for number in range(5)]
    store.screenings.record([screening(each, finding(each), score=9) for each in shown])
    store.leads.decide("local", shown[0].key.token, decision(Disposition.DISMISSED), revision=0)
    wanted = told_by(store)
    store.close()
    upgrade_to(before, BEFORE_QUEUE)
    copy_common(tmp_path / "ours.sqlite", tmp_path / "before.sqlite")
    migrate(before)
    upgraded = open_store(before)
    assert told_by(upgraded) == wanted
    upgraded.close()


def test_letters_that_are_there_can_be_chosen_by_their_reason(tmp_path: Path) -> None:
    upgraded_with_its_letters(StoreSettings(url=f"sqlite:///{tmp_path}/store.sqlite"))


@pytest.mark.postgres
def test_and_letters_on_postgresql(postgres_url: str) -> None:
    upgraded_with_its_letters(StoreSettings(url=postgres_url))


def upgraded_with_its_letters(settings: StoreSettings) -> None:
    """A letter of before the outbox is open, found by its reason, and replayed."""
    upgrade_to(settings, BEFORE_TRAFFIC)
    old = letter(7, payload="\x00 no listing", reason="坏的字段 'x'", payload_sha256="e" * 64)
    body = old.model_dump_json(exclude={"state", "replayed_at", "replayed_by", "ended_at"})
    engine = open_engine(settings)
    with migrating(engine) as connection:
        connection.execute(
            text(
                'INSERT INTO dead_letters (organisation_id, topic, partition, "offset", message_key, last_seen, body)'
                " VALUES ('local', 'jianzhen.listings', 0, 7, 'k', :at, :body)"
            ),
            {"at": str(NOON), "body": body},
        )
    engine.dispose()
    migrate(settings)
    store = open_store(settings)
    (found,) = store.dead_letters.find("local", LetterQuery(whole_reason="坏的字段 'x'")).letters
    assert (found.state, found.payload_sha256, found.payload) == (LetterState.OPEN, "e" * 64, "\x00 no listing")
    place = LetterPlace(topic="jianzhen.listings", partition=0, offset=7)
    assert store.dead_letters.replay("local", [place], by="wu", at=NOON).replayed == (place,)
    assert store.dead_letters.replayed("local") == {("jianzhen.listings", "e" * 64)}
    store.close()


def upgrade_to(settings: StoreSettings, revision: str) -> None:
    engine = open_engine(settings)
    with migrating(engine) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def copy_common(source: Path, target: Path) -> None:
    """What both databases have columns for, as the older one would hold it."""
    with sqlite3.connect(target) as connection:
        connection.execute("ATTACH ? AS source", (str(source),))
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            if table not in {"alembic_version", "organisations"}:
                names = ", ".join(f'"{column}"' for column in columns)
                connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM source.{table}")
    connection.close()


def told_by(store: SqlStore) -> list[object]:
    """Everything that follows from leads, as people see it."""
    facets = store.leads.facets("local", LeadQuery())
    parties = store.parties.find("local", PartyQuery())
    assert facets.categories
    assert parties.parties
    return [
        facets,
        parties,
        store.leads.find("local", LeadQuery(order="value")),
        store.search.search("local", "护手霜"),
        store.search.search("local", "晴川"),
    ]
