"""Letters (函件) over the API: what a party to a letter sees of it, and what is answered.

The platform sees what was sent to it and nothing else; the sender and the holder see the platform's answers. A letter
that the caller's organisation is no party to does not exist."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Path, Response, UploadFile
from pydantic import AwareDatetime, Field

from models.liaison import (
    AnswerPlan,
    Delay,
    Letter,
    LetterKind,
    LiaisonEvent,
    LineFate,
    PlannedLine,
    Progress,
    Reply,
    RowAnswer,
    RowState,
    Signature,
    Statement,
    StatementPhase,
    StatementStanding,
)
from models.values import Value
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import IfMatch, Revision, matched_revision
from review_api.liaison import answering
from review_api.liaison.answering import Case, Looked, opened
from review_api.liaison.api import FileKind, InLanguage, as_download
from review_api.liaison.files import FILE_TYPES, letter_document, letter_file
from review_api.liaison.uploads import LARGEST_FILE, Upload
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1/letters", tags=["liaison"], route_class=OnceRoute)

LetterId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The batch's id", examples=["TZ20260316-ABCDEFGH"])
]
DocumentHash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes, in hex")]
REFUSALS = answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class LetterLine(Value):
    """A letter in a list."""

    batch_id: str
    kind: LetterKind
    sender: str
    platform: str
    rows: int
    counts: dict[RowState, int]
    sent_at: AwareDatetime
    withdrawn: bool


class LetterDetail(Value):
    """A letter as its parties see it, and where each row stands."""

    letter: Letter
    signature: Signature
    sent_at: AwareDatetime
    progress: Progress


class AnswersSeen(Value):
    """A looked-at file: its hash, which names it when it is taken over, and every line's fate."""

    sha256: str
    name: str
    counts: dict[LineFate, int]
    lines: tuple[PlannedLine, ...]
    revision: int = Field(description="The revision to name when the file is taken over")


class TakeOver(Value):
    """Which looked-at file is taken over."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    revision: Revision | None = None


class GivenAnswer(Value):
    answer: RowAnswer
    revision: Revision | None = None


class GivenStatement(Value):
    statement: Statement
    revision: Revision | None = None


class GivenReply(Value):
    reply: Reply
    revision: Revision | None = None


class GivenDelay(Value):
    delay: Delay
    revision: Revision | None = None


class StatementLine(Value):
    """A statement with its clock: `days` are calendar days until it is due, negative once it is over."""

    batch_id: str
    platform: str
    title: str
    standing: StatementStanding
    phase: StatementPhase
    days: int


@router.get("", summary="Letters sent or received, newest first", responses=answers(HTTPStatus.FORBIDDEN))
def every(at_desk: AtDesk, caller: SignedIn) -> tuple[LetterLine, ...]:
    """For a platform those that were sent to it, and no others."""
    return tuple(
        LetterLine(
            batch_id=sent.letter.batch_id,
            kind=sent.letter.kind,
            sender=sent.letter.sender.name,
            platform=sent.letter.platform,
            rows=len(sent.letter.rows),
            counts=progress.counts,
            sent_at=sent.sent_at,
            withdrawn=progress.withdrawn_at is not None,
        )
        for sent, progress in at_desk.store.liaison.overview(caller.organisation_id)
    )


@router.get("/statements", summary="Statements and their clocks", responses=answers(HTTPStatus.FORBIDDEN))
def statements(at_desk: AtDesk, caller: SignedIn) -> tuple[StatementLine, ...]:
    """What is over first, then what is due next, then what was dealt with."""
    return statement_lines(at_desk, caller)


@router.get("/{letter_id}", summary="One letter", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND))
def one(letter_id: LetterId, response: Response, at_desk: AtDesk, caller: SignedIn) -> LetterDetail:
    """As it was signed and sent, with where each row stands. The ETag is the revision that every answer has to name."""
    case = opened(at_desk, caller, letter_id)
    return _shown(response, case)


@router.get(
    "/{letter_id}/events", summary="What was told", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
)
def events(letter_id: LetterId, at_desk: AtDesk, caller: SignedIn) -> tuple[LiaisonEvent, ...]:
    """By every side, oldest first; and what the caller's own organisation took of it."""
    opened(at_desk, caller, letter_id)
    return at_desk.store.liaison.events(caller.organisation_id, letter_id)


@router.get(
    "/{letter_id}/files/{kind}",
    summary="A file of the letter",
    response_class=Response,
    responses={
        **answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED),
        200: {"content": {each: {} for each in FILE_TYPES.values()}, "description": "The file"},
    },
)
def file(
    letter_id: LetterId, kind: FileKind, at_desk: AtDesk, caller: SignedIn, language: InLanguage = "zh"
) -> Response:
    """The workbook has columns for the answer: fill it in and send it back."""
    return as_download(letter_file(at_desk, caller, letter_id, kind, language))


