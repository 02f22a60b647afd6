"""Sessions: a random token in a cookie, of which the store keeps only the hash; and the visitor that a session, or a
machine's key, makes of a call. How a session begins lies in `review_api.access`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from models.access import Account
from models.errors import NotFoundError
from models.organisations import Organisation, Scope
from models.ports import Store
from review_api.access.keys import PREFIX
from review_api.access.policy import Policy, may, may_with_key, policy_for
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_token, token_hash

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"


@dataclass(frozen=True)
class Visitor:
    """Who is calling: the account of a live session and the token that its forms must carry; or a machine's key, whose
    `scopes` are set then."""

    account: Account
    csrf_token: str
    organisation: Organisation
    scopes: frozenset[Scope] | None = None

    @property
    def organisation_id(self) -> str:
        return self.account.organisation_id

    @property
    def shown_name(self) -> str:
        return self.account.display_name or self.account.name

    @property
    def is_machine(self) -> bool:
        return self.scopes is not None

    def admitted(self, policy: Policy | None) -> bool:
        """Whether the policy lets this caller in."""
        if self.scopes is not None:
            return may_with_key(policy, self.organisation, self.scopes)
        return may(policy, self.organisation, self.account.roles)

    def may(self, call: str) -> bool:
        """Whether this caller is answered by a route such as `GET /leads`: pages offer nothing else."""
        method, _, path = call.partition(" ")
        return self.admitted(policy_for(method, path))


def cookie_name(settings: ReviewSettings) -> str:
    """The session cookie; the `__Host-` prefix binds it to this host and to HTTPS where the settings ask for that."""
    return "__Host-jianzhen-session" if settings.secure_cookies else "jianzhen-session"


def client_address(request: Request) -> str:
    """Where the request comes from, as the server tells it; behind a proxy that is what the server trusts of it."""
    return request.client.host if request.client else ""


def visitor(store: Store, token: str, *, at: datetime, settings: ReviewSettings) -> Visitor | None:
    """Whose live session the token opens: one that is neither over nor was left idle for too long."""
    idle_since = at - timedelta(minutes=settings.idle_minutes)
    account = store.accounts.session(token_hash(token), at=at, idle_since=idle_since) if token else None
    if account is None:
        return None
    own = store.acting_for(account.organisation_id)
    try:
        return Visitor(account, csrf_token(token), own.organisations.get(account.organisation_id))
    except NotFoundError:
        return None


def key_visitor(store: Store, authorization: str, *, at: datetime) -> Visitor | None:
    """Whom the header speaks for; nobody for a key that is unknown, revoked or over."""
    kind, _, secret = authorization.partition(" ")
    if kind.lower() != "bearer" or not secret.strip().startswith(PREFIX):
        return None
    key = store.keys.by_hash(token_hash(secret.strip()))
    if key is None or not key.live(at):
        return None
    try:
        organisation = store.acting_for(key.organisation_id).organisations.get(key.organisation_id)
    except NotFoundError:
        return None
    account = Account(organisation_id=key.organisation_id, account_id=f"key:{key.key_id}", name=f"key:{key.name}")
    return Visitor(account, "", organisation, frozenset(key.scopes))


def set_session_cookie(response: Response, token: str, settings: ReviewSettings) -> None:
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(settings.session_hours * 3600),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_session_cookie(response: Response, settings: ReviewSettings) -> None:
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )
