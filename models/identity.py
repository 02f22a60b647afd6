"""Identity: how things are named so that handling a message twice changes nothing.

Every id is the first 128 bits of a SHA-256 over canonical JSON (RFC 8259, keys sorted, no spaces, UTF-8), in hex.
Equal content gives equal ids on every machine; ids say nothing about order.
"""

import hashlib
import json
from typing import Any, NamedTuple

LOCAL = "local"
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def canonical_json(value: Any) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, UTF-8; a lone surrogate is written as its escape."""
    return _JSON.encode(value).encode("utf-8", "backslashreplace")


def sha256_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, all 64 hex digits: for what must be proved to a stranger, not only named."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def digest(*parts: Any) -> str:
    """32 hex digits that name `parts`."""
    return sha256_of(parts)[:32]


class SubjectKey(NamedTuple):
    """What makes two sightings the same subject."""

    organisation_id: str
    kind: str
    platform: str
    native_id: str

    @property
    def token(self) -> str:
        """The key as one opaque word: message key, primary key and lead id."""
        return digest(*self)


def observation_id(key: SubjectKey, content: dict[str, Any]) -> str:
    """Names one state of a subject: the same page crawled twice unchanged is one observation."""
    return digest(key.token, content)


def screening_key(observation: str, rules_version: str, context_version: str, listing: str = "") -> str:
    """Names one screening: the same observation under the same rules and context is screened once. `listing` is the
    observation of the listing that a parcel was seen with, where there was one."""
    return digest(observation, rules_version, context_version, *filter(None, [listing]))
