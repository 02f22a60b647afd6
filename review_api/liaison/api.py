"""Batches (批次) over the API: make a draft, see what it lacks, check, sign, send, hand out, withdraw.

What happens to a letter after it was sent is in `review_api.liaison.letters`."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from models.explanations import Language
from models.liaison import (
    Batch,
    BatchContent,
    BatchState,
    Checked,
    Doubt,
    LetterKind,
    LiaisonEvent,
    PlatformMapping,
    mappings,
)
from models.values import Value
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import IfMatch, Revision, StorableText, matched_revision
from review_api.liaison import drafting
from review_api.liaison.files import FILE_TYPES, LetterFile, batch_file
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1/batches", tags=["liaison"], route_class=OnceRoute)

BatchId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The batch's id", examples=["TZ20260316-ABCDEFGH"])
]
FileKind = Annotated[Literal["xlsx", "csv", "docx", "pdf"], Path(description="What kind of file")]
InLanguage = Annotated[Language, Query(description="Of headings and notes")]
Short = Annotated[StorableText, Field(max_length=200)]
REFUSALS = answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class NewBatch(Value):
    """What is to be sent, and to whom: the platform's organisation, or its name where it has none here. Rows come from
    referred leads (notices) or from a case lead (requests and advice), or are added later."""

    kind: LetterKind = Field(examples=["notice"])
    platform: Annotated[StorableText, Field(max_length=128)] = ""
    receiver_id: Annotated[StorableText, Field(max_length=64)] = ""
    mapping: Annotated[StorableText, Field(max_length=64)] = ""
    referrals: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")], ...], Field(max_length=500)] = ()
    holder_id: Annotated[StorableText, Field(max_length=64)] = ""
    case_number: Annotated[StorableText, Field(max_length=64)] = ""


class EditedBatch(Value):
    """What the batch says from now on. Its kind, its platform and what speaks against its rows stay."""

    body: BatchContent
    revision: Revision | None = None


class CheckedOff(Value):
    """What was found on each of these points."""

    checked: Annotated[tuple[Checked, ...], Field(min_length=1, max_length=2000)]
    revision: Revision | None = None


class Signing(Value):
    """The signer's name as it stands under the letter."""

    name: Annotated[StorableText, Field(min_length=1, max_length=200, pattern=r"\S")]
    revision: Revision | None = None


class Sending(Value):
    revision: Revision | None = None


class Withdrawing(Value):
    """Why it is taken back."""

    reason: Annotated[StorableText, Field(min_length=1, max_length=2000, pattern=r"\S")]
    revision: Revision | None = None


class LackLine(Value):
    """Something that is missing, in words: `row` 0 is the letter itself."""

    code: str
    row: int
    subject: str
    what: dict[str, str]
    mend: dict[str, str]


class BatchDetail(Value):
    """A batch, what it lacks, and what has to be checked before a person signs."""

    batch: Batch
    signed: bool = Field(description="A person signed exactly what it says now")
    ready: bool = Field(description="Nothing is missing and everything is checked")
    lacks: tuple[LackLine, ...]
    doubts: tuple[Doubt, ...]
    unchecked: tuple[str, ...] = Field(description="The doubts that nobody has checked off")


class BatchLine(Value):
    """A batch in a list."""

    batch_id: str
    kind: LetterKind
    state: BatchState
    platform: str
    holder: str
    rows: int
    revision: int
    made_by: str


class BatchList(Value):
    batches: tuple[BatchLine, ...]
    next_cursor: str = Field(description="Send it as `after` for the next page; empty on the last one")
    counts: dict[BatchState, int]


class Told(Value):
    """Who has to be told of a withdrawal."""

    receivers: tuple[str, ...]


@router.post("", status_code=HTTPStatus.CREATED, summary="Make a draft", responses=REFUSALS, dependencies=KEYED)
def made(asked: NewBatch, response: Response, at_desk: AtDesk, caller: SignedIn) -> BatchDetail:
    """Rights holders and their agents send notices; supervision units send requests for data and advice, never a
    notice (422)."""
    batch = drafting.new_batch(at_desk, caller, asked.kind, **asked.model_dump(exclude={"kind"}))
    response.headers["Location"] = f"/api/v1/batches/{batch.batch_id}"
    return _answered(response, at_desk, batch)


