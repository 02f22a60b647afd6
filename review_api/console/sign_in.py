"""The sign-in page and signing out. The form's own token guards against being signed in by somebody else's page."""

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.audit import Act
from models.errors import NotSignedInError, TooManyAttempts
from review_api.access.sign_in import sign_in_with_password
from review_api.access.trail import note
from review_api.console.pages import pages
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.sessions import client_address, cookie_name, drop_session_cookie, set_session_cookie
from review_api.tokens import csrf_matches, csrf_token, token_hash

router = APIRouter(include_in_schema=False)

FORM_COOKIE = "jianzhen-sign-in"
FORM_SECONDS = 3600
START = "/"

Short = Annotated[str, Form(max_length=2048)]


@router.get("/signin")
def sign_in_page(request: Request, at_desk: AtDesk, next: str = "") -> Response:
    """The form; whoever is signed in already is sent on."""
    if request.state.visitor is not None:
        return RedirectResponse(own_path(next), status_code=HTTPStatus.SEE_OTHER)
    return sign_in_form(request, at_desk, target=next)


@router.post("/signin")
def sign_in(
    request: Request,
    at_desk: AtDesk,
    name: Short = "",
    password: Short = "",
    target: Short = "",
    csrf: Annotated[str, Form(alias="csrf_token", max_length=256)] = "",
) -> Response:
    """Opens a session, or shows the form again with the reason."""
    seed = request.cookies.get(FORM_COOKIE, "")
    if not seed or not csrf_matches(csrf_token(seed), csrf):
        return sign_in_form(request, at_desk, target=target, name=name, problem="expired", status=HTTPStatus.FORBIDDEN)
    try:
        token = sign_in_with_password(at_desk, name.replace("\x00", ""), password, address=client_address(request))
    except TooManyAttempts as wait:
        return sign_in_form(request, at_desk, target=target, name=name, problem="wait", status=wait.status)
    except NotSignedInError as refused:
        return sign_in_form(request, at_desk, target=target, name=name, problem="wrong", status=refused.status)
    response = RedirectResponse(own_path(target), status_code=HTTPStatus.SEE_OTHER)
    set_session_cookie(response, token, at_desk.settings)
    response.delete_cookie(FORM_COOKIE, path="/signin")
    return response


@router.post("/signout")
def sign_out(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Ends the session on the server, then shows the sign-in page."""
    at_desk.store.accounts.close_session(token_hash(request.cookies[cookie_name(at_desk.settings)]))
    note(at_desk, caller, Act.SIGNED_OUT, request)
    response = RedirectResponse("/signin", status_code=HTTPStatus.SEE_OTHER)
    drop_session_cookie(response, at_desk.settings)
    return response


def own_path(target: str) -> str:
    """A path of this site, or the start page: a link from elsewhere cannot send people away."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside and not target.startswith("/signin") else START


def sign_in_form(
    request: Request,
    at_desk: Desk,
    *,
    target: str,
    name: str = "",
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    """The page with the form, and what went wrong before."""
    seed = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    response = pages(request).render(
        request,
        "sign_in.html",
        status=status,
        target=target,
        name=name,
        problem=problem,
        form_token=csrf_token(seed),
        elsewhere=at_desk.provider is not None,
    )
    response.set_cookie(
        FORM_COOKIE,
        seed,
        max_age=FORM_SECONDS,
        path="/signin",
        secure=at_desk.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response
