"""Sessions: a random token in a cookie, of which the store keeps only the hash; the form token derived from it; and
how often an address may fail to sign a name in."""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from models.errors import NotSignedInError, TooManyAttempts
from models.ports import Account, Store
from review_api.accounts import LONGEST_NAME, verify_password
from review_api.settings import ReviewSettings

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Visitor:
    """Who is calling: the account of a live session, and the token that its forms must carry."""

    account: Account
    csrf_token: str

    @property
    def organisation_id(self) -> str:
        return self.account.organisation_id

    @property
    def shown_name(self) -> str:
        return self.account.display_name or self.account.name


class Attempts:
    """Sign-ins that have not succeeded, by name and client address, in this process: after `allowed` of them that
    address waits `wait_seconds` before it may try that name again. The name's owner, who calls from elsewhere, does
    not wait: nobody can lock another out. What was tried longest ago is forgotten beyond `MOST_REMEMBERED`."""

    def __init__(self, allowed: int, wait_seconds: int) -> None:
        self._allowed = allowed
        self._wait = timedelta(seconds=wait_seconds)
        self._tried: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, address: str, at: datetime) -> None:
        """Count one attempt before it is made, so that many at once are as few as one by one. Raises
        `TooManyAttempts` while the address has to wait."""
        key = self._key(name, address)
        with self._lock:
            count, last = self._tried.get(key, (0, at))
            left = last + self._wait - at
            if left <= timedelta():
                count = 0
            elif count >= self._allowed:
                raise TooManyAttempts(
                    "too many failed sign-ins for this name from this address",
                    seconds=int(left.total_seconds()) + 1,
                    mend="wait, then try again",
                )
            self._tried[key] = (count + 1, at)
            self._tried.move_to_end(key)
            if len(self._tried) > MOST_REMEMBERED:
                self._tried.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        with self._lock:
            self._tried.pop(self._key(name, address), None)

    @staticmethod
    def _key(name: str, address: str) -> tuple[str, str]:
        return name[:LONGEST_NAME], address


def cookie_name(settings: ReviewSettings) -> str:
    """The session cookie; the `__Host-` prefix binds it to this host and to HTTPS where the settings ask for that."""
    return "__Host-jianzhen-session" if settings.secure_cookies else "jianzhen-session"


def open_session(
    store: Store,
    attempts: Attempts,
    name: str,
    password: str,
    *,
    address: str,
    at: datetime,
    settings: ReviewSettings,
) -> str:
    """Sign a name in from a client's address; returns the session's token, always a new one. Raises
    `NotSignedInError`, and `TooManyAttempts` before the password is even looked at."""
    attempts.take(name, address, at)
    account = store.accounts.by_name(name)
    if not verify_password(account.password_hash if account else None, password) or account is None:
        raise NotSignedInError("name or password is wrong", mend="check both and try again")
    attempts.succeeded(name, address)
    token = secrets.token_urlsafe(32)
    expires_at = at + timedelta(hours=settings.session_hours)
    store.accounts.open_session(token_hash(token), account.account_id, expires_at=expires_at)
    return token


def client_address(request: Request) -> str:
    """Where the request comes from, as the server tells it; behind a proxy that is what the server trusts of it."""
    return request.client.host if request.client else ""


def visitor(store: Store, token: str, *, at: datetime) -> Visitor | None:
    """Whose live session the token opens."""
    account = store.accounts.session(token_hash(token), at=at) if token else None
    return Visitor(account, csrf_token(token)) if account else None


def token_hash(token: str) -> str:
    """What the store keeps of a token: a copy of the database opens no session."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_token(token: str) -> str:
    """The form token of a session: only a page that we served to that session knows it."""
    return hmac.new(token.encode("utf-8", "replace"), b"jianzhen form token", hashlib.sha256).hexdigest()


def csrf_matches(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


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
