"""Signing in with a password: failures are counted for every name, by all processes together; a name that failed too
often is locked for a while. Open sessions go on, and so does signing in elsewhere (`review_api.access.oidc`)."""

import secrets
from datetime import timedelta

from models.access import Account
from models.audit import NOBODY, Act, AuditEntry
from models.errors import NotSignedInError, TooManyAttempts
from review_api.accounts import verify_password
from review_api.desk import Desk
from review_api.tokens import name_key, token_hash


def sign_in_with_password(at_desk: Desk, name: str, password: str, *, address: str) -> str:
    """Sign a name in; returns the session's token, always a new one. Raises `NotSignedInError`, and `TooManyAttempts`
    before the password is even looked at."""
    settings, at, accounts = at_desk.settings, at_desk.clock(), at_desk.store.accounts
    key, wait = name_key(name), settings.sign_in_wait_seconds
    allowed = settings.sign_in_attempts
    count = accounts.count_attempt(key, at=at, since=at - timedelta(seconds=wait), limit=allowed)
    if count > allowed:
        raise TooManyAttempts(
            "too many failed sign-ins for this name", seconds=wait, mend="wait, or ask an administrator"
        )
    account = accounts.by_name(name)
    right = verify_password((account.password_hash or None) if account else None, password)
    if not right or account is None or not account.active:
        write_down(at_desk, account, Act.SIGN_IN_FAILED, address)
        if count == allowed:
            write_down(at_desk, account, Act.LOCKED_OUT, address, seconds=str(wait), attempts=str(count))
        raise NotSignedInError("name or password is wrong", mend="check both and try again")
    accounts.forget_attempts(key)
    return open_session(at_desk, account, address=address, way="password")


def open_session(at_desk: Desk, account: Account, *, address: str, way: str) -> str:
    """A session for somebody who has proved who they are; returns its token."""
    token, at = secrets.token_urlsafe(32), at_desk.clock()
    expires_at = at + timedelta(hours=at_desk.settings.session_hours)
    at_desk.store.accounts.open_session(token_hash(token), account.account_id, at=at, expires_at=expires_at)
    write_down(at_desk, account, Act.SIGNED_IN, address, way=way)
    return token


def write_down(at_desk: Desk, account: Account | None, act: Act, address: str, **details: str) -> None:
    """An entry in the trail of the account's organisation, or in nobody's for a name that nobody has."""
    at_desk.store.audit.append(
        AuditEntry(
            organisation_id=account.organisation_id if account else NOBODY,
            at=at_desk.clock(),
            actor=account.name if account else "",
            act=act,
            about=account.name if account else "",
            address=address,
            details=details,
        )
    )
