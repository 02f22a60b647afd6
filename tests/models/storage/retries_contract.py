"""What every store of answered requests keeps: one worker for a key, one answer for its retries."""

from datetime import timedelta

import pytest

from models.errors import InputError
from models.identity import LOCAL
from models.retries import KEPT_DAYS, STALE_S, StoredAnswer, Turn
from models.storage import SqlStore
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER

ANSWER = StoredAnswer(status=201, headers={"etag": '"1"'}, body='{"名": "\\u0000"}'.encode() + b"\xff\x00")


class RetryContract:
    def test_the_first_works_and_the_others_get_its_answer(self, store: SqlStore) -> None:
        retries = store.retries
        turns = race([lambda: retries.begin(LOCAL, "li", "k", "d", at=NOON)] * 8)
        assert sorted(map(str, turns)) == [Turn.ANOTHERS] * 7 + [Turn.YOURS]
        retries.finish(LOCAL, "li", "k", ANSWER)
        assert retries.begin(LOCAL, "li", "k", "d", at=NOON) == ANSWER

    def test_a_key_belongs_to_one_request_of_one_caller(self, store: SqlStore) -> None:
        retries = store.retries
        assert retries.begin(LOCAL, "li", "k", "d", at=NOON) is Turn.YOURS
        with pytest.raises(InputError, match="another request"):
            retries.begin(LOCAL, "li", "k", "e", at=NOON)
        retries.finish(LOCAL, "li", "k", ANSWER)
        with pytest.raises(InputError):
            retries.begin(LOCAL, "li", "k", "e", at=NOON)
        for organisation, caller in ((LOCAL, "wu"), (OTHER, "li")):
            assert retries.begin(organisation, caller, "k", "e", at=NOON) is Turn.YOURS

    def test_what_was_given_up_may_be_done_again(self, store: SqlStore) -> None:
        retries = store.retries
        assert retries.begin(LOCAL, "li", "k", "d", at=NOON) is Turn.YOURS
        retries.abandon(LOCAL, "li", "k")
        assert retries.begin(LOCAL, "li", "k", "other", at=NOON) is Turn.YOURS
        retries.finish(LOCAL, "li", "k", ANSWER)
        retries.abandon(LOCAL, "li", "k")  # too late: it was answered
        assert retries.begin(LOCAL, "li", "k", "other", at=NOON) == ANSWER

    def test_a_request_whose_worker_died_is_taken_over_by_one(self, store: SqlStore) -> None:
        retries = store.retries
        retries.begin(LOCAL, "li", "k", "d", at=NOON)
        later = NOON + timedelta(seconds=STALE_S + 1)
        assert retries.begin(LOCAL, "li", "k", "d", at=NOON + timedelta(seconds=STALE_S - 1)) is Turn.ANOTHERS
        turns = race([lambda: retries.begin(LOCAL, "li", "k", "d", at=later)] * 5)
        assert sorted(map(str, turns)) == [Turn.ANOTHERS] * 4 + [Turn.YOURS]

    def test_a_worker_that_gives_signs_of_life_keeps_its_turn(self, store: SqlStore) -> None:
        retries = store.retries
        retries.begin(LOCAL, "li", "k", "d", at=NOON)
        almost = NOON + timedelta(seconds=STALE_S - 1)
        retries.renew(LOCAL, "li", "k", at=almost)
        assert retries.begin(LOCAL, "li", "k", "d", at=almost + timedelta(seconds=STALE_S - 1)) is Turn.ANOTHERS
        retries.finish(LOCAL, "li", "k", ANSWER)
        retries.renew(LOCAL, "li", "k", at=NOON + timedelta(days=1))  # too late: its answer is not kept for longer
        assert retries.begin(LOCAL, "li", "k", "e", at=almost + timedelta(days=KEPT_DAYS, seconds=1)) is Turn.YOURS

    def test_answers_are_kept_for_days_and_no_longer(self, store: SqlStore) -> None:
        retries = store.retries
        retries.begin(LOCAL, "li", "k", "d", at=NOON)
        retries.finish(LOCAL, "li", "k", ANSWER)
        assert retries.begin(LOCAL, "li", "k", "d", at=NOON + timedelta(days=KEPT_DAYS)) == ANSWER
        assert retries.begin(LOCAL, "li", "k", "d", at=NOON + timedelta(days=KEPT_DAYS, seconds=1)) is Turn.YOURS
