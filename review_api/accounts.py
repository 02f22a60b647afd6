"""Accounts: how a password becomes a hash and back to yes or no. Where accounts are kept is the store's business."""

from functools import cache
from threading import BoundedSemaphore
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.access import Account
from models.errors import InputError
from models.identity import LOCAL
from models.organisations import Role

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
LONGEST_NAME = 128
# Each hash takes 64 MiB: a flood of sign-ins waits its turn instead of taking the machine's memory.
_HASHING = BoundedSemaphore(4)


def hash_password(plain: str) -> str:
    """The Argon2id string of a password (RFC 9106, second recommended option: 64 MiB, 3 passes)."""
    return _hasher().hash(plain)


def verify_password(password_hash: str | None, plain: str) -> bool:
    """Whether `plain` is the password. Without a hash the same work is done and the answer is no, so that the time
    taken does not tell which names exist."""
    if len(plain) > LONGEST_PASSWORD:
        return False
    try:
        with _HASHING:
            _hasher().verify(password_hash or _nobody(), plain)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_account(
    name: str,
    password: str,
    *,
    organisation_id: str = LOCAL,
    display_name: str = "",
    roles: tuple[Role, ...] = (),
    identity: str = "",
) -> Account:
    """An account that can sign in once a store has saved it: with a password, or with an `identity` and none. Raises
    `InputError` for a name or password that cannot be used."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError("an account needs a printable name of at most 128 characters", where="name")
    if not identity and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
            where="password",
            mend="choose a longer one",
        )
    return Account(
        organisation_id=organisation_id,
        account_id=uuid4().hex,
        name=name,
        display_name=display_name,
        password_hash="" if identity else hash_password(password),
        roles=roles,
        identity=identity,
    )


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _hasher().hash(uuid4().hex)
