"""What a writer does on a batch's page: edit, add documents, check off, sign, send, withdraw. Each form carries the
revision that the page showed."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import RedirectResponse, Response

from models.errors import InputError
from models.liaison import BatchContent, BatchRow, Checked, Document, LetterKind, Party, Warrant
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.liaison import drafting
from review_api.liaison.api import BatchId
from review_api.liaison.uploads import LARGEST_FILE
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

FormRevision = Annotated[int, Form(ge=0, le=2**31 - 1)]
Short = Annotated[StorableText, Form(max_length=200)]
Words = Annotated[StorableText, Form(max_length=4000)]
Texts = Annotated[list[Annotated[StorableText, Form(max_length=2000)]], Form(max_length=2000)]
NONE: list[str] = []
EVERY_ROW = "all"


@router.post("/batches")
def make(
    at_desk: AtDesk,
    caller: SignedIn,
    kind: Annotated[LetterKind, Form()],
    receiver_id: Annotated[StorableText, Form(max_length=64)] = "",
    platform: Annotated[StorableText, Form(max_length=128)] = "",
    mapping: Annotated[StorableText, Form(max_length=64)] = "",
    holder_id: Annotated[StorableText, Form(max_length=64)] = "",
    case_number: Annotated[StorableText, Form(max_length=64)] = "",
    referral: Annotated[list[Annotated[str, Form(max_length=64)]], Form(max_length=500)] = NONE,
) -> Response:
    """A draft; then its page."""
    batch = drafting.new_batch(
        at_desk, caller, kind, platform=platform, receiver_id=receiver_id, mapping=mapping, referrals=referral,
        holder_id=holder_id, case_number=case_number.strip(),
    )  # fmt: skip
    return _page(batch.batch_id)


@router.post("/batches/{batch_id}/parties")
def parties(
    batch_id: BatchId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    mapping: Annotated[StorableText, Form(max_length=64)] = "",
    sender_name: Short = "",
    sender_code: Annotated[StorableText, Form(max_length=18)] = "",
    sender_contact: Short = "",
    sender_address: Short = "",
    holder_name: Short = "",
    holder_code: Annotated[StorableText, Form(max_length=18)] = "",
    holder_contact: Short = "",
    asked: Words = "",
    reference: Short = "",
    second_officer: Short = "",
    reply_by: Annotated[date | str, Form()] = "",
    declared: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Who writes, for whom, and what is asked; then the page again."""
    body = at_desk.store.liaison.get(caller.organisation_id, batch_id).body
    sender = body.sender.model_copy(
        update={"name": sender_name.strip(), "code": sender_code.strip(), "contact": sender_contact.strip(),
                "address": sender_address.strip()}
    )  # fmt: skip
    holder = body.holder.model_copy(
        update={"name": holder_name.strip(), "code": holder_code.strip(), "contact": holder_contact.strip()}
    )
    changes = {
        "mapping": mapping or body.mapping,
        "sender": Party.model_validate(sender.model_dump()),
        "holder": Party.model_validate(holder.model_dump()),
        "asked": asked.strip(),
        "reference": reference.strip(),
        "second_officer": second_officer.strip(),
        "reply_by": reply_by if isinstance(reply_by, date) else None,
        "declared": declared == "yes",
    }
    return _edited(at_desk, caller, batch_id, body, changes, revision)


@router.post("/batches/{batch_id}/marks")
def marks(
    batch_id: BatchId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    mark: Texts = NONE,
    registration_no: Texts = NONE,
    remove: Texts = NONE,
) -> Response:
    """Registration numbers; marks that are taken out."""
    body = at_desk.store.liaison.get(caller.organisation_id, batch_id).body
    given = dict(zip(mark, registration_no, strict=False))
    kept = tuple(
        each.model_copy(update={"registration_no": given.get(each.mark_id, each.registration_no).strip()[:200]})
        for each in body.marks
        if each.mark_id not in remove
    )
    return _edited(at_desk, caller, batch_id, body, {"marks": kept}, revision)


@router.post("/batches/{batch_id}/rows")
def rows(
    batch_id: BatchId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    item_id: Texts = NONE,
    url: Texts = NONE,
    mark_id: Texts = NONE,
    reason: Texts = NONE,
    words: Texts = NONE,
    remove: Texts = NONE,
    every_reason: Annotated[StorableText, Form(max_length=64)] = "",
) -> Response:
    """Every row's fields at once; rows that are taken out; one reason for all that have none."""
    body = at_desk.store.liaison.get(caller.organisation_id, batch_id).body
    columns = {"item_id": item_id, "url": url, "mark_id": mark_id, "reason": reason, "words": words}
    if any(len(column) != len(body.rows) for column in columns.values()):
        raise InputError("the rows do not match the batch", where="rows", mend="load the page again")
    kept = []
    for number, row in enumerate(body.rows):
        if str(number + 1) in remove:
            continue
        given = {name: column[number].strip() for name, column in columns.items()}
        given["reason"] = given["reason"] or every_reason
        kept.append(_row({**row.model_dump(), **given}))
    return _edited(at_desk, caller, batch_id, body, {"rows": tuple(kept)}, revision, place="#rows")


@router.post("/batches/{batch_id}/new-row")
def new_row(
    batch_id: BatchId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    item_id: Annotated[StorableText, Form(max_length=512)] = "",
    url: Annotated[StorableText, Form(max_length=2000)] = "",
    title: Annotated[StorableText, Form(max_length=2000)] = "",
    seller: Short = "",
    mark_id: Annotated[StorableText, Form(max_length=128)] = "",
    reason: Annotated[StorableText, Form(max_length=64)] = "",
    words: Annotated[StorableText, Form(max_length=2000)] = "",
) -> Response:
    """One row more."""
    body = at_desk.store.liaison.get(caller.organisation_id, batch_id).body
    added = _row(
        {"item_id": item_id.strip(), "url": url.strip(), "platform": body.platform, "title": title.strip(),
         "seller": seller.strip(), "mark_id": mark_id, "reason": reason, "words": words.strip()}
    )  # fmt: skip
    return _edited(at_desk, caller, batch_id, body, {"rows": (*body.rows, added)}, revision, place="#rows")


