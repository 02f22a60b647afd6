"""What every lead store keeps: filters that say the truth, pages without gaps, decisions of which one wins."""

from typing import Any

import pytest

from models.errors import ConflictError, InputError, NotFoundError
from models.findings import Stance
from models.identity import LOCAL
from models.leads import TRANSITIONS, Cell, Decision, Disposition, Screening
from models.ports import FacetCount, LeadQuery
from models.storage import SqlStore
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import (
    NOON,
    OTHER,
    REGISTRY,
    at,
    finding,
    listing,
    parcel,
    screening,
    suspicious,
)


def decision(disposition: Disposition, **fields: Any) -> Decision:
    given = {"reason": "so decided", "decided_by": "li", "decided_at": at(30)}
    return Decision(disposition=disposition, **given | fields)


def queue() -> list[Screening]:
    """Five leads that differ in what the queue filters by, best first."""
    sounds, prices, plain = listing(1, title="睛川 ＫＥＳＴＲＥＬＬＯ 护手霜"), listing(2, platform="jd"), listing(3)
    against = finding(plain, stance=Stance.AGAINST, fact="second-hand", mark_id="m-2", score=0.1)
    return [
        screening(sounds, finding(sounds), finding(sounds, fact="similar-sound"), cell=Cell.SIMILAR_SAME, score=9),
        screening(
            prices, finding(prices, detector="price", fact="price-low", mark_id="m-2"), cell=Cell.SAME_SAME, score=8
        ),
        screening(plain, finding(plain), against, cell=Cell.SIMILAR_SAME, score=7, minutes=5),
        screening(parcel(4), finding(parcel(4), detector="parcels", mark_id=None), cell=None, score=6),
        screening(listing(5), finding(listing(5), mark_id=None), cell=None, score=5, minutes=9),
    ]


def ids(found: list[Screening]) -> list[str]:
    return [each.subject.key.token for each in found]


# Filters, and the places in `queue()` of the leads that they leave.
FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3, 4]),
    ({"kind": "parcel"}, [3]),
    ({"platform": "jd"}, [1]),
    ({"mark_id": "m-1"}, [0, 2]),
    ({"mark_id": "m-2"}, [1]),
    ({"cell": Cell.SIMILAR_SAME}, [0, 2]),
    ({"detector": "price"}, [1]),
    ({"detector": "trademark", "platform": "taobao"}, [0, 2, 4]),
    ({"minimum_score": 7.0}, [0, 1, 2]),
    ({"text": "kestrello"}, [0, 3]),
    ({"text": "ITEM-2"}, [1]),
    ({"text": "%"}, []),
    ({"text": "_"}, []),
    ({"text": "\x00"}, []),
    ({"detector": "\x00"}, []),
    ({"disposition": Disposition.OPEN}, [0, 1, 2, 3, 4]),
    ({"disposition": Disposition.DISMISSED}, []),
    ({"order": "newest"}, [4, 2, 3, 0, 1]),
    ({"order": "newest", "minimum_score": 6.5}, [2, 0, 1]),
]


