"""The page of the rules (研判规则): operating points with their history, what other rules would change, and groups that
would run away. Also where the outcome of a case is recorded."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from review_api.api.triage import OutcomeRequest, PointRequest, keep_outcome, keep_point
from review_api.console.pages import pages
from review_api.decisions import LONGEST_REASON, add_reason, reasons_of
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import CaseNumber, FiniteNumber, StorableText
from review_api.wording import mark_texts

router = APIRouter(include_in_schema=False)

KEPT = 20


@router.get("/triage")
def rules_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Points, comparisons (the one asked for opened, otherwise the newest), alarms."""
    found = dict(at_desk.store.triage.comparisons(caller.organisation_id, limit=KEPT))
    asked = request.query_params.get("comparison", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    chosen = number if number in found else max(found, default=0)
    return pages(request).render(
        request,
        "triage.html",
        in_use=at_desk.screening.rules_in_use(caller.organisation_id),
        history=at_desk.store.triage.points_set(caller.organisation_id),
        comparisons=found,
        chosen=chosen,
        comparison=found.get(chosen),
        marks=mark_texts(at_desk.store.registry.current(caller.organisation_id)),
        reasons=tuple(reasons_of(at_desk, caller).values()),
        alarms=at_desk.store.groups.alarms(caller.organisation_id, limit=KEPT),
    )


@router.post("/triage/points")
def set_point(
    at_desk: AtDesk,
    caller: SignedIn,
    kind: Annotated[Literal["listing", "parcel"], Form()],
    point: Annotated[FiniteNumber, Form(gt=0, le=1000)],
    reason: Annotated[StorableText, Form(min_length=1, max_length=LONGEST_REASON, pattern=r"\S")],
) -> Response:
    """Set an operating point; then the page again."""
    keep_point(at_desk, caller, PointRequest(kind=kind, point=point, reason=reason))
    return RedirectResponse("/triage", status_code=HTTPStatus.SEE_OTHER)


@router.post("/triage/reasons")
def new_reason(
    at_desk: AtDesk,
    caller: SignedIn,
    zh: Annotated[StorableText, Form(min_length=1, max_length=100, pattern=r"\S")],
    en: Annotated[StorableText, Form(max_length=100)] = "",
    words_needed: Annotated[Literal["", "yes"], Form()] = "",
) -> Response:
    """Add a reason to dismiss; then the page again."""
    add_reason(at_desk, caller, zh=zh, en=en, words_needed=words_needed == "yes")
    return RedirectResponse("/triage", status_code=HTTPStatus.SEE_OTHER)


@router.post("/case-leads/{case_number}/outcome")
def record_outcome(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    filed: Annotated[Literal["yes", "no"], Form()],
    reason: Annotated[StorableText, Form(max_length=LONGEST_REASON)] = "",
) -> Response:
    """Record what became of a case; then its page again."""
    keep_outcome(at_desk, caller, case_number, OutcomeRequest(filed=filed == "yes", reason=reason))
    return RedirectResponse(f"/case-leads/{case_number}", status_code=HTTPStatus.SEE_OTHER)
