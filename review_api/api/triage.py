"""Triage as people settle it: operating points, comparisons of rules, outcomes of cases."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from models.dismissals import DismissalReason
from models.policy import CaseOutcome, OperatingPoint, RulesComparison, RulesInUse
from models.values import Value
from review_api.decisions import LONGEST_REASON, add_reason, reasons_of
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import CaseNumber, FiniteNumber, StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1", tags=["triage"], route_class=OnceRoute)

Why = Annotated[StorableText, Field(max_length=LONGEST_REASON)]
Point = Annotated[FiniteNumber, Field(gt=0, le=1000)]


class Points(Value):
    """The operating points in use, and every one that was set."""

    in_use: RulesInUse
    history: tuple[OperatingPoint, ...]


class PointRequest(Value):
    """From which score on subjects of a kind are flagged, and why."""

    kind: Literal["listing", "parcel"]
    point: Point
    reason: Annotated[StorableText, Field(min_length=1, max_length=LONGEST_REASON, pattern=r"\S")]


class NumberedComparison(Value):
    """A comparison with its number."""

    number: int
    comparison: RulesComparison


class OutcomeRequest(Value):
    """Whether a case was filed, and why."""

    filed: bool
    reason: Why = ""


class ReasonRequest(Value):
    """A reason of the organisation's own; `words_needed` asks the officer for a sentence with it."""

    zh: Annotated[StorableText, Field(min_length=1, max_length=100, pattern=r"\S")]
    en: Annotated[StorableText, Field(max_length=100)] = ""
    words_needed: bool = False


@router.get("/triage/points", summary="Operating points", responses=answers())
def points(at_desk: AtDesk, caller: SignedIn) -> Points:
    """The scores from which subjects are flagged for this organisation, with who set them when and why."""
    return Points(
        in_use=at_desk.screening.rules_in_use(caller.organisation_id),
        history=at_desk.store.triage.points_set(caller.organisation_id),
    )


@router.post(
    "/triage/points", summary="Set an operating point", responses=answers(HTTPStatus.FORBIDDEN), dependencies=KEYED
)
def set_point(asked: PointRequest, at_desk: AtDesk, caller: SignedIn) -> Points:
    """It holds for what is screened from now on."""
    keep_point(at_desk, caller, asked)
    return points(at_desk, caller)


@router.get("/triage/comparisons", summary="Comparisons of rules", responses=answers())
def comparisons(
    at_desk: AtDesk, caller: SignedIn, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> tuple[NumberedComparison, ...]:
    """Which stored leads other rules would gain or lose, newest comparison first."""
    found = at_desk.store.triage.comparisons(caller.organisation_id, limit=limit)
    return tuple(NumberedComparison(number=number, comparison=comparison) for number, comparison in found)


@router.get(
    "/case-leads/{case_number}/outcomes", summary="What became of a case", responses=answers(HTTPStatus.NOT_FOUND)
)
def outcomes(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> tuple[CaseOutcome, ...]:
    """Newest first; the newest holds."""
    at_desk.store.case_leads.get(caller.organisation_id, case_number)
    return at_desk.store.triage.outcomes(caller.organisation_id, case_number)


@router.post(
    "/case-leads/{case_number}/outcomes",
    summary="Record what became of a case",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    dependencies=KEYED,
)
def record_outcome(
    case_number: CaseNumber, asked: OutcomeRequest, at_desk: AtDesk, caller: SignedIn
) -> tuple[CaseOutcome, ...]:
    """Filed (立案) or not. What is learned from outcomes is proposed, never switched on by itself."""
    keep_outcome(at_desk, caller, case_number, asked)
    return at_desk.store.triage.outcomes(caller.organisation_id, case_number)


@router.get("/dismissal-reasons", summary="Reasons to dismiss a lead", responses=answers())
def reason_list(at_desk: AtDesk, caller: SignedIn) -> tuple[DismissalReason, ...]:
    """The shipped reasons, then the organisation's own."""
    return tuple(reasons_of(at_desk, caller).values())


@router.post(
    "/dismissal-reasons",
    status_code=HTTPStatus.CREATED,
    summary="Add a reason to dismiss a lead",
    responses=answers(HTTPStatus.FORBIDDEN),
    dependencies=KEYED,
)
def new_reason(asked: ReasonRequest, at_desk: AtDesk, caller: SignedIn) -> DismissalReason:
    """From now on officers of the organisation may choose it. 422 when it is in the list already."""
    return add_reason(at_desk, caller, zh=asked.zh, en=asked.en, words_needed=asked.words_needed)


def keep_point(at_desk: AtDesk, caller: SignedIn, asked: PointRequest) -> None:
    """Set the point in the caller's name."""
    point = OperatingPoint(
        organisation_id=caller.organisation_id,
        kind=asked.kind,
        point=asked.point,
        reason=asked.reason.strip(),
        decided_by=caller.account.name,
        decided_at=at_desk.clock(),
    )
    at_desk.store.triage.set_point(caller.organisation_id, point)


def keep_outcome(at_desk: AtDesk, caller: SignedIn, case_number: str, asked: OutcomeRequest) -> None:
    """Record the outcome in the caller's name. Raises `NotFoundError`."""
    outcome = CaseOutcome(
        organisation_id=caller.organisation_id,
        case_number=case_number,
        filed=asked.filed,
        reason=asked.reason.strip(),
        decided_by=caller.account.name,
        decided_at=at_desk.clock(),
    )
    at_desk.store.triage.record_outcome(caller.organisation_id, outcome)
