"""What every store of case leads keeps: numbers without gaps or twins, dossiers that stay as they were frozen."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from models.errors import ConflictError, InputError, JianzhenError, NotFoundError
from models.identity import LOCAL
from models.leads import Decision, Disposition, Screening
from models.registry import MarkStatus, Registry
from models.storage import SqlStore, StoreSettings
from models.storage.engine import open_engine, writing
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import (
    CREAM,
    NOON,
    OTHER,
    QINGCHUAN,
    REGISTRY,
    SHOP,
    at,
    finding,
    listing,
    official,
    picture,
    screening,
    suspicious,
)


def stored(store: SqlStore, *leads: Screening) -> dict[str, int]:
    """Record them; the revisions to accept them with."""
    store.screenings.record(leads)
    return {lead.subject.key.token: 0 for lead in leads}


def on_a_mark(store: SqlStore, registry: Registry = REGISTRY) -> Screening:
    version = store.registry.commit(LOCAL, registry, at=NOON)
    subject = listing(1)
    copied = finding(
        subject,
        detector="pictures",
        fact="copied",
        field="images",
        goods_id="g-1",
        reference_value="official/cream.png",
    )
    return screening(subject, finding(subject), copied, registry_version=version)


class CaseLeadContract:
    @pytest.mark.parametrize("status", [MarkStatus.PENDING, MarkStatus.LAPSED, MarkStatus.DISPUTED])
    def test_a_mark_that_is_not_in_force_yields_nothing_to_hand_over(
        self, store: SqlStore, contents: Contents, status: MarkStatus
    ) -> None:
        lead = on_a_mark(store)
        assessment = lead.assessment.model_copy(update={"exportable": False, "mark_status": status})
        revisions = stored(store, lead.model_copy(update={"assessment": assessment}), suspicious(2))
        before = contents()
        with pytest.raises(ConflictError, match=f"status {status}"):
            store.case_leads.register(LOCAL, revisions, by="li", at=NOON)
        assert contents() == before  # the other lead is not accepted either, and no number is used up

    @pytest.mark.parametrize("change", [{"status": MarkStatus.DISPUTED}, {"valid_to": date(2026, 3, 1)}])
    def test_a_mark_that_fell_since_the_screening_yields_nothing_either(
        self, store: SqlStore, change: dict[str, object]
    ) -> None:
        revisions = stored(store, on_a_mark(store))
        fallen = QINGCHUAN.model_copy(update=change)
        store.registry.commit(LOCAL, Registry(marks=(fallen,)), at=at(1))
        with pytest.raises(ConflictError, match="not in force"):
            store.case_leads.register(LOCAL, revisions, by="li", at=at(2))

    def test_accepting_numbers_and_freezes_the_dossier(self, store: SqlStore) -> None:
        lead = on_a_mark(store)
        store.screenings.save_readings(LOCAL, [picture()])
        store.registry.save_reference_pictures(LOCAL, [official(), official("official/other.png", "e")])
        case_lead = store.case_leads.register(LOCAL, stored(store, lead), by="li", at=NOON, note="专项行动")
        dossier = case_lead.dossier
        assert case_lead.case_number == dossier.case_number == "2026-00001"
        assert (dossier.accepted_by, dossier.accepted_at, dossier.note) == ("li", NOON, "专项行动")
        assert (dossier.marks, dossier.goods, dossier.authorised) == ((QINGCHUAN,), (CREAM,), (SHOP,))
        assert dossier.pictures == (picture(), official().reading)
        assert case_lead.dossier_digest == dossier.digest
        (frozen,) = dossier.leads
        assert frozen.screening == lead
        assert (frozen.disposition, frozen.case_number, frozen.revision) == (Disposition.ACCEPTED, "2026-00001", 1)
        assert frozen.decisions == (
            Decision(disposition=Disposition.ACCEPTED, reason="专项行动", decided_by="li", decided_at=NOON),
        )
        assert frozen == store.leads.get(LOCAL, frozen.lead_id)

    def test_it_reads_back_as_it_was_frozen_whatever_happens_later(self, store: SqlStore) -> None:
        lead = on_a_mark(store)
        case_lead = store.case_leads.register(LOCAL, stored(store, lead), by="li", at=NOON)
        store.registry.commit(LOCAL, Registry(), at=at(5))
        store.screenings.record([screening(listing(1, title="改了标题"), minutes=9)])
        assert store.case_leads.get(LOCAL, case_lead.case_number) == case_lead
        assert store.case_leads.all(LOCAL) == (case_lead,)

    def test_marks_are_those_of_the_screening_not_of_today(self, store: SqlStore) -> None:
        lead = on_a_mark(store)
        revisions = stored(store, lead)
        renamed = QINGCHUAN.model_copy(update={"text": "晴川江"})
        store.registry.commit(LOCAL, Registry(marks=(renamed,)), at=at(5))
        assert store.case_leads.register(LOCAL, revisions, by="li", at=at(6)).dossier.marks == (QINGCHUAN,)

    def test_a_registry_version_that_is_not_held_stops_it(self, store: SqlStore, contents: Contents) -> None:
        lead = on_a_mark(store).model_copy(update={"registry_version": "elsewhere"})
        revisions = stored(store, lead)
        before = contents()
        with pytest.raises(ConflictError, match="elsewhere"):
            store.case_leads.register(LOCAL, revisions, by="li", at=NOON)
        assert contents() == before

    def test_numbers_count_by_shanghai_year_and_organisation(self, store: SqlStore) -> None:
        new_year_there = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
        moments = [NOON, at(1), new_year_there, NOON]
        numbers = [
            store.case_leads.register(LOCAL, stored(store, suspicious(number)), by="li", at=moment).case_number
            for number, moment in enumerate(moments)
        ]
        assert numbers == ["2026-00001", "2026-00002", "2027-00001", "2026-00003"]
        theirs = store.case_leads.register(OTHER, stored(store, suspicious(1, OTHER)), by="wu", at=NOON)
        assert theirs.case_number == "2026-00001"
        assert [each.case_number for each in store.case_leads.all(LOCAL)] == [
            "2027-00001",
            "2026-00002",
            "2026-00003",
            "2026-00001",
        ]

    def test_one_stale_lead_and_nothing_happens(self, store: SqlStore, contents: Contents) -> None:
        revisions = stored(store, suspicious(1), suspicious(2), suspicious(3))
        token = sorted(revisions)[-1]
        before = contents()
        with pytest.raises(ConflictError):
            store.case_leads.register(LOCAL, revisions | {token: 4}, by="li", at=NOON)
        with pytest.raises(NotFoundError):
            store.case_leads.register(LOCAL, revisions | {"zzz": 0}, by="li", at=NOON)
        with pytest.raises(InputError):
            store.case_leads.register(LOCAL, {}, by="li", at=NOON)
        assert contents() == before
        assert store.case_leads.register(LOCAL, revisions, by="li", at=NOON).case_number == "2026-00001"

    def test_what_was_screened_again_since_it_was_seen_is_not_accepted(
        self, store: SqlStore, contents: Contents
    ) -> None:
        seen = stored(store, suspicious(1), suspicious(2))
        token = next(iter(seen))
        newer = suspicious(1, title="晴川护手霜 改价", minutes=3)
        store.screenings.record([newer])
        before = contents()
        with pytest.raises(ConflictError, match="screened again"):
            store.case_leads.register(LOCAL, seen, by="li", at=at(4))
        why = Decision(disposition=Disposition.DISMISSED, reason="正品", decided_by="li", decided_at=at(4))
        with pytest.raises(ConflictError, match="screened again"):
            store.leads.decide(LOCAL, token, why, revision=0)
        assert contents() == before
        store.screenings.record([newer])  # redelivered: nothing new to look at
        revision = store.leads.get(LOCAL, token).revision
        frozen = store.case_leads.register(LOCAL, seen | {token: revision}, by="li", at=at(5)).dossier.leads
        assert newer in [lead.screening for lead in frozen]

    def test_screening_and_accepting_at_once_never_freezes_what_was_not_seen(self, store: SqlStore) -> None:
        for number in range(6):
            (token,) = seen = stored(store, suspicious(number))
            shown = store.leads.get(LOCAL, token).screening
            newer = suspicious(number, title=f"改价 {number}", minutes=3)
            accepted, _ = race(
                [
                    lambda seen=seen: store.case_leads.register(LOCAL, seen, by="li", at=at(4)),
                    lambda newer=newer: store.screenings.record([newer]),
                ]
            )
            if isinstance(accepted, Exception):
                assert isinstance(accepted, ConflictError), accepted
            else:
                assert accepted.dossier.leads[0].screening == shown

    def test_a_dismissed_or_accepted_lead_is_not_accepted(self, store: SqlStore, contents: Contents) -> None:
        revisions = stored(store, suspicious(1), suspicious(2))
        dismissed, accepted = revisions
        why = Decision(disposition=Disposition.DISMISSED, reason="正品", decided_by="li", decided_at=NOON)
        store.leads.decide(LOCAL, dismissed, why, revision=0)
        store.case_leads.register(LOCAL, {accepted: 0}, by="li", at=NOON)
        before = contents()
        for token in revisions:
            with pytest.raises(ConflictError):
                store.case_leads.register(LOCAL, {token: 1}, by="li", at=NOON)
        assert contents() == before

    def test_rivals_get_numbers_of_their_own(self, store: SqlStore) -> None:
        revisions = stored(store, *(suspicious(number) for number in range(6)))
        answers = race(
            [
                lambda token=token: store.case_leads.register(LOCAL, {token: 0}, by="li", at=NOON).case_number
                for token in revisions
            ]
        )
        assert sorted(map(str, answers)) == [f"2026-{number:05d}" for number in range(1, 7)]

    def test_of_several_officers_one_registers_a_lead(self, store: SqlStore) -> None:
        revisions = stored(store, suspicious(1), suspicious(2))
        answers = race([lambda: store.case_leads.register(LOCAL, revisions, by="li", at=NOON)] * 5)
        refused = [answer for answer in answers if isinstance(answer, ConflictError)]
        assert len(refused) == 4, answers
        assert [each.case_number for each in store.case_leads.all(LOCAL)] == ["2026-00001"]

    def test_a_changed_dossier_is_not_handed_out(self, store: SqlStore, settings: StoreSettings) -> None:
        case_lead = store.case_leads.register(LOCAL, stored(store, suspicious(1)), by="li", at=NOON)
        engine = open_engine(settings)
        with writing(engine) as connection:
            connection.execute(text("UPDATE case_leads SET body = replace(body, '\"li\"', '\"wu\"')"))
        engine.dispose()
        with pytest.raises(JianzhenError, match="digest"):
            store.case_leads.get(LOCAL, case_lead.case_number)
        with pytest.raises(JianzhenError, match="digest"):
            store.case_leads.all(LOCAL)

    def test_another_organisation_finds_and_registers_nothing(self, store: SqlStore, contents: Contents) -> None:
        revisions = stored(store, suspicious(1), suspicious(2))
        first, second = revisions
        case_lead = store.case_leads.register(LOCAL, {first: 0}, by="li", at=NOON)
        before = contents()
        with pytest.raises(NotFoundError):
            store.case_leads.register(OTHER, {second: 0}, by="wu", at=NOON)
        for number in (case_lead.case_number, "2026-99999", "\x00"):
            with pytest.raises(NotFoundError):
                store.case_leads.get(OTHER, number)
        assert store.case_leads.all(OTHER) == ()
        assert contents() == before
