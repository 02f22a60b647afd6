"""Whose turn a lead is: one claim wins, and an act on many is whole and can be taken back."""

from threading import Barrier
from typing import Any

import pytest

from models.errors import ConflictError, InputError, NotFoundError
from models.identity import LOCAL
from models.leads import Disposition
from models.ports import LeadQuery
from models.queue.bulk import UNDONE, BulkAct, Chosen
from models.queue.claims import Claim
from models.storage import SqlStore, StoreSettings
from models.storage.engine import open_engine, reading, writing
from models.storage.queue import claims as claim_rows
from tests.models.storage.conftest import Contents
from tests.models.storage.leads_contract import decision
from tests.models.storage.queue_scene import claim, recorded
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, at, suspicious

OFFICERS = 50


class ClaimContract:
    def test_of_fifty_officers_one_gets_the_lead(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        answers = race(
            [
                lambda who=f"officer-{number}": store.claims.claim(LOCAL, claim(lead_id, who))
                for number in range(OFFICERS)
            ]
        )
        won = [answer for answer in answers if isinstance(answer, Claim)]
        lost = [answer for answer in answers if isinstance(answer, ConflictError)]
        assert (len(won), len(lost)) == (1, OFFICERS - 1), answers
        assert store.claims.of_leads(LOCAL, [lead_id], at=NOON) == {lead_id: won[0]}

    def test_a_claim_that_looks_first_and_writes_afterwards_is_caught(
        self, store: SqlStore, settings: StoreSettings
    ) -> None:
        """Negative control: the same race, by a store that asks in one transaction and takes in another, all having
        asked before any takes."""
        (lead_id,) = recorded(store, suspicious(1))
        engine, asked = open_engine(settings), Barrier(OFFICERS)

        def careless(who: str) -> str:
            with reading(engine) as connection:
                free = not claim_rows.live(connection, LOCAL, [lead_id], at=NOON)
            asked.wait(60)
            if not free:
                raise ConflictError("held")
            with writing(engine) as connection:
                claim_rows.put(connection, claim(lead_id, who))
            return who

        answers = race([lambda who=f"officer-{number}": careless(who) for number in range(OFFICERS)])
        engine.dispose()
        assert sum(isinstance(answer, str) for answer in answers) > 1

    def test_of_fifty_who_ask_for_any_lead_each_gets_another(self, store: SqlStore) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(OFFICERS + 5)))
        answers = race(
            [
                lambda who=f"officer-{number}": store.claims.claim_next(LOCAL, LeadQuery(), claim("", who))
                for number in range(OFFICERS)
            ]
        )
        taken = [each.lead_id for answer in answers if isinstance(answer, tuple) for each in answer]
        assert (len(taken), len(set(taken))) == (OFFICERS, OFFICERS), answers
        assert set(taken) < set(ids)
        assert len({each.holder for each in store.claims.of_leads(LOCAL, ids, at=NOON).values()}) == OFFICERS

    def test_the_next_lead_is_the_first_that_waits_and_nobody_holds(self, store: SqlStore) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(5)))
        in_order = [each.lead_id for each in store.leads.find(LOCAL, LeadQuery(order="value")).leads]
        store.claims.claim(LOCAL, claim(in_order[0], "wu", lasts=10))
        store.leads.decide(LOCAL, in_order[1], decision(Disposition.DISMISSED), revision=0)
        asked = LeadQuery(order="value", grouped=True, unheld=False)
        assert [each.lead_id for each in store.claims.claim_next(LOCAL, asked, claim(""), limit=2)] == in_order[2:4]
        again = store.claims.claim_next(LOCAL, asked, claim("", minutes=10), limit=9)
        assert [each.lead_id for each in again] == [in_order[0], in_order[4]], "a claim that ran out is free again"
        assert store.claims.claim_next(LOCAL, asked, claim("", minutes=10)) == ()
        assert store.claims.claim_next(OTHER, asked, claim("", organisation_id=OTHER, minutes=90)) == ()
        named = LeadQuery(platform="nowhere")
        assert store.claims.claim_next(LOCAL, named, claim("", minutes=500)) == ()
        assert len(store.claims.of_leads(LOCAL, ids, at=at(20))) == 4

    def test_what_waits_for_nobody_is_not_taken(self, store: SqlStore, contents: Contents) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED), revision=0)
        before = contents()
        with pytest.raises(InputError, match="wait for nobody"):
            store.claims.claim_next(LOCAL, LeadQuery(disposition=Disposition.DISMISSED), claim(""))
        for limit in (0, 51):
            with pytest.raises(InputError, match="1 to 50"):
                store.claims.claim_next(LOCAL, LeadQuery(), claim(""), limit=limit)
        assert store.claims.claim_next(LOCAL, LeadQuery(), claim("")) == ()
        assert contents() == before

    def test_a_claim_runs_out_and_is_renewed_by_its_holder(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        store.claims.claim(LOCAL, claim(lead_id, "li"))
        store.claims.claim(LOCAL, claim(lead_id, "li", minutes=20))
        with pytest.raises(ConflictError, match="li has the lead"):
            store.claims.claim(LOCAL, claim(lead_id, "wu", minutes=49))
        store.claims.claim(LOCAL, claim(lead_id, "wu", minutes=50))
        assert store.claims.of_leads(LOCAL, [lead_id], at=at(51))[lead_id].holder == "wu"
        assert store.claims.of_leads(LOCAL, [lead_id], at=at(500)) == {}

    def test_a_release_is_the_holder_s_or_a_supervisor_s(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        with pytest.raises(ConflictError, match="nobody"):
            store.claims.release(LOCAL, lead_id, by="li", at=NOON)
        store.claims.claim(LOCAL, claim(lead_id, "li"))
        with pytest.raises(ConflictError, match="li has"):
            store.claims.release(LOCAL, lead_id, by="wu", at=NOON)
        store.claims.release(LOCAL, lead_id, by="wu", at=NOON, anyones=True)
        store.claims.claim(LOCAL, claim(lead_id, "wu"))
        store.claims.release(LOCAL, lead_id, by="wu", at=NOON)
        assert store.claims.of_leads(LOCAL, [lead_id], at=NOON) == {}

    def test_a_supervisor_gives_a_lead_whoever_holds_it(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        store.claims.claim(LOCAL, claim(lead_id, "li"))
        given = claim(lead_id, "wu", assigned_by="zhang", lasts=600)
        store.claims.assign(LOCAL, given)
        assert store.claims.of_leads(LOCAL, [lead_id], at=NOON) == {lead_id: given}

    def test_nobody_decides_on_what_another_holds_and_a_decision_ends_the_claim(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        store.claims.claim(LOCAL, claim(lead_id, "wu", minutes=25))
        with pytest.raises(ConflictError, match="wu has"):
            store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED), revision=0)
        with pytest.raises(ConflictError, match="wu has"):
            store.case_leads.register(LOCAL, {lead_id: 0}, by="li", at=at(30))
        assert store.leads.get(LOCAL, lead_id).revision == 0
        store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED, decided_by="wu"), revision=0, spent_s=40)
        assert store.claims.of_leads(LOCAL, [lead_id], at=at(30)) == {}

    def test_a_stale_revision_and_a_foreign_lead_are_refused(self, store: SqlStore, contents: Contents) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        before = contents()
        with pytest.raises(ConflictError, match="revision"):
            store.claims.claim(LOCAL, claim(lead_id), revision=7)
        for organisation, name in ((OTHER, lead_id), (LOCAL, "0" * 32)):
            theirs = claim(name, organisation_id=organisation)
            for act in (store.claims.claim, store.claims.assign):
                with pytest.raises(NotFoundError):
                    act(organisation, theirs)
            with pytest.raises(NotFoundError):
                store.claims.release(organisation, name, by="li", at=NOON, anyones=True)
        assert contents() == before

    def test_the_queue_shows_one_s_own_or_what_is_free(self, store: SqlStore) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(3)))
        store.claims.claim(LOCAL, claim(ids[0], "li"))
        store.claims.claim(LOCAL, claim(ids[1], "wu"))

        def found(**asked: Any) -> set[str]:
            return {lead.lead_id for lead in store.leads.find(LOCAL, LeadQuery(at=NOON, **asked)).leads}

        assert found(held_by="li") == {ids[0]}
        assert found(unheld=True) == {ids[2]}
        assert store.leads.find(LOCAL, LeadQuery(at=at(31), unheld=True)).total == 3


