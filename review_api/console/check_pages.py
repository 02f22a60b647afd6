"""Checks of marks as pages: which wait, and one mark beside what an officer compares it with."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.errors import InputError, JianzhenError, NotFoundError
from models.mark_checks import CheckResult, Compared
from models.registry import row_digest
from review_api.access import trail
from review_api.api.registry import MarkId, mark_detail
from review_api.console.pages import pages
from review_api.console.rights_pages import told
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.rights.checking import Comparison, check_mark, standing_now, standings, usual_end
from review_api.rights.history import changes
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 300


@router.get("/mark-checks")
def list_page(
    request: Request, at_desk: AtDesk, caller: SignedIn, show: Literal["due", "soon", "all"] = "due"
) -> Response:
    """Marks that wait, those whose check ends soon, or all."""
    found, at = standings(at_desk, caller), at_desk.clock()
    counts = {
        "due": sum(each.due for each in found),
        "soon": sum(each.soon(at) for each in found),
        "all": len(found),
    }
    wanted = [each for each in found if show == "all" or (each.due if show == "due" else each.soon(at))]
    return pages(request).render(
        request, "mark_checks.html", lines=wanted[:MOST_SHOWN], total=len(wanted), counts=counts, show=show
    )


@router.get("/mark-checks/{mark_id:path}")
def check_page(request: Request, mark_id: MarkId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One mark, every check of it, what changed since the newest, and the form."""
    return _page(request, at_desk, caller, mark_id)


@router.post("/mark-checks/{mark_id:path}")
def check(
    request: Request,
    mark_id: MarkId,
    at_desk: AtDesk,
    caller: SignedIn,
    result: Annotated[CheckResult, Form()],
    seen: Annotated[StorableText, Form(max_length=64)],
    compared: Annotated[list[Compared], Form(max_length=len(Compared))] = [],  # noqa: B006 - FastAPI copies it
    source: Annotated[StorableText, Form(max_length=300)] = "",
    note: Annotated[StorableText, Form(max_length=2000)] = "",
    valid_until: Annotated[StorableText, Form(max_length=10)] = "",
) -> Response:
    """Record it; then the list of those that wait."""
    typed = {"result": result.value, "source": source, "note": note, "valid_until": valid_until}
    try:
        end = _day(valid_until)
        check_mark(at_desk, caller, mark_id, Comparison(tuple(compared), source, result, seen, note, end))
    except JianzhenError as error:
        if isinstance(error, NotFoundError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return _page(request, at_desk, caller, mark_id, error=error, typed=typed, ticked=tuple(compared))
    trail.detail(request, result=result)
    return RedirectResponse("/mark-checks", status_code=HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    at_desk: Desk,
    caller: Visitor,
    mark_id: str,
    *,
    error: JianzhenError | None = None,
    typed: dict[str, str] | None = None,
    ticked: tuple[Compared, ...] = (),
) -> Response:
    now = standing_now(at_desk, caller, mark_id)
    revisions = at_desk.store.registry.history(caller.organisation_id, mark_id)
    return pages(request).render(
        request,
        "mark_check.html",
        status=error.status if error else HTTPStatus.OK,
        now=now,
        mark=now.mark,
        seen=row_digest(now.mark),
        detail=mark_detail(at_desk, caller, mark_id),
        checks=at_desk.store.mark_checks.of_mark(caller.organisation_id, mark_id),
        changes=changes(revisions)[:10],
        compared=tuple(Compared),
        results=tuple(CheckResult),
        usual_end=usual_end(now.mark, at_desk.clock()),
        typed=typed or {},
        ticked=ticked,
        told=told(request, error),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise InputError("有效期不是日期 / the last day is no date", where="valid_until", mend="2026-12-31") from None
