"""Case leads (案件线索) over the API: register from leads, list, read.

What is done with one is in `review_api.cases.acts`, what leaves in `review_api.cases.files`."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from models.case_leads import (
    MONITORING,
    CaseAct,
    CaseEvent,
    CaseLead,
    CaseSource,
    CaseStanding,
    CaseState,
    CaseVersion,
    Counter,
    Open,
    Reached,
    allowed,
    open_points,
    reached,
    sources,
)
from models.case_leads.keeping import CaseQuery
from models.values import Value
from review_api.cases.clock import ClockView, clock_view
from review_api.cases.registration import LONGEST_DETAIL, LONGEST_NOTE, register
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.exports import schema
from review_api.inputs import CaseNumber, Revision, StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.sessions import Visitor

router = APIRouter(prefix="/api/v1/case-leads", tags=["case leads"], route_class=OnceRoute)

MOST_LEADS = 500

LeadName = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
VersionNumber = Annotated[int, Query(ge=0, le=10**6, description="A version of the dossier; 0 is the newest")]


class RegistrationRequest(Value):
    """The leads to accept, each with the revision that was read: all of them or none."""

    leads: Annotated[dict[LeadName, Revision], Field(min_length=1, max_length=MOST_LEADS, examples=[{"0" * 32: 0}])]
    note: Annotated[StorableText, Field(max_length=LONGEST_NOTE)] = ""
    source: Annotated[StorableText, Field(max_length=64, description="A code of /case-leads/sources")] = MONITORING
    source_detail: Annotated[StorableText, Field(max_length=LONGEST_DETAIL)] = ""


class CaseLine(Value):
    """One line of the list: where it stands, and its clock."""

    standing: CaseStanding
    clock: ClockView


class CaseList(Value):
    """A page of the list."""

    case_leads: tuple[CaseLine, ...]
    next_cursor: str = Field(description="Send it as `after` for the next page; empty on the last one")
    total: int = Field(description="How many match in all, each state counted up to a bound")
    counts: dict[CaseState, int] = Field(description="How many there are in each state, up to a bound")
    more: tuple[CaseState, ...] = Field(default=(), description="The states that have more than were counted")


class CaseDetail(Value):
    """A case lead in one version, where it stands, and what may be done with it now."""

    case_lead: CaseLead
    standing: CaseStanding
    clock: ClockView
    acts: tuple[CaseAct, ...] = Field(description="The acts that its state allows")
    open_points: tuple[Open, ...] = Field(description="What keeps the dossier from being handed over")
    counters: tuple[Counter, ...] = Field(description="Counter-evidence with the officers' answers")
    reached: tuple[Reached, ...] = Field(description="The thresholds of the dossier's day beside its estimate")


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Register a case lead",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def registered(request: RegistrationRequest, response: Response, at_desk: AtDesk, caller: SignedIn) -> CaseLead:
    """Accepts the leads, numbers and freezes their dossier and starts the clock of its source. 409 when one of them was
    changed since it was read, can no longer be accepted, or shows another operator; then nothing is registered."""
    case_lead = register(
        at_desk,
        caller,
        request.leads,
        note=request.note,
        source=request.source,
        source_detail=request.source_detail,
    )
    response.headers["Location"] = f"/api/v1/case-leads/{case_lead.case_number}"
    response.headers["ETag"] = '"0"'
    return case_lead


@router.get("", summary="Case leads, newest first", responses=answers())
def every(
    at_desk: AtDesk,
    caller: SignedIn,
    state: CaseState | None = None,
    after: Annotated[StorableText, Query(max_length=400, description="The cursor of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CaseList:
    """A page of the organisation's case leads, of one state or of all."""
    page = at_desk.store.case_leads.find(caller.organisation_id, CaseQuery(state=state, after=after, limit=limit))
    return CaseList(
        case_leads=tuple(CaseLine(standing=each, clock=clock_view(each, at_desk.clock())) for each in page.cases),
        next_cursor=page.next_cursor,
        total=page.total,
        counts=page.counts,
        more=tuple(sorted(page.more)),
    )


@router.get("/sources", summary="Sources of case leads", responses=answers())
def source_list(caller: SignedIn) -> tuple[CaseSource, ...]:
    """Where a case lead may have come from, by code."""
    return tuple(sources().values())


@router.get("/schema.json", summary="The JSON Schema of the JSON export", responses=answers())
def published_schema(caller: SignedIn) -> dict[str, Any]:
    """What `dossier.json` holds, as JSON Schema 2020-12."""
    return schema()


@router.get("/{case_number}", summary="One case lead", responses=answers(HTTPStatus.NOT_FOUND))
def one(
    case_number: CaseNumber, response: Response, at_desk: AtDesk, caller: SignedIn, version: VersionNumber = 0
) -> CaseDetail:
    """The frozen dossier with its digest, where the case lead stands, and what may be done with it. The ETag is the
    revision that every change has to name."""
    found = detail(at_desk, caller, case_number, version=version)
    response.headers["ETag"] = f'"{found.standing.revision}"'
    return found


@router.get("/{case_number}/versions", summary="Versions of the dossier", responses=answers(HTTPStatus.NOT_FOUND))
def versions(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> tuple[CaseVersion, ...]:
    """Oldest first, each with its digest, who made it and why. Read one by `?version=`."""
    return at_desk.store.case_leads.versions(caller.organisation_id, case_number)


@router.get("/{case_number}/events", summary="What happened to it", responses=answers(HTTPStatus.NOT_FOUND))
def events(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> tuple[CaseEvent, ...]:
    """Every act, newest first; a withdrawal and an amendment name the receivers that have to be told."""
    return at_desk.store.case_leads.events(caller.organisation_id, case_number)


def detail(at_desk: Desk, caller: Visitor, case_number: str, *, version: int = 0) -> CaseDetail:
    """Everything that is shown of one case lead. Raises `NotFoundError`."""
    standing = at_desk.store.case_leads.standing(caller.organisation_id, case_number)
    case_lead = at_desk.store.case_leads.get(caller.organisation_id, case_number, version=version)
    dossier = case_lead.dossier
    return CaseDetail(
        case_lead=case_lead,
        standing=standing,
        clock=clock_view(standing, at_desk.clock()),
        acts=tuple(allowed(standing.state, standing.result, suspended=standing.suspended)),
        open_points=open_points(dossier),
        counters=dossier.counters,
        reached=reached(dossier.estimate, dossier.law_of_its_day),
    )
