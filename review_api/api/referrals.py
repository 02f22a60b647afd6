"""Referrals (转权利人核实): what a unit hands rights holders of a lead, and what those have received."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import AwareDatetime, Field

from models.referrals import Projection, Referral
from models.values import Value
from models.verification import ANSWER_DAYS, LONGEST_ANSWER_DAYS
from review_api.access.referring import mark_words, received, received_one, refer_lead
from review_api.access.trail import detail
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import LeadId, StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.wording import Explanation, explanations

router = APIRouter(prefix="/api/v1", tags=["referrals"], route_class=OnceRoute)

ReferralId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The referral's id", examples=["0" * 32])]


class ReferralRequest(Value):
    """To which rights holder."""

    holder_id: Annotated[StorableText, Field(min_length=1, max_length=64)]
    answer_days: Annotated[
        int, Field(ge=1, le=LONGEST_ANSWER_DAYS, description="Within how many days its first opinion is asked for")
    ] = ANSWER_DAYS


class ReferralLine(Value):
    """A referral in a list."""

    referral_id: str
    holder_id: str
    lead_id: str
    revision: int
    referred_by: str
    referred_at: AwareDatetime
    answer_by: AwareDatetime | None = Field(default=None, description="By when the first opinion is asked for")
    score: float


class ReceivedLine(Value):
    """What a holder has received, in a list."""

    referral_id: str
    unit_id: str
    unit_name: str
    holder_id: str
    title: str
    referred_at: AwareDatetime
    answer_by: AwareDatetime | None = Field(default=None, description="By when the first opinion is asked for")
    score: float


class Received(Value):
    """The holder's part of a lead: its findings in words, and the score added up from those alone."""

    referral_id: str
    unit_id: str
    unit_name: str
    holder_id: str
    referred_at: AwareDatetime
    answer_by: AwareDatetime | None = None
    projection: Projection
    explanations: dict[str, Explanation] = Field(description="By finding id")


@router.get(
    "/leads/{lead_id}/referrals",
    summary="To whom a lead was referred",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
)
def of_lead(lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> tuple[ReferralLine, ...]:
    """Newest first."""
    return tuple(map(line, at_desk.store.referrals.of_lead(caller.organisation_id, lead_id)))


@router.post(
    "/leads/{lead_id}/referrals",
    status_code=HTTPStatus.CREATED,
    summary="Refer a lead to a rights holder",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def referred(
    lead_id: LeadId, asked: ReferralRequest, request: Request, at_desk: AtDesk, caller: SignedIn
) -> ReferralLine:
    """The holder receives the findings on its own marks and nothing else of the lead, as it stands now. 404 for an
    organisation that holds no mark on it; 409 for a parcel, and for what it has already."""
    referral = refer_lead(at_desk, caller, lead_id, asked.holder_id, answer_days=asked.answer_days)
    detail(request, holder=referral.holder_id)
    return line(referral)


@router.get("/referrals", summary="What was referred to the caller", responses=answers(HTTPStatus.FORBIDDEN))
def mine(at_desk: AtDesk, caller: SignedIn) -> tuple[ReceivedLine, ...]:
    """For rights holders and the agents that act for them. Newest first, of each lead the newest."""
    return tuple(
        ReceivedLine(
            referral_id=each.referral_id,
            unit_id=each.organisation_id,
            unit_name=each.unit_name,
            holder_id=each.holder_id,
            title=each.projection.listing.title,
            referred_at=each.referred_at,
            answer_by=each.answer_by,
            score=each.projection.score,
        )
        for each in received(at_desk, caller)
    )


@router.get(
    "/referrals/{referral_id}", summary="One of them", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
)
def one(referral_id: ReferralId, at_desk: AtDesk, caller: SignedIn) -> Received:
    """The holder's part of the lead, as it was handed over."""
    referral = received_one(at_desk, caller, referral_id)
    return Received(
        referral_id=referral.referral_id,
        unit_id=referral.organisation_id,
        unit_name=referral.unit_name,
        holder_id=referral.holder_id,
        referred_at=referral.referred_at,
        answer_by=referral.answer_by,
        projection=referral.projection,
        explanations=explanations(referral.projection.findings, mark_words(referral)),
    )


def line(referral: Referral) -> ReferralLine:
    """The referral as the unit lists it."""
    return ReferralLine(
        referral_id=referral.referral_id,
        holder_id=referral.holder_id,
        lead_id=referral.lead_id,
        revision=referral.revision,
        referred_by=referral.referred_by,
        referred_at=referral.referred_at,
        answer_by=referral.answer_by,
        score=referral.projection.score,
    )
