"""What an officer does about a lead beside deciding it: claim, release, have it assigned, record a statement."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.queue.statements import LONGEST, StatementForm
from review_api import turns
from review_api.access import trail
from review_api.api.campaigns import StatementRequest, keep_statement
from review_api.console.filters import Filters
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import LeadId, StorableText

router = APIRouter(include_in_schema=False)

FormRevision = Annotated[int, Form(ge=0, le=2**31 - 1)]


@router.post("/leads/{lead_id}/claim")
def claim(request: Request, lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Take the lead; then its page again."""
    turns.claim(at_desk, caller, lead_id)
    return _back(request, lead_id)


@router.post("/leads/{lead_id}/release")
def release(request: Request, lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Give the lead back; then its page again."""
    turns.release(at_desk, caller, lead_id)
    return _back(request, lead_id)


@router.post("/leads/{lead_id}/assignment")
def assign(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    officer: Annotated[StorableText, Form(min_length=1, max_length=128)],
) -> Response:
    """Give the lead to an officer; then its page again."""
    turns.assign(at_desk, caller, lead_id, officer)
    trail.detail(request, officer=officer)
    return _back(request, lead_id)


@router.post("/leads/{lead_id}/statements")
def statement(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    by_whom: Annotated[StorableText, Form(min_length=1, max_length=200, pattern=r"\S")],
    given_on: Annotated[date, Form()],
    form: Annotated[StatementForm, Form()],
    words: Annotated[StorableText, Form(min_length=1, max_length=LONGEST, pattern=r"\S")],
) -> Response:
    """Record what the party said; then the page again."""
    asked = StatementRequest(by_whom=by_whom, given_on=given_on, form=form, words=words)
    keep_statement(at_desk, caller, lead_id, asked, revision=revision)
    return _back(request, lead_id)


def _back(request: Request, lead_id: str) -> Response:
    """The lead's page, or the queue where the form was sent from there."""
    place = Filters.read(request.query_params).place_query
    where = "/leads" if request.query_params.get("from") == "queue" else f"/leads/{lead_id}"
    return RedirectResponse(f"{where}?{place}", status_code=HTTPStatus.SEE_OTHER)
