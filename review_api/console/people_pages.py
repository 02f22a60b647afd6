"""People and machine keys as a page, for administrators. A password or secret stands once, on the page that made it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from models.organisations import ROLES, Role, Scope
from review_api.access.keys import LONGEST_DAYS
from review_api.access.people import add_key, add_person, change_person, renew_password, revoke_key
from review_api.api.people import AccountId, KeyId, office
from review_api.console.pages import pages
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

Name = Annotated[StorableText, Form(min_length=1, max_length=128)]
Roles = Annotated[list[Role], Form(max_length=len(Role))]
Scopes = Annotated[list[Scope], Form(max_length=len(Scope))]
Days = Annotated[int, Form(ge=1, le=LONGEST_DAYS)]


@router.get("/people")
def people_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Everybody of the organisation, and its keys."""
    return _page(request, at_desk, caller)


@router.post("/people")
def add(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    name: Name,
    role: Roles = [],  # noqa: B006 - FastAPI copies it
    display_name: Annotated[StorableText, Form(max_length=128)] = "",
) -> Response:
    """A new person; the password stands on the page that answers."""
    made, password = add_person(office(request, at_desk, caller), name, tuple(role), display_name=display_name.strip())
    return _page(request, at_desk, caller, told="password", told_for=made.name, secret=password)


@router.post("/people/{account_id}")
def change(
    request: Request,
    account_id: AccountId,
    at_desk: AtDesk,
    caller: SignedIn,
    role: Roles = [],  # noqa: B006 - FastAPI copies it
    active: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Other roles, in or out."""
    changed = change_person(office(request, at_desk, caller), account_id, roles=tuple(role), active=active == "yes")
    return _page(request, at_desk, caller, told="changed", told_for=changed.name)


@router.post("/people/{account_id}/password")
def password(request: Request, account_id: AccountId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """A new password, shown on the page that answers."""
    found, told = renew_password(office(request, at_desk, caller), account_id)
    return _page(request, at_desk, caller, told="password", told_for=found.name, secret=told)


@router.post("/keys")
def make_key(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    name: Name,
    days: Days = 90,
    scope: Scopes = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """A new key; its secret stands on the page that answers."""
    made, secret = add_key(office(request, at_desk, caller), name, tuple(scope), days=days)
    return _page(request, at_desk, caller, told="secret", told_for=made.name, secret=secret)


@router.post("/keys/{key_id}/revocation")
def revoke(request: Request, key_id: KeyId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The key is refused from now on."""
    revoked = revoke_key(office(request, at_desk, caller), key_id)
    return _page(request, at_desk, caller, told="revoked", told_for=revoked.name)


def _page(
    request: Request, at_desk: Desk, caller: Visitor, *, told: str = "", told_for: str = "", secret: str = ""
) -> Response:
    allowed = ROLES[caller.organisation.kind]
    return pages(request).render(
        request,
        "people.html",
        people=at_desk.store.accounts.all(caller.organisation_id),
        keys=at_desk.store.keys.all(caller.organisation_id),
        roles=[role for role in Role if role in allowed],
        scopes=tuple(Scope),
        at=at_desk.clock(),
        told=told,
        told_for=told_for,
        secret=secret,
    )
