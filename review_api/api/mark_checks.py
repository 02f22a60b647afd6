"""Checks of marks over the API: which wait, what was found, and recording one. Nothing leaves on an unchecked mark."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from models.mark_checks import CheckResult, CheckStanding, Compared, MarkCheck
from models.registry import Mark, row_digest
from models.values import Value
from review_api.api.registry import MarkId
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import IfMatch, StorableText, required_state
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.rights.checking import Comparison, check_mark, standing_now, standings

router = APIRouter(prefix="/api/v1/mark-checks", tags=["mark checks"], route_class=OnceRoute)


class StandingLine(Value):
    """A mark and where it stands."""

    mark: Mark
    standing: CheckStanding
    valid_until: date | None = None
    checked_by: str = ""


class StandingDetail(Value):
    """A mark, where it stands, and every check of it, newest first."""

    mark: Mark
    state: str = Field(description="Names the row; send it as If-Match with a check")
    standing: CheckStanding
    checks: tuple[MarkCheck, ...]


class CheckRequest(Value):
    """What was compared, with what, and what came of it. Agreement needs certificate and status compared."""

    compared: Annotated[tuple[Compared, ...], Field(min_length=1, max_length=len(Compared))]
    source: Annotated[StorableText, Field(min_length=1, max_length=300, pattern=r"\S", examples=["注册证原件"])]
    result: CheckResult = Field(examples=["agrees"])
    note: Annotated[StorableText, Field(max_length=2000)] = ""
    valid_until: date | None = None


@router.get("", summary="Marks and where they stand", responses=answers())
def listed(
    at_desk: AtDesk,
    caller: SignedIn,
    due: Annotated[bool, Query(description="Only those that wait")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> tuple[StandingLine, ...]:
    """Those that wait first."""
    found = [each for each in standings(at_desk, caller) if each.due or not due]
    return tuple(
        StandingLine(
            mark=each.mark,
            standing=each.standing,
            valid_until=each.check.valid_until if each.check else None,
            checked_by=each.check.by if each.check else "",
        )
        for each in found[:limit]
    )


@router.get("/{mark_id:path}", summary="Checks of one mark", responses=answers(HTTPStatus.NOT_FOUND))
def one(mark_id: MarkId, response: Response, at_desk: AtDesk, caller: SignedIn) -> StandingDetail:
    """With who compared what, when, and until when it holds."""
    return _detail(at_desk, caller, mark_id, response)


@router.post(
    "/{mark_id:path}",
    status_code=HTTPStatus.CREATED,
    summary="Check a mark",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    dependencies=KEYED,
)
def checked(
    mark_id: MarkId,
    asked: CheckRequest,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> StandingDetail:
    """409 when the mark is no longer the row that was read."""
    said = Comparison(
        compared=asked.compared,
        source=asked.source,
        result=asked.result,
        seen=required_state(if_match),
        note=asked.note,
        valid_until=asked.valid_until,
    )
    check_mark(at_desk, caller, mark_id, said)
    return _detail(at_desk, caller, mark_id, response)


def _detail(at_desk: AtDesk, caller: SignedIn, mark_id: str, response: Response) -> StandingDetail:
    now = standing_now(at_desk, caller, mark_id)
    response.headers["ETag"] = f'"{row_digest(now.mark)}"'
    return StandingDetail(
        mark=now.mark,
        state=row_digest(now.mark),
        standing=now.standing,
        checks=at_desk.store.mark_checks.of_mark(caller.organisation_id, mark_id),
    )
