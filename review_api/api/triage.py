"""Triage as people settle it: operating points, comparisons of rules, outcomes of cases."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from models.policy import CaseOutcome, OperatingPoint, RulesComparison, RulesInUse
from models.values import Value
from review_api.decisions import LONGEST_REASON
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import CaseNumber, FiniteNumber, StorableText
from review_api.problems import answers

router = APIRouter(prefix="/api/v1", tags=["triage"])

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


@router.get("/triage/points", summary="Operating points", responses=answers())
def points(at_desk: AtDesk, caller: SignedIn) -> Points:
    """The scores from which subjects are flagged for this organisation, with who set them when and why."""
    return Points(
        in_use=at_desk.screening.rules_in_use(caller.organisation_id),
        history=at_desk.store.triage.points_set(caller.organisation_id),
    )


@router.post("/triage/points", summary="Set an operating point", responses=answers(HTTPStatus.FORBIDDEN))
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
)
def record_outcome(
    case_number: CaseNumber, asked: OutcomeRequest, at_desk: AtDesk, caller: SignedIn
) -> tuple[CaseOutcome, ...]:
    """Filed (立案) or not. What is learned from outcomes is proposed, never switched on by itself."""
    keep_outcome(at_desk, caller, case_number, asked)
    return at_desk.store.triage.outcomes(caller.organisation_id, case_number)


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
