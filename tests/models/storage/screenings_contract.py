"""What every ledger keeps: one effect however often a message comes, the newest state whatever the order, all or
nothing, and counts that add up."""

from collections.abc import Sequence
from itertools import pairwise, permutations

import pytest
from hypothesis import given, strategies
from sqlalchemy import text

from models.errors import NotFoundError, PoisonError, TransientFault
from models.identity import LOCAL, digest, screening_key
from models.leads import Decision, Disposition, Outcome, Screening
from models.storage import SqlStore, StoreSettings, screenings
from models.storage.engine import migrating, open_engine
from tests.models.storage import samples
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import (
    OTHER,
    QUICK,
    at,
    finding,
    letter,
    listing,
    parcel,
    picture,
    screening,
    suspicious,
)


def three_states(organisation_id: str = LOCAL, number: int = 1) -> list[Screening]:
    """One subject over time: honest, then suspicious, then honest again."""
    states = [listing(number, organisation_id, title=title) for title in ("护手霜", "睛川护手霜", "护手霜 50g")]
    return [
        screening(states[0], minutes=1),
        screening(states[1], finding(states[1], mark_id=None), minutes=2),
        screening(states[2], finding(states[2], mark_id=None), flagged=False, minutes=3),
    ]


def late_redelivery_keeps_the_newest(store: SqlStore) -> None:
    """The rule that a negative control below breaks on purpose."""
    older, newer = three_states()[:2]
    store.screenings.record([newer])
    store.screenings.record([older])
    stored = store.screenings.listing(LOCAL, "taobao", "item-1")
    assert stored == newer.subject
    assert store.leads.get(LOCAL, newer.subject.key.token).screening == newer


