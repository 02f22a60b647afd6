"""Lead groups (关联线索组): the twins of a lead, and what a person makes of them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from models.ports import LeadGroup
from models.values import Value
from review_api.decisions import LONGEST_REASON
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import LeadId, StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1/leads", tags=["groups"], route_class=OnceRoute)

MOST_SPLIT = 500

NamedLead = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0" * 32])]
Why = Annotated[StorableText, Field(max_length=LONGEST_REASON)]


class SplitRequest(Value):
    """Which leads leave the group together; none means the lead of the address."""

    leads: Annotated[tuple[NamedLead, ...], Field(max_length=MOST_SPLIT)] = ()
    reason: Why = ""


class MergeRequest(Value):
    """A lead of the other group."""

    other: NamedLead
    reason: Why = ""


@router.get("/{lead_id}/group", summary="The group of a lead", responses=answers(HTTPStatus.NOT_FOUND))
def of_lead(
    lead_id: LeadId, at_desk: AtDesk, caller: SignedIn, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> LeadGroup:
    """The lead's twins with their scores, best first, and what people decided about the group."""
    return at_desk.store.groups.of_lead(caller.organisation_id, lead_id, limit=limit)


@router.post(
    "/{lead_id}/group/split",
    summary="Take leads out of their group",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    dependencies=KEYED,
)
def split(lead_id: LeadId, asked: SplitRequest, at_desk: AtDesk, caller: SignedIn) -> LeadGroup:
    """They form a group of their own, and no later screening brings them back. Answers with the group of the lead of
    the address."""
    split_off(at_desk, caller, lead_id, asked.leads, asked.reason)
    return at_desk.store.groups.of_lead(caller.organisation_id, lead_id)


@router.post(
    "/{lead_id}/group/merge",
    summary="Make two groups one",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    dependencies=KEYED,
)
def merge(lead_id: LeadId, asked: MergeRequest, at_desk: AtDesk, caller: SignedIn) -> LeadGroup:
    """No later screening parts them. Answers with the group."""
    at_desk.store.groups.merge(
        caller.organisation_id,
        lead_id,
        asked.other,
        by=caller.account.name,
        at=at_desk.clock(),
        reason=asked.reason.strip(),
    )
    return at_desk.store.groups.of_lead(caller.organisation_id, lead_id)


def split_off(at_desk: AtDesk, caller: SignedIn, lead_id: str, leads: tuple[str, ...], reason: str) -> None:
    """Split these leads, or the one lead. Raises `NotFoundError`, `InputError`."""
    at_desk.store.groups.split(
        caller.organisation_id, leads or (lead_id,), by=caller.account.name, at=at_desk.clock(), reason=reason.strip()
    )
