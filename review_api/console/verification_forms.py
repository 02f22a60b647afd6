"""Verification on pages: a holder's opinion, a unit's word on what became of a lead, records with their files."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from models.errors import JianzhenError, NotFoundError
from models.leads import Lead
from models.referrals import Referral
from models.subjects import Listing
from models.values import Value
from models.verification import (
    Appraisal,
    Basis,
    Feedback,
    Identification,
    LeadRecord,
    Opinion,
    RecordKind,
    ReferralAnswer,
    TestPurchase,
)
from review_api.access import trail
from review_api.api.referrals import ReferralId
from review_api.api.verification import FILE_HEADERS
from review_api.console.pages import pages
from review_api.console.referral_pages import referral_view
from review_api.console.rights_pages import told
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import CaseNumber, ContentHash, LeadId, StorableText
from review_api.rights.answering import answers_on, give_feedback, give_opinion
from review_api.rights.files import Brought, file_type
from review_api.rights.records import MOST_FILES, add_record, attach_records, file_of, record_of
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

Words = Annotated[StorableText, Form(max_length=2000)]
Name = Annotated[StorableText, Form(max_length=200)]


class VerificationView(Value):
    """What the page of a lead shows of its verification."""

    referrals: tuple[Referral, ...]
    answers: dict[str, tuple[ReferralAnswer, ...]]
    overdue: tuple[str, ...]
    records: tuple[LeadRecord, ...]
    feedbacks: tuple[Feedback, ...] = tuple(Feedback)
    opinions: tuple[Opinion, ...] = tuple(Opinion)
    bases: tuple[Basis, ...] = tuple(Basis)


def verification_of(at_desk: Desk, caller: Visitor, lead: Lead) -> VerificationView:
    """Referrals with what was answered, and records, for the unit."""
    referrals = at_desk.store.referrals.of_lead(caller.organisation_id, lead.lead_id)
    answers, at = answers_on(at_desk, referrals), at_desk.clock()
    given = {key for key, found in answers.items() if any(each.opinion is not None for each in found)}
    return VerificationView(
        referrals=referrals,
        answers=answers,
        overdue=tuple(each.referral_id for each in referrals if each.overdue(at) and each.referral_id not in given),
        records=at_desk.store.verification.records(caller.organisation_id, lead.lead_id),
    )


@router.post("/referrals/{referral_id}/opinion")
def opinion(
    request: Request,
    referral_id: ReferralId,
    at_desk: AtDesk,
    caller: SignedIn,
    opinion: Annotated[Opinion, Form()],
    words: Words = "",
    person: Name = "",
) -> Response:
    """The holder's first opinion; then the page again."""
    try:
        give_opinion(at_desk, caller, referral_id, opinion, words=words, person=person)
    except JianzhenError as error:
        if isinstance(error, NotFoundError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        typed = {"opinion": opinion.value, "words": words, "person": person}
        return referral_view(request, at_desk, caller, referral_id, error=error, typed=typed)
    trail.detail(request, opinion=opinion)
    return RedirectResponse(f"/referrals/{referral_id}#opinion", status_code=HTTPStatus.SEE_OTHER)


@router.get("/leads/{lead_id}/records")
def records_page(request: Request, lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Everything about a lead's verification: referrals and what was said on them, records, and the forms."""
    return _page(request, at_desk, caller, lead_id)


@router.post("/leads/{lead_id}/feedback")
def feedback(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    referral: Annotated[str, Form(pattern=r"^[0-9a-f]{32}$")],
    feedback: Annotated[Feedback, Form()],
    words: Words = "",
) -> Response:
    """What became of it, told to one holder; then the page again."""
    give_feedback(at_desk, caller, lead_id, referral, feedback, words=words)
    trail.detail(request, feedback=feedback)
    return RedirectResponse(f"/leads/{lead_id}/records", status_code=HTTPStatus.SEE_OTHER)


class RecordForm:
    """The fields of every kind of record, as typed; each kind takes its own."""

    def __init__(
        self,
        platform: Name = "",
        order_no: Name = "",
        waybill_no: Name = "",
        bought_on: Name = "",
        price: Name = "",
        currency: Name = "",
        sealed_sample: Name = "",
        spare_sample: Name = "",
        conclusion: Words = "",
        basis: Name = "",
        item: Name = "",
        holder: Name = "",
        person: Name = "",
        document_no: Name = "",
        institution: Name = "",
        report_no: Name = "",
        note: Words = "",
    ) -> None:
        self.values = {name: str(value).strip() for name, value in locals().items() if name != "self"}

    def fields(self, kind: RecordKind) -> dict[str, object]:
        wanted = {*KINDS[kind].model_fields, "note"}
        return {name: value for name, value in self.values.items() if name in wanted and value}


KINDS: dict[RecordKind, type[Value]] = {
    RecordKind.PURCHASE: TestPurchase,
    RecordKind.IDENTIFICATION: Identification,
    RecordKind.APPRAISAL: Appraisal,
}


@router.post("/leads/{lead_id}/records")
def add(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    kind: Annotated[RecordKind, Form()],
    form: Annotated[RecordForm, Depends()],
    files: Annotated[list[UploadFile], File(max_length=MOST_FILES)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """A record with its files; then the page again."""
    brought = [Brought(each.filename, each.file.read()) for each in files if each.filename]
    try:
        at_desk.store.leads.get(caller.organisation_id, lead_id)
        add_record(at_desk, caller, record_of(at_desk, caller, lead_id, kind, form.fields(kind)), brought)
    except JianzhenError as error:
        if isinstance(error, NotFoundError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return _page(request, at_desk, caller, lead_id, error=error, typed={**form.values, "kind": kind.value})
    trail.detail(request, record=kind)
    return RedirectResponse(f"/leads/{lead_id}/records#records", status_code=HTTPStatus.SEE_OTHER)


@router.get("/leads/{lead_id}/records/{record_sha256}")
def record_file(lead_id: LeadId, record_sha256: ContentHash, at_desk: AtDesk, caller: SignedIn) -> Response:
    """A picture is shown, a PDF is kept."""
    _, data = file_of(at_desk, caller, lead_id, record_sha256)
    kind = file_type(data) or "application/octet-stream"
    shown = "inline" if kind.startswith("image/") else f'attachment; filename="{record_sha256[:16]}.pdf"'
    return Response(data, media_type=kind, headers={**FILE_HEADERS, "Content-Disposition": shown})


@router.post("/case-leads/{case_number}/records")
def attach(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: Annotated[int, Form(ge=0, le=2**31 - 1)],
) -> Response:
    """Every record of the case lead's leads comes into its annex, as a new version."""
    attach_records(at_desk, caller, case_number, revision=revision)
    return RedirectResponse(f"/case-leads/{case_number}#annex", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    at_desk: Desk,
    caller: Visitor,
    lead_id: str,
    *,
    error: JianzhenError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    lead = at_desk.store.leads.get(caller.organisation_id, lead_id)
    subject = lead.screening.subject
    return pages(request).render(
        request,
        "lead_records.html",
        status=error.status if error else HTTPStatus.OK,
        lead=lead,
        title=subject.title if isinstance(subject, Listing) else subject.declared_goods,
        verification=verification_of(at_desk, caller, lead),
        kinds=tuple(RecordKind),
        typed=typed or {},
        told=told(request, error),
    )
