"""Verification over the API: a holder's opinions on what was referred to it, a unit's feedback, records on leads."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Base64Bytes, Field

from models.values import Value
from models.verification import (
    Appraisal,
    Feedback,
    Identification,
    LeadRecord,
    Opinion,
    RecordKind,
    ReferralAnswer,
    TestPurchase,
)
from review_api.access.referring import received_one
from review_api.access.trail import detail
from review_api.api.referrals import ReferralId
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import ContentHash, LeadId, StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.rights.answering import give_feedback, give_opinion
from review_api.rights.files import Brought, file_type
from review_api.rights.records import MOST_FILES, add_record, file_of, record_of

router = APIRouter(prefix="/api/v1", tags=["verification"], route_class=OnceRoute)

Words = Annotated[StorableText, Field(max_length=2000)]
Said = Annotated[StorableText, Field(min_length=1, max_length=2000, pattern=r"\S")]
REFUSALS = answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
FILE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class OpinionRequest(Value):
    """The holder's first opinion, its reason, and whose it is."""

    opinion: Opinion = Field(examples=["not-genuine"])
    words: Said
    person: Annotated[StorableText, Field(min_length=1, max_length=200, pattern=r"\S")]


class FeedbackRequest(Value):
    """What became of a lead, told to one holder."""

    referral_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0" * 32])]
    feedback: Feedback = Field(examples=["accepted"])
    words: Words = ""


class FileBrought(Value):
    """A picture or a PDF."""

    name: Annotated[StorableText, Field(min_length=1, max_length=200, pattern=r"\S")]
    data: Base64Bytes


class RecordRequest(Value):
    """One record: exactly one of the three is given. An identification or appraisal names the goods or sample."""

    purchase: TestPurchase | None = None
    identification: Identification | None = None
    appraisal: Appraisal | None = None
    note: Words = ""
    files: Annotated[tuple[FileBrought, ...], Field(max_length=MOST_FILES)] = ()


@router.get("/referrals/{referral_id}/answers", summary="What was said on a referral", responses=REFUSALS)
def said(referral_id: ReferralId, at_desk: AtDesk, caller: SignedIn) -> tuple[ReferralAnswer, ...]:
    """Opinions and the unit's feedback, newest first."""
    referral = received_one(at_desk, caller, referral_id)
    return at_desk.store.verification.answers((referral.referral_id,)).get(referral.referral_id, ())


@router.post(
    "/referrals/{referral_id}/opinions",
    status_code=HTTPStatus.CREATED,
    summary="Give a first opinion",
    responses=REFUSALS,
    dependencies=KEYED,
)
def opinion(
    referral_id: ReferralId, asked: OpinionRequest, request: Request, at_desk: AtDesk, caller: SignedIn
) -> ReferralAnswer:
    """权利人初步意见: from the page alone, and no identification of goods. A later one stands; all are kept."""
    answer = give_opinion(at_desk, caller, referral_id, asked.opinion, words=asked.words, person=asked.person)
    detail(request, opinion=asked.opinion)
    return answer


@router.post(
    "/leads/{lead_id}/feedback",
    status_code=HTTPStatus.CREATED,
    summary="Tell a holder what became of it",
    responses=REFUSALS,
    dependencies=KEYED,
)
def feedback(
    lead_id: LeadId, asked: FeedbackRequest, request: Request, at_desk: AtDesk, caller: SignedIn
) -> ReferralAnswer:
    """The holder sees the word and nothing else of the lead."""
    answer = give_feedback(at_desk, caller, lead_id, asked.referral_id, asked.feedback, words=asked.words)
    detail(request, feedback=asked.feedback)
    return answer


@router.get("/leads/{lead_id}/records", summary="Records on a lead", responses=REFUSALS)
def records(lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> tuple[LeadRecord, ...]:
    """Test purchases, identifications and appraisals, newest first."""
    at_desk.store.leads.get(caller.organisation_id, lead_id)
    return at_desk.store.verification.records(caller.organisation_id, lead_id)


@router.post(
    "/leads/{lead_id}/records",
    status_code=HTTPStatus.CREATED,
    summary="Record a purchase, an identification or an appraisal",
    responses={**REFUSALS, **answers(HTTPStatus.NOT_IMPLEMENTED)},
    dependencies=KEYED,
)
def recorded(lead_id: LeadId, asked: RecordRequest, request: Request, at_desk: AtDesk, caller: SignedIn) -> LeadRecord:
    """Kept for good; a correction is another record."""
    kinds = [kind for kind in RecordKind if getattr(asked, kind.value) is not None]
    kind = kinds[0] if len(kinds) == 1 else RecordKind.PURCHASE
    made = getattr(asked, kind.value)
    fields = {} if made is None or len(kinds) != 1 else made.model_dump()
    record = record_of(at_desk, caller, lead_id, kind, {**fields, "note": asked.note})
    detail(request, record=kind)
    return add_record(at_desk, caller, record, [Brought(each.name, each.data) for each in asked.files])


@router.get(
    "/leads/{lead_id}/records/{record_sha256}",
    summary="A record's file",
    response_class=Response,
    responses={**REFUSALS, 200: {"content": {"*/*": {}}, "description": "The bytes"}},
)
def record_file(lead_id: LeadId, record_sha256: ContentHash, at_desk: AtDesk, caller: SignedIn) -> Response:
    """A picture or PDF, to keep."""
    _, data = file_of(at_desk, caller, lead_id, record_sha256)
    headers = {**FILE_HEADERS, "Content-Disposition": f'attachment; filename="{record_sha256[:16]}"'}
    return Response(data, media_type=file_type(data) or "application/octet-stream", headers=headers)
