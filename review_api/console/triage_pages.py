"""The page of the rules (研判规则): operating points with their history, what other rules would change, and groups that
would run away. Also where the outcome of a case is recorded."""

from http import HTTPStatus
from math import ceil
from statistics import median
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.leads import Disposition
from models.policy import RulesInUse
from models.ports import LeadQuery
from review_api.api.triage import OutcomeRequest, PointRequest, keep_outcome, keep_point
from review_api.console.charts import Histogram, evenly
from review_api.console.formats import score
from review_api.console.pages import pages
from review_api.console.texts import Texts
from review_api.decisions import LONGEST_REASON, add_reason, reasons_of
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import CaseNumber, FiniteNumber, StorableText
from review_api.wording import mark_texts

router = APIRouter(include_in_schema=False)

KEPT = 20
SAMPLE = 200
BINS = 10  # up to the operating point, so that it is an edge
MOST_BINS = 50


@router.get("/triage")
def rules_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Points, comparisons (the one asked for opened, otherwise the newest), alarms."""
    found = dict(at_desk.store.triage.comparisons(caller.organisation_id, limit=KEPT))
    asked = request.query_params.get("comparison", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    chosen = number if number in found else max(found, default=0)
    in_use = at_desk.screening.rules_in_use(caller.organisation_id)
    return pages(request).render(
        request,
        "triage.html",
        in_use=in_use,
        scores=_scores(at_desk, caller, in_use, pages(request).texts(request)),
        history=at_desk.store.triage.points_set(caller.organisation_id),
        comparisons=found,
        chosen=chosen,
        comparison=found.get(chosen),
        marks=mark_texts(at_desk.store.registry.current(caller.organisation_id)),
        reasons=tuple(reasons_of(at_desk, caller).values()),
        alarms=at_desk.store.groups.alarms(caller.organisation_id, limit=KEPT),
    )


def _scores(at_desk: AtDesk, caller: SignedIn, in_use: RulesInUse, texts: Texts) -> Histogram:
    """How the newest open leads on listings score, beside the point from which they are leads."""
    asked = LeadQuery(disposition=Disposition.OPEN, kind="listing", order="newest", limit=SAMPLE)
    scores = [lead.score for lead in at_desk.store.leads.find(caller.organisation_id, asked).leads]
    point = in_use.points["listing"]
    width = point / BINS
    bins = min(MOST_BINS, max(2 * BINS, ceil(max(scores, default=0.0) / width)))
    edges, counts = evenly(scores, bins=bins, low=0.0, high=bins * width)
    return Histogram(
        edges=edges,
        counts=counts,
        labels=tuple(f"{edge:.1f}" for edge in edges),
        here=point,
        here_label=texts("triage.point_here", point=score(point)),
        middle=median(scores) if scores else None,
        middle_label=texts("triage.median", score=score(median(scores))) if scores else "",
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
