"""The desk: what every route works with (store, objects, screening, settings, clock), and who is calling.

The gate in front of all routes lives here too: the policy (`review_api.access.policy`) says who is answered, and a
change made with a cookie needs the session's form token. The store that a route gets acts for the caller's organisation
alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from models.errors import ForbiddenError, InputError, NotSignedInError
from models.health import Watchman
from models.ports import ObjectStore, Store
from models.scoring_ports import PicturePort, ScreeningPort
from review_api.access.oidc import Provider
from review_api.access.policy import policy_for, refused
from review_api.publicity import Publicity
from review_api.registries import Registries
from review_api.sessions import CSRF_FIELD, CSRF_HEADER, Visitor, cookie_name, key_visitor, visitor
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_matches

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
NO_ORGANISATION = ""


@dataclass(frozen=True)
class Desk:
    """Built once by `review_api.app.create_app`, for the whole installation; routes get one for their caller."""

    store: Store
    objects: ObjectStore
    screening: ScreeningPort
    settings: ReviewSettings
    clock: Callable[[], datetime]
    provider: Provider | None = None
    decoder: PicturePort | None = None
    registries: Registries = field(default_factory=Registries)
    publicity: Publicity = field(default_factory=Publicity)
    watchman: Watchman = field(default_factory=lambda: Watchman(()))

    def acting_for(self, organisation_id: str) -> "Desk":
        """The same desk with a store that shows one organisation's things."""
        return replace(self, store=self.store.acting_for(organisation_id))


def desk(request: Request) -> Desk:
    """The desk that the gate has laid out for this caller."""
    found: Desk = request.state.desk
    return found


async def gate(request: Request) -> None:
    """Runs before every route. Raises `NotSignedInError` without a live session or key, `ForbiddenError` where the
    policy does not name the caller and for a change made with a cookie without the session's form token, `InputError`
    for an address that holds a NUL. Whom it has let through with a request is not asked again for it."""
    if getattr(request.state, "let_through", False):
        return
    if "\x00" in request.url.path or "%00" in request.url.query:
        raise InputError("the address holds a NUL character", where=request.url.path.replace("\x00", "?"))
    whole: Desk = request.app.state.desk
    policy = policy_for(request.method, request.scope["route"].path)
    caller = await run_in_threadpool(_recognise, whole, request)
    organisation_id = caller.organisation_id if caller else NO_ORGANISATION
    request.state.policy, request.state.visitor = policy, caller
    request.state.desk = whole if policy is not None and policy.door else whole.acting_for(organisation_id)
    if policy is not None and policy.open_to_all:
        return
    if caller is None:
        raise NotSignedInError("sign in first", mend="open the sign-in page")
    if not caller.is_machine and request.method not in SAFE_METHODS:
        await _check_form_token(request, caller)
    if not caller.admitted(policy):
        raise refused()
    request.state.let_through = True


def _recognise(whole: Desk, request: Request) -> Visitor | None:
    """A key where one is sent, and then nothing else; otherwise the session of the cookie. What a proxy in front may
    ask for itself (Basic) is no key."""
    at, authorization = whole.clock(), request.headers.get("authorization", "")
    if authorization.lower().startswith("bearer"):
        return key_visitor(whole.store, authorization, at=at)
    token = request.cookies.get(cookie_name(whole.settings), "")
    return visitor(whole.store, token, at=at, settings=whole.settings) if token else None


async def _check_form_token(request: Request, caller: Visitor) -> None:
    if not csrf_matches(caller.csrf_token, await given_csrf_token(request)):
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
