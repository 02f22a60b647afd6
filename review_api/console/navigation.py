"""The way around: which sections a visitor is offered, where a visit begins, and the visitor's own profile."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from review_api.console.pages import SECTIONS, pages
from review_api.desk import AtDesk, SignedIn

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(request: Request, caller: SignedIn) -> Response:
    """The first section that the visitor may open, in the language and the light that the address asks for."""
    first = next((path for path in SECTIONS if caller.may(f"GET {path}")), "/profile")
    asked = {name: value for name in ("lang", "theme") if (value := request.query_params.get(name))}
    return RedirectResponse(f"{first}?{urlencode(asked)}" if asked else first, status_code=HTTPStatus.SEE_OTHER)


@router.get("/profile")
def profile(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Who is signed in, for which organisation, in which roles; for an agent, whom it acts for."""
    powers = at_desk.store.organisations.powers_of(caller.organisation_id, at=at_desk.clock())
    return pages(request).render(request, "profile.html", powers=powers)