@router.get(
    "/{letter_id}/documents/{document}",
    summary="A document of the annex",
    response_class=Response,
    responses={
        **answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
        200: {"content": {"application/octet-stream": {}}, "description": "Its bytes"},
    },
)
def document(letter_id: LetterId, document: DocumentHash, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Where its bytes are kept here; only what the letter names."""
    return as_download(letter_document(at_desk, caller, letter_id, document))


@router.post(
    "/{letter_id}/answer-files",
    summary="Look at a file of answers",
    responses={**REFUSALS, **answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)},
)
def looked_at(
    letter_id: LetterId,
    at_desk: AtDesk,
    caller: SignedIn,
    file: Annotated[UploadFile, File(description="XLSX or CSV with the mapping's headings")],
) -> AnswersSeen:
    """What every line would change; nothing is changed yet. Lines are matched by batch id and item id."""
    upload = Upload(file.filename or "answers", file.file.read(LARGEST_FILE + 1))
    looked = answering.look_at(at_desk, caller, letter_id, upload)
    return seen(looked, opened(at_desk, caller, letter_id))


@router.post("/{letter_id}/answers", summary="Take a file over", responses=REFUSALS, dependencies=KEYED)
def taken(
    letter_id: LetterId,
    asked: TakeOver,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> AnswerPlan:
    """Exactly the bytes that were looked at. Taking them again changes nothing."""
    return answering.take(at_desk, caller, letter_id, asked.sha256, seen=matched_revision(if_match, asked.revision))


@router.post("/{letter_id}/rows", summary="Answer one row", responses=REFUSALS, dependencies=KEYED)
def answered(
    letter_id: LetterId,
    asked: GivenAnswer,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> LetterDetail:
    """409 for an answer that may not follow where the row stands."""
    revision = matched_revision(if_match, asked.revision)
    answering.answer(at_desk, caller, letter_id, asked.answer, seen=revision)
    return _shown(response, opened(at_desk, caller, letter_id))


@router.post("/{letter_id}/statements", summary="Tell of a statement", responses=REFUSALS, dependencies=KEYED)
def stated(
    letter_id: LetterId,
    asked: GivenStatement,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> LetterDetail:
    """An operator's statement, forwarded to the holder: its clock starts on the day that it reached the holder."""
    revision = matched_revision(if_match, asked.revision)
    answering.state(at_desk, caller, letter_id, asked.statement, seen=revision)
    return _shown(response, opened(at_desk, caller, letter_id))


@router.post("/{letter_id}/replies", summary="Answer a statement", responses=REFUSALS, dependencies=KEYED)
def replied(
    letter_id: LetterId,
    asked: GivenReply,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> LetterDetail:
    """The holder has complained or sued, or no longer insists."""
    revision = matched_revision(if_match, asked.revision)
    answering.reply(at_desk, caller, letter_id, asked.reply, seen=revision)
    return _shown(response, opened(at_desk, caller, letter_id))


@router.post("/{letter_id}/delays", summary="Tell of a delay", responses=REFUSALS, dependencies=KEYED)
def delayed(
    letter_id: LetterId,
    asked: GivenDelay,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> LetterDetail:
    """Notarisation or the like, which the holder cannot control, while the clock runs."""
    revision = matched_revision(if_match, asked.revision)
    answering.delay(at_desk, caller, letter_id, asked.delay, seen=revision)
    return _shown(response, opened(at_desk, caller, letter_id))


def seen(looked: Looked, case: Case) -> AnswersSeen:
    return AnswersSeen(
        sha256=looked.sha256,
        name=looked.name,
        counts=looked.plan.counts,
        lines=looked.plan.lines,
        revision=case.progress.revision,
    )


ORDER = (StatementPhase.OVER, StatementPhase.TODAY, StatementPhase.RUNNING, StatementPhase.HELD)


def statement_lines(at_desk: AtDesk, caller: SignedIn) -> tuple[StatementLine, ...]:
    """Every statement that the caller's organisation has to do with: the most pressing first."""
    now = at_desk.clock()
    lines = [
        StatementLine(
            batch_id=sent.letter.batch_id,
            platform=sent.letter.platform,
            title=row.row.title or row.row.item_id,
            standing=standing,
            phase=standing.phase(now),
            days=standing.days_left(now),
        )
        for sent, progress in at_desk.store.liaison.overview(caller.organisation_id)
        for row in progress.rows
        for standing in row.statements
    ]
    place = {phase: number for number, phase in enumerate(ORDER)}
    return tuple(sorted(lines, key=lambda each: (place.get(each.phase, len(ORDER)), each.standing.due_on)))


def _shown(response: Response, case: Case) -> LetterDetail:
    response.headers["ETag"] = f'"{case.progress.revision}"'
    return LetterDetail(
        letter=case.letter, signature=case.sent.signature, sent_at=case.sent.sent_at, progress=case.progress
    )
