"""Answering: what a platform says of a letter, taken from its files or told one by one, and what the holder answers to
a statement. Each is written down in the name of the caller's own organisation."""

from typing import Any, NamedTuple

from models.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from models.liaison import (
    AnswerFile,
    AnswerPlan,
    Delay,
    Letter,
    LiaisonAct,
    LiaisonEvent,
    PlatformMapping,
    Progress,
    Reply,
    RowAnswer,
    RowState,
    SentLetter,
    Statement,
    StatementPhase,
    StatementStanding,
    mapping_of,
    may_follow,
    plan,
)
from models.liaison.mappings import GENERAL, mappings
from models.liaison.states import NEEDS_WORDS
from review_api.desk import Desk
from review_api.liaison.uploads import Upload, answer_lines
from review_api.sessions import Visitor


class Case(NamedTuple):
    """A letter that the caller is a party to, and where it stands."""

    sent: SentLetter
    progress: Progress

    @property
    def letter(self) -> Letter:
        return self.sent.letter


class Looked(NamedTuple):
    """A file that was looked at: its hash, and what it would change."""

    sha256: str
    name: str
    plan: AnswerPlan


def opened(at_desk: Desk, caller: Visitor, batch_id: str) -> Case:
    """Raises `NotFoundError` for a letter that the caller's organisation is no party to."""
    liaison = at_desk.store.liaison
    return Case(liaison.letter(caller.organisation_id, batch_id), liaison.progress(caller.organisation_id, batch_id))


def look_at(at_desk: Desk, caller: Visitor, batch_id: str, upload: Upload) -> Looked:
    """What a file of answers would change; nothing is changed. The bytes are kept, so that exactly they can be taken.
    Raises `FileRejected`."""
    case = opened(at_desk, caller, batch_id)
    _require_answerer(case.letter, caller)
    found = _planned(at_desk, case, upload)
    sha256 = at_desk.objects.put(upload.data)
    at_desk.store.liaison.keep_file(
        AnswerFile(
            organisation_id=caller.organisation_id,
            batch_id=batch_id,
            sha256=sha256,
            name=upload.name[:200],
            by=caller.account.name,
            at=at_desk.clock(),
        )
    )
    return Looked(sha256, upload.name[:200], found)


def look_again(at_desk: Desk, caller: Visitor, batch_id: str, sha256: str) -> Looked:
    """The same for a file that this organisation looked at before. Raises `NotFoundError`."""
    case = opened(at_desk, caller, batch_id)
    _require_answerer(case.letter, caller)
    kept = at_desk.store.liaison.kept_file(caller.organisation_id, batch_id, sha256)
    return Looked(sha256, kept.name, _planned(at_desk, case, Upload(kept.name, at_desk.objects.get(sha256))))


def take(at_desk: Desk, caller: Visitor, batch_id: str, sha256: str, *, seen: int) -> AnswerPlan:
    """Take over what a looked-at file says, as the letter stands now; what it says again is known and changes nothing.
    Raises `ConflictError` where the letter was answered meanwhile."""
    looked = look_again(at_desk, caller, batch_id, sha256)
    events = []
    if looked.plan.answers:
        events.append(
            _event(at_desk, caller, batch_id, LiaisonAct.ANSWERED, sha256=sha256, answers=looked.plan.answers)
        )
    for statement in looked.plan.statements:
        events.append(_event(at_desk, caller, batch_id, LiaisonAct.STATED, sha256=sha256, statement=statement))
    for number, event in enumerate(events):
        at_desk.store.liaison.tell(event, seen=seen + number)
    return looked.plan


def answer(at_desk: Desk, caller: Visitor, batch_id: str, given: RowAnswer, *, seen: int) -> LiaisonEvent:
    """One row's answer. Raises `ConflictError` for one that may not follow, `InputError` for a bare refusal."""
    case = opened(at_desk, caller, batch_id)
    _require_answerer(case.letter, caller)
    row = case.progress.by_item.get(given.item_id)
    if row is None:
        raise NotFoundError("no such row in this letter", where=given.item_id)
    if given.state is RowState.COUNTERED:
        raise InputError("a statement is told with its words and its day", where="state")
    if given.state in NEEDS_WORDS and not (given.reason.strip() or given.words.strip()):
        raise InputError("a refusal needs its reason", where="reason", mend="say why in a sentence")
    if not may_follow(case.letter, row, given.state, withdrawn=case.progress.withdrawn_at is not None):
        raise ConflictError(
            f"a row that is {row.state} is not answered by {given.state}",
            where=f"letter {batch_id}",
            mend="load it again and see where its rows stand",
        )
    event = _event(at_desk, caller, batch_id, LiaisonAct.ANSWERED, answers=(given,))
    return at_desk.store.liaison.tell(event, seen=seen)


