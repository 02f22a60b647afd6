"""Leads (疑似信息): the queue, its counts, one lead with its findings in words, and decisions."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from models.leads import Cell, Disposition, Flip, Lead
from models.ports import FacetCount, LeadQuery, LeadSummary
from models.queue.claims import Claim
from models.queue.places import Place
from models.values import Value
from review_api.access import trail
from review_api.decisions import LONGEST_REASON, decide
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import FiniteNumber, IfMatch, LeadId, Revision, StorableText, matched_revision
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.sessions import Visitor
from review_api.turns import LONGEST_SPENT_S
from review_api.wording import Explanation, Words, explanations, flip_words, mark_texts

NO_MARK = "\x00"
router = APIRouter(prefix="/api/v1/leads", tags=["leads"], route_class=OnceRoute)


class LeadList(Value):
    """A page of the queue."""

    leads: tuple[LeadSummary, ...]
    next_cursor: str = Field(description="Send it as `after` for the next page; empty on the last one")
    total: int = Field(description="How many leads match in all, counted up to a bound")
    more: bool = Field(default=False, description="Whether there are more than were counted")


class LeadCounts(Value):
    """Counts by value, each field under every other filter but its own."""

    dispositions: tuple[FacetCount, ...]
    kinds: tuple[FacetCount, ...]
    platforms: tuple[FacetCount, ...]
    marks: tuple[FacetCount, ...]
    cells: tuple[FacetCount, ...]
    places: tuple[FacetCount, ...]
    captured: tuple[FacetCount, ...]
    categories: tuple[FacetCount, ...]


class LeadDetail(Value):
    """A lead, its findings in words, and what would change the outcome."""

    lead: Lead
    explanations: dict[str, Explanation] = Field(description="By finding id")
    flips: tuple[Flip, ...]
    flip_sentences: tuple[Words, ...] = Field(description="The same in words, with the score as it is and would be")
    claim: Claim | None = Field(default=None, description="Who has the lead now")


class DecisionRequest(Value):
    """A decision other than acceptance. `revision` may be left out where If-Match is sent."""

    disposition: Disposition = Field(examples=["dismissed"])
    reason_code: Annotated[
        StorableText | None, Field(max_length=64, description="Needed for a dismissal: a code of /dismissal-reasons")
    ] = None
    reason: Annotated[StorableText, Field(max_length=LONGEST_REASON)] = ""
    revision: Revision | None = Field(default=None, description="The revision that was read", examples=[0])
    spent_s: Annotated[
        int | None, Field(ge=0, le=LONGEST_SPENT_S, description="Seconds from opening the lead to deciding")
    ] = None


def lead_query(
    at_desk: AtDesk,
    caller: SignedIn,
    disposition: Disposition | None = None,
    kind: Literal["", "listing", "parcel"] = "",
    platform: Annotated[StorableText, Query(max_length=128)] = "",
    mark_id: Annotated[StorableText, Query(max_length=128)] = "",
    cell: Cell | None = None,
    detector: Annotated[StorableText, Query(max_length=32, description="trademark, price, pictures, parcels …")] = "",
    minimum_score: Annotated[FiniteNumber | None, Query()] = None,
    text: Annotated[StorableText, Query(max_length=200, description="Looked for in titles and ids")] = "",
    group_id: Annotated[StorableText, Query(max_length=64, description="Only the leads of this group")] = "",
    place: Annotated[Place | None, Query(description="Inside or outside the unit's regions")] = None,
    captured: Annotated[bool | None, Query(description="Whether the page was captured")] = None,
    category: Annotated[StorableText, Query(max_length=64, description="The first step of the category")] = "",
    holder: Annotated[StorableText, Query(max_length=200, description="On a mark of this rights holder")] = "",
    campaign_id: Annotated[StorableText, Query(max_length=64, description="Those that a campaign names")] = "",
    operator: Annotated[StorableText, Query(max_length=64, description="On this operator, by its key")] = "",
    days: Annotated[int, Query(ge=0, le=3660, description="First seen within so many days; 0: any")] = 0,
    turn: Annotated[Literal["", "mine", "free"], Query(description="Claimed by the caller, or by nobody")] = "",
    grouped: Annotated[bool, Query(description="Of each group only the lead that comes first")] = False,
    order: Literal["score", "newest", "value"] = "score",
    after: Annotated[StorableText, Query(max_length=400, description="The cursor of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LeadQuery:
    """The filters as they stand in the address."""
    at = at_desk.clock()
    return LeadQuery(
        disposition=disposition,
        kind=kind,
        platform=platform,
        mark_id=mark_id,
        cell=cell,
        detector=detector,
        minimum_score=minimum_score,
        text=text.strip(),
        group_id=group_id,
        place=place,
        captured=captured,
        category=category,
        any_mark=marks_held(at_desk, caller, holder) if holder else (),
        campaign=at_desk.store.campaigns.get(caller.organisation_id, campaign_id) if campaign_id else None,
        party_key=operator,
        seen_since=at - timedelta(days=days) if days else None,
        held_by=caller.account.name if turn == "mine" else "",
        unheld=turn == "free",
        at=at,
        grouped=grouped,
        order=order,
        after=after,
        limit=limit,
    )


def marks_held(at_desk: Desk, caller: Visitor, holder: str) -> tuple[str, ...]:
    """The marks of a rights holder; one that is nobody's where it has none, so that nothing is found."""
    registry = at_desk.registries.current(at_desk.store.registry, caller.organisation_id)
    return tuple(mark.mark_id for mark in registry.marks if mark.holder == holder) or (NO_MARK,)


