"""Campaigns (专项行动), and what the party of a lead said (陈述申辩)."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Response
from pydantic import Field, model_validator

from models.organisations import Division
from models.queue.campaigns import Campaign
from models.queue.statements import LONGEST, Statement, StatementForm
from models.values import Value
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import IfMatch, LeadId, Revision, StorableText, matched_revision, optional_revision
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.sessions import Visitor

router = APIRouter(prefix="/api/v1", tags=["campaigns"], route_class=OnceRoute)

CampaignId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The campaign's id", examples=["0" * 32])]
Word = Annotated[StorableText, Field(min_length=1, max_length=100, pattern=r"\S")]
Words = Annotated[tuple[Word, ...], Field(max_length=100)]


class CampaignRequest(Value):
    """What a campaign is about; every list that is not empty narrows it. `revision` may be left out where If-Match is
    sent, and for a new one."""

    name: Word
    starts_on: date
    ends_on: date
    categories: Words = ()
    mark_ids: Words = ()
    regions: Annotated[tuple[Division, ...], Field(max_length=100)] = ()
    words: Words = ()
    revision: Revision | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "CampaignRequest":
        if self.ends_on < self.starts_on:
            raise ValueError("a campaign ends on or after the day it starts")
        return self


class StatementRequest(Value):
    """Who said what, when and how."""

    by_whom: Annotated[StorableText, Field(min_length=1, max_length=200, pattern=r"\S")]
    given_on: date
    form: StatementForm = Field(examples=["written"])
    words: Annotated[StorableText, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]


@router.get("/campaigns", summary="Campaigns", responses=answers())
def campaigns(at_desk: AtDesk, caller: SignedIn) -> tuple[Campaign, ...]:
    """As they stand, the one that ends last first."""
    return at_desk.store.campaigns.all(caller.organisation_id)


@router.get("/campaigns/{campaign_id}", summary="One campaign", responses=answers(HTTPStatus.NOT_FOUND))
def campaign(campaign_id: CampaignId, response: Response, at_desk: AtDesk, caller: SignedIn) -> Campaign:
    """The ETag is its revision."""
    found = at_desk.store.campaigns.get(caller.organisation_id, campaign_id)
    response.headers["ETag"] = f'"{found.revision}"'
    return found


@router.post(
    "/campaigns",
    status_code=HTTPStatus.CREATED,
    summary="Add a campaign",
    responses=answers(HTTPStatus.FORBIDDEN),
    dependencies=KEYED,
)
def add(asked: CampaignRequest, response: Response, at_desk: AtDesk, caller: SignedIn) -> Campaign:
    """Leads screened from now on come first by it; those that are there do once they are weighed again."""
    made = keep_campaign(at_desk, caller, asked, campaign_id=uuid4().hex, revision=0)
    response.headers["Location"] = f"/api/v1/campaigns/{made.campaign_id}"
    response.headers["ETag"] = f'"{made.revision}"'
    return made


@router.put(
    "/campaigns/{campaign_id}",
    summary="Change a campaign",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def change(
    campaign_id: CampaignId,
    asked: CampaignRequest,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> Campaign:
    """The whole campaign as it shall stand. 409 for a stale revision."""
    at_desk.store.campaigns.get(caller.organisation_id, campaign_id)
    revision = matched_revision(if_match, asked.revision)
    changed = keep_campaign(at_desk, caller, asked, campaign_id=campaign_id, revision=revision)
    response.headers["ETag"] = f'"{changed.revision}"'
    return changed


@router.get("/leads/{lead_id}/statements", summary="Statements of the party", responses=answers(HTTPStatus.NOT_FOUND))
def statements(lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> tuple[Statement, ...]:
    """Newest first."""
    return at_desk.store.campaigns.statements(caller.organisation_id, lead_id)


@router.post(
    "/leads/{lead_id}/statements",
    status_code=HTTPStatus.CREATED,
    summary="Record a statement of the party",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def record(
    lead_id: LeadId, asked: StatementRequest, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> tuple[Statement, ...]:
    """Kept as it was said; it is shown beside what speaks for and against."""
    keep_statement(at_desk, caller, lead_id, asked, revision=optional_revision(if_match))
    return at_desk.store.campaigns.statements(caller.organisation_id, lead_id)


def keep_campaign(
    at_desk: Desk, caller: Visitor, asked: CampaignRequest, *, campaign_id: str, revision: int
) -> Campaign:
    """Add or change it in the caller's name."""
    campaign = Campaign(
        organisation_id=caller.organisation_id,
        campaign_id=campaign_id,
        **asked.model_dump(exclude={"revision"}),
        revision=revision,
        changed_by=caller.account.name,
        changed_at=at_desk.clock(),
    )
    return at_desk.store.campaigns.save(caller.organisation_id, campaign)


def keep_statement(
    at_desk: Desk, caller: Visitor, lead_id: str, asked: StatementRequest, *, revision: int | None
) -> None:
    """Record it in the caller's name."""
    statement = Statement(
        organisation_id=caller.organisation_id,
        lead_id=lead_id,
        **asked.model_dump(),
        recorded_by=caller.account.name,
        recorded_at=at_desk.clock(),
    )
    at_desk.store.campaigns.add_statement(caller.organisation_id, statement, revision=revision)
