"""What every triage store keeps: settled points, outcomes, comparisons, and the stock that rules are learned from."""

import pytest

from models.errors import NotFoundError
from models.findings import Stance
from models.identity import LOCAL
from models.leads import Decision, Disposition
from models.policy import CaseOutcome, LeadChange, OperatingPoint, RulesComparison, Verdict
from models.storage import SqlStore
from tests.models.storage.samples import NOON, OTHER, at, finding, listing, parcel, screening, suspicious


def point(kind: str, value: float, minutes: float = 0) -> OperatingPoint:
    return OperatingPoint.model_validate(
        {"kind": kind, "point": value, "reason": "as agreed", "decided_by": "li", "decided_at": at(minutes)}
    )


class TriageContract:
    def test_the_newest_point_of_a_kind_holds_and_every_one_is_kept(self, store: SqlStore) -> None:
        assert store.triage.points(LOCAL) == {}
        told = [point("listing", 12), point("parcel", 8, 1), point("listing", 11.5, 2)]
        for each in told:
            store.triage.set_point(LOCAL, each)
        assert store.triage.points(LOCAL) == {"listing": 11.5, "parcel": 8}
        assert store.triage.points_set(LOCAL) == tuple(reversed(told))
        assert store.triage.points(OTHER) == {}

    def test_comparisons_are_numbered_and_kept(self, store: SqlStore) -> None:
        change = LeadChange(lead_id="l", title="晴川", score=9, new_score=11.5, because=(("price-below", 1.0, 3.5),))
        told = RulesComparison(
            rules_version="a", new_version="b", gained_count=1, gained=(change,), compared_by="li", compared_at=NOON
        )
        assert store.triage.save_comparison(LOCAL, told) == 1
        assert store.triage.save_comparison(LOCAL, told.model_copy(update={"new_version": "c"})) == 2
        assert [number for number, _ in store.triage.comparisons(LOCAL)] == [2, 1]
        assert store.triage.comparisons(LOCAL)[1] == (1, told)
        assert store.triage.comparisons(OTHER) == ()

    def test_only_leads_with_a_verdict_are_settled(self, store: SqlStore) -> None:
        store.screenings.record([suspicious(number) for number in range(5)])
        ids = [listing(number).key.token for number in range(5)]
        dismissal = Decision(
            disposition=Disposition.DISMISSED, reason="second-hand: 旧货", decided_by="li", decided_at=at(1)
        )
        store.leads.decide(LOCAL, ids[0], dismissal, revision=0)
        cases = [store.case_leads.register(LOCAL, {ids[n]: 0}, by="li", at=at(n)).case_number for n in (1, 2, 3)]
        for case, filed, minutes in ((cases[0], True, 5), (cases[1], True, 6), (cases[1], False, 7)):
            outcome = CaseOutcome(case_number=case, filed=filed, reason="", decided_by="wang", decided_at=at(minutes))
            store.triage.record_outcome(LOCAL, outcome)
        told = {each.screening.subject.key.token: (each.verdict, each.reason) for each in store.triage.settled(LOCAL)}
        assert told == {
            ids[0]: (Verdict.DISMISSED, "second-hand: 旧货"),
            ids[1]: (Verdict.FILED, ""),
            ids[2]: (Verdict.NOT_FILED, ""),
        }
        assert [each.filed for each in store.triage.outcomes(LOCAL, cases[1])] == [False, True]
        assert list(store.triage.settled(OTHER)) == []

    def test_a_reopened_lead_has_no_verdict(self, store: SqlStore) -> None:
        store.screenings.record([suspicious(1)])
        lead = listing(1).key.token
        for revision, disposition in enumerate((Disposition.DISMISSED, Disposition.OPEN)):
            decision = Decision(disposition=disposition, reason="so", decided_by="li", decided_at=at(revision))
            store.leads.decide(LOCAL, lead, decision, revision=revision)
        assert list(store.triage.settled(LOCAL)) == []

    def test_an_outcome_needs_its_case(self, store: SqlStore) -> None:
        store.screenings.record([suspicious(1)])
        number = store.case_leads.register(LOCAL, {listing(1).key.token: 0}, by="li", at=NOON).case_number
        outcome = CaseOutcome(case_number=number, filed=True, decided_by="li", decided_at=NOON)
        with pytest.raises(NotFoundError):
            store.triage.record_outcome(OTHER, outcome)
        with pytest.raises(NotFoundError):
            store.triage.record_outcome(LOCAL, outcome.model_copy(update={"case_number": "2026-09999"}))
        assert store.triage.outcomes(LOCAL, number) == ()

    def test_the_stock_is_every_subject_that_something_was_found_on(
        self, store: SqlStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("models.storage.triage.PAGE", 2)
        quiet = screening(listing(9), flagged=False, score=0.0)
        against = screening(parcel(1), finding(parcel(1), stance=Stance.AGAINST), flagged=False)
        newer = screening(listing(0), finding(listing(0), score=0.5), context="context-2", minutes=5)
        store.screenings.record([*(suspicious(number) for number in range(4)), quiet, against, newer])
        found = {each.subject.key.token: (each, is_lead) for each, is_lead in store.triage.standing(LOCAL)}
        assert len(found) == 5
        assert found[listing(0).key.token] == (newer, True)
        assert found[parcel(1).key.token] == (against, False)
        assert list(store.triage.standing(OTHER)) == []
