"""Case leads as pages: the confirmation that opens the counter-reasons, the list, and the frozen dossier."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from models.case_leads import (
    CLOSING_RESULTS,
    MONITORING,
    NEEDS_REASON,
    CaseLead,
    CaseState,
    ExportKind,
    Ground,
    sources,
)
from models.case_leads.keeping import CaseQuery
from models.errors import InputError
from models.explanations import Language
from models.leads import Disposition
from review_api.cases.api import MOST_LEADS, detail
from review_api.cases.clock import clock_view
from review_api.cases.registration import LONGEST_DETAIL, LONGEST_NOTE, register
from review_api.cases.rights import WHY, rights_of
from review_api.cases.twins import with_twins
from review_api.console.case_views import case_view
from review_api.console.lead_pages import live_view, require_checked
from review_api.console.pages import pages
from review_api.console.views import LeadView, lead_view
from review_api.desk import AtDesk, SignedIn
from review_api.exports.documents import missing_for_pdf
from review_api.inputs import CaseNumber, StorableText
from review_api.rights.records import records_left

router = APIRouter(include_in_schema=False)

LeadIds = Annotated[
    list[Annotated[str, Query(pattern=r"^[0-9a-f]{32}(:[0-9:]{1,20})?$")]], Query(max_length=MOST_LEADS)
]


@router.get("/case-leads/new")
def confirm(request: Request, at_desk: AtDesk, caller: SignedIn, lead: LeadIds = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Before several leads become one case lead: each with its counter-reasons open, and with the twins that the same
    operator shows. What the queue tells behind an id is of no account here: everything is shown as it stands now."""
    language = pages(request).language(request)
    named = dict.fromkeys(entry.partition(":")[0] for entry in lead)
    chosen = [at_desk.store.leads.get(caller.organisation_id, lead_id) for lead_id in named]
    leads = with_twins(at_desk, caller, chosen, most=MOST_LEADS)
    ready = [one for one in leads if one.disposition in {Disposition.OPEN, Disposition.MORE_INFORMATION}]
    return pages(request).render(
        request,
        "case_new.html",
        views=[live_view(at_desk, caller, one, language) for one in ready],
        twins={one.lead_id for one in leads} - {one.lead_id for one in chosen},
        left_out=[live_view(at_desk, caller, one, language) for one in leads if one not in ready],
        sources=tuple(sources().values()),
    )


@router.post("/case-leads")
def accept(
    at_desk: AtDesk,
    caller: SignedIn,
    lead: Annotated[list[Annotated[str, Form(max_length=64)]], Form(max_length=MOST_LEADS)],
    note: Annotated[StorableText, Form(max_length=LONGEST_NOTE)] = "",
    source: Annotated[StorableText, Form(max_length=64)] = MONITORING,
    source_detail: Annotated[StorableText, Form(max_length=LONGEST_DETAIL)] = "",
    checked: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Register the case lead. Each field `lead` is `id:revision`."""
    require_checked(checked)
    revisions = dict(_seen(entry) for entry in lead)
    case_lead = register(at_desk, caller, revisions, note=note, source=source, source_detail=source_detail)
    return RedirectResponse(f"/case-leads/{case_lead.case_number}", status_code=HTTPStatus.SEE_OTHER)


@router.get("/case-leads")
def case_list(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    state: CaseState | None = None,
    after: Annotated[StorableText, Query(max_length=400)] = "",
) -> Response:
    """Case leads of one state or of all, newest first, page by page."""
    query = CaseQuery(state=state, after=after, limit=at_desk.settings.page_size)
    page = at_desk.store.case_leads.find(caller.organisation_id, query)
    counts = {each: _told(page.counts.get(each, 0), more=each in page.more) for each in CaseState}
    every = _told(sum(page.counts.values()), more=bool(page.more))
    return pages(request).render(
        request,
        "case_list.html",
        lines=[(each, clock_view(each, at_desk.clock())) for each in page.cases],
        page=page,
        counts=counts,
        every=every,
        total=counts[state] if state else every,
        state=state,
        after=after,
    )


def _told(count: int, *, more: bool) -> str:
    """A count that may have stopped at its bound."""
    return f"{count}+" if more else str(count)


@router.get("/case-leads/{case_number}")
def case_page(
    request: Request,
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    version: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    """One version of the dossier as it was frozen, where the case lead stands, and what may be done with it."""
    found = detail(at_desk, caller, case_number, version=version)
    case_lead, language = found.case_lead, pages(request).language(request)
    cases = at_desk.store.case_leads
    return pages(request).render(
        request,
        "case.html",
        case=case_lead,
        dossier=case_lead.dossier,
        detail=found,
        standing=found.standing,
        view=case_view(case_lead.dossier, found.reached, language),
        views=frozen_views(case_lead, language),
        versions=cases.versions(caller.organisation_id, case_number),
        events=cases.events(caller.organisation_id, case_number),
        exports=cases.exports(caller.organisation_id, case_number),
        outcomes=at_desk.store.triage.outcomes(caller.organisation_id, case_number),
        kinds=tuple(ExportKind),
        results=CLOSING_RESULTS,
        needs_reason=NEEDS_REASON,
        grounds=tuple(Ground),
        pdf_missing=missing_for_pdf(),
        unchecked=[
            each
            for each in rights_of(at_desk.store, caller.organisation_id, case_lead.dossier, at_desk.clock())
            if each.standing in WHY
        ],
        records=records_left(at_desk, caller, case_lead.dossier),
    )


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