class LeadContract:
    @pytest.mark.parametrize(("fields", "places"), FILTERS, ids=[str(fields) for fields, _ in FILTERS])
    def test_a_filter_leaves_what_it_names(self, store: SqlStore, fields: dict[str, Any], places: list[int]) -> None:
        leads = queue()
        store.screenings.record(leads)
        page = store.leads.find(LOCAL, LeadQuery(**fields))
        expected = ids([leads[place] for place in places])
        found = [lead.lead_id for lead in page.leads]
        assert sorted(found) == sorted(expected)
        assert page.total == len(expected)
        if "order" in fields:
            assert [lead.last_seen for lead in page.leads] == sorted(
                (lead.last_seen for lead in page.leads), reverse=True
            )
        else:
            assert found == expected

    def test_a_summary_says_what_the_queue_shows(self, store: SqlStore) -> None:
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        lead = queue()[0]
        store.screenings.record([lead])
        (line,) = store.leads.find(LOCAL, LeadQuery()).leads
        assert (line.title, line.seller_name, line.price, line.currency) == (
            lead.subject.title,
            "白鹭泉小店",
            "9.90",
            "CNY",
        )
        assert (line.mark_id, line.mark_text, line.facts) == ("m-1", "晴川", ("similar-shape", "similar-sound"))
        assert (line.score, line.cell, line.picture) == (9, Cell.SIMILAR_SAME, "https://shop.example/1.jpg")
        assert (line.disposition, line.last_seen) == (Disposition.OPEN, NOON)

    @pytest.mark.parametrize("order", ["score", "newest"])
    def test_pages_have_every_lead_once_though_others_come_in_between(self, store: SqlStore, order: str) -> None:
        leads = [suspicious(number, minutes=number // 4) for number in range(23)]  # many ties
        store.screenings.record(leads)
        seen: list[str] = []
        cursor = ""
        while True:
            page = store.leads.find(LOCAL, LeadQuery(order=order, after=cursor, limit=5))
            seen += [lead.lead_id for lead in page.leads]
            store.screenings.record([suspicious(100 + len(seen), minutes=500)])
            cursor = page.next_cursor
            if not cursor or len(seen) > 100:
                break
        known = set(ids(leads))
        assert [lead_id for lead_id in seen if lead_id in known].count(seen[0]) == 1
        assert {lead_id for lead_id in seen if lead_id in known} == known
        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ==", "WyJuZXdlc3QiLCAxLCAyXQ==", "晴川", "W10=", "bnVsbA=="])
    def test_a_cursor_of_somewhere_else_is_refused(self, store: SqlStore, cursor: str) -> None:
        with pytest.raises(InputError):
            store.leads.find(LOCAL, LeadQuery(after=cursor))

    @pytest.mark.parametrize("fields", [{"limit": 0}, {"limit": 501}, {"order": "price"}])
    def test_a_question_without_sense_is_refused(self, store: SqlStore, fields: dict[str, Any]) -> None:
        with pytest.raises(InputError):
            store.leads.find(LOCAL, LeadQuery(**fields))

    def test_facets_count_under_every_other_filter(self, store: SqlStore) -> None:
        store.registry.commit(LOCAL, REGISTRY, at=NOON)
        store.screenings.record(queue())
        store.screenings.record([suspicious(1, OTHER)])
        facets = store.leads.facets(LOCAL, LeadQuery(mark_id="m-1", limit=1))
        assert facets.marks == (
            FacetCount(value="m-1", label="晴川", count=2),
            FacetCount(value="m-2", label="云朵鹿", count=1),
        )
        assert facets.platforms == (FacetCount(value="taobao", count=2),)
        assert facets.kinds == (FacetCount(value="listing", count=2),)
        assert facets.cells == (FacetCount(value=Cell.SIMILAR_SAME, count=2),)
        assert facets.dispositions == (FacetCount(value=Disposition.OPEN, count=2),)
        every = store.leads.facets(LOCAL, LeadQuery(kind="parcel"))
        assert every.kinds == (FacetCount(value="listing", count=4), FacetCount(value="parcel", count=1))
        assert every.marks == ()

    @pytest.mark.parametrize("before", Disposition)
    @pytest.mark.parametrize("after", Disposition)
    def test_decisions_follow_the_table(self, store: SqlStore, before: Disposition, after: Disposition) -> None:
        lead = suspicious(1)
        token = lead.subject.key.token
        store.screenings.record([lead])
        revision = 0
        if before is Disposition.ACCEPTED:
            store.case_leads.register(LOCAL, {token: 0}, by="li", at=NOON)
            revision = 1
        elif before is not Disposition.OPEN:
            revision = store.leads.decide(LOCAL, token, decision(before), revision=0).revision
        if after in TRANSITIONS[before] and after is not Disposition.ACCEPTED:
            changed = store.leads.decide(LOCAL, token, decision(after), revision=revision)
            assert (changed.disposition, changed.revision) == (after, revision + 1)
            assert changed.decisions[-1] == decision(after)
            assert changed == store.leads.get(LOCAL, token)
        else:
            unchanged = store.leads.get(LOCAL, token)
            with pytest.raises(ConflictError):
                store.leads.decide(LOCAL, token, decision(after), revision=revision)
            assert store.leads.get(LOCAL, token) == unchanged

    def test_who_saw_an_older_state_decides_nothing(self, store: SqlStore) -> None:
        lead = suspicious(1)
        token = lead.subject.key.token
        store.screenings.record([lead])
        store.leads.decide(LOCAL, token, decision(Disposition.MORE_INFORMATION), revision=0)
        with pytest.raises(ConflictError, match="meanwhile"):
            store.leads.decide(LOCAL, token, decision(Disposition.DISMISSED), revision=0)
        assert len(store.leads.get(LOCAL, token).decisions) == 1

    def test_a_dismissal_without_a_reason_is_refused(self, store: SqlStore, contents: Contents) -> None:
        lead = suspicious(1)
        store.screenings.record([lead])
        before = contents()
        with pytest.raises(InputError, match="reason"):
            store.leads.decide(LOCAL, lead.subject.key.token, decision(Disposition.DISMISSED, reason="  "), revision=0)
        assert contents() == before

    def test_of_several_officers_one_decides(self, store: SqlStore) -> None:
        lead = suspicious(1)
        token = lead.subject.key.token
        store.screenings.record([lead])
        officers = [decision(Disposition.DISMISSED, decided_by=f"officer-{number}") for number in range(6)]
        answers = race([lambda each=each: store.leads.decide(LOCAL, token, each, revision=0) for each in officers])
        assert [isinstance(answer, ConflictError) for answer in answers].count(True) == 5, answers
        assert len(store.leads.get(LOCAL, token).decisions) == 1

    def test_another_organisation_finds_and_changes_nothing(self, store: SqlStore, contents: Contents) -> None:
        leads = queue()
        store.screenings.record(leads)
        before = contents()
        assert store.leads.find(OTHER, LeadQuery()).total == 0
        assert store.leads.find(OTHER, LeadQuery(mark_id="m-1", detector="trademark")).leads == ()
        assert store.leads.facets(OTHER, LeadQuery()).marks == ()
        for token in [*ids(leads), "no-such-lead", "\x00"]:
            with pytest.raises(NotFoundError):
                store.leads.get(OTHER, token)
            with pytest.raises(NotFoundError):
                store.leads.decide(OTHER, token, decision(Disposition.DISMISSED), revision=0)
        assert contents() == before
