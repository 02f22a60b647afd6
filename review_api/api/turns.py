"""Claims on leads, and acts on many leads that can be taken back."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from models.queue.bulk import BulkAct, BulkKind, Chosen
from models.queue.claims import Claim
from models.values import Value
from review_api import turns
from review_api.access import trail
from review_api.api.leads import Filters
from review_api.decisions import LONGEST_REASON
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import IfMatch, LeadId, Revision, StorableText, optional_revision
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1", tags=["leads"], route_class=OnceRoute)

MOST_CHOSEN = 500
MOST_NEXT = 50
REFUSALS = answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
ActId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The act's id", examples=["0" * 32])]
NamedLead = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0" * 32])]
Officer = Annotated[StorableText, Field(min_length=1, max_length=128, description="The officer's account name")]


class AssignmentRequest(Value):
    """Whom the lead is given to."""

    officer: Officer


class ChosenLead(Value):
    """A lead at the revision that was seen; a `group_size` of more than one takes its twins with it, as long as the
    group is still of that size."""

    lead_id: NamedLead
    revision: Revision
    group_size: Annotated[int, Field(ge=1, le=10_000)] = 1


class BulkRequest(Value):
    """What is done to all of these leads, or to none: dismissed for a reason, or given to an officer."""

    act: Literal[BulkKind.DISMISS, BulkKind.ASSIGN] = Field(examples=["dismiss"])
    leads: Annotated[tuple[ChosenLead, ...], Field(min_length=1, max_length=MOST_CHOSEN)]
    reason_code: Annotated[StorableText, Field(max_length=64)] = ""
    reason: Annotated[StorableText, Field(max_length=LONGEST_REASON)] = ""
    officer: Annotated[StorableText, Field(max_length=128)] = ""


@router.post("/leads/{lead_id}/claim", summary="Claim a lead", responses=REFUSALS, dependencies=KEYED)
def claim(lead_id: LeadId, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None) -> Claim:
    """It is the caller's until the claim runs out; again, and it runs longer. 409 while somebody else has it: of
    several who ask at once one gets it."""
    return turns.claim(at_desk, caller, lead_id, revision=optional_revision(if_match))


@router.post("/claims", summary="Claim the next leads", responses=REFUSALS, dependencies=KEYED)
def claim_next(
    request: Request,
    filters: Filters,
    at_desk: AtDesk,
    caller: SignedIn,
    count: Annotated[int, Query(ge=1, le=MOST_NEXT, description="How many leads")] = 1,
) -> tuple[Claim, ...]:
    """The first leads that match every filter, wait for somebody and are nobody's become the caller's, in the order
    asked for. Of several who ask at once each gets others, and none waits for another. Fewer than `count`, or none,
    when no more are free; `turn`, `grouped`, `after` and `limit` say nothing here."""
    taken = turns.claim_next(at_desk, caller, filters, count=count)
    trail.detail(request, leads=", ".join(each.lead_id for each in taken))
    return taken


@router.delete(
    "/leads/{lead_id}/claim",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Release a lead",
    responses=REFUSALS,
    dependencies=KEYED,
)
def release(lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Give one's own back; a supervisor gives back anybody's. 409 when there is none to give back."""
    turns.release(at_desk, caller, lead_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/leads/{lead_id}/assignment", summary="Assign a lead", responses=REFUSALS, dependencies=KEYED)
def assign(
    lead_id: LeadId, asked: AssignmentRequest, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> Claim:
    """A supervisor gives the lead to an officer, whoever holds it."""
    return turns.assign(at_desk, caller, lead_id, asked.officer, revision=optional_revision(if_match))


@router.post(
    "/bulk-acts",
    status_code=HTTPStatus.CREATED,
    summary="Dismiss or assign many leads",
    responses=REFUSALS,
    dependencies=KEYED,
)
def bulk(asked: BulkRequest, response: Response, at_desk: AtDesk, caller: SignedIn) -> BulkAct:
    """All of them or none. There is no acceptance of many. 409 when one was changed since it was seen, is held by
    somebody else, or stands for a group that grew."""
    chosen = tuple(Chosen(**each.model_dump()) for each in asked.leads)
    if asked.act is BulkKind.ASSIGN:
        act = turns.assign_many(at_desk, caller, chosen, officer=asked.officer)
    else:
        act = turns.dismiss_many(at_desk, caller, chosen, reason_code=asked.reason_code, reason=asked.reason)
    response.headers["Location"] = f"/api/v1/bulk-acts/{act.act_id}"
    return act


@router.get("/bulk-acts", summary="One's own acts on many", responses=answers())
def acts(at_desk: AtDesk, caller: SignedIn) -> tuple[BulkAct, ...]:
    """Newest first."""
    return at_desk.store.bulk.acts(caller.organisation_id, by=caller.account.name)


@router.post("/bulk-acts/{act_id}/undo", summary="Take an act back", responses=REFUSALS, dependencies=KEYED)
def undo(act_id: ActId, at_desk: AtDesk, caller: SignedIn) -> BulkAct:
    """Every lead as it was before. 409 when the time is over, when it was taken back already, or when somebody acted on
    one of its leads since."""
    return turns.undo(at_desk, caller, act_id)
