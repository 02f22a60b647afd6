"""A database of an earlier version is brought to this one with everything in it."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from models.organisations import OrganisationKind, Role
from models.storage import StoreSettings, migrate, open_store
from models.storage.engine import migrating, open_engine
from models.storage.migration import alembic_config
from tests.models.storage.samples import NOON

BEFORE_ACCESS = "20261122_1400"


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
