"""Machine keys: how one is made. A key is sent as `Authorization: Bearer jz_…`; only its hash is kept, and it is looked
up at every call (`review_api.sessions`), so that a revoked one is refused at once."""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from models.errors import InputError
from models.organisations import MachineKey, Scope
from review_api.tokens import token_hash

PREFIX = "jz_"
LONGEST_DAYS = 366
LONGEST_NAME = 128


def new_key(
    organisation_id: str, name: str, scopes: tuple[Scope, ...], *, days: int, by: str, at: datetime
) -> tuple[MachineKey, str]:
    """A key and its secret, which is shown once. Raises `InputError` for a name, scope or term that cannot be used."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError("a key needs a printable name of at most 128 characters", where="name")
    if not scopes:
        raise InputError("a key needs a scope", where="scopes", mend=f"choose among {', '.join(Scope)}")
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(f"a key lives 1 to {LONGEST_DAYS} days", where="days")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = MachineKey(
        organisation_id=organisation_id,
        key_id=uuid4().hex,
        name=name,
        key_hash=token_hash(secret),
        scopes=tuple(scope for scope in Scope if scope in scopes),
        created_by=by,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    return key, secret
