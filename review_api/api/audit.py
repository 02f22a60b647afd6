"""The audit trail of the caller's own organisation, for its auditors."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from models.audit import Act, NumberedEntry
from models.values import Value
from review_api.desk import AtDesk, SignedIn
from review_api.problems import answers

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


class Trail(Value):
    """A page of the trail."""

    entries: tuple[NumberedEntry, ...]
    next_before: int


@router.get("", summary="The audit trail", responses=answers(HTTPStatus.FORBIDDEN))
def trail(
    at_desk: AtDesk,
    caller: SignedIn,
    act: Act | None = None,
    before: Annotated[int, Query(ge=0, le=2**62, description="Only entries with lower numbers")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Trail:
    """Newest first: who did what, on which thing, when, from which address. `next_before` continues; 0 at the end."""
    found = at_desk.store.audit.entries(caller.organisation_id, act=act, before=before, limit=limit)
    more = len(found) == limit and found[-1].number > 1
    return Trail(entries=found, next_before=found[-1].number if more else 0)
