"""What every store keeps of the queue: one claim wins, an act on many is whole and can be taken back, counts and
parties say what stands in the leads, words are found where they are."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from models.errors import ConflictError, InputError, NotFoundError
from models.identity import LOCAL
from models.leads import Cell, Disposition, Screening
from models.organisations import Organisation
from models.ports import LeadQuery
from models.queue.bulk import UNDONE, BulkAct, Chosen
from models.queue.campaigns import Campaign
from models.queue.claims import Claim
from models.queue.keeping import PartyQuery
from models.queue.places import Place
from models.queue.search import Match, SearchKind
from models.queue.statements import Statement, StatementForm
from models.queue.views import SavedView
from models.queue.worth import reach
from models.registry import Mark, Registry
from models.storage import SqlStore, StoreSettings, tables
from models.storage.engine import open_engine, reading, writing
from models.storage.queue import claims as claim_rows
from models.storage.queue import standing
from models.subjects import Seller
from tests.models.storage.conftest import Contents
from tests.models.storage.leads_contract import decision
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, REGISTRY, at, finding, listing, parcel, screening, suspicious

OFFICERS = 50
CODE = "91331082MA2AAAAA0X"  # registered in 331082
OUTSIDE = "91440300MA5BBBBB1X"


def claim(lead_id: str, holder: str = "li", *, minutes: float = 0, lasts: float = 30, **more: Any) -> Claim:
    return Claim(lead_id=lead_id, holder=holder, claimed_at=at(minutes), expires_at=at(minutes + lasts), **more)


def recorded(store: SqlStore, *screenings: Screening) -> list[str]:
    store.screenings.record(list(screenings))
    return [each.subject.key.token for each in screenings]


def of_seller(number: int, name: str, *, uscc: str = "", platform: str = "taobao", score: float = 8.0) -> Screening:
    subject = listing(number, platform=platform, seller=Seller(name=name, uscc=uscc), category="日化 > 护手霜")
    return screening(subject, finding(subject, mark_id=None), score=score)


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
        """Negative control: the same race, by a store that asks in one transaction and takes in another."""
        (lead_id,) = recorded(store, suspicious(1))
        engine = open_engine(settings)

        def careless(who: str) -> str:
            with reading(engine) as connection:
                free = not claim_rows.live(connection, LOCAL, [lead_id], at=NOON)
            if not free:
                raise ConflictError("held")
            with writing(engine) as connection:
                claim_rows.put(connection, claim(lead_id, who))
            return who

        answers = race([lambda who=f"officer-{number}": careless(who) for number in range(OFFICERS)])
        engine.dispose()
        assert sum(isinstance(answer, str) for answer in answers) > 1

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


class StandingContract:
    def test_counts_and_parties_say_what_stands_in_the_leads(self, store: SqlStore, settings: StoreSettings) -> None:
        """After everything that changes leads, what is kept is what would be counted."""
        ids = recorded(
            store,
            of_seller(1, "南街小店", score=9), of_seller(2, "南街小店", score=7), of_seller(3, "别家", platform="jd"),
            screening(parcel(4), finding(parcel(4), detector="parcels", mark_id=None), cell=None),
        )  # fmt: skip
        store.leads.decide(LOCAL, ids[0], decision(Disposition.DISMISSED), revision=0)
        store.case_leads.register(LOCAL, {ids[2]: 0}, by="li", at=NOON)
        act = store.bulk.dismiss(
            LOCAL, [Chosen(lead_id=ids[1], revision=0)], reason="duplicate", by="li", at=NOON, undo_until=at(9)
        )
        store.bulk.undo(LOCAL, act.act_id, by="li", at=at(1))
        again = of_seller(2, "换了名的小店", score=8.5)
        store.screenings.record([again.model_copy(update={"screened_at": at(50)})])
        engine = open_engine(settings)
        kept = everything_kept(engine)
        with writing(engine) as connection:
            standing.rebuild(connection, LOCAL)
        assert kept == everything_kept(engine)
        engine.dispose()
        (party,) = store.parties.find(LOCAL, PartyQuery()).parties
        assert (party.name, party.leads, party.open_leads, party.best_score) == ("换了名的小店", 1, 1, 8.5)
        assert store.parties.find(LOCAL, PartyQuery(waiting=False)).total == 3

    def test_many_who_change_leads_of_one_party_count_right(self, store: SqlStore) -> None:
        ids = recorded(store, *(of_seller(number, "大卖家") for number in range(12)))
        answers = race(
            [
                lambda lead_id=lead_id: store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED), revision=0)
                for lead_id in ids[:10]
            ]
        )
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        (party,) = store.parties.find(LOCAL, PartyQuery()).parties
        assert (party.leads, party.open_leads) == (12, 2)
        facets = store.leads.facets(LOCAL, LeadQuery())
        assert {facet.value: facet.count for facet in facets.dispositions} == {"dismissed": 10, "open": 2}

    def test_a_credit_code_is_one_party_across_platforms(self, store: SqlStore) -> None:
        store.organisations.save(Organisation(name="临海所", regions=("331082",)))
        recorded(
            store,
            of_seller(1, "甲店", uscc=CODE, score=30), of_seller(2, "乙店", uscc=CODE, platform="jd"),
            of_seller(3, "外地店", uscc=OUTSIDE, score=9), of_seller(4, "不知何处", score=9),
        )  # fmt: skip
        first, *rest = store.parties.find(LOCAL, PartyQuery()).parties
        assert (first.uscc, first.platforms, first.open_leads, first.place) == (CODE, ("jd", "taobao"), 2, Place.INSIDE)
        assert {party.place for party in rest} == {Place.OUTSIDE, Place.UNKNOWN}
        assert store.parties.shops(LOCAL, first.party_key) == (("jd", "乙店", 1), ("taobao", "甲店", 1))
        assert store.parties.find(LOCAL, PartyQuery(place=Place.INSIDE)).parties == (first,)
        inside = store.leads.find(LOCAL, LeadQuery(place=Place.INSIDE))
        assert {lead.seller_name for lead in inside.leads} == {"甲店", "乙店"}
        assert {facet.value: facet.count for facet in store.leads.facets(LOCAL, LeadQuery()).places} == {
            "inside": 2, "outside": 1, "unknown": 1,
        }  # fmt: skip
        assert store.parties.of_lead(LOCAL, inside.leads[0].lead_id) == first
        assert store.leads.find(LOCAL, LeadQuery(party_key=first.party_key)).total == 2
        for organisation, key in ((OTHER, first.party_key), (LOCAL, "0" * 32)):
            with pytest.raises(NotFoundError):
                store.parties.get(organisation, key)

    def test_pages_of_parties_have_each_once(self, store: SqlStore) -> None:
        recorded(store, *(of_seller(number, f"店{number % 7}", score=5 + number % 3) for number in range(21)))
        seen, cursor = [], ""
        while True:
            page = store.parties.find(LOCAL, PartyQuery(after=cursor, limit=2))
            seen += [party.party_key for party in page.parties]
            cursor = page.next_cursor
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 7
        for bad in ("x", "W10="):
            with pytest.raises(InputError):
                store.parties.find(LOCAL, PartyQuery(after=bad))

    def test_filters_of_the_queue(self, store: SqlStore) -> None:
        captured = listing(1, capture_sha256="a" * 64, category="食品 > 茶叶", title="明前绿茶")
        plain = listing(2, category="箱包")
        ids = recorded(
            store, screening(captured, finding(captured)), screening(plain, finding(plain, mark_id="m-2"), minutes=90)
        )

        def found(**asked: Any) -> set[str]:
            return {lead.lead_id for lead in store.leads.find(LOCAL, LeadQuery(**asked)).leads}

        assert found(captured=True) == found(category="食品") == found(any_mark=("m-1", "m-9")) == {ids[0]}
        assert found(captured=False) == found(seen_since=at(60)) == {ids[1]}
        days = {"campaign_id": "c", "name": "春茶行动", "starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 2)}
        assert found(campaign=Campaign(**days, categories=("食品",), words=("绿茶", "红茶"))) == {ids[0]}
        assert found(campaign=Campaign(**days, mark_ids=("m-2",))) == {ids[1]}
        assert found(campaign=Campaign(**days, regions=("440000",))) == set()
        late = days | {"starts_on": date(2026, 3, 3), "ends_on": date(2026, 3, 9)}
        assert found(campaign=Campaign(**late)) == set()
        facets = store.leads.facets(LOCAL, LeadQuery())
        assert {facet.value: facet.count for facet in facets.categories} == {"食品": 1, "箱包": 1}
        assert {facet.value: facet.count for facet in facets.captured} == {"yes": 1, "no": 1}


class OrderContract:
    def test_the_value_grows_with_the_reach_of_twins(self, store: SqlStore) -> None:
        ids = sorted(recorded(store, *(suspicious(number) for number in range(6))))
        for other in ids[1:5]:
            store.groups.merge(LOCAL, ids[0], other, by="li", at=NOON)
        lines = {lead.lead_id: lead for lead in store.leads.find(LOCAL, LeadQuery(order="value")).leads}
        assert lines[ids[1]].value == pytest.approx(lines[ids[5]].value * reach(5))
        store.groups.split(LOCAL, [ids[0]], by="li", at=NOON)
        lines = {lead.lead_id: lead for lead in store.leads.find(LOCAL, LeadQuery(order="value")).leads}
        assert lines[ids[0]].value == lines[ids[5]].value
        assert lines[ids[1]].value == pytest.approx(lines[ids[5]].value * reach(4))

    def test_what_officers_accept_comes_before_what_they_dismiss(self, store: SqlStore) -> None:
        def of_cell(number: int, cell: Cell) -> Screening:
            subject = listing(number)
            return screening(subject, finding(subject, mark_id=None), cell=cell, score=12)

        same = recorded(store, *(of_cell(number, Cell.SAME_SAME) for number in range(12)))
        similar = recorded(store, *(of_cell(number, Cell.SIMILAR_SAME) for number in range(20, 32)))
        for lead_id in same[:10]:
            store.case_leads.register(LOCAL, {lead_id: 0}, by="li", at=NOON)
        for lead_id in similar[:10]:
            store.leads.decide(LOCAL, lead_id, decision(Disposition.DISMISSED), revision=0, spent_s=600)
        assert store.order.rates(LOCAL).strands == ()
        rates, moved = store.order.weigh(LOCAL, at=at(60))
        assert moved == 24
        assert store.order.rates(LOCAL) == rates
        assert rates.strand("listing", Cell.SAME_SAME).lift > 1 > rates.strand("listing", Cell.SIMILAR_SAME).lift
        assert rates.strand("listing", Cell.SIMILAR_SAME).minutes > 5
        first = store.leads.find(LOCAL, LeadQuery(order="value", disposition=Disposition.OPEN)).leads
        assert [lead.lead_id in same for lead in first] == [True, True, False, False]
        assert store.order.weigh(LOCAL, at=at(61))[1] == 0, "the same rates move nothing"

    def test_regions_and_campaigns_move_leads_when_they_are_weighed(self, store: SqlStore) -> None:
        ids = recorded(store, of_seller(1, "甲店", uscc=CODE), of_seller(2, "乙店"))
        assert store.leads.find(LOCAL, LeadQuery(place=Place.INSIDE)).total == 0
        store.organisations.save(Organisation(name="浙江局", regions=("330000",)))
        campaign = Campaign(
            campaign_id="c", name="行动", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 9), regions=("331082",)
        )
        store.campaigns.save(LOCAL, campaign)
        store.order.weigh(LOCAL, at=at(1))
        assert [lead.lead_id for lead in store.leads.find(LOCAL, LeadQuery(place=Place.INSIDE)).leads] == [ids[0]]
        assert store.parties.find(LOCAL, PartyQuery(place=Place.INSIDE)).total == 1
        first, second = store.leads.find(LOCAL, LeadQuery(order="value")).leads
        assert (first.lead_id, first.value / second.value) == (ids[0], pytest.approx(1.5))
        assert {facet.value: facet.count for facet in store.leads.facets(LOCAL, LeadQuery()).places} == {
            "inside": 1, "unknown": 1,
        }  # fmt: skip


class KeptContract:
    def view(self, name: str = "本区童鞋", owner: str = "a-1", **more: Any) -> SavedView:
        given = {"view_id": f"v-{owner}-{name}", "filters": "mark=m-1", "saved_at": NOON}
        return SavedView(owner=owner, name=name, **given | more)

    def test_views_are_one_s_own_or_shared(self, store: SqlStore) -> None:
        mine = store.views.save(self.view())
        shared = store.views.save(self.view("大促", owner="a-2", shared=True))
        store.views.save(self.view("私有", owner="a-2"))
        store.views.save(self.view("外单位", owner="a-1", organisation_id=OTHER, shared=True))
        assert store.views.offered(LOCAL, "a-1") == (mine, shared)
        renewed = store.views.save(self.view(filters="mark=m-2", view_id="another"))
        assert (renewed.view_id, renewed.filters) == (mine.view_id, "mark=m-2")
        with pytest.raises(NotFoundError):
            store.views.remove(LOCAL, shared.view_id, owner="a-1")
        with pytest.raises(NotFoundError):
            store.views.remove(LOCAL, "v-a-2-私有", owner="a-1", shared_too=True)
        store.views.remove(LOCAL, shared.view_id, owner="a-1", shared_too=True)
        store.views.remove(LOCAL, mine.view_id, owner="a-1")
        assert store.views.offered(LOCAL, "a-1") == ()

    def test_a_day_s_capacity_and_what_was_done_of_it(self, store: SqlStore) -> None:
        ids = recorded(store, *(suspicious(number) for number in range(3)))
        store.leads.decide(LOCAL, ids[0], decision(Disposition.DISMISSED), revision=0)
        store.leads.decide(LOCAL, ids[0], decision(Disposition.OPEN), revision=1)
        store.leads.decide(LOCAL, ids[1], decision(Disposition.DISMISSED, decided_by="wu"), revision=0)
        usual = store.views.capacity(LOCAL, "a-1", "li", since=NOON)
        assert (usual.leads, usual.done, usual.left) == (40, 1, 39)
        store.views.set_capacity(LOCAL, "a-1", 12)
        store.views.set_capacity(LOCAL, "a-1", 15)
        assert store.views.capacity(LOCAL, "a-1", "li", since=at(100)).left == 15
        assert store.views.capacity(OTHER, "a-1", "li", since=NOON).leads == 40

    def test_campaigns_are_changed_on_what_was_seen(self, store: SqlStore) -> None:
        asked = Campaign(campaign_id="c-1", name="春茶", starts_on=date(2026, 3, 1), ends_on=date(2026, 4, 1))
        first = store.campaigns.save(LOCAL, asked)
        assert first.revision == 1
        second = store.campaigns.save(LOCAL, first.model_copy(update={"name": "春茶专项"}))
        assert (store.campaigns.all(LOCAL), store.campaigns.get(LOCAL, "c-1")) == ((second,), second)
        with pytest.raises(ConflictError):
            store.campaigns.save(LOCAL, first)
        with pytest.raises(ConflictError):
            store.campaigns.save(LOCAL, asked)
        answers = race([lambda: store.campaigns.save(LOCAL, second) for _ in range(6)])
        assert [isinstance(answer, ConflictError) for answer in answers].count(True) == 5, answers
        for organisation, name in ((OTHER, "c-1"), (LOCAL, "c-2")):
            with pytest.raises(NotFoundError):
                store.campaigns.get(organisation, name)
        with pytest.raises(NotFoundError):
            store.campaigns.save(OTHER, second)

    def test_a_statement_stands_with_its_lead(self, store: SqlStore) -> None:
        (lead_id,) = recorded(store, suspicious(1))
        said = Statement(
            lead_id=lead_id, by_whom="店主", given_on=date(2026, 3, 2), form=StatementForm.ORAL, words="系正品转售。",
            recorded_by="li", recorded_at=NOON,
        )  # fmt: skip
        store.campaigns.add_statement(LOCAL, said, revision=0)
        with pytest.raises(ConflictError):
            store.campaigns.add_statement(LOCAL, said, revision=3)
        assert store.campaigns.statements(LOCAL, lead_id) == (said,)
        for organisation, name in ((OTHER, lead_id), (LOCAL, "0" * 32)):
            with pytest.raises(NotFoundError):
                store.campaigns.statements(organisation, name)
            with pytest.raises(NotFoundError):
                store.campaigns.add_statement(organisation, said.model_copy(update={"lead_id": name}))


class SearchContract:
    def kept(self, store: SqlStore) -> list[str]:
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        titles = ["晴川护手霜 礼盒装", "护手霜 晴川同款", "川晴 护手", "KESTRELLO Ala 双肩包"]
        return recorded(
            store,
            *(
                screening(each, finding(each, mark_id=None))
                for each in (
                    listing(n, title=title, seller=Seller(name="白鹭泉小店", uscc=CODE))
                    for n, title in enumerate(titles)
                )
            ),
        )

    def test_a_piece_of_chinese_is_found_and_its_parts_elsewhere_are_not(self, store: SqlStore) -> None:
        ids = self.kept(store)
        found = store.search.search(LOCAL, "晴川护手", kinds=[SearchKind.LEAD])[SearchKind.LEAD]
        assert [hit.thing_id for hit in found] == [ids[0]]
        assert (found[0].field, found[0].spans, found[0].match) == ("title", ((0, 4),), Match.BEGINNING)
        both = store.search.search(LOCAL, "护手霜 晴川", kinds=[SearchKind.LEAD])[SearchKind.LEAD]
        assert [hit.thing_id for hit in both] == [ids[1], ids[0]], "as it stands before in pieces"

    @pytest.mark.parametrize("asked", ["kestrello", "ＫＥＳＴＲ", "双肩", "包", "item-3", "Ala 双肩包"])
    def test_words_beginnings_and_single_characters(self, store: SqlStore, asked: str) -> None:
        ids = self.kept(store)
        found = store.search.search(LOCAL, asked, kinds=[SearchKind.LEAD])[SearchKind.LEAD]
        assert [hit.thing_id for hit in found] == [ids[3]]
        assert found[0].spans

    def test_marks_shops_and_operators_are_found_by_their_own_words(self, store: SqlStore) -> None:
        ids = self.kept(store)
        found = store.search.search(LOCAL, "晴川")
        assert [hit.thing_id for hit in found[SearchKind.MARK]] == ["m-1"]
        assert found[SearchKind.MARK][0].match is Match.WHOLE
        holder = store.search.search(LOCAL, "晴川日化")[SearchKind.MARK]
        assert [(hit.field, hit.title) for hit in holder] == [("holder", "晴川")]
        (shop,) = store.search.search(LOCAL, "白鹭泉")[SearchKind.SHOP]
        (operator,) = store.search.search(LOCAL, CODE[:10])[SearchKind.OPERATOR]
        party = store.parties.of_lead(LOCAL, ids[0])
        assert party is not None
        assert shop.about == operator.thing_id == party.party_key

    def test_what_changed_is_found_by_its_new_words_alone(self, store: SqlStore) -> None:
        self.kept(store)
        renamed = listing(0, title="改名后的润肤乳", seller=Seller(name="白鹭泉小店", uscc=CODE))
        store.screenings.record([screening(renamed, finding(renamed, mark_id=None), minutes=9)])
        kinds = [SearchKind.LEAD]
        assert not store.search.search(LOCAL, "礼盒装", kinds=kinds)[SearchKind.LEAD]
        assert len(store.search.search(LOCAL, "润肤乳", kinds=kinds)[SearchKind.LEAD]) == 1
        store.registry.commit(LOCAL, Registry(marks=(Mark(mark_id="m-1", text="青禾渡"),)), at=at(1))
        assert not store.search.search(LOCAL, "晴川", kinds=[SearchKind.MARK])[SearchKind.MARK]
        assert store.search.search(LOCAL, "青禾", kinds=[SearchKind.MARK])[SearchKind.MARK]

    def test_another_organisation_finds_nothing_and_no_word_is_refused(self, store: SqlStore) -> None:
        self.kept(store)
        assert not any(store.search.search(OTHER, "晴川").values())
        for nothing in ("", "  ", "，。！", "\x00"):
            with pytest.raises(InputError):
                store.search.search(LOCAL, nothing)


def everything_kept(engine: Any) -> tuple[Any, Any]:
    """Tallies that are not zero, and parties; of four leads, so that nothing is not compared with nothing."""
    with reading(engine) as connection:
        kept = {
            field: standing.counts(connection, LOCAL, field)
            for field in (standing.TRAITS, standing.MARK, standing.CATEGORY)
        }
        rows = sorted(map(tuple, connection.execute(select(tables.metadata.tables["parties"]))))
        assert connection.execute(select(func.count()).select_from(tables.leads)).scalar_one() == 4
    return kept, rows
