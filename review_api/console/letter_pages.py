"""Letters as pages: what a platform has received, one letter with where its rows stand, a file of answers before it is
taken over, and the clocks of statements."""

from datetime import date, datetime, time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from models.errors import InputError
from models.liaison import (
    ANSWERS,
    Delay,
    Letter,
    Reply,
    ReplyKind,
    RowAnswer,
    RowState,
    Statement,
    StatementPhase,
    annex_of,
    may_follow,
)
from models.moments import SHANGHAI
from review_api.console.pages import pages
from review_api.console.views import outward
from review_api.desk import AtDesk, SignedIn
from review_api.exports.documents import missing_for_pdf
from review_api.inputs import StorableText
from review_api.liaison import answering
from review_api.liaison.answering import Case, opened
from review_api.liaison.api import FileKind, as_download
from review_api.liaison.files import FILE_TYPES, letter_document, letter_file
from review_api.liaison.letters import DocumentHash, LetterId, statement_lines
from review_api.liaison.uploads import LARGEST_FILE, Upload
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

FormRevision = Annotated[int, Form(ge=0, le=2**31 - 1)]
Item = Annotated[StorableText, Form(min_length=1, max_length=512)]
Words = Annotated[StorableText, Form(max_length=4000)]
Short = Annotated[StorableText, Form(max_length=200)]
StatementId = Annotated[str, Form(pattern=r"^[0-9a-f]{32}$")]


@router.get("/letters")
def list_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """What was sent to this platform, newest first."""
    return pages(request).render(
        request,
        "letters.html",
        letters=at_desk.store.liaison.overview(caller.organisation_id),
        pressing=[each for each in statement_lines(at_desk, caller) if each.phase in OPEN],
    )


OPEN = (StatementPhase.OVER, StatementPhase.TODAY, StatementPhase.RUNNING)


@router.get("/statements")
def statements_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Every statement with its clock: what is over first, then what is due next."""
    lines = statement_lines(at_desk, caller)
    return pages(request).render(
        request,
        "statements.html",
        lines=lines,
        counts={phase: sum(each.phase is phase for each in lines) for phase in StatementPhase},
    )


@router.get("/letters/{letter_id}")
def letter_page(request: Request, letter_id: LetterId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """As it was signed and sent, row by row with its answer, and what may be done now."""
    case = opened(at_desk, caller, letter_id)
    letter = case.letter
    now = at_desk.clock()
    withdrawn = case.progress.withdrawn_at is not None
    return pages(request).render(
        request,
        "letter.html",
        sent=case.sent,
        letter=letter,
        progress=case.progress,
        mapping=answering.mapping_for(at_desk, letter),
        answers_to={
            row.row.item_id: [
                state
                for state in RowState
                if state is not RowState.COUNTERED and may_follow(letter, row, state, withdrawn=withdrawn)
            ]
            for row in case.progress.rows
        },
        countered=[row for row in case.progress.rows if _may_be_countered(letter, case, row.row.item_id)],
        standings=[(row, each, each.phase(now), each.days_left(now)) for row in case.progress.rows
                   for each in row.statements],
        annex=[(purpose, each, at_desk.objects.has(each.sha256)) for purpose, each in annex_of(letter)],
        may_answer=_answers(letter, caller),
        may_reply=caller.organisation_id in {letter.sender_id, letter.holder_id}
        and caller.may("POST /letters/{letter_id}/replies"),
        is_sender=caller.organisation_id == letter.sender_id,
        links={row.row.item_id: outward(row.row.url) for row in case.progress.rows},
        events=tuple(reversed(at_desk.store.liaison.events(caller.organisation_id, letter_id))),
        reply_kinds=tuple(ReplyKind),
        today=now.astimezone(SHANGHAI).date(),
        file_kinds=tuple(kind for kind in FILE_TYPES if kind != "pdf" or not missing_for_pdf()),
    )  # fmt: skip


@router.get("/letters/{letter_id}/files/{kind}")
def letter_download(
    request: Request, letter_id: LetterId, kind: FileKind, at_desk: AtDesk, caller: SignedIn
) -> Response:
    """A file of the letter, recorded."""
    return as_download(letter_file(at_desk, caller, letter_id, kind, pages(request).language(request)))


@router.get("/letters/{letter_id}/documents/{document}")
def document_download(letter_id: LetterId, document: DocumentHash, at_desk: AtDesk, caller: SignedIn) -> Response:
    """A document of the annex."""
    return as_download(letter_document(at_desk, caller, letter_id, document))


@router.post("/letters/{letter_id}/answer-files")
def look_at(letter_id: LetterId, at_desk: AtDesk, caller: SignedIn, file: Annotated[UploadFile, File()]) -> Response:
    """Looked at and kept; then the page that says what every line would change."""
    upload = Upload(file.filename or "answers", file.file.read(LARGEST_FILE + 1))
    looked = answering.look_at(at_desk, caller, letter_id, upload)
    return RedirectResponse(f"/letters/{letter_id}/answer-files/{looked.sha256}", status_code=HTTPStatus.SEE_OTHER)


@router.get("/letters/{letter_id}/answer-files/{sha256}")
def looked_at(
    request: Request, letter_id: LetterId, sha256: DocumentHash, at_desk: AtDesk, caller: SignedIn
) -> Response:
    """Line by line, before anything is taken over."""
    looked = answering.look_again(at_desk, caller, letter_id, sha256)
    case = opened(at_desk, caller, letter_id)
    return pages(request).render(
        request, "letter_answers.html", letter=case.letter, progress=case.progress, looked=looked
    )


@router.post("/letters/{letter_id}/answers")
def take(
    letter_id: LetterId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    sha256: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """Taken over; then the letter's page."""
    answering.take(at_desk, caller, letter_id, sha256, seen=revision)
    return _page(letter_id)


