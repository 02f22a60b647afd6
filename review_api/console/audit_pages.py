"""The audit trail as a page, for auditors."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.audit import Act
from review_api.console.pages import pages
from review_api.desk import AtDesk, SignedIn

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 100


@router.get("/audit")
def trail_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Newest first; an act narrows it, and what makes no sense in the address is left out."""
    asked = request.query_params.get("act", "")
    act = Act(asked) if asked in set(Act) else None
    before = request.query_params.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else 0
    found = at_desk.store.audit.entries(caller.organisation_id, act=act, before=place, limit=PAGE_SIZE)
    more = len(found) == PAGE_SIZE and found[-1].number > 1
    return pages(request).render(
        request,
        "audit.html",
        entries=found,
        acts=tuple(Act),
        act=act or "",
        before=place,
        next_before=found[-1].number if more else 0,
    )
