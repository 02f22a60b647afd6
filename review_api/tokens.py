"""Tokens: what is kept of a secret, and the form token that follows from one. Nothing here knows of requests."""

import hashlib
import hmac

from models.identity import digest
from review_api.accounts import LONGEST_NAME


def token_hash(token: str) -> str:
    """What the store keeps of a token: a copy of the database opens no session."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_token(token: str) -> str:
    """The form token of a session: only a page that we served to that session knows it."""
    return hmac.new(token.encode("utf-8", "replace"), b"jianzhen form token", hashlib.sha256).hexdigest()


def csrf_matches(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def name_key(name: str) -> str:
    """What is kept of a name that was typed to sign in with: it may have been a password."""
    return digest("sign-in", name[:LONGEST_NAME])
