"""What every store keeps about traffic: what is committed is told, what is not committed is never heard, relays do not
overtake each other; letters are replayed once; a re-screening never pushes a newer state aside."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, select

from models.case_leads import CaseAct, Move
from models.dead_letters import LetterPlace, LetterQuery, LetterState
from models.errors import ConflictError, InputError, NotFoundError
from models.events import Decided, Outgoing
from models.identity import LOCAL
from models.leads import Disposition, Outcome
from models.queue.bulk import Chosen
from models.registry import Registry
from models.rescreenings import Rescreening
from models.storage import SqlStore, StoreSettings, outbox
from models.storage.engine import open_engine, reading, writing
from models.storage.traffic_tables import outbox as table
from tests.models.storage.leads_contract import decision
from tests.models.storage.rivals import race
from tests.models.storage.samples import (
    CLOUD_DEER,
    NOON,
    OTHER,
    REGISTRY,
    at,
    letter,
    listing,
    screening,
    suspicious,
)

SHA = "a" * 64


def waiting(store: SqlStore) -> list[Outgoing]:
    """Everything that waits, which a relay of its own looks at and gives back."""
    found = store.outbox.claim(by="looks", at=at(1000), until=at(1001), limit=5000)
    store.outbox.release(by="looks")
    return list(found)


def told(store: SqlStore, *topics: str) -> list[dict[str, Any]]:
    """The events that wait, of these topics, in order."""
    named = {f"jianzhen.{topic}" for topic in topics}
    return [json.loads(each.body)["event"] for each in waiting(store) if each.topic in named]


def told_in_vain(engine: Engine, event: Decided) -> None:
    with writing(engine) as connection:
        outbox.tell(connection, [event])
        raise ZeroDivisionError


def recorded(store: SqlStore, count: int = 1) -> list[str]:
    leads = [suspicious(number) for number in range(1, count + 1)]
    store.screenings.record(leads)
    return [lead.subject.key.token for lead in leads]


class OutboxContract:
    def test_a_new_lead_and_a_changed_one_are_told_and_an_unchanged_one_is_not(self, store: SqlStore) -> None:
        store.screenings.record([suspicious(1)])
        store.screenings.record([suspicious(1)])  # delivered again
        subject = listing(1)
        same = suspicious(1).model_copy(update={"screening_key": "k-2", "screened_at": at(5)})
        store.screenings.record([same])
        store.screenings.record([screening(subject, context="context-2", minutes=9)])  # no longer flagged
        store.screenings.record([screening(listing(2))])  # never a lead
        events = told(store, "leads")
        assert [(each.get("new", False), each["flagged"], each["revision"]) for each in events] == [
            (True, True, 0),
            (False, False, 2),
        ]
        assert events[0]["lead_id"] == subject.key.token
        assert {each.key for each in waiting(store)} == {subject.key.token}

    def test_a_decision_is_told_with_what_became_of_the_lead(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store)
        dismissed = decision(Disposition.DISMISSED, reason="authorised-seller: 张三 说过")
        store.leads.decide(LOCAL, lead_id, dismissed, revision=0)
        (event,) = told(store, "decisions")
        assert (event["act"], event["disposition"], event["by"], event["revision"]) == ("decide", "dismissed", "li", 1)
        assert "张三" not in json.dumps(event, ensure_ascii=False)  # free text stays in the store
        assert [each["disposition"] for each in told(store, "leads")] == ["open", "dismissed"]

    def test_what_is_rolled_back_is_never_heard(self, store: SqlStore, settings: StoreSettings) -> None:
        (lead_id,) = recorded(store)
        before = [each.message_id for each in waiting(store)]
        with pytest.raises(ConflictError):
            store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED), revision=7)
        with pytest.raises(ConflictError):
            store.case_leads.register(LOCAL, {lead_id: 7}, by="li", at=NOON)
        engine = open_engine(settings)
        event = Decided(organisation_id=LOCAL, at=NOON, act="decide", lead_id=lead_id, by="li")
        with pytest.raises(ZeroDivisionError):
            told_in_vain(engine, event)
        engine.dispose()
        assert [each.message_id for each in waiting(store)] == before

    def test_of_rivals_who_decide_one_is_heard(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store)
        acts = [
            lambda who=f"officer-{number}": store.leads.decide(
                LOCAL, lead_id, decision(Disposition.DISMISSED, decided_by=who), revision=0
            )
            for number in range(8)
        ]
        answers = race(acts)
        assert sum(not isinstance(answer, Exception) for answer in answers) == 1
        assert len(told(store, "decisions")) == 1

    def test_a_bulk_act_and_taking_it_back_are_told(self, store: SqlStore) -> None:
        ids = recorded(store, 3)
        act = store.bulk.dismiss(
            LOCAL, [Chosen(lead_id=each, revision=0) for each in ids], reason="other: 无关", by="li", at=NOON,
            undo_until=at(10),
        )  # fmt: skip
        store.bulk.undo(LOCAL, act.act_id, by="li", at=at(1))
        events = told(store, "decisions")
        assert sorted((each["act"], each["disposition"], each["lead_id"]) for each in events) == sorted(
            [("decide", "dismissed", each) for each in ids] + [("undo", "open", each) for each in ids]
        )

    def test_accepting_and_withdrawing_are_told(self, store: SqlStore) -> None:
        ids = recorded(store, 2)
        case = store.case_leads.register(LOCAL, dict.fromkeys(ids, 0), by="li", at=NOON)
        withdraw = Move(act=CaseAct.WITHDRAW, reason="看错了")
        store.case_leads.move(LOCAL, case.case_number, withdraw, revision=0, by="wu", at=at(5))
        accepted, also, withdrawn = told(store, "decisions")
        assert {each["case_number"] for each in (accepted, also, withdrawn)} == {case.case_number}
        assert (withdrawn["act"], sorted(withdrawn["withdrawn_leads"])) == ("withdraw", sorted(ids))

    def test_a_committed_change_set_is_told_once(self, store: SqlStore) -> None:
        first = store.registry.commit(LOCAL, REGISTRY, at=NOON, by="li")
        store.registry.commit(LOCAL, REGISTRY, at=at(1), by="li")
        second = store.registry.commit(LOCAL, Registry(marks=(CLOUD_DEER,)), at=at(2), by="wu")
        one, two = told(store, "registry-changes")
        assert (one["version"], one["number"], one["marks"]) == (first, 1, {"opened": 2})
        assert (two["version"], two["previous"], two["by"]) == (second, first, "wu")
        assert (two["marks"], two["goods"]) == ({"closed": 1}, {"closed": 1})

    def test_a_letter_is_told_once_without_its_bytes(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1, payload="秘密", key="")])
        store.screenings.record([], [letter(1, payload="秘密", key="")])
        (event,) = told(store, "dead-letters")
        assert (event["source_topic"], event["offset"], event["attempts"]) == ("jianzhen.listings", 1, 1)
        assert "秘密" not in json.dumps(event, ensure_ascii=False)

    def test_two_relays_never_hold_the_same_or_overtake_each_other(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(offset, key=f"key-{offset % 2}") for offset in range(6)])
        first = store.outbox.claim(by="one", at=NOON, until=at(5), limit=2)
        second = store.outbox.claim(by="two", at=NOON, until=at(5), limit=10)
        assert [each.key for each in first] == ["key-0", "key-1"]
        assert second == ()  # everything else stands behind what the first relay holds
        store.outbox.mark_sent(first[:1], at=at(1))
        freed = store.outbox.claim(by="two", at=at(1), until=at(6), limit=10)
        assert [each.key for each in freed] == ["key-0", "key-0"]

    def test_rivals_share_what_waits(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(offset) for offset in range(40)])
        claims = race(
            [
                lambda who=f"relay-{number}": store.outbox.claim(by=who, at=NOON, until=at(5), limit=10)
                for number in range(4)
            ]
        )
        numbers = [each.number for claimed in claims if not isinstance(claimed, Exception) for each in claimed]
        assert sorted(numbers) == sorted(set(numbers))
        assert len(numbers) == 40

    def test_a_dead_relays_claim_ends(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1)])
        (held,) = store.outbox.claim(by="dead", at=NOON, until=at(1), limit=10)
        assert store.outbox.claim(by="heir", at=at(0.5), until=at(2), limit=10) == ()
        assert store.outbox.claim(by="heir", at=at(1), until=at(2), limit=10) == (held,)

    def test_sent_rows_go_and_waiting_ones_stay(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1), letter(2)])
        assert (store.outbox.waiting(), store.outbox.oldest()) == (2, at(1))
        (held, _) = store.outbox.claim(by="one", at=NOON, until=at(5), limit=5)
        store.outbox.mark_sent((held,), at=at(1))
        assert store.outbox.prune(before=at(1), limit=10) == 0
        assert store.outbox.prune(before=at(2), limit=10) == 1
        assert store.outbox.waiting() == 1

    def test_what_others_hear_is_another_organisations_business_only_where_it_is_theirs(
        self, store: SqlStore, settings: StoreSettings
    ) -> None:
        store.acting_for(OTHER).screenings.record([suspicious(1, OTHER)])
        engine = open_engine(settings)
        with reading(engine) as connection:
            owners = set(connection.execute(select(table.c.organisation_id)).scalars())
        engine.dispose()
        assert owners == {OTHER}


class LetterContract:
    def test_letters_are_listed_by_topic_reason_and_state(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(n, reason=f"bad field {n % 2}") for n in range(5)])
        store.screenings.record([], [letter(9, topic="jianzhen.parcels", reason="100% wrong"), letter(1, OTHER)])
        find = store.dead_letters.find
        assert find(LOCAL, LetterQuery()).total == 6
        assert [each.offset for each in find(LOCAL, LetterQuery(reason="field 1")).letters] == [3, 1]
        assert [each.offset for each in find(LOCAL, LetterQuery(reason="0%")).letters] == [9]
        assert find(LOCAL, LetterQuery(topic="jianzhen.parcels")).total == 1
        assert find(LOCAL, LetterQuery(whole_reason="bad field")).total == 0
        assert find(LOCAL, LetterQuery(whole_reason="bad field 1")).total == 2
        first = find(LOCAL, LetterQuery(limit=4))
        rest = find(LOCAL, LetterQuery(limit=4, after=first.next_cursor))
        assert [each.offset for each in (*first.letters, *rest.letters)] == [9, 4, 3, 2, 1, 0]
        assert rest.next_cursor == ""
        assert [(each.reason, each.count) for each in store.dead_letters.reasons(LOCAL)][:2] == [
            ("bad field 0", 3),
            ("bad field 1", 2),
        ]
        with pytest.raises(InputError):
            find(LOCAL, LetterQuery(after="x"))
        with pytest.raises(NotFoundError):
            store.dead_letters.get(OTHER, place(2))

    def test_a_replay_sends_the_very_bytes_once_and_says_by_whom(self, store: SqlStore) -> None:
        body = b"\xff\x00 garbage"
        store.screenings.record([], [letter(1, payload="base64:/wAgZ2FyYmFnZQ==", payload_sha256=SHA)])
        done = store.dead_letters.replay(LOCAL, [place(1), place(1)], by="wu", at=at(9))
        assert done.replayed == (place(1),)
        (sent,) = [each for each in waiting(store) if each.topic == "jianzhen.listings"]
        assert (sent.key, sent.body) == ("key-1", body)
        found = store.dead_letters.get(LOCAL, place(1))
        assert (found.state, found.replayed_by, found.replayed_at) == (LetterState.REPLAYED, "wu", at(9))
        with pytest.raises(ConflictError):
            store.dead_letters.replay(LOCAL, [place(1)], by="wu", at=at(10))
        with pytest.raises(NotFoundError):
            store.dead_letters.replay(OTHER, [place(1)], by="wu", at=at(10))

    def test_of_rivals_who_replay_one_does(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1)])
        acts = [lambda: store.dead_letters.replay(LOCAL, [place(1)], by="wu", at=at(9)) for _ in range(6)]
        answers = race(acts)
        assert sum(not isinstance(answer, Exception) for answer in answers) == 1
        assert len([each for each in waiting(store) if each.topic == "jianzhen.listings"]) == 1

    def test_a_letter_that_dies_again_carries_its_attempts_on(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1, payload_sha256=SHA, attempts=2)])
        store.dead_letters.replay(LOCAL, [place(1)], by="wu", at=at(9))
        again = letter(50, payload_sha256=SHA, attempts=1)
        store.screenings.record([], [again])
        store.screenings.record([], [again])  # delivered again
        old, new = (store.dead_letters.get(LOCAL, place(offset)) for offset in (1, 50))
        assert (old.state, new.state) == (LetterState.REPLACED, LetterState.OPEN)
        assert (new.attempts, new.first_seen, new.last_seen) == (3, at(1), at(50))
        assert store.dead_letters.find(LOCAL, LetterQuery()).total == 1

    def test_a_message_of_its_own_with_the_same_bytes_is_no_replay(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1, payload_sha256=SHA), letter(2, payload_sha256=SHA)])
        assert store.dead_letters.find(LOCAL, LetterQuery()).total == 2
        assert {each.attempts for each in store.dead_letters.find(LOCAL, LetterQuery()).letters} == {1}

    def test_a_replay_that_succeeds_settles_the_letter(self, store: SqlStore) -> None:
        store.screenings.record([], [letter(1, payload_sha256=SHA, key=""), letter(2, payload_sha256=SHA, key="")])
        store.dead_letters.replay(LOCAL, [place(1)], by="wu", at=at(9))
        assert store.dead_letters.replayed(LOCAL) == {("jianzhen.listings", SHA)}
        assert store.screenings.outcomes(LOCAL)[Outcome.DEAD_LETTER] == 2
        assert store.dead_letters.settle(LOCAL, [("jianzhen.listings", SHA), ("x", SHA)], at=at(10)) == 1
        assert store.dead_letters.get(LOCAL, place(1)).state is LetterState.SETTLED
        assert store.dead_letters.get(LOCAL, place(2)).state is LetterState.OPEN
        assert store.screenings.outcomes(LOCAL)[Outcome.DEAD_LETTER] == 1
        assert store.dead_letters.replayed(LOCAL) == frozenset()

    def test_a_letter_whose_subject_was_seen_in_a_newer_state_is_left_alone(self, store: SqlStore) -> None:
        newer = suspicious(1, minutes=30)
        store.screenings.record([newer], [letter(1, key=newer.subject.key.token)])
        done = store.dead_letters.replay(LOCAL, [place(1)], by="wu", at=at(40))
        assert (done.replayed, done.overtaken) == ((), (place(1),))
        assert not [each for each in waiting(store) if each.topic == "jianzhen.listings"]


class RescreeningContract:
    def test_runs_are_kept_and_taken_up(self, store: SqlStore) -> None:
        run = Rescreening(
            organisation_id=LOCAL, run_id="r-1", registry_version="g", rules_version="r", context_version="c", total=3,
            started_at=NOON, updated_at=NOON,
        )  # fmt: skip
        store.rescreenings.save(run)
        moved = run.model_copy(update={"cursor": "b", "done": 2})
        store.rescreenings.save(moved)
        assert store.rescreenings.unfinished(LOCAL) == moved
        assert store.rescreenings.unfinished(OTHER) is None
        store.rescreenings.save(moved.model_copy(update={"finished_at": at(1)}))
        assert store.rescreenings.unfinished(LOCAL) is None
        assert [each.done for each in store.rescreenings.runs(LOCAL)] == [2]

    def test_subjects_come_in_the_order_of_their_tokens(self, store: SqlStore) -> None:
        leads = [suspicious(number) for number in range(7)]
        store.screenings.record([*leads, suspicious(1, OTHER)])
        first = store.rescreenings.subjects(LOCAL, after="", limit=4)
        rest = store.rescreenings.subjects(LOCAL, after=first[-1].subject.key.token, limit=4)
        tokens = [each.subject.key.token for each in (*first, *rest)]
        assert tokens == sorted(lead.subject.key.token for lead in leads)
        assert store.rescreenings.count(LOCAL) == store.rescreenings.count(LOCAL, kind="listing") == 7
        assert store.rescreenings.subjects(LOCAL, kind="parcel", after="", limit=4) == ()
        assert first[0].flagged
        assert store.rescreenings.newest(LOCAL, (tokens[3], "nobody"))[0].subject.key.token == tokens[3]

    def test_a_state_that_arrived_meanwhile_stays_the_newest(self, store: SqlStore) -> None:
        old, newer = suspicious(1), suspicious(1, title="晴川护手霜 改过的标题", minutes=10)
        store.screenings.record([old])
        again = old.model_copy(update={"screening_key": "k-2", "context_version": "context-2", "screened_at": at(20)})
        store.screenings.record([newer])  # a worker stores it while the old state is screened again
        assert store.screenings.record_again([again]) == ()
        assert store.leads.get(LOCAL, old.subject.key.token).screening == newer

    def test_recording_as_if_nothing_had_arrived_is_caught(self, store: SqlStore) -> None:
        """Negative control of the test above."""
        old, newer = suspicious(1), suspicious(1, title="晴川护手霜 改过的标题", minutes=10)
        store.screenings.record([old])
        again = old.model_copy(update={"screening_key": "k-2", "screened_at": at(20)})
        store.screenings.record([newer])
        store.screenings.record([again])
        assert store.leads.get(LOCAL, old.subject.key.token).screening.subject == old.subject

    def test_decisions_survive(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store)
        store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED), revision=0)
        again = suspicious(1).model_copy(update={"screening_key": "k-2", "screened_at": at(20)})
        assert store.screenings.record_again([again]) == (again,)
        lead = store.leads.get(LOCAL, lead_id)
        assert (lead.disposition, len(lead.decisions), lead.screening) == (Disposition.DISMISSED, 1, again)


def place(offset: int, topic: str = "jianzhen.listings") -> LetterPlace:
    return LetterPlace(topic=topic, partition=0, offset=offset)
