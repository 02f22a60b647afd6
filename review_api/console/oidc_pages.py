"""The way to the OpenID provider and back, as a browser goes it."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from models.audit import Act
from models.errors import NotFoundError, NotSignedInError
from review_api.access.oidc import Attempt, Provider
from review_api.access.sign_in import open_session, write_down
from review_api.console.sign_in import own_path, sign_in_form
from review_api.desk import AtDesk, Desk
from review_api.sessions import client_address, set_session_cookie

router = APIRouter(include_in_schema=False)

COOKIE = "jianzhen-oidc"
COOKIE_PATH = "/signin/oidc"
COOKIE_SECONDS = 600


@router.get("/signin/oidc")
def begin(at_desk: AtDesk, next: str = "") -> Response:
    """To the provider; what this attempt must come back with stays in the browser's cookie."""
    attempt = Attempt.begin(own_path(next))
    response = RedirectResponse(_provider(at_desk).way_out(attempt), status_code=HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE, attempt.cookie(), max_age=COOKIE_SECONDS, path=COOKIE_PATH, secure=at_desk.settings.secure_cookies,
        httponly=True, samesite="lax",
    )  # fmt: skip
    return response


@router.get("/signin/oidc/callback")
def come_back(request: Request, at_desk: AtDesk, state: str = "", code: str = "") -> Response:
    """A session for the account that this identity belongs to, or the sign-in page with the reason."""
    provider, address = _provider(at_desk), client_address(request)
    try:
        attempt = Attempt.read(request.cookies.get(COOKIE, ""))
        identity = provider.identity(attempt, state=state, code=code)
    except NotSignedInError as error:
        write_down(at_desk, None, Act.SIGN_IN_FAILED, address, way="oidc")
        return _again(request, at_desk, "oidc", status=error.status)
    account = at_desk.store.accounts.by_identity(identity)
    if account is None or not account.active:
        write_down(at_desk, account, Act.SIGN_IN_FAILED, address, way="oidc", identity=identity[:300])
        return _again(request, at_desk, "nobody", status=HTTPStatus.FORBIDDEN)
    token = open_session(at_desk, account, address=address, way="oidc")
    response = RedirectResponse(own_path(attempt.target), status_code=HTTPStatus.SEE_OTHER)
    set_session_cookie(response, token, at_desk.settings)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response


def _provider(at_desk: Desk) -> Provider:
    if at_desk.provider is None:
        raise NotFoundError("no sign-in provider is set up")
    return at_desk.provider


def _again(request: Request, at_desk: Desk, problem: str, *, status: int) -> Response:
    response = sign_in_form(request, at_desk, target="", problem=problem, status=status)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
