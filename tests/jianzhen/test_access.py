"""`jianzhen organisation`, `user` and `key`: from the command to the store, with an entry in the trail for each."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from models.audit import Act
from models.moments import now
from models.organisations import OrganisationKind, Role, Scope
from models.storage import SqlStore, StoreSettings, migrate, open_store
from review_api.tokens import token_hash
from tests.jianzhen.command_line import Inside


@pytest.fixture
def store(jianzhen: Inside) -> Iterator[SqlStore]:
    settings = StoreSettings(url=f"sqlite:///{jianzhen.folder}/.jianzhen/jianzhen.sqlite")
    migrate(settings)
    opened = open_store(settings)
    yield opened
    opened.close()


def test_an_organisation_gets_people_of_its_kind(jianzhen: Inside, store: SqlStore) -> None:
    assert jianzhen("user", "add", "wang", "--organisation", "qingchuan").code == 2
    added = jianzhen("organisation", "add", "qingchuan", "--kind", "rights_holder", "--name", "晴川茶业有限公司")
    assert added.code == 0, added.said
    assert store.organisations.get("qingchuan").name == "晴川茶业有限公司"
    assert jianzhen("user", "add", "wang", "--organisation", "qingchuan").code == 0
    account = store.accounts.by_name("wang")
    assert account is not None
    assert account.roles == (Role.HOLDER_EDITOR,)
    assert jianzhen("user", "add", "xu", "--organisation", "qingchuan", "--role", "officer").code == 2
    assert jianzhen("organisation", "add", "qingchuan").code == 2
    listed = jianzhen("organisation", "list")
    assert "qingchuan" in listed.out
    assert [each.entry.act for each in store.audit.entries("qingchuan")] == [Act.PERSON_ADDED, Act.ORGANISATION_ADDED]
    assert {each.entry.actor for each in store.audit.entries("qingchuan")} == {"command"}


@pytest.mark.parametrize(
    "arguments", [("LINHAI",), ("-x y",), ("linhai", "--region", "33108"), ("linhai", "--name", "x" * 129), ("*",)]
)
def test_what_cannot_be_an_organisation_is_refused(
    jianzhen: Inside, store: SqlStore, arguments: tuple[str, ...]
) -> None:
    before = store.organisations.all()
    assert jianzhen("organisation", "add", *arguments).code == 2
    assert store.organisations.all() == before


def test_roles_are_given_by_name(jianzhen: Inside, store: SqlStore) -> None:
    assert jianzhen("user", "add", "chen", "--role", "auditor", "--role", "viewer").code == 0
    assert jianzhen("user", "add", "li").code == 0
    chen, li = store.accounts.by_name("chen"), store.accounts.by_name("li")
    assert chen is not None
    assert li is not None
    assert (chen.roles, li.roles) == ((Role.VIEWER, Role.AUDITOR), (Role.OFFICER,))
    assert jianzhen("user", "add", "wu", "--role", "king").code == 2


def test_an_identity_needs_a_provider(jianzhen: Inside, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert jianzhen("user", "add", "li", "--identity", "8f2c41").code == 3
    monkeypatch.setenv("JIANZHEN_REVIEW__OIDC_ISSUER", "https://id.example")
    added = jianzhen("user", "add", "li", "--identity", "8f2c41")
    assert (added.code, added.out) == (0, "")
    account = store.accounts.by_identity("https://id.example 8f2c41")
    assert account is not None
    assert account.password_hash == ""


def test_a_power_of_attorney_ends_with_its_last_day(jianzhen: Inside, store: SqlStore) -> None:
    jianzhen("organisation", "add", "qingchuan", "--kind", "rights_holder")
    jianzhen("organisation", "add", "zhihe", "--kind", "agent")
    assert jianzhen("organisation", "empower", "qingchuan", "zhihe", "--until", "2099-12-31").code == 2
    assert jianzhen("organisation", "empower", "zhihe", "qingchuan", "--until", "2099-12-31", "--mark", "M1").code == 0
    [power] = store.organisations.powers_of("zhihe", at=now())
    assert power.mark_ids == ("M1",)
    assert store.organisations.powers_of("zhihe", at=datetime(2099, 12, 31, 15, 59, tzinfo=UTC))
    assert not store.organisations.powers_of("zhihe", at=datetime(2099, 12, 31, 16, tzinfo=UTC))
    assert jianzhen("organisation", "empower", "zhihe", "qingchuan", "--until", "2020-01-01").code == 0
    assert not store.organisations.powers_of("zhihe", at=now()), "recorded again with a day that has passed, it ends"


def test_a_key_is_shown_once_and_revoked(jianzhen: Inside, store: SqlStore) -> None:
    made = jianzhen("key", "add", "报表", "--scope", "leads:read", "--days", "9")
    secret = made.out.strip()
    key = store.keys.by_hash(token_hash(secret))
    assert key is not None
    assert (key.scopes, key.created_by) == ((Scope.LEADS_READ,), "command")
    listed = jianzhen("key", "list")
    assert key.key_id in listed.out
    assert secret not in listed.said
    assert jianzhen("key", "revoke", key.key_id).code == 0
    revoked = store.keys.by_hash(key.key_hash)
    assert revoked is not None
    assert not revoked.live(now())
    assert jianzhen("key", "revoke", "unknown").code == 2
    assert jianzhen("key", "add", "报表", "--scope", "everything").code == 2
    assert [each.entry.act for each in store.audit.entries("local")] == [Act.KEY_REVOKED, Act.KEY_ADDED]


def test_the_local_unit_is_there_from_the_start(store: SqlStore) -> None:
    assert store.organisations.get("local").kind is OrganisationKind.SUPERVISION