def state(at_desk: Desk, caller: Visitor, batch_id: str, statement: Statement, *, seen: int) -> LiaisonEvent:
    """A statement of non-infringement, which starts the holder's clock. Raises `ConflictError` where the row has seen
    no measure, `InputError` for a day that lies ahead or before the letter."""
    case = opened(at_desk, caller, batch_id)
    _require_answerer(case.letter, caller)
    row = case.progress.by_item.get(statement.item_id)
    if row is None:
        raise NotFoundError("no such row in this letter", where=statement.item_id)
    if not case.sent.sent_at <= statement.reached_at <= at_desk.clock():
        raise InputError(
            "a statement reaches the holder after the letter was sent and not in the future",
            where="reached_at",
            mend="give the time at which it was forwarded",
        )
    withdrawn = case.progress.withdrawn_at is not None
    if row.state is not RowState.COUNTERED and not may_follow(
        case.letter, row, RowState.COUNTERED, withdrawn=withdrawn
    ):
        raise ConflictError(
            f"a row that is {row.state} has no measure that a statement could be against", where=f"letter {batch_id}"
        )
    event = _event(at_desk, caller, batch_id, LiaisonAct.STATED, statement=statement)
    return at_desk.store.liaison.tell(event, seen=seen)


def reply(at_desk: Desk, caller: Visitor, batch_id: str, given: Reply, *, seen: int) -> LiaisonEvent:
    """The holder's answer to a statement. Raises `ConflictError` for one that has ended, `InputError` for a
    complaint or suit without its number."""
    standing = _standing(at_desk, caller, batch_id, given.statement_id)
    if standing.phase(at_desk.clock()) in {StatementPhase.ENDED, StatementPhase.WITHDRAWN}:
        raise ConflictError(
            "this statement has been dealt with", where=given.statement_id, mend="load the letter again"
        )
    if given.kind != "accepted" and not given.reference.strip():
        raise InputError("a complaint or suit has a number", where="reference", mend="give the number of its receipt")
    event = _event(at_desk, caller, batch_id, LiaisonAct.REPLIED, reply=given)
    return at_desk.store.liaison.tell(event, seen=seen)


def delay(at_desk: Desk, caller: Visitor, batch_id: str, given: Delay, *, seen: int) -> LiaisonEvent:
    """Delay that the holder cannot control, told while the clock runs. Raises `ConflictError` once it is over."""
    standing = _standing(at_desk, caller, batch_id, given.statement_id)
    running = {StatementPhase.RUNNING, StatementPhase.TODAY}
    if standing.phase(at_desk.clock()) not in running or standing.delay or not standing.clock.latest_on:
        raise ConflictError("this clock is not extended", where=given.statement_id, mend="load the letter again")
    event = _event(at_desk, caller, batch_id, LiaisonAct.DELAYED, delay=given)
    return at_desk.store.liaison.tell(event, seen=seen)


def mapping_for(at_desk: Desk, letter: Letter) -> PlatformMapping:
    """The letter's mapping; the general one where its own was taken away since."""
    folder = at_desk.settings.platform_mappings
    return mapping_of(letter.mapping if letter.mapping in mappings(folder) else GENERAL, folder)


def _standing(at_desk: Desk, caller: Visitor, batch_id: str, statement_id: str) -> StatementStanding:
    """A statement that the caller may answer: its organisation sent the letter, or is the holder."""
    case = opened(at_desk, caller, batch_id)
    found = next((each for each in case.progress.statements if each.statement_id == statement_id), None)
    if found is None:
        raise NotFoundError("no such statement on this letter", where=statement_id)
    if caller.organisation_id not in {case.letter.sender_id, case.letter.holder_id}:
        raise ForbiddenError("the sender or the rights holder answers a statement", where=batch_id)
    return found


def _require_answerer(letter: Letter, caller: Visitor) -> None:
    """The platform answers; where it has nobody here, the sender enters what it was told."""
    if caller.organisation_id in {letter.receiver_id or letter.sender_id}:
        return
    raise ConflictError(
        "the platform itself answers this letter",
        where=f"letter {letter.batch_id}",
        mend="its liaison is signed in here",
    )


def _planned(at_desk: Desk, case: Case, upload: Upload) -> AnswerPlan:
    mapping = mapping_for(at_desk, case.letter)
    return plan(answer_lines(upload, mapping), case.letter, case.progress, mapping)


def _event(at_desk: Desk, caller: Visitor, batch_id: str, act: LiaisonAct, **more: Any) -> LiaisonEvent:
    return LiaisonEvent(
        organisation_id=caller.organisation_id,
        batch_id=batch_id,
        act=act,
        by=caller.account.name,
        at=at_desk.clock(),
        **more,
    )
