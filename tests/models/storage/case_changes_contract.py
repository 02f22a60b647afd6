"""What every store of case leads keeps about their changes: versions that stay, receivers that are named, one of
several officers who succeeds, and nothing at all of what is refused."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import text

from models.case_leads import (
    Amendment,
    Answer,
    Attachment,
    CaseAct,
    CaseOperator,
    CaseResult,
    CaseState,
    EstimateLine,
    ExportKind,
    ExportRecord,
    Move,
)
from models.case_leads.keeping import CaseQuery
from models.errors import ConflictError, InputError, JianzhenError, NotFoundError
from models.findings import Stance
from models.identity import LOCAL
from models.leads import Screening
from models.policy import Verdict
from models.storage import SqlStore, StoreSettings
from models.storage.cases import standings
from models.storage.engine import open_engine, writing
from models.subjects import Seller
from tests.models.storage.conftest import Contents
from tests.models.storage.rivals import race
from tests.models.storage.samples import NOON, OTHER, at, finding, listing, screening, suspicious


def doubtful(number: int, **fields: Any) -> Screening:
    """A lead with something strong against it: two points each way, and four more against."""
    subject = listing(number, **fields)
    against = finding(subject, fact="second-hand", stance=Stance.AGAINST, mark_id=None, score=1.0, subject_value="二手")
    made = screening(subject, finding(subject, mark_id=None), against, flagged=True, score=1.0)
    parts = [
        each.model_copy(update={"points": -4.0}) if each.finding_id == against.finding_id else each
        for each in made.assessment.contributions
    ]
    return made.model_copy(
        update={"assessment": made.assessment.model_copy(update={"contributions": tuple(parts), "mark_id": None})}
    )


def registered(store: SqlStore, *leads: Screening, when: datetime = NOON, **words: str) -> str:
    store.screenings.record(leads)
    revisions = {lead.subject.key.token: 0 for lead in leads}
    organisation = leads[0].subject.key.organisation_id
    return store.case_leads.register(organisation, revisions, by="li", at=when, **words).case_number


def moved(store: SqlStore, number: str, *acts: CaseAct | Move, by: str = "li") -> int:
    """Do these acts, each on the revision of the one before; the last revision."""
    standing = store.case_leads.standing(LOCAL, number)
    for each in acts:
        move = each if isinstance(each, Move) else Move(act=each, reason="因为")
        standing = store.case_leads.move(LOCAL, number, move, revision=standing.revision, by=by, at=at(5))
    return standing.revision


def ready(store: SqlStore, number: str) -> None:
    """Verifying, a second officer named, everything strong answered."""
    revision = moved(store, number, CaseAct.VERIFY)
    dossier = store.case_leads.get(LOCAL, number).dossier
    answers = tuple(Answer(finding_id=each.finding.finding_id, words="已核对") for each in dossier.counters)
    amendment = Amendment(reason="核查", second_officer="wu", answers=answers)
    store.case_leads.amend(LOCAL, number, amendment, revision=revision, by="li", at=at(6))


def exported(store: SqlStore, number: str, receiver: str, minutes: float = 7) -> ExportRecord:
    case_lead = store.case_leads.get(LOCAL, number)
    record = ExportRecord(
        case_number=number,
        kind=ExportKind.TRANSFER_DOCX,
        version=case_lead.dossier.version,
        dossier_digest=case_lead.dossier_digest,
        sha256="a" * 64,
        size=9,
        receiver=receiver,
        by="li",
        at=at(minutes),
    )
    return store.case_leads.record_export(LOCAL, record)


HAND_OVER = Move(act=CaseAct.HAND_OVER, receiver="临海区市场监督管理局")


class CaseChangeContract:
    def test_acceptance_gives_number_source_and_clock(self, store: SqlStore) -> None:
        before = datetime(2025, 4, 25, 3, 0, tzinfo=UTC)
        number = registered(store, suspicious(1), when=before, source="report", source_detail="举报单 7 号")
        dossier = store.case_leads.get(LOCAL, number).dossier
        assert dossier.source is not None
        assert (dossier.source.zh, dossier.source.detail) == ("投诉举报", "举报单 7 号")
        assert dossier.clock is not None
        assert (dossier.clock.starts_on, dossier.clock.due_on) == (date(2025, 4, 25), date(2025, 5, 20))
        standing = store.case_leads.standing(LOCAL, number)
        assert (standing.state, standing.revision, standing.due_on) == (CaseState.REGISTERED, 0, date(2025, 5, 20))
        with pytest.raises(InputError, match="no source"):
            registered(store, suspicious(2), source="hearsay")

    def test_a_case_lead_keeps_the_law_of_its_day(self, store: SqlStore) -> None:
        days = (datetime(2025, 4, 25, 15, 59, tzinfo=UTC), datetime(2025, 4, 25, 16, 0, tzinfo=UTC))
        articles = []
        for number, when in enumerate(days):
            case = registered(store, suspicious(number), when=when)
            revision = moved(store, case, CaseAct.VERIFY)
            amendment = Amendment(reason="一年后", note="补记")
            store.case_leads.amend(LOCAL, case, amendment, revision=revision, by="li", at=at(60 * 24 * 300))
            law = {rule.rule_id: rule for rule in store.case_leads.get(LOCAL, case).dossier.law_of_its_day}
            articles.append(law["offence-214-sales"].article)
        assert articles == ["法释〔2004〕19号第二条", "法释〔2025〕5号第五条"]

    def test_different_operators_are_not_one_case_lead(self, store: SqlStore, contents: Contents) -> None:
        codes = ("91330106MA2AAAAA0X", "91330106MA2BBBBB0Y")
        leads = [suspicious(n, seller=Seller(name=f"店{n}", uscc=code)) for n, code in enumerate(codes)]
        store.screenings.record(leads)
        before = contents()
        revisions = {lead.subject.key.token: 0 for lead in leads}
        with pytest.raises(ConflictError, match="different operators"):
            store.case_leads.register(LOCAL, revisions, by="li", at=NOON)
        assert contents() == before

    def test_an_amendment_is_a_new_version_and_the_old_one_stays(self, store: SqlStore) -> None:
        number = registered(store, doubtful(1, sales=1000))
        first = store.case_leads.get(LOCAL, number)
        (counter,) = first.dossier.counters
        assert counter.strong
        lead_id = first.dossier.leads[0].lead_id
        amendment = Amendment(
            reason="补充辨认意见",
            second_officer="wu",
            reasoning="同一种商品",
            answers=(Answer(finding_id=counter.finding.finding_id, words="卖家称全新，非二手"),),
            estimate=(
                EstimateLine(lead_id=lead_id, currency="CNY", low=Decimal(1), middle=Decimal(2), words="按后台"),
            ),
            attachments=(Attachment(name="辨认书.pdf", sha256="b" * 64, source="权利人"),),
            operator=CaseOperator(name="某商行", basis="营业执照公示"),
        )
        second = store.case_leads.amend(LOCAL, number, amendment, revision=0, by="wu", at=at(3))
        assert second.dossier.version == 2
        assert (second.dossier.previous_digest, second.dossier.made_by) == (first.dossier_digest, "wu")
        assert second.dossier.counters[0].answer is not None
        assert second.dossier.counters[0].answer.by == "wu"
        assert second.dossier.estimate.lines[0].middle_method == "officer"
        assert second.dossier.operator.shops == first.dossier.operator.shops
        assert store.case_leads.get(LOCAL, number) == second
        assert store.case_leads.get(LOCAL, number, version=1) == first
        told = store.case_leads.versions(LOCAL, number)
        assert [(each.version, each.reason) for each in told] == [(1, ""), (2, "补充辨认意见")]
        assert [each.dossier_digest for each in told] == [first.dossier_digest, second.dossier_digest]
        assert store.case_leads.standing(LOCAL, number).second_officer == "wu"

    def test_every_version_is_verified_when_it_is_read(self, store: SqlStore, settings: StoreSettings) -> None:
        number = registered(store, suspicious(1))
        store.case_leads.amend(LOCAL, number, Amendment(reason="补", note="补记"), revision=0, by="li", at=at(1))
        engine = open_engine(settings)
        with writing(engine) as connection:
            connection.execute(text("UPDATE case_versions SET body = replace(body, '补记', '改写')"))
        engine.dispose()
        assert store.case_leads.get(LOCAL, number, version=1)
        with pytest.raises(JianzhenError, match="digest"):
            store.case_leads.get(LOCAL, number)

    @pytest.mark.parametrize(
        "wrong",
        [
            Amendment(reason="x", answers=(Answer(finding_id="nothing", words="w"),)),
            Amendment(reason="x", second_officer="li"),
            Amendment(reason="x", estimate=(EstimateLine(lead_id="nowhere"),)),
        ],
    )
    def test_an_amendment_that_does_not_fit_changes_nothing(
        self, store: SqlStore, contents: Contents, wrong: Amendment
    ) -> None:
        number = registered(store, doubtful(1))
        before = contents()
        with pytest.raises(InputError):
            store.case_leads.amend(LOCAL, number, wrong, revision=0, by="li", at=at(1))
        assert contents() == before

    def test_nothing_is_handed_over_before_everything_is_settled(self, store: SqlStore, contents: Contents) -> None:
        other_shop = doubtful(2, seller=Seller(name="另一家店"))
        number = registered(store, doubtful(1), other_shop)
        revision = moved(store, number, CaseAct.VERIFY)
        steps = (
            Amendment(reason="二人核查", second_officer="wu"),
            Amendment(
                reason="回应",
                answers=tuple(
                    Answer(finding_id=each.finding.finding_id, words="已核对")
                    for each in store.case_leads.get(LOCAL, number).dossier.counters
                ),
            ),
            Amendment(reason="主体", operator=CaseOperator(basis="同一执照")),
        )
        missing = ["second-officer", "strong-counters", "operator-basis"]
        for done, step in enumerate(steps):
            before = contents()
            with pytest.raises(ConflictError, match=f"not ready to be handed over: {', '.join(missing[done:])} "):
                store.case_leads.move(LOCAL, number, HAND_OVER, revision=revision, by="li", at=at(8))
            assert contents() == before
            store.case_leads.amend(LOCAL, number, step, revision=revision, by="li", at=at(8))
            revision += 1
        standing = store.case_leads.move(LOCAL, number, HAND_OVER, revision=revision, by="li", at=at(9))
        assert standing.state is CaseState.HANDED_OVER
        assert store.case_leads.events(LOCAL, number)[0].receiver == HAND_OVER.receiver

    @pytest.mark.parametrize(
        "move",
        [
            Move(act=CaseAct.WITHDRAW, reason=" "),
            Move(act=CaseAct.AMEND, reason="x"),
            Move(act=CaseAct.MERGE_AWAY, reason="x"),
            Move(act=CaseAct.VERIFY, result=CaseResult.NO_ACTION),
        ],
    )
    def test_an_act_without_what_it_needs_is_refused(self, store: SqlStore, contents: Contents, move: Move) -> None:
        number = registered(store, suspicious(1))
        before = contents()
        with pytest.raises(InputError):
            store.case_leads.move(LOCAL, number, move, revision=0, by="li", at=at(1))
        assert contents() == before

    def test_a_stale_revision_changes_nothing_by_any_way(self, store: SqlStore, contents: Contents) -> None:
        number, other = registered(store, suspicious(1), suspicious(2)), registered(store, suspicious(3))
        leads = tuple(lead.lead_id for lead in store.case_leads.get(LOCAL, number).dossier.leads)
        moved(store, number, CaseAct.VERIFY)
        before = contents()
        cases = store.case_leads
        with pytest.raises(ConflictError):
            cases.move(LOCAL, number, Move(act=CaseAct.WITHDRAW, reason="x"), revision=0, by="li", at=at(9))
        with pytest.raises(ConflictError):
            cases.amend(LOCAL, number, Amendment(reason="x"), revision=0, by="li", at=at(9))
        with pytest.raises(ConflictError):
            cases.split(LOCAL, number, leads[:1], reason="x", revision=0, by="li", at=at(9))
        with pytest.raises(ConflictError):
            cases.merge(LOCAL, other, {other: 0, number: 0}, reason="x", by="li", at=at(9))
        assert contents() == before

    def test_of_several_officers_one_changes_it(self, store: SqlStore) -> None:
        number = registered(store, suspicious(1))
        acts = [
            lambda n=n: store.case_leads.amend(
                LOCAL, number, Amendment(reason=f"第 {n} 人"), revision=0, by=f"o-{n}", at=at(1)
            )
            for n in range(3)
        ]
        acts += [
            lambda: store.case_leads.move(LOCAL, number, Move(act=CaseAct.VERIFY), revision=0, by="li", at=at(1))
        ] * 3
        answers = race(acts)
        refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert len(refused) == 5
        assert all(isinstance(answer, ConflictError) for answer in refused), refused
        assert store.case_leads.standing(LOCAL, number).revision == 1

    def test_two_who_read_the_same_state_before_either_writes(
        self, store: SqlStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The race itself, held open: where a database lets both read first, the claim by revision decides."""
        number = registered(store, suspicious(1))
        both_read, seen = Barrier(2), standings.seen

        def read_and_wait(*given: Any) -> Any:
            found = seen(*given)
            with contextlib.suppress(BrokenBarrierError):  # SQLite lets one in at a time
                both_read.wait(1)
            return found

        monkeypatch.setattr(standings, "seen", read_and_wait)
        move = Move(act=CaseAct.VERIFY)
        answers = race([lambda: store.case_leads.move(LOCAL, number, move, revision=0, by="li", at=at(1))] * 2)
        assert sorted(type(answer).__name__ for answer in answers) == ["CaseStanding", "ConflictError"]
        assert len(store.case_leads.events(LOCAL, number)) == 2

    def test_a_withdrawal_names_everybody_who_got_something(self, store: SqlStore) -> None:
        number = registered(store, suspicious(1))
        ready(store, number)
        exported(store, number, "")
        exported(store, number, "平台甲", 7)
        exported(store, number, "平台甲", 8)
        moved(store, number, HAND_OVER)
        exported(store, number, "权利人乙", 9)
        revision = store.case_leads.standing(LOCAL, number).revision
        withdrawn = Move(act=CaseAct.WITHDRAW, reason="辨认为正品")
        standing = store.case_leads.move(LOCAL, number, withdrawn, revision=revision, by="wu", at=at(20))
        assert (standing.state, standing.result) == (CaseState.CLOSED, CaseResult.WITHDRAWN)
        event = store.case_leads.events(LOCAL, number)[0]
        assert event.act is CaseAct.WITHDRAW
        assert set(event.receivers) == {"平台甲", "临海区市场监督管理局", "权利人乙"}
        assert len(store.case_leads.exports(LOCAL, number)) == 4
        with pytest.raises(ConflictError):
            store.case_leads.move(LOCAL, number, withdrawn, revision=standing.revision, by="wu", at=at(21))

    def test_a_correction_names_who_holds_the_older_version(self, store: SqlStore) -> None:
        number = registered(store, suspicious(1))
        exported(store, number, "平台甲")
        store.case_leads.amend(LOCAL, number, Amendment(reason="更正价格"), revision=0, by="li", at=at(9))
        assert store.case_leads.events(LOCAL, number)[0].receivers == ("平台甲",)

    def test_filing_is_an_outcome_that_is_learned_from(self, store: SqlStore) -> None:
        one, two = registered(store, suspicious(1)), registered(store, suspicious(2))
        moved(store, one, CaseAct.VERIFY, CaseAct.FILE, Move(act=CaseAct.CLOSE, result=CaseResult.ACTION_TAKEN))
        moved(store, two, CaseAct.VERIFY, CaseAct.NOT_FILE, CaseAct.VERIFY, CaseAct.NOT_FILE)
        verdicts = {each.screening.subject.key.native_id: each.verdict for each in store.triage.settled(LOCAL)}
        assert verdicts == {"item-1": Verdict.FILED, "item-2": Verdict.NOT_FILED}

    def test_the_clock_is_extended_once(self, store: SqlStore) -> None:
        number = registered(store, suspicious(1))
        due = store.case_leads.standing(LOCAL, number).due_on
        revision = moved(store, number, CaseAct.EXTEND)
        later = store.case_leads.standing(LOCAL, number).due_on
        assert due is not None
        assert later is not None
        assert (due, later) == (date(2026, 3, 23), date(2026, 4, 14))
        again = Move(act=CaseAct.EXTEND, reason="再延")
        with pytest.raises(ConflictError, match="extended"):
            store.case_leads.move(LOCAL, number, again, revision=revision, by="li", at=at(9))

    def test_a_split_part_goes_its_own_way_with_the_clock_of_the_whole(self, store: SqlStore) -> None:
        number = registered(store, doubtful(1, sales=10), doubtful(2, sales=20), suspicious(3))
        moved(store, number, CaseAct.VERIFY)
        exported(store, number, "平台甲")
        before = store.case_leads.get(LOCAL, number)
        gone = before.dossier.leads[0].lead_id
        new = store.case_leads.split(
            LOCAL, number, (gone,), reason="另一主体", revision=1, by="wu", at=at(60 * 24 * 40)
        )
        left = store.case_leads.get(LOCAL, number)
        assert new.case_number != number
        assert [lead.lead_id for lead in new.dossier.leads] == [gone]
        assert gone not in {lead.lead_id for lead in left.dossier.leads}
        assert len(left.dossier.leads) == 2
        assert (new.dossier.version, left.dossier.version) == (1, 2)
        assert new.dossier.previous_digest == left.dossier.previous_digest == before.dossier_digest
        assert new.dossier.accepted_at == before.dossier.accepted_at
        assert {line.lead_id for line in new.dossier.estimate.lines} == {gone}
        standings = [store.case_leads.standing(LOCAL, each) for each in (number, new.case_number)]
        assert [each.due_on for each in standings] == [before.dossier.clock.due_on] * 2 if before.dossier.clock else 0
        assert [each.leads for each in standings] == [2, 1]
        assert store.leads.get(LOCAL, gone).case_number == new.case_number
        assert store.case_leads.get(LOCAL, number, version=1) == before
        assert store.case_leads.events(LOCAL, number)[0].receivers == ("平台甲",)

    @pytest.mark.parametrize("chosen", ["none", "all", "foreign"])
    def test_a_split_that_takes_nothing_or_everything_is_refused(
        self, store: SqlStore, contents: Contents, chosen: str
    ) -> None:
        number = registered(store, suspicious(1), suspicious(2))
        leads = tuple(lead.lead_id for lead in store.case_leads.get(LOCAL, number).dossier.leads)
        asked = {"none": (), "all": leads, "foreign": ("0" * 32,)}[chosen]
        before = contents()
        with pytest.raises(InputError):
            store.case_leads.split(LOCAL, number, asked, reason="x", revision=0, by="li", at=at(1))
        assert contents() == before

    def test_a_merger_keeps_everything_of_both(self, store: SqlStore) -> None:
        early, late = datetime(2026, 3, 2, 4, tzinfo=UTC), datetime(2026, 3, 5, 4, tzinfo=UTC)
        one, two = registered(store, doubtful(1), when=late), registered(store, doubtful(2), suspicious(3), when=early)
        exported(store, two, "平台甲")
        (counter,) = store.case_leads.get(LOCAL, two).dossier.counters
        answered = Amendment(reason="回应", answers=(Answer(finding_id=counter.finding.finding_id, words="已核"),))
        store.case_leads.amend(LOCAL, two, answered, revision=0, by="li", at=at(1))
        whole = store.case_leads.merge(LOCAL, one, {one: 0, two: 1}, reason="同一经营者", by="wu", at=at(9))
        assert (whole.case_number, whole.dossier.version, len(whole.dossier.leads)) == (one, 2, 3)
        assert counter.finding.finding_id in {answer.finding_id for answer in whole.dossier.answers}
        gone = store.case_leads.standing(LOCAL, two)
        assert (gone.state, gone.result, gone.successor) == (CaseState.CLOSED, CaseResult.MERGED, one)
        assert store.case_leads.standing(LOCAL, one).due_on == date(2026, 3, 23)  # the earlier of both
        assert all(store.leads.get(LOCAL, lead.lead_id).case_number == one for lead in whole.dossier.leads)
        revision = moved(store, one, CaseAct.VERIFY)
        withdrawn = Move(act=CaseAct.WITHDRAW, reason="正品")
        store.case_leads.move(LOCAL, one, withdrawn, revision=revision, by="li", at=at(30))
        assert store.case_leads.events(LOCAL, one)[0].receivers == ("平台甲",)
        assert store.case_leads.get(LOCAL, two).dossier.version == 2  # still readable

    def test_the_list_is_paged_by_state(self, store: SqlStore) -> None:
        numbers = [registered(store, suspicious(n), when=at(n)) for n in range(7)]
        for number in numbers[:3]:
            moved(store, number, CaseAct.VERIFY)
        seen, after = [], ""
        while True:
            page = store.case_leads.find(LOCAL, CaseQuery(after=after, limit=3))
            seen += [case.case_number for case in page.cases]
            after = page.next_cursor
            if not after:
                break
        assert seen == numbers[::-1]
        verifying = store.case_leads.find(LOCAL, CaseQuery(state=CaseState.VERIFYING))
        assert [case.case_number for case in verifying.cases] == numbers[2::-1]
        assert (verifying.total, verifying.counts) == (3, {CaseState.VERIFYING: 3, CaseState.REGISTERED: 4})
        assert store.case_leads.find(OTHER, CaseQuery()).total == 0
        with pytest.raises(InputError):
            store.case_leads.find(LOCAL, CaseQuery(after="nonsense"))

    def test_another_organisation_changes_nothing(self, store: SqlStore, contents: Contents) -> None:
        number = registered(store, suspicious(1), suspicious(2))
        mine = registered(store, suspicious(1, OTHER))  # the same number, in the other organisation
        assert mine == number
        second = registered(store, suspicious(3))
        lead = store.case_leads.get(LOCAL, number).dossier.leads[0].lead_id
        record = exported(store, second, "平台甲")
        before = contents()
        cases = store.case_leads
        for act in (
            lambda: cases.move(OTHER, second, Move(act=CaseAct.VERIFY), revision=0, by="x", at=at(1)),
            lambda: cases.amend(OTHER, second, Amendment(reason="x"), revision=0, by="x", at=at(1)),
            lambda: cases.split(OTHER, second, (lead,), reason="x", revision=0, by="x", at=at(1)),
            lambda: cases.merge(OTHER, mine, {mine: 0, second: 0}, reason="x", by="x", at=at(1)),
            lambda: cases.record_export(OTHER, record),
            lambda: cases.standing(OTHER, second),
            lambda: cases.events(OTHER, second),
            lambda: cases.exports(OTHER, second),
            lambda: cases.versions(OTHER, second),
        ):
            with pytest.raises(NotFoundError):
                act()
        with pytest.raises(InputError):
            cases.split(OTHER, mine, (lead,), reason="x", revision=0, by="x", at=at(1))
        assert contents() == before
