"""Sessions: sign in, who am I, sign out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from models.audit import Act
from models.organisations import OrganisationKind, Role, Scope
from models.values import Value
from review_api.access.sign_in import sign_in_with_password
from review_api.access.trail import note
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import StorableText
from review_api.problems import answers
from review_api.sessions import client_address, cookie_name, drop_session_cookie, set_session_cookie
from review_api.tokens import csrf_token, token_hash

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class Credentials(Value):
    """A name and its password."""

    name: Annotated[StorableText, Field(min_length=1, max_length=128, examples=["officer"])]
    password: Annotated[StorableText, Field(min_length=1, max_length=1024, examples=["correct horse battery"])]


class SessionOpened(Value):
    """The session's cookie is in the answer's headers."""

    csrf_token: str = Field(description="Send it as X-CSRF-Token with every call that changes something")


class Whoami(Value):
    """The signed-in account."""

    name: str
    display_name: str
    organisation_id: str
    organisation_kind: OrganisationKind
    organisation_name: str
    roles: tuple[Role, ...] = Field(description="A person's; empty for a machine's key")
    scopes: tuple[Scope, ...] = Field(description="A machine's key's; empty for a person")
    csrf_token: str = Field(description="Send it as X-CSRF-Token with every call that changes something")


@router.post("", summary="Sign in", responses=answers(HTTPStatus.TOO_MANY_REQUESTS))
def sign_in(credentials: Credentials, request: Request, response: Response, at_desk: AtDesk) -> SessionOpened:
    """Opens a session and sets its cookie. After too many failures the name is locked for a while (429)."""
    address = client_address(request)
    token = sign_in_with_password(at_desk, credentials.name, credentials.password, address=address)
    set_session_cookie(response, token, at_desk.settings)
    return SessionOpened(csrf_token=csrf_token(token))


@router.get("", summary="Who is signed in", responses=answers())
def whoami(caller: SignedIn) -> Whoami:
    """The account of this session, and the token that its changes must carry."""
    account = caller.account
    return Whoami(
        name=account.name,
        display_name=account.display_name,
        organisation_id=account.organisation_id,
        organisation_kind=caller.organisation.kind,
        organisation_name=caller.organisation.name,
        roles=account.roles,
        scopes=tuple(scope for scope in Scope if scope in (caller.scopes or ())),
        csrf_token=caller.csrf_token,
    )


@router.delete("", status_code=HTTPStatus.NO_CONTENT, summary="Sign out", responses=answers(HTTPStatus.FORBIDDEN))
def sign_out(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Ends the session at once, on the server."""
    at_desk.store.accounts.close_session(token_hash(request.cookies[cookie_name(at_desk.settings)]))
    note(at_desk, caller, Act.SIGNED_OUT, request)
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    drop_session_cookie(response, at_desk.settings)
    return response
