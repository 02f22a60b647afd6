"""Case leads (案件线索) over the API: register from leads, list, read, export."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from models.case_leads import CaseLead
from models.explanations import Language
from models.values import Value
from review_api.cases.registration import LONGEST_NOTE, register
from review_api.desk import AtDesk, SignedIn
from review_api.exports import JSON_TYPE, XLSX_TYPE, write_json, write_xlsx
from review_api.inputs import CaseNumber, Revision, StorableText
from review_api.problems import answers

router = APIRouter(prefix="/api/v1/case-leads", tags=["case leads"])

MOST_LEADS = 500


class RegistrationRequest(Value):
    """The leads to accept, each with the revision that was read: all of them or none."""

    leads: Annotated[
        dict[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")], Revision],
        Field(min_length=1, max_length=MOST_LEADS, examples=[{"0" * 32: 0}]),
    ]
    note: Annotated[StorableText, Field(max_length=LONGEST_NOTE)] = ""


class CaseLeadLine(Value):
    """One line of the list."""

    case_number: str
    registered_at: AwareDatetime
    accepted_by: str
    note: str
    leads: int = Field(description="How many leads the dossier holds")
    dossier_digest: str


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Register a case lead",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def registered(request: RegistrationRequest, response: Response, at_desk: AtDesk, caller: SignedIn) -> CaseLead:
    """Accepts the leads, numbers and freezes their dossier. 409 when one of them was changed since it was read, or
    can no longer be accepted; then nothing is registered."""
    case_lead = register(at_desk, caller, request.leads, note=request.note)
    response.headers["Location"] = f"/api/v1/case-leads/{case_lead.case_number}"
    return case_lead


@router.get("", summary="Case leads, newest first", responses=answers())
def every(at_desk: AtDesk, caller: SignedIn) -> tuple[CaseLeadLine, ...]:
    """All registered case leads of the organisation."""
    return tuple(line(case_lead) for case_lead in at_desk.store.case_leads.all(caller.organisation_id))


@router.get("/{case_number}", summary="One case lead", responses=answers(HTTPStatus.NOT_FOUND))
def one(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> CaseLead:
    """The frozen dossier with its digest."""
    return at_desk.store.case_leads.get(caller.organisation_id, case_number)


@router.get(
    "/{case_number}/dossier.json",
    summary="Export as JSON",
    response_class=Response,
    responses={**answers(HTTPStatus.NOT_FOUND), 200: {"content": {JSON_TYPE: {}}, "description": "Canonical JSON"}},
)
def as_json(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Canonical JSON with a schema version; the digest in it can be recomputed by anyone."""
    case_lead = at_desk.store.case_leads.get(caller.organisation_id, case_number)
    return attachment(write_json(case_lead), case_lead, JSON_TYPE, "json")


@router.get(
    "/{case_number}/dossier.xlsx",
    summary="Export as XLSX",
    response_class=Response,
    responses={**answers(HTTPStatus.NOT_FOUND), 200: {"content": {XLSX_TYPE: {}}, "description": "A workbook"}},
)
def as_xlsx(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    language: Annotated[Language, Query(description="Of headings and sentences")] = "zh",
) -> Response:
    """A workbook for people: summary, leads, findings, pictures, notes. No cell is a formula."""
    case_lead = at_desk.store.case_leads.get(caller.organisation_id, case_number)
    return attachment(write_xlsx(case_lead, language), case_lead, XLSX_TYPE, "xlsx")


def line(case_lead: CaseLead) -> CaseLeadLine:
    """The case lead in a list."""
    return CaseLeadLine(
        case_number=case_lead.case_number,
        registered_at=case_lead.registered_at,
        accepted_by=case_lead.dossier.accepted_by,
        note=case_lead.dossier.note,
        leads=len(case_lead.dossier.leads),
        dossier_digest=case_lead.dossier_digest,
    )


def attachment(data: bytes, case_lead: CaseLead, kind: str, extension: str) -> Response:
    """A file to keep, named by its case number."""
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in case_lead.case_number)
    headers = {
        "Content-Disposition": f'attachment; filename="case-lead-{name}.{extension}"',
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=kind, headers=headers)
