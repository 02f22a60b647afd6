"""Case leads as pages: the confirmation that opens the counter-reasons, the list, and the frozen dossier."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from models.case_leads import CaseLead
from models.errors import InputError
from models.explanations import Language
from models.leads import Disposition
from review_api.cases.api import MOST_LEADS, attachment
from review_api.cases.registration import LONGEST_NOTE, register
from review_api.console.lead_pages import live_view, require_checked
from review_api.console.pages import pages
from review_api.console.views import LeadView, lead_view
from review_api.desk import AtDesk, SignedIn
from review_api.exports import JSON_TYPE, XLSX_TYPE, write_json, write_xlsx
from review_api.inputs import CaseNumber, StorableText

router = APIRouter(include_in_schema=False)

LeadIds = Annotated[list[Annotated[str, Query(pattern=r"^[0-9a-f]{32}$")]], Query(max_length=MOST_LEADS)]


@router.get("/case-leads/new")
def confirm(request: Request, at_desk: AtDesk, caller: SignedIn, lead: LeadIds = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Before several leads become one case lead: each with its counter-reasons open."""
    language = pages(request).language(request)
    leads = [at_desk.store.leads.get(caller.organisation_id, lead_id) for lead_id in dict.fromkeys(lead)]
    ready = [one for one in leads if one.disposition in {Disposition.OPEN, Disposition.MORE_INFORMATION}]
    return pages(request).render(
        request,
        "case_new.html",
        views=[live_view(at_desk, caller, one, language) for one in ready],
        left_out=[live_view(at_desk, caller, one, language) for one in leads if one not in ready],
    )


@router.post("/case-leads")
def accept(
    at_desk: AtDesk,
    caller: SignedIn,
    lead: Annotated[list[Annotated[str, Form(max_length=64)]], Form(max_length=MOST_LEADS)],
    note: Annotated[StorableText, Form(max_length=LONGEST_NOTE)] = "",
    checked: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Register the case lead. Each field `lead` is `id:revision`."""
    require_checked(checked)
    case_lead = register(at_desk, caller, dict(_seen(entry) for entry in lead), note=note)
    return RedirectResponse(f"/case-leads/{case_lead.case_number}", status_code=HTTPStatus.SEE_OTHER)


@router.get("/case-leads")
def case_list(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """All case leads, newest first."""
    return pages(request).render(request, "case_list.html", cases=at_desk.store.case_leads.all(caller.organisation_id))


@router.get("/case-leads/{case_number}")
def case_page(request: Request, case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The dossier as it was frozen."""
    case_lead = at_desk.store.case_leads.get(caller.organisation_id, case_number)
    language = pages(request).language(request)
    return pages(request).render(
        request,
        "case.html",
        case=case_lead,
        dossier=case_lead.dossier,
        views=frozen_views(case_lead, language),
        outcomes=at_desk.store.triage.outcomes(caller.organisation_id, case_number),
    )


@router.get("/case-leads/{case_number}/dossier.json")
def case_json(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The dossier for programs."""
    case_lead = at_desk.store.case_leads.get(caller.organisation_id, case_number)
    return attachment(write_json(case_lead), case_lead, JSON_TYPE, "json")


@router.get("/case-leads/{case_number}/dossier.xlsx")
def case_xlsx(request: Request, case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The dossier as a workbook, in the console's language."""
    case_lead = at_desk.store.case_leads.get(caller.organisation_id, case_number)
    return attachment(write_xlsx(case_lead, pages(request).language(request)), case_lead, XLSX_TYPE, "xlsx")


def frozen_views(case_lead: CaseLead, language: Language) -> list[LeadView]:
    """The dossier's leads, arranged from nothing but the dossier."""
    dossier = case_lead.dossier
    readings = {reading.address: reading for reading in dossier.pictures}
    marks = {mark.mark_id: mark for mark in dossier.marks}
    return [
        lead_view(
            lead,
            language,
            marks=marks,
            goods=dossier.goods,
            readings=readings,
            official=readings,
            flips=lead.screening.assessment.flips,
        )
        for lead in dossier.leads
    ]


def _seen(entry: str) -> tuple[str, int]:
    lead_id, _, revision = entry.partition(":")
    if not revision.isascii() or not revision.isdigit() or len(revision) > 10:
        raise InputError("a lead was named without its revision", where="lead", mend="choose the leads again")
    return lead_id, int(revision)
