"""The desk: what every route works with (store, objects, screening, settings, clock), and who is calling.

The gate in front of all routes lives here too: nothing but the few routes of `OPEN_ROUTES` answers without a live
session, and nothing that changes state happens without the session's form token.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from models.errors import ForbiddenError, InputError, NotSignedInError
from models.ports import ObjectStore, ScreeningPort, Store
from review_api.registries import Registries
from review_api.sessions import CSRF_FIELD, CSRF_HEADER, Attempts, Visitor, cookie_name, csrf_matches, visitor
from review_api.settings import ReviewSettings

# What answers without a session. Signing in is the only one of them that takes anything.
OPEN_ROUTES = frozenset(
    {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/signin"), ("POST", "/signin"), ("POST", "/api/v1/session")}
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Desk:
    """Built once by `review_api.app.create_app`."""

    store: Store
    objects: ObjectStore
    screening: ScreeningPort
    settings: ReviewSettings
    clock: Callable[[], datetime]
    attempts: Attempts
    registries: Registries = field(default_factory=Registries)


def desk(request: Request) -> Desk:
    """The application's desk."""
    found: Desk = request.app.state.desk
    return found


async def gate(request: Request) -> None:
    """Runs before every route. Raises `NotSignedInError` without a live session, `ForbiddenError` for a change
    without the session's form token, `InputError` for an address that holds a NUL."""
    if "\x00" in request.url.path or "%00" in request.url.query:
        raise InputError("the address holds a NUL character", where=request.url.path.replace("\x00", "?"))
    at_desk = desk(request)
    token = request.cookies.get(cookie_name(at_desk.settings), "")
    caller = await run_in_threadpool(visitor, at_desk.store, token, at=at_desk.clock()) if token else None
    request.state.visitor = caller
    if (request.method, request.url.path) in OPEN_ROUTES:
        return
    if caller is None:
        raise NotSignedInError("sign in first", mend="open the sign-in page")
    if request.method not in SAFE_METHODS and not csrf_matches(caller.csrf_token, await given_csrf_token(request)):
        raise ForbiddenError(
            "the form token is missing or old", where=CSRF_HEADER, mend="load the page again and repeat the action"
        )


async def given_csrf_token(request: Request) -> str:
    """The token that came in the header, or else in the form's field."""
    header = request.headers.get(CSRF_HEADER, "")
    if header or not request.headers.get("content-type", "").lower().startswith(FORM_TYPES):
        return header
    field_value = (await request.form()).get(CSRF_FIELD, "")
    return field_value if isinstance(field_value, str) else ""


def signed_in(request: Request) -> Visitor:
    """The caller, whom the gate has let through."""
    caller: Visitor | None = request.state.visitor
    if caller is None:
        raise NotSignedInError("sign in first", mend="open the sign-in page")
    return caller


AtDesk = Annotated[Desk, Depends(desk)]
SignedIn = Annotated[Visitor, Depends(signed_in)]
