"""What a person does with a lead's group from the lead's page: take leads out, or join another group."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from review_api.api.groups import MOST_SPLIT, split_off
from review_api.console.filters import Filters
from review_api.decisions import LONGEST_REASON
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import LeadId, StorableText

router = APIRouter(include_in_schema=False)

NamedLead = Annotated[str, Form(pattern=r"^\s*[0-9a-f]{32}\s*$")]
Why = Annotated[StorableText, Form(max_length=LONGEST_REASON)]


@router.post("/leads/{lead_id}/group/split")
def split(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    member: Annotated[list[Annotated[str, Form(pattern=r"^[0-9a-f]{32}$")]], Form(max_length=MOST_SPLIT)] = [],  # noqa: B006 - FastAPI copies it
    reason: Why = "",
) -> Response:
    """Take the chosen leads out of the group, or this one where none is chosen."""
    split_off(at_desk, caller, lead_id, tuple(member), reason)
    return _back(request, lead_id)


@router.post("/leads/{lead_id}/group/merge")
def merge(
    request: Request, lead_id: LeadId, at_desk: AtDesk, caller: SignedIn, other: NamedLead, reason: Why = ""
) -> Response:
    """Make this lead's group and another lead's one."""
    at_desk.store.groups.merge(
        caller.organisation_id,
        lead_id,
        other.strip(),
        by=caller.account.name,
        at=at_desk.clock(),
        reason=reason.strip(),
    )
    return _back(request, lead_id)


def _back(request: Request, lead_id: str) -> Response:
    place = Filters.read(request.query_params).place_query
    return RedirectResponse(f"/leads/{lead_id}?{place}", status_code=HTTPStatus.SEE_OTHER)