class BulkContract:
    def dismissed(self, store: SqlStore, *chosen: Chosen, minutes: float = 30) -> BulkAct:
        return store.bulk.dismiss(
            LOCAL, chosen, reason="duplicate", by="li", at=at(minutes), undo_until=at(minutes + 10)
        )

    def test_dismissed_together_and_taken_back_exactly(self, store: SqlStore) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(4)))
        store.leads.decide(LOCAL, ids[1], decision(Disposition.MORE_INFORMATION), revision=0)
        store.claims.claim(LOCAL, claim(ids[2], "li", minutes=20))
        before = [store.leads.get(LOCAL, lead_id) for lead_id in ids]
        held = store.claims.of_leads(LOCAL, ids, at=at(31))
        act = self.dismissed(
            store, *(Chosen(lead_id=lead_id, revision=int(n == 1)) for n, lead_id in enumerate(ids[:3]))
        )
        dismissed = [store.leads.get(LOCAL, lead_id).disposition for lead_id in ids]
        assert dismissed == [Disposition.DISMISSED] * 3 + [Disposition.OPEN]
        undone = store.bulk.undo(LOCAL, act.act_id, by="li", at=at(31))
        assert undone.undone_by == "li"
        after = [store.leads.get(LOCAL, lead_id) for lead_id in ids]
        for was, now in zip(before, after, strict=True):
            same = {"disposition", "case_number", "screening", "first_seen", "last_seen"}
            assert was.model_dump(include=same) == now.model_dump(include=same)
        assert store.claims.of_leads(LOCAL, ids, at=at(31)) == held
        assert [each.reason for each in after[0].decisions] == ["duplicate", UNDONE], "both acts stay in its history"
        assert after[3] == before[3]
        assert store.bulk.acts(LOCAL, by="li") == (undone,)
        assert store.bulk.acts(LOCAL, by="wu") == ()

    def test_all_or_none(self, store: SqlStore, contents: Contents) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(3)))
        store.claims.claim(LOCAL, claim(ids[2], "wu", minutes=20))
        before = contents()
        whole = [Chosen(lead_id=lead_id, revision=0) for lead_id in ids]
        stale = [whole[0], whole[1].model_copy(update={"revision": 4})]
        grown = [whole[0].model_copy(update={"group_size": 2})]
        for chosen, told in ((whole, "wu has"), (stale, "nothing was done"), (grown, "group has 1")):
            with pytest.raises(ConflictError, match=told):
                self.dismissed(store, *chosen)
        with pytest.raises(NotFoundError):
            self.dismissed(store, whole[0], Chosen(lead_id="0" * 32, revision=0))
        with pytest.raises(InputError):
            self.dismissed(store)
        assert contents() == before

    def test_a_card_takes_its_twins_with_it(self, store: SqlStore) -> None:
        ids = sorted(recorded(store, *(suspicious(number) for number in range(4))))
        for other in ids[1:3]:
            store.groups.merge(LOCAL, ids[0], other, by="li", at=NOON)
        act = self.dismissed(store, Chosen(lead_id=ids[0], revision=0, group_size=3))
        assert {lead.lead_id for lead in act.leads} == set(ids[:3])
        assert store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN)).total == 1
        store.bulk.undo(LOCAL, act.act_id, by="li", at=at(31))
        assert store.leads.find(LOCAL, LeadQuery(disposition=Disposition.OPEN)).total == 4

    def test_given_to_an_officer_and_taken_back(self, store: SqlStore) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(2)))
        store.claims.claim(LOCAL, claim(ids[0], "li"))
        before = store.claims.of_leads(LOCAL, ids, at=at(1))
        act = store.bulk.assign(
            LOCAL, [Chosen(lead_id=lead_id, revision=0) for lead_id in ids], officer="wu", expires_at=at(600),
            by="zhang", at=at(1), undo_until=at(11),
        )  # fmt: skip
        assert {each.holder for each in store.claims.of_leads(LOCAL, ids, at=at(2)).values()} == {"wu"}
        store.bulk.undo(LOCAL, act.act_id, by="zhang", at=at(3))
        assert store.claims.of_leads(LOCAL, ids, at=at(3)) == before

    def test_not_taken_back_once_somebody_acted_or_time_is_over(self, store: SqlStore, contents: Contents) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(3)))
        act = self.dismissed(store, *(Chosen(lead_id=lead_id, revision=0) for lead_id in ids))
        with pytest.raises(NotFoundError):
            store.bulk.undo(LOCAL, act.act_id, by="wu", at=at(31))
        with pytest.raises(NotFoundError):
            store.bulk.undo(OTHER, act.act_id, by="li", at=at(31))
        with pytest.raises(ConflictError, match="time"):
            store.bulk.undo(LOCAL, act.act_id, by="li", at=at(40))
        store.leads.decide(LOCAL, ids[1], decision(Disposition.OPEN, decided_by="wu"), revision=1)
        before = contents()
        with pytest.raises(ConflictError, match="acted on it since"):
            store.bulk.undo(LOCAL, act.act_id, by="li", at=at(31))
        assert contents() == before

    def test_of_several_who_undo_one_does(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        act = self.dismissed(store, Chosen(lead_id=lead_id, revision=0))
        answers = race([lambda: store.bulk.undo(LOCAL, act.act_id, by="li", at=at(31)) for _ in range(6)])
        assert [isinstance(answer, ConflictError) for answer in answers].count(True) == 5, answers
        assert len(store.leads.get(LOCAL, lead_id).decisions) == 2