@router.get("", summary="One's own batches, newest first", responses=answers(HTTPStatus.FORBIDDEN))
def every(
    at_desk: AtDesk,
    caller: SignedIn,
    state: BatchState | None = None,
    after: Annotated[StorableText, Query(max_length=64, description="The cursor of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BatchList:
    """A page of drafts, signed, sent and withdrawn batches."""
    page = at_desk.store.liaison.find(caller.organisation_id, state=state, after=after, limit=limit)
    return BatchList(batches=tuple(map(line, page.batches)), next_cursor=page.next_cursor, counts=page.counts)


@router.get("/mappings", summary="Column mappings of platforms", responses=answers(HTTPStatus.FORBIDDEN))
def every_mapping(at_desk: AtDesk, caller: SignedIn) -> tuple[PlatformMapping, ...]:
    """The shipped ones and the installation's own: columns, reason codes, how answers are written."""
    return tuple(mappings(at_desk.settings.platform_mappings).values())


@router.get("/{batch_id}", summary="One batch", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND))
def one(batch_id: BatchId, response: Response, at_desk: AtDesk, caller: SignedIn) -> BatchDetail:
    """What it says, what it lacks row by row with how to mend it, and what has to be checked. The ETag is the revision
    that every change has to name."""
    return _answered(response, at_desk, at_desk.store.liaison.get(caller.organisation_id, batch_id))


@router.get(
    "/{batch_id}/events", summary="What was done", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
)
def events(batch_id: BatchId, at_desk: AtDesk, caller: SignedIn) -> tuple[LiaisonEvent, ...]:
    """Oldest first; a withdrawal names the receivers that have to be told."""
    at_desk.store.liaison.get(caller.organisation_id, batch_id)
    return at_desk.store.liaison.events(caller.organisation_id, batch_id)


@router.put("/{batch_id}", summary="Change a batch", responses=REFUSALS, dependencies=KEYED)
def edited(
    batch_id: BatchId,
    asked: EditedBatch,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> BatchDetail:
    """Replaces what it says. A signature is void from then on; 409 for what was sent."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    revision = matched_revision(if_match, asked.revision)
    return _answered(response, at_desk, drafting.edit(at_desk, caller, batch, asked.body, revision=revision))


@router.post("/{batch_id}/checks", summary="Check points off", responses=REFUSALS, dependencies=KEYED)
def checked(
    batch_id: BatchId,
    asked: CheckedOff,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> BatchDetail:
    """In the caller's name, each with what was found. A signature is void from then on."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    revision = matched_revision(if_match, asked.revision)
    return _answered(response, at_desk, drafting.check(at_desk, caller, batch, asked.checked, revision=revision))


@router.post("/{batch_id}/signature", summary="Sign a batch", responses=REFUSALS, dependencies=KEYED)
def signed(
    batch_id: BatchId,
    asked: Signing,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> BatchDetail:
    """409 while something is missing or unchecked. What is signed is named by its SHA-256."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    revision = matched_revision(if_match, asked.revision)
    return _answered(response, at_desk, drafting.sign(at_desk, caller, batch, name=asked.name, revision=revision))


@router.post("/{batch_id}/sending", summary="Send a batch", responses=REFUSALS, dependencies=KEYED)
def sent(
    batch_id: BatchId,
    asked: Sending,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> BatchDetail:
    """409 unless it stands signed as it says now. From then on its platform sees the letter."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    revision = matched_revision(if_match, asked.revision)
    return _answered(response, at_desk, drafting.send(at_desk, caller, batch, revision=revision))


@router.post("/{batch_id}/withdrawal", summary="Withdraw a batch", responses=REFUSALS, dependencies=KEYED)
def withdrawn(
    batch_id: BatchId, asked: Withdrawing, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> Told:
    """The platform sees it at once; the answer names everybody else who has to be told."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    revision = matched_revision(if_match, asked.revision)
    return Told(receivers=drafting.withdraw(at_desk, caller, batch, reason=asked.reason, revision=revision))


@router.get(
    "/{batch_id}/files/{kind}",
    summary="A file of a signed batch",
    response_class=Response,
    responses={
        **answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.NOT_IMPLEMENTED),
        200: {"content": {each: {} for each in FILE_TYPES.values()}, "description": "The file"},
    },
)
def file(batch_id: BatchId, kind: FileKind, at_desk: AtDesk, caller: SignedIn, language: InLanguage = "zh") -> Response:
    """409 unless a person has signed exactly what it says now. Recorded with who took it, when and for whom."""
    return as_download(batch_file(at_desk, caller, batch_id, kind, language))


def as_download(made: LetterFile) -> Response:
    """A file to keep."""
    headers = {
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made.data, media_type=made.media_type, headers=headers)


def detail(at_desk: Desk, batch: Batch) -> BatchDetail:
    """Everything that is shown of a batch to its sender."""
    found = batch.preview(drafting.mapping_for(at_desk, batch), at=at_desk.clock())
    return BatchDetail(
        batch=batch,
        signed=batch.signed,
        ready=found.ready,
        lacks=tuple(
            LackLine(
                code=each.code,
                row=each.row,
                subject=each.subject,
                what={"zh": each.what("zh"), "en": each.what("en")},
                mend={"zh": each.mend("zh"), "en": each.mend("en")},
            )
            for each in found.lacks
        ),
        doubts=found.doubts,
        unchecked=found.unchecked,
    )


def line(batch: Batch) -> BatchLine:
    body = batch.body
    return BatchLine(
        batch_id=batch.batch_id,
        kind=body.kind,
        state=batch.state,
        platform=body.platform,
        holder=body.holder.name,
        rows=len(body.rows),
        revision=batch.revision,
        made_by=batch.made_by,
    )


def _answered(response: Response, at_desk: Desk, batch: Batch) -> BatchDetail:
    response.headers["ETag"] = f'"{batch.revision}"'
    return detail(at_desk, batch)
