"""What stands in the queue and in which order, and what people keep beside it: counts and parties say what stands
in the leads, views, campaigns and statements are as they were kept."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from models.errors import ConflictError, InputError, NotFoundError
from models.identity import LOCAL
from models.leads import Cell, Disposition, Screening
from models.organisations import Organisation
from models.ports import LeadQuery
from models.queue.bulk import Chosen
from models.queue.campaigns import Campaign
from models.queue.keeping import PartyQuery
from models.queue.places import Place
from models.queue.statements import Statement, StatementForm
from models.queue.views import SavedView
from models.queue.worth import reach
from models.storage import SqlStore, StoreSettings, tables
from models.storage.engine import open_engine, reading, writing
from models.storage.queue import standing
from tests.models.storage.leads_contract import decision
from tests.models.storage.queue_scene import CODE, OUTSIDE, of_seller, recorded
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, at, finding, listing, parcel, screening, suspicious


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