@router.post("/batches/{batch_id}/documents")
def documents(
    batch_id: BatchId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: Annotated[int, Form(ge=0, le=2**31 - 1)],
    file: Annotated[UploadFile, File()],
    purpose: Annotated[str, Form(max_length=20)],
    of: Annotated[StorableText, Form(max_length=128)] = EVERY_ROW,
    valid_to: Annotated[date | str, Form()] = "",
) -> Response:
    """A file, kept here under its SHA-256 and named by it in the letter: evidence of a row or of all, a mark's
    certificate, an identity document, a power of attorney."""
    body = at_desk.store.liaison.get(caller.organisation_id, batch_id).body
    data = file.file.read(LARGEST_FILE + 1)
    if not data or len(data) > LARGEST_FILE:
        raise InputError("a document has at least one byte and at most 10 MiB", where="file", mend="choose a file")
    document = Document(
        name=(file.filename or purpose)[:200].strip() or purpose, sha256=at_desk.objects.put(data), at=at_desk.clock()
    )
    changes = _with_document(body, document, purpose, of, valid_to if isinstance(valid_to, date) else None)
    return _edited(at_desk, caller, batch_id, body, changes, revision)


@router.post("/batches/{batch_id}/checks")
def checks(
    batch_id: BatchId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    doubt: Texts = NONE,
    words: Texts = NONE,
    every: Annotated[StorableText, Form(max_length=2000)] = "",
) -> Response:
    """Points checked off: each with its own words, or all that are open with the same."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    if len(doubt) != len(words):
        raise InputError("words and points do not match", where="words", mend="load the page again")
    done = {each.doubt_id: each.words for each in batch.checked}
    given = [
        Checked(doubt_id=name, words=(text.strip() or every.strip()))
        for name, text in zip(doubt, words, strict=True)
        if (text.strip() and text.strip() != done.get(name)) or (every.strip() and name not in done)
    ]
    if not given:
        raise InputError("nothing was checked off", where="words", mend="write what was found")
    drafting.check(at_desk, caller, batch, given, revision=revision)
    return _page(batch_id, "#checks")


@router.post("/batches/{batch_id}/signature")
def sign(batch_id: BatchId, at_desk: AtDesk, caller: SignedIn, revision: FormRevision, name: Short = "") -> Response:
    """Signed; then the page, where it can be sent and taken as files."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    drafting.sign(at_desk, caller, batch, name=name, revision=revision)
    return _page(batch_id)


@router.post("/batches/{batch_id}/sending")
def send(batch_id: BatchId, at_desk: AtDesk, caller: SignedIn, revision: FormRevision) -> Response:
    """On its way; then the letter's page."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    drafting.send(at_desk, caller, batch, revision=revision)
    return RedirectResponse(f"/letters/{batch_id}", status_code=HTTPStatus.SEE_OTHER)


@router.post("/batches/{batch_id}/withdrawal")
def withdraw(
    batch_id: BatchId, at_desk: AtDesk, caller: SignedIn, revision: FormRevision, reason: Words = ""
) -> Response:
    """Taken back; the page then names everybody who has to be told."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    drafting.withdraw(at_desk, caller, batch, reason=reason, revision=revision)
    return _page(batch_id)


def _with_document(
    body: BatchContent, document: Document, purpose: str, of: str, valid_to: date | None
) -> dict[str, Any]:
    if purpose == "warrant":
        return {"warrant": Warrant(document=document, valid_to=valid_to)}
    if purpose == "identity":
        return {"holder": body.holder.model_copy(update={"identity": document})}
    if purpose == "certificate":
        chosen = [mark for mark in body.marks if of in {mark.mark_id, EVERY_ROW}]
        if not chosen:
            raise InputError("no such mark in this batch", where="of", mend="choose one of its marks")
        certified = {mark.mark_id: mark.model_copy(update={"certificate": document}) for mark in chosen}
        return {"marks": tuple(certified.get(mark.mark_id, mark) for mark in body.marks)}
    if purpose != "evidence":
        raise InputError("a document is evidence, a certificate, an identity or a warrant", where="purpose")
    rows = tuple(
        row.model_copy(update={"evidence": _once((*row.evidence, document))}) if of in {EVERY_ROW, str(number)} else row
        for number, row in enumerate(body.rows, start=1)
    )
    return {"rows": rows}


def _once(documents: tuple[Document, ...]) -> tuple[Document, ...]:
    return tuple({each.sha256: each for each in documents}.values())[:50]


def _row(fields: dict[str, Any]) -> BatchRow:
    """A row of what a form sent. Raises `InputError` for what a row cannot hold."""
    return BatchRow.model_validate(fields)


def _edited(
    at_desk: Desk,
    caller: Visitor,
    batch_id: str,
    body: BatchContent,
    changes: dict[str, Any],
    revision: int,
    *,
    place: str = "",
) -> Response:
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    drafting.edit(at_desk, caller, batch, body.model_copy(update=changes), revision=revision)
    return _page(batch_id, place)


def _page(batch_id: str, place: str = "") -> Response:
    return RedirectResponse(f"/batches/{batch_id}{place}", status_code=HTTPStatus.SEE_OTHER)