class ScreeningContract:
    def test_a_batch_is_stored_whole(self, store: SqlStore) -> None:
        lead, silent, box = suspicious(1), screening(listing(2)), screening(parcel(3))
        store.screenings.record([lead, silent, box], [letter()])
        assert store.leads.get(LOCAL, lead.subject.key.token).screening == lead
        assert store.screenings.listing(LOCAL, "taobao", "item-2") == silent.subject
        assert store.screenings.dead_letters(LOCAL) == (letter(),)
        for quiet in (silent, box):
            with pytest.raises(NotFoundError):
                store.leads.get(LOCAL, quiet.subject.key.token)

    def test_nothing_is_a_batch_too(self, store: SqlStore, contents: Contents) -> None:
        before = contents()
        store.screenings.record([])
        assert contents() == before

    def test_recording_twice_changes_nothing(self, store: SqlStore, contents: Contents) -> None:
        batch = [*three_states(), screening(listing(2)), screening(parcel(3))]
        letters = [letter(1), letter(2)]
        store.screenings.record(batch, letters)
        before = contents()
        store.screenings.record(batch, letters)
        late = [each.model_copy(update={"screened_at": at(90)}) for each in batch]
        store.screenings.record(late[::-1], [letter(1, reason="again", last_seen=at(90), attempts=2)])
        assert contents() == before

    def test_twins_in_one_batch_are_one(self, store: SqlStore, contents: Contents) -> None:
        lead = suspicious(1)
        store.screenings.record([lead, lead, screening(listing(2)), screening(listing(2))], [letter(), letter()])
        rows = contents()
        assert [len(rows[name]) for name in ("screenings", "subjects", "leads", "findings", "dead_letters")] == [
            2, 2, 1, 1, 1,
        ]  # fmt: skip

    def test_one_content_is_kept_once_however_often_it_is_screened(self, store: SqlStore, contents: Contents) -> None:
        for day in range(3):
            store.screenings.record([screening(listing(1), context=f"day-{day}", minutes=day)])
        rows = contents()
        assert len(rows["screenings"]) == 3
        assert len(rows["observations"]) == 1

    def test_whatever_the_order_the_newest_stands(self, store: SqlStore) -> None:
        for number, order in enumerate(permutations(range(3))):
            states = three_states(number=number)
            for index in order:
                store.screenings.record([states[index]])
            lead = store.leads.get(LOCAL, states[0].subject.key.token)
            assert lead.screening == states[2], order
            assert (lead.first_seen, lead.last_seen) == (at(2), at(3)), order
            assert store.screenings.listing(LOCAL, "taobao", f"item-{number}") == states[2].subject

    @QUICK
    @given(order=strategies.permutations(range(6)), cuts=strategies.sets(strategies.integers(min_value=1, max_value=5)))
    def test_order_and_batches_never_change_the_end(
        self, store: SqlStore, contents: Contents, order: Sequence[int], cuts: set[int]
    ) -> None:
        def ends(organisation_id: str, batches: list[list[int]]) -> list[tuple[object, ...]]:
            states = [*three_states(organisation_id, 1), *three_states(organisation_id, 2)]
            for batch in batches:
                store.screenings.record([states[index] for index in batch])
            leads = [store.leads.get(organisation_id, states[index].subject.key.token) for index in (0, 3)]
            return [(lead.screening.assessment.score, lead.first_seen, lead.last_seen) for lead in leads]

        edges = [0, *sorted(cuts), 6]
        batches = [list(order[start:end]) for start, end in pairwise(edges)]
        assert ends(digest(order, sorted(cuts)), batches) == ends(
            digest("straight", order, sorted(cuts)), [list(range(6))]
        )

    def test_of_equal_times_the_later_in_the_batch_stands(self, store: SqlStore) -> None:
        first, second = (screening(listing(1, title=title), minutes=1) for title in ("甲", "乙"))
        store.screenings.record([first, second])
        stored = store.screenings.listing(LOCAL, "taobao", "item-1")
        assert stored is not None
        assert stored.title == "乙"

    def test_late_redelivery_does_not_overwrite(self, store: SqlStore) -> None:
        late_redelivery_keeps_the_newest(store)

    def test_a_store_without_the_rule_of_time_is_caught(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Negative control: whoever comes last wins."""
        monkeypatch.setattr(screenings, "stands", lambda table, excluded: text("1 = 1"))
        with pytest.raises(AssertionError):
            late_redelivery_keeps_the_newest(store)

    def test_decisions_stay_when_the_subject_is_screened_again(self, store: SqlStore) -> None:
        _, flagged, cleared = three_states()
        store.screenings.record([flagged])
        token = flagged.subject.key.token
        asked = Decision(disposition=Disposition.MORE_INFORMATION, decided_by="li", decided_at=at(9))
        store.leads.decide(LOCAL, token, asked, revision=0)
        store.screenings.record([cleared])
        lead = store.leads.get(LOCAL, token)
        assert lead.screening == cleared
        assert (lead.disposition, lead.decisions, lead.revision) == (Disposition.MORE_INFORMATION, (asked,), 2)

    def test_every_subject_ends_in_exactly_one_outcome(self, store: SqlStore) -> None:
        flagged = [suspicious(number) for number in range(3)]
        silent = [screening(listing(number)) for number in range(10, 17)]
        letters = [letter(1), letter(2), letter(3, key="key-1"), letter(4, key=""), letter(5, key="")]
        store.screenings.record([*flagged, *silent], letters)
        assert store.screenings.outcomes(LOCAL) == {
            Outcome.LEAD: 3,
            Outcome.NO_MATCH: 7,
            Outcome.DEAD_LETTER: 4,  # key-1 failed twice, and two messages named no subject
        }

    def test_a_subject_that_is_screened_after_all_leaves_the_dead(self, store: SqlStore) -> None:
        healed = screening(listing(1))
        store.screenings.record([], [letter(1, key=healed.subject.key.token)])
        assert store.screenings.outcomes(LOCAL)[Outcome.DEAD_LETTER] == 1
        store.screenings.record([healed])
        assert store.screenings.outcomes(LOCAL) == {Outcome.LEAD: 0, Outcome.NO_MATCH: 1, Outcome.DEAD_LETTER: 0}
        assert len(store.screenings.dead_letters(LOCAL)) == 1

    def test_a_lead_that_was_cleared_counts_as_no_match(self, store: SqlStore) -> None:
        store.screenings.record(three_states())
        assert store.screenings.outcomes(LOCAL) == {Outcome.LEAD: 0, Outcome.NO_MATCH: 1, Outcome.DEAD_LETTER: 0}

    def test_dead_letters_come_newest_first(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(offset) for offset in (2, 3, 1)])
        assert [each.offset for each in store.screenings.dead_letters(LOCAL, limit=2)] == [3, 2]

    def test_a_batch_that_fails_leaves_nothing(
        self, store: SqlStore, settings: StoreSettings, contents: Contents
    ) -> None:
        engine = open_engine(settings)
        with migrating(engine) as connection:
            connection.execute(text("ALTER TABLE dead_letters RENAME TO hidden"))
        try:
            before = contents("dead_letters")
            with pytest.raises(TransientFault, match="migrate"):
                store.screenings.record([suspicious(1), screening(listing(2))], [letter()])
            assert contents("dead_letters") == before
        finally:
            with migrating(engine) as connection:
                connection.execute(text("ALTER TABLE hidden RENAME TO dead_letters"))
            engine.dispose()
        store.screenings.record([suspicious(1)], [letter()])
        assert store.screenings.outcomes(LOCAL)[Outcome.LEAD] == 1

    def test_text_that_databases_dislike_comes_back_as_it_was(self, store: SqlStore) -> None:
        odd = listing(1, listing_id="a\x00b", title="晴\x00川 𠮷 ' % _ \\ \u202e", attributes={"\x00": "\x00"})
        store.screenings.record(
            [screening(odd, finding(odd, subject_value="\x00"))], [letter(payload="\x00", key="\x00")]
        )
        assert store.screenings.listing(LOCAL, "taobao", "a\x00b") == odd
        assert store.screenings.dead_letters(LOCAL)[0].payload == "\x00"
        assert store.leads.get(LOCAL, odd.key.token).screening.findings[0].subject_value == "\x00"

    def test_text_that_no_database_can_hold_is_poison(self, store: SqlStore, contents: Contents) -> None:
        before = contents()
        broken = listing(1).model_copy(update={"title": "\ud800"})
        with pytest.raises(PoisonError):
            store.screenings.record(
                [screening(listing(2)), screening(listing(1)).model_copy(update={"subject": broken})]
            )
        assert contents() == before

    def test_a_large_batch_is_one_batch(self, store: SqlStore) -> None:
        batch = [suspicious(number) if number % 10 == 0 else screening(listing(number)) for number in range(1200)]
        store.screenings.record(batch)
        assert store.screenings.outcomes(LOCAL)[Outcome.LEAD] == 120
        assert store.screenings.outcomes(LOCAL)[Outcome.NO_MATCH] == 1080

    def test_a_listing_is_found_by_id_alone_when_that_is_unique(self, store: SqlStore) -> None:
        here, there = listing(1), listing(2, platform="jd")
        twins = [listing(3), listing(3, platform="jd")]
        store.screenings.record([screening(each) for each in (here, there, *twins, parcel(1, parcel_token="item-9"))])
        assert store.screenings.listing(LOCAL, "", "item-2") == there
        assert store.screenings.listing(LOCAL, "", "item-3") is None
        assert store.screenings.listing(LOCAL, "jd", "item-3") == twins[1]
        assert store.screenings.listing(LOCAL, "jd", "item-1") is None
        assert store.screenings.listing(LOCAL, "", "item-9") is None

    def test_parcels_wait_for_their_listing_until_they_are_screened_with_it(self, store: SqlStore) -> None:
        boxes = [parcel(number, listing_id=f"item-{number}") for number in (1, 2)] + [parcel(3)]
        alone = [screening(each, minutes=1) for each in boxes]
        store.screenings.record(alone)
        wanted = ["item-1", "item-2", "item-3", ""]
        assert store.screenings.parcels_awaiting(LOCAL, wanted) == ((boxes[0], at(1)), (boxes[1], at(1)))
        assert store.screenings.parcels_awaiting(OTHER, wanted) == ()
        key = screening_key(boxes[0].observation_id, "rules-1", "context-1", listing(1).observation_id)
        linked = screening(boxes[0], finding(boxes[0]), minutes=2).model_copy(update={"screening_key": key})
        store.screenings.record([linked, screening(listing(1))])
        store.screenings.record(alone)  # redelivered
        assert store.screenings.parcels_awaiting(LOCAL, wanted) == ((boxes[1], at(1)),)
        assert store.leads.get(LOCAL, boxes[0].key.token).screening == linked
        twins = [screening(listing(5)), screening(listing(5, platform="jd"))]
        store.screenings.record(twins)
        assert store.screenings.listings(LOCAL, ["item-1", "item-2", "item-5"]) == {"item-1": listing(1)}

    def test_rivals_with_the_same_messages_have_one_effect(self, store: SqlStore) -> None:
        batch = [suspicious(number) if number % 5 == 0 else screening(listing(number)) for number in range(60)]
        orders = [batch, batch[::-1], batch[30:] + batch[:30], batch[::2] + batch[1::2]]
        answers = race([lambda order=order: store.screenings.record(order, [letter()]) for order in orders])
        for order, answer in zip(orders, answers, strict=True):
            assert answer is None or isinstance(answer, TransientFault), answer
            store.screenings.record(order, [letter()])  # a worker tries again after a fault
        assert store.screenings.outcomes(LOCAL) == {Outcome.LEAD: 12, Outcome.NO_MATCH: 48, Outcome.DEAD_LETTER: 1}

    def test_rivals_with_different_states_leave_the_newest(self, store: SqlStore) -> None:
        states = [suspicious(1, title=f"睛川 {minute}", minutes=minute) for minute in range(6)]
        answers = race([lambda state=state: store.screenings.record([state]) for state in states])
        assert answers == [None] * 6
        lead = store.leads.get(LOCAL, states[0].subject.key.token)
        assert lead.screening == states[5]
        assert (lead.first_seen, lead.last_seen) == (at(0), at(5))

    def test_another_organisation_sees_nothing_of_it(self, store: SqlStore) -> None:
        store.screenings.record([suspicious(1), screening(listing(2))], [letter()])
        assert set(store.screenings.outcomes(OTHER).values()) == {0}
        assert store.screenings.dead_letters(OTHER) == ()
        assert store.screenings.listing(OTHER, "taobao", "item-1") is None
        assert store.screenings.listing(OTHER, "", "item-1") is None

    def test_the_same_things_in_two_organisations_are_two(self, store: SqlStore) -> None:
        mine, theirs = suspicious(1), suspicious(1, OTHER)
        store.screenings.record([mine, theirs], [letter(), letter(organisation_id=OTHER)])
        for organisation_id, each in ((LOCAL, mine), (OTHER, theirs)):
            assert store.leads.get(organisation_id, each.subject.key.token).screening == each
            assert store.screenings.outcomes(organisation_id)[Outcome.LEAD] == 1
            assert len(store.screenings.dead_letters(organisation_id)) == 1


class ReadingContract:
    def test_the_newest_reading_of_an_address_is_found(self, store: SqlStore) -> None:
        first, second, other = picture(content="a"), picture(content="b"), picture("https://shop.example/2.jpg")
        store.screenings.save_readings(LOCAL, [first, other])
        store.screenings.save_readings(LOCAL, [second])
        wanted = [first.address, other.address, "https://shop.example/none.jpg"]
        assert store.screenings.readings(LOCAL, wanted) == {first.address: second, other.address: other}
        store.screenings.save_readings(LOCAL, [first])
        assert store.screenings.readings(LOCAL, [first.address]) == {first.address: first}

    def test_saving_twice_changes_nothing(self, store: SqlStore, contents: Contents) -> None:
        batch = [picture(content="a"), picture(content="b"), picture("x" * 5000, failure="404 \x00")]
        store.screenings.save_readings(LOCAL, batch)
        before = contents()
        store.screenings.save_readings(LOCAL, batch[1:])
        store.screenings.save_readings(LOCAL, [])
        assert contents() == before

    def test_a_picture_is_held_by_whoever_read_it_at_whatever_age(self, store: SqlStore) -> None:
        store.screenings.save_readings(LOCAL, [picture(content="a"), picture(content="b")])
        store.registry.save_reference_pictures(LOCAL, [samples.official(content="c")])
        store.registry.save_reference_pictures(LOCAL, [samples.official(content="d")])
        assert [store.screenings.holds_picture(LOCAL, name * 64) for name in "abcde"] == [True] * 4 + [False]
        assert not any(store.screenings.holds_picture(OTHER, name * 64) for name in "abcd")

    def test_another_organisation_sees_nothing_of_it(self, store: SqlStore) -> None:
        store.screenings.save_readings(LOCAL, [picture()])
        assert store.screenings.readings(OTHER, [picture().address]) == {}
        theirs = picture(content="c")
        store.screenings.save_readings(OTHER, [theirs])
        assert store.screenings.readings(LOCAL, [picture().address]) == {picture().address: picture()}
        assert store.screenings.readings(OTHER, [picture().address]) == {picture().address: theirs}