Filters = Annotated[LeadQuery, Depends(lead_query)]


@router.get("", summary="The queue", responses=answers(HTTPStatus.NOT_FOUND))
def find(filters: Filters, at_desk: AtDesk, caller: SignedIn) -> LeadList:
    """Leads of the caller's organisation that match every filter, best score first or newest first."""
    page = at_desk.store.leads.find(caller.organisation_id, filters)
    return LeadList(leads=page.leads, next_cursor=page.next_cursor, total=page.total, more=page.more)


@router.get("/counts", summary="Counts for the filters", responses=answers(HTTPStatus.NOT_FOUND))
def counts(filters: Filters, at_desk: AtDesk, caller: SignedIn) -> LeadCounts:
    """How many leads each value of a filter would give."""
    facets = at_desk.store.leads.facets(caller.organisation_id, filters)
    return LeadCounts(
        dispositions=facets.dispositions,
        kinds=facets.kinds,
        platforms=facets.platforms,
        marks=facets.marks,
        cells=facets.cells,
        places=facets.places,
        captured=facets.captured,
        categories=facets.categories,
    )


@router.get("/{lead_id}", summary="One lead with its findings", responses=answers(HTTPStatus.NOT_FOUND))
def one(lead_id: LeadId, response: Response, at_desk: AtDesk, caller: SignedIn) -> LeadDetail:
    """The newest screening, every decision, the findings for and against in words, and what would flip the outcome.
    The ETag is the revision: send it back as If-Match with a decision."""
    lead = at_desk.store.leads.get(caller.organisation_id, lead_id)
    response.headers["ETag"] = f'"{lead.revision}"'
    return detail(at_desk, caller, lead)


@router.post(
    "/{lead_id}/decisions",
    summary="Decide on a lead",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def decided(
    lead_id: LeadId,
    decision: DecisionRequest,
    request: Request,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> LeadDetail:
    """Dismiss with a reason, ask for more, or reopen. 409 when the lead was changed since it was read, or when its
    state forbids the change. Acceptance registers a case lead instead."""
    lead = decide(
        at_desk,
        caller,
        lead_id,
        disposition=decision.disposition,
        revision=matched_revision(if_match, decision.revision),
        reason_code=decision.reason_code or "",
        reason=decision.reason,
        spent_s=decision.spent_s,
    )
    trail.detail(request, disposition=lead.disposition)
    response.headers["ETag"] = f'"{lead.revision}"'
    return detail(at_desk, caller, lead)


def detail(at_desk: Desk, caller: Visitor, lead: Lead) -> LeadDetail:
    """A lead with its findings in words."""
    marks = marks_of(at_desk, caller, lead)
    found = flips(at_desk, lead)
    return LeadDetail(
        lead=lead,
        explanations=explanations(lead.screening.findings, marks),
        flips=found,
        flip_sentences=tuple(flip_words(flip, lead.screening.assessment.score) for flip in found),
        claim=at_desk.store.claims.of_leads(caller.organisation_id, [lead.lead_id], at=at_desk.clock()).get(
            lead.lead_id
        ),
    )


def marks_of(at_desk: Desk, caller: Visitor, lead: Lead) -> Mapping[str, str]:
    """The texts of the marks as they stood when the lead was screened."""
    version = lead.screening.registry_version
    return mark_texts(at_desk.registries.at_version(at_desk.store.registry, caller.organisation_id, version))


def flips(at_desk: Desk, lead: Lead) -> tuple[Flip, ...]:
    """What would change the outcome: as stored with the screening, otherwise worked out now."""
    return lead.screening.assessment.flips or at_desk.screening.what_would_flip(lead.screening)