@router.post("/letters/{letter_id}/rows")
def answer(
    letter_id: LetterId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    item_id: Item,
    state: Annotated[RowState, Form()],
    reason: Annotated[StorableText, Form(max_length=500)] = "",
) -> Response:
    """One row's answer."""
    given = RowAnswer(item_id=item_id, state=state, reason=reason.strip(), at=at_desk.clock())
    answering.answer(at_desk, caller, letter_id, given, seen=revision)
    return _page(letter_id)


@router.post("/letters/{letter_id}/statements")
def state(
    letter_id: LetterId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    item_id: Item,
    words: Words,
    reached_on: Annotated[date, Form()],
    declared_by: Short = "",
) -> Response:
    """An operator's statement, with the day on which it reached the holder."""
    if not words.strip():
        raise InputError("a statement has words", where="words", mend="copy what the operator declared")
    statement = Statement(
        item_id=item_id,
        words=words.strip(),
        declared_by=declared_by.strip(),
        reached_at=_moment(at_desk.clock(), reached_on),
    )
    answering.state(at_desk, caller, letter_id, statement, seen=revision)
    return _page(letter_id, "#statements")


@router.post("/letters/{letter_id}/replies")
def reply(
    letter_id: LetterId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    statement_id: StatementId,
    kind: Annotated[ReplyKind, Form()],
    reference: Short = "",
    words: Annotated[StorableText, Form(max_length=2000)] = "",
) -> Response:
    """What the holder tells the platform."""
    given = Reply(statement_id=statement_id, kind=kind, reference=reference.strip(), words=words.strip())
    answering.reply(at_desk, caller, letter_id, given, seen=revision)
    return _page(letter_id, "#statements")


@router.post("/letters/{letter_id}/delays")
def delay(
    letter_id: LetterId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    statement_id: StatementId,
    words: Annotated[StorableText, Form(min_length=1, max_length=2000, pattern=r"\S")],
) -> Response:
    """A delay that the holder cannot control."""
    answering.delay(at_desk, caller, letter_id, Delay(statement_id=statement_id, words=words.strip()), seen=revision)
    return _page(letter_id, "#statements")


def _answers(letter: Letter, caller: Visitor) -> bool:
    """The platform answers; where it has nobody here, the sender enters what it was told."""
    own = caller.organisation_id == (letter.receiver_id or letter.sender_id)
    return own and caller.may("POST /letters/{letter_id}/rows")


def _may_be_countered(letter: Letter, case: Case, item_id: str) -> bool:
    row = case.progress.by_item[item_id]
    if RowState.COUNTERED not in ANSWERS[letter.kind] or case.progress.withdrawn_at is not None:
        return False
    return row.state is RowState.COUNTERED or may_follow(letter, row, RowState.COUNTERED, withdrawn=False)


def _moment(now: datetime, day: date) -> datetime:
    """That day in Shanghai: now where it is today, its end where it is not."""
    if now.astimezone(SHANGHAI).date() == day:
        return now
    return datetime.combine(day, time(23, 59), SHANGHAI)


def _page(letter_id: str, place: str = "") -> Response:
    return RedirectResponse(f"/letters/{letter_id}{place}", status_code=HTTPStatus.SEE_OTHER)
