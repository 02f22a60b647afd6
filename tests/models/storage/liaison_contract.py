"""What every store of liaison keeps: batches of their sender alone, letters of every party, what each wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.case_leads import CaseAct, Move
from models.errors import ConflictError, JianzhenError, NotFoundError
from models.identity import LOCAL
from models.liaison import (
    AnswerFile,
    Batch,
    BatchState,
    LetterKind,
    LiaisonAct,
    LiaisonEvent,
    RowAnswer,
    RowState,
    SentLetter,
    changed,
)
from models.organisations import Organisation, OrganisationKind
from models.storage import SqlStore, StoreSettings
from models.storage.engine import open_engine, writing
from tests.models.liaison.samples import AT, content, draft, sent_batch, signed_batch
from tests.models.storage.case_changes_contract import doubtful, registered
from tests.models.storage.rivals import race
from tests.models.storage.samples import at

SENDER, PLATFORM, STRANGER = "qingchuan", "yunjishi", "haowujie"


def event(batch: Batch, act: LiaisonAct, *, whose: str = SENDER, **more: object) -> LiaisonEvent:
    return LiaisonEvent.model_validate(
        {"organisation_id": whose, "batch_id": batch.batch_id, "act": act, "by": "wang", "at": AT, **more}
    )


def kept(store: SqlStore, batch: Batch | None = None) -> Batch:
    made = batch or draft()
    store.liaison.add(made, event(made, LiaisonAct.MADE, whose=made.organisation_id))
    return made


def sent_in(store: SqlStore, batch: Batch | None = None) -> SentLetter:
    """A batch kept, signed and sent."""
    made = kept(store, batch)
    ready = signed_batch(made)
    after, letter = sent_batch(made)
    signed_now = store.liaison.save(made, ready, (event(made, LiaisonAct.SIGNED, whose=made.organisation_id),))
    told = event(made, LiaisonAct.SENT, whose=made.organisation_id, receiver=made.body.platform)
    store.liaison.send(signed_now, after, letter, told)
    return letter


class LiaisonContract:
    def test_a_batch_is_its_sender_s_alone(self, store: SqlStore) -> None:
        batch = kept(store)
        assert store.liaison.get(SENDER, batch.batch_id) == batch
        assert store.liaison.find(SENDER).counts == {BatchState.DRAFT: 1}
        for other in (PLATFORM, STRANGER, LOCAL):
            with pytest.raises(NotFoundError):
                store.liaison.get(other, batch.batch_id)
            assert store.liaison.find(other).batches == ()
        with pytest.raises(NotFoundError):
            store.liaison.letter(PLATFORM, batch.batch_id)
        with pytest.raises(ConflictError):
            kept(store)

    def test_of_several_who_saw_the_same_state_one_succeeds(self, store: SqlStore) -> None:
        batch = kept(store)
        after = changed(batch, content(asked="请处理。"), at=AT)

        def save() -> str:
            try:
                store.liaison.save(batch, after, (event(batch, LiaisonAct.CHANGED),))
            except ConflictError:
                return "late"
            return "first"

        assert sorted(race([save] * 4)) == ["first", "late", "late", "late"]
        assert store.liaison.get(SENDER, batch.batch_id) == after
        assert len(store.liaison.events(SENDER, batch.batch_id)) == 2

    def test_batches_are_listed_newest_first_page_by_page(self, store: SqlStore) -> None:
        for number in range(5):
            kept(store, draft(batch_id=f"TZ20260316-AAAA000{number}", at=AT + timedelta(hours=number)))
        first = store.liaison.find(SENDER, limit=2)
        second = store.liaison.find(SENDER, limit=2, after=first.next_cursor)
        last = store.liaison.find(SENDER, limit=2, after=second.next_cursor)
        ids = [each.batch_id[-1] for page in (first, second, last) for each in page.batches]
        assert ids == ["4", "3", "2", "1", "0"]
        assert last.next_cursor == ""
        assert store.liaison.find(SENDER, state=BatchState.SENT).batches == ()

    def test_every_party_sees_the_letter_and_nobody_else(self, store: SqlStore) -> None:
        letter = sent_in(store)
        batch_id = letter.letter.batch_id
        for party in (SENDER, PLATFORM):
            assert store.acting_for(party).liaison.letter(party, batch_id) == letter
            assert [each.act for each in store.liaison.events(party, batch_id)][-1] is LiaisonAct.SENT
        assert [each.act for each in store.liaison.events(PLATFORM, batch_id)] == [LiaisonAct.SENT]
        for other in (STRANGER, LOCAL, ""):
            with pytest.raises(NotFoundError):
                store.acting_for(other).liaison.letter(other, batch_id)
            assert store.acting_for(other).liaison.events(other, batch_id) == ()
            assert store.acting_for(other).liaison.overview(other) == ()

    def test_a_holder_sees_what_its_agent_sent(self, store: SqlStore) -> None:
        body = content(warrant={"document": {"name": "委托书", "sha256": "b" * 64}})
        sent_in(store, draft(body, organisation_id="zhihe", sender_kind=OrganisationKind.AGENT))
        ((letter, _),) = store.acting_for(SENDER).liaison.overview(SENDER)
        assert letter.letter.sender_id == "zhihe"

    def test_each_writes_in_its_own_name_and_all_read_it(self, store: SqlStore) -> None:
        batch_id = sent_in(store).letter.batch_id
        answer = LiaisonEvent(
            organisation_id=PLATFORM, batch_id=batch_id, act=LiaisonAct.ANSWERED, by="lin", at=AT + timedelta(hours=1),
            answers=(RowAnswer(item_id="73001", state=RowState.REMOVED),),
        )  # fmt: skip
        written = store.acting_for(PLATFORM).liaison.tell(answer, seen=1)
        assert written.number == 1
        for party in (SENDER, PLATFORM):
            progress = store.acting_for(party).liaison.progress(party, batch_id)
            assert progress.by_item["73001"].state is RowState.REMOVED
            assert progress.revision == 2
        with pytest.raises(ConflictError):
            store.acting_for(PLATFORM).liaison.tell(answer, seen=1)
        stranger = answer.model_copy(update={"organisation_id": STRANGER})
        with pytest.raises(NotFoundError):
            store.acting_for(STRANGER).liaison.tell(stranger, seen=None)
        assert store.liaison.progress(SENDER, batch_id).revision == 2

    def test_of_rival_answers_on_the_same_state_one_is_written(self, store: SqlStore) -> None:
        batch_id = sent_in(store).letter.batch_id
        answer = LiaisonEvent(
            organisation_id=PLATFORM, batch_id=batch_id, act=LiaisonAct.ANSWERED, by="lin", at=AT + timedelta(hours=1),
            answers=(RowAnswer(item_id="73001", state=RowState.REMOVED),),
        )  # fmt: skip

        def tell() -> str:
            try:
                store.acting_for(PLATFORM).liaison.tell(answer, seen=1)
            except ConflictError:
                return "late"
            return "first"

        assert sorted(race([tell] * 4)) == ["first", "late", "late", "late"]

    def test_a_letter_that_was_altered_is_not_shown(self, store: SqlStore, settings: StoreSettings) -> None:
        letter = sent_in(store)
        engine = open_engine(settings)
        with writing(engine) as connection:
            connection.execute(text("UPDATE liaison_letters SET body = replace(body, '必要措施', '一切措施')"))
        engine.dispose()
        with pytest.raises(JianzhenError, match="not the one that was signed"):
            store.liaison.letter(PLATFORM, letter.letter.batch_id)

    def test_a_withdrawal_reaches_the_platform_and_names_every_receiver(self, store: SqlStore) -> None:
        batch_id = sent_in(store).letter.batch_id
        batch = store.liaison.get(SENDER, batch_id)
        store.liaison.note(batch, event(batch, LiaisonAct.EXPORTED, receiver="某律师事务所"))
        told = store.liaison.withdraw(batch, reason="确认为正品", by="wang", at=AT + timedelta(hours=2))
        assert told == ("云集市", "某律师事务所")
        assert store.liaison.get(SENDER, batch_id).state is BatchState.WITHDRAWN
        seen = store.acting_for(PLATFORM).liaison.progress(PLATFORM, batch_id)
        assert (seen.withdrawn_for, seen.withdrawn_at) == ("确认为正品", AT + timedelta(hours=2))
        with pytest.raises(ConflictError):
            store.liaison.withdraw(batch, reason="再次", by="wang", at=AT)

    def test_a_withdrawn_case_lead_takes_its_letters_with_it(self, store: SqlStore) -> None:
        number = registered(store, doubtful(1))
        body = content(
            kind=LetterKind.ADVICE, marks=(), holder={}, holder_id="", declared=False, reference="1号",
            second_officer="吴", case_number=number,
        )  # fmt: skip
        unit = draft(
            body, organisation_id=LOCAL, sender_kind=OrganisationKind.SUPERVISION, batch_id="GZ20260316-AAAA2222"
        )
        sent_in(store, unit)
        spare = kept(store, unit.model_copy(update={"batch_id": "GZ20260316-BBBB2222"}))
        assert [each.batch_id for each in store.liaison.of_case(LOCAL, number)] == [
            unit.batch_id, spare.batch_id,
        ]  # fmt: skip
        move = Move(act=CaseAct.WITHDRAW, reason="权利人辨认为正品")
        store.case_leads.move(LOCAL, number, move, revision=0, by="li", at=at(9))
        assert store.case_leads.events(LOCAL, number)[0].receivers == ("云集市",)
        assert store.liaison.get(LOCAL, unit.batch_id).state is BatchState.WITHDRAWN
        assert store.liaison.get(LOCAL, spare.batch_id).state is BatchState.DRAFT
        assert store.liaison.progress(PLATFORM, unit.batch_id).withdrawn_for == "权利人辨认为正品"

    def test_a_file_is_known_to_whoever_looked_at_it(self, store: SqlStore) -> None:
        batch_id = sent_in(store).letter.batch_id
        file = AnswerFile(
            organisation_id=PLATFORM, batch_id=batch_id, sha256="c" * 64, name="回执.xlsx", by="lin", at=AT
        )
        store.liaison.keep_file(file)
        store.liaison.keep_file(file)
        assert store.liaison.kept_file(PLATFORM, batch_id, "c" * 64) == file
        for whose, sha256 in ((SENDER, "c" * 64), (PLATFORM, "d" * 64)):
            with pytest.raises(NotFoundError):
                store.liaison.kept_file(whose, batch_id, sha256)
        with pytest.raises(NotFoundError):
            store.liaison.keep_file(file.model_copy(update={"organisation_id": STRANGER}))

    def test_platforms_are_there_to_be_written_to(self, store: SqlStore) -> None:
        platform = Organisation(organisation_id=PLATFORM, kind=OrganisationKind.PLATFORM, name="云集市")
        store.organisations.save(platform)
        store.organisations.save(Organisation(organisation_id=SENDER, kind=OrganisationKind.RIGHTS_HOLDER, name="晴川"))
        assert store.acting_for(SENDER).organisations.platforms() == (platform,)
