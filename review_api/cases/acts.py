"""Acts on a case lead over the API: move it on, amend, split, merge. Every change names the revision that was read."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from models.case_leads import (
    Amendment,
    Answer,
    Attachment,
    CaseAct,
    CaseOperator,
    CaseResult,
    CaseShop,
    EstimateLine,
    Ground,
    Move,
)
from models.values import Value
from review_api.cases.api import MOST_LEADS, CaseDetail, LeadName, detail
from review_api.cases.rights import require_rights
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import CaseNumber, IfMatch, Revision, StorableText, matched_revision
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1/case-leads", tags=["case leads"], route_class=OnceRoute)

REFUSALS = answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
Reason = Annotated[StorableText, Field(max_length=2000)]
Said = Annotated[StorableText, Field(min_length=1, max_length=2000, pattern=r"\S")]
Name = Annotated[StorableText, Field(max_length=200)]
MovingAct = Literal[
    CaseAct.VERIFY,
    CaseAct.EXTEND,
    CaseAct.SUSPEND,
    CaseAct.RESUME,
    CaseAct.HAND_OVER,
    CaseAct.RETURN,
    CaseAct.FILE,
    CaseAct.NOT_FILE,
    CaseAct.CLOSE,
    CaseAct.WITHDRAW,
]


class MoveRequest(Value):
    """An act that moves it on. `revision` may be left out where If-Match is sent."""

    act: MovingAct = Field(examples=["verify"])
    reason: Reason = ""
    receiver: Name = Field(default="", description="Whom it is handed over to")
    result: CaseResult | None = Field(default=None, description="How it closes")
    ground: Ground | None = Field(default=None, description="What suspends its clock")
    revision: Revision | None = None


class OperatorWords(Value):
    """The officer's words on who the case lead is on."""

    name: Name = ""
    uscc: Annotated[StorableText, Field(max_length=18)] = ""
    basis: Reason = ""
    shops: Annotated[tuple[CaseShop, ...], Field(max_length=100)] = ()


class AnswerWords(Value):
    """An officer's words on one finding against."""

    finding_id: Annotated[StorableText, Field(min_length=1, max_length=64)]
    words: Said


class AmendmentRequest(Value):
    """What changes in the dossier, and why: the next version. What is left out stays."""

    reason: Said
    note: Annotated[StorableText, Field(max_length=4000)] | None = None
    operator: OperatorWords | None = None
    second_officer: Name | None = None
    reasoning: Annotated[StorableText, Field(max_length=10_000)] | None = None
    answers: Annotated[tuple[AnswerWords, ...], Field(max_length=1000)] = ()
    estimate: Annotated[tuple[EstimateLine, ...], Field(max_length=1000)] = ()
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=500)] = ()
    revision: Revision | None = None

    @property
    def amendment(self) -> Amendment:
        operator = CaseOperator(**self.operator.model_dump()) if self.operator else None
        return Amendment(
            reason=self.reason,
            note=self.note,
            operator=operator,
            second_officer=self.second_officer,
            reasoning=self.reasoning,
            answers=tuple(Answer(finding_id=each.finding_id, words=each.words) for each in self.answers),
            estimate=self.estimate,
            attachments=self.attachments,
        )


class SplitRequest(Value):
    """Which leads become a case lead of their own, and why."""

    leads: Annotated[tuple[LeadName, ...], Field(min_length=1, max_length=MOST_LEADS)]
    reason: Said
    revision: Revision | None = None


class MergeRequest(Value):
    """Which case leads go into this one (number -> revision that was read), and why."""

    others: Annotated[
        dict[Annotated[StorableText, Field(min_length=1, max_length=64)], Revision],
        Field(min_length=1, max_length=50, examples=[{"2026-00002": 0}]),
    ]
    reason: Said
    revision: Revision | None = None


@router.post("/{case_number}/moves", summary="Move a case lead on", responses=REFUSALS, dependencies=KEYED)
def moved(
    case_number: CaseNumber,
    asked: MoveRequest,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> CaseDetail:
    """Begin verification, extend its time once, suspend its clock and let it run again, hand over, take a return, file
    or not, close, withdraw. 409 for a stale revision, for what its state does not allow, for a hand-over with open
    points or on a mark that was not checked."""
    if asked.act is CaseAct.HAND_OVER:
        require_rights(at_desk, caller, case_number)
    at_desk.store.case_leads.move(
        caller.organisation_id,
        case_number,
        Move(act=asked.act, reason=asked.reason, receiver=asked.receiver, result=asked.result, ground=asked.ground),
        revision=matched_revision(if_match, asked.revision),
        by=caller.account.name,
        at=at_desk.clock(),
    )
    return _changed(response, at_desk, caller, case_number)


@router.post("/{case_number}/amendments", summary="Amend the dossier", responses=REFUSALS, dependencies=KEYED)
def amended(
    case_number: CaseNumber,
    asked: AmendmentRequest,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> CaseDetail:
    """A new version with its reason; earlier versions stay readable and verifiable."""
    at_desk.store.case_leads.amend(
        caller.organisation_id,
        case_number,
        asked.amendment,
        revision=matched_revision(if_match, asked.revision),
        by=caller.account.name,
        at=at_desk.clock(),
    )
    return _changed(response, at_desk, caller, case_number)


@router.post(
    "/{case_number}/split",
    status_code=HTTPStatus.CREATED,
    summary="Split a case lead",
    responses=REFUSALS,
    dependencies=KEYED,
)
def split(
    case_number: CaseNumber,
    asked: SplitRequest,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> CaseDetail:
    """These leads leave under a new number, with the clock and the law of the whole. Answers with the new one."""
    new = at_desk.store.case_leads.split(
        caller.organisation_id,
        case_number,
        asked.leads,
        reason=asked.reason,
        revision=matched_revision(if_match, asked.revision),
        by=caller.account.name,
        at=at_desk.clock(),
    )
    response.headers["Location"] = f"/api/v1/case-leads/{new.case_number}"
    return _changed(response, at_desk, caller, new.case_number)


@router.post("/{case_number}/merge", summary="Merge case leads", responses=REFUSALS, dependencies=KEYED)
def merge(
    case_number: CaseNumber,
    asked: MergeRequest,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> CaseDetail:
    """The others' leads come into this one as a new version; the others close as merged."""
    at_desk.store.case_leads.merge(
        caller.organisation_id,
        case_number,
        {**asked.others, case_number: matched_revision(if_match, asked.revision)},
        reason=asked.reason,
        by=caller.account.name,
        at=at_desk.clock(),
    )
    return _changed(response, at_desk, caller, case_number)


def _changed(response: Response, at_desk: AtDesk, caller: SignedIn, case_number: str) -> CaseDetail:
    found = detail(at_desk, caller, case_number)
    response.headers["ETag"] = f'"{found.standing.revision}"'
    return found
