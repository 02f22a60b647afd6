"""What every account store keeps: one name, one organisation; sessions that end."""

import pytest

from models.access import Account
from models.errors import ConflictError, NotFoundError
from models.identity import LOCAL
from models.storage import SqlStore
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, at

LI = Account(organisation_id=LOCAL, account_id="a-1", name="li", display_name="李", password_hash="$argon2id$1")


class AccountContract:
    def test_an_account_is_found_by_its_name(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        assert store.accounts.by_name("li") == LI
        assert store.accounts.by_name("wu") is None
        assert store.accounts.by_name("\x00") is None

    def test_saving_again_replaces(self, store: SqlStore, contents: Contents) -> None:
        store.accounts.save(LI)
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(60))
        before = contents()
        store.accounts.save(LI)
        assert contents() == before
        changed = LI.model_copy(update={"display_name": "李明", "password_hash": "$argon2id$2"})
        store.accounts.save(changed)
        assert store.accounts.by_name("li") == changed
        assert store.accounts.session("t-1", at=NOON) == changed

    def test_a_new_id_for_a_name_ends_its_sessions(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(60))
        store.accounts.save(LI.model_copy(update={"account_id": "a-2"}))
        assert store.accounts.session("t-1", at=NOON) is None

    def test_a_name_never_moves_to_another_organisation(self, store: SqlStore, contents: Contents) -> None:
        store.accounts.save(LI)
        before = contents()
        with pytest.raises(ConflictError):
            store.accounts.save(LI.model_copy(update={"organisation_id": OTHER}))
        with pytest.raises(ConflictError):
            store.accounts.save(LI.model_copy(update={"organisation_id": OTHER, "account_id": "a-2"}))
        with pytest.raises(ConflictError):
            store.accounts.save(LI.model_copy(update={"organisation_id": OTHER, "name": "wu"}))
        assert contents() == before

    def test_of_several_that_want_a_name_one_has_it(self, store: SqlStore) -> None:
        wanting = [LI.model_copy(update={"organisation_id": f"o-{n}", "account_id": f"a-{n}"}) for n in range(4)]
        answers = race([lambda each=each: store.accounts.save(each) for each in wanting])
        assert [isinstance(answer, ConflictError) for answer in answers].count(True) == 3, answers

    def test_a_session_belongs_to_its_account_until_it_is_over(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(60))
        assert store.accounts.session("t-1", at=at(59)) == LI
        assert store.accounts.session("t-1", at=at(60)) is None
        assert store.accounts.session("t-2", at=NOON) is None

    def test_a_closed_session_is_over(self, store: SqlStore) -> None:
        store.accounts.save(LI)
        store.accounts.open_session("t-1", "a-1", at=NOON, expires_at=at(60))
        store.accounts.open_session("t-2", "a-1", at=NOON, expires_at=at(60))
        store.accounts.close_session("t-1")
        store.accounts.close_session("t-1")
        assert store.accounts.session("t-1", at=NOON) is None
        assert store.accounts.session("t-2", at=NOON) == LI

    def test_nobody_has_no_session(self, store: SqlStore) -> None:
        with pytest.raises(NotFoundError):
            store.accounts.open_session("t-1", "nobody", at=NOON, expires_at=at(60))
