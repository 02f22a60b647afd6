"""Retries (幂等): a request that carries a key is answered once, and every retry of it gets that answer again.

A key belongs to one caller of one organisation and to one request: the same key with another request is refused.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import ConfigDict, Field

from models.values import Value


class Turn(StrEnum):
    """Whose turn a request is that has no answer yet."""

    YOURS = "yours"
    ANOTHERS = "anothers"


class StoredAnswer(Value):
    """What was answered: status, the headers that belong to it, and the body (bytes)."""

    model_config = ConfigDict(val_json_bytes="base64")

    status: int
    headers: dict[str, str] = Field(default_factory=dict)
    body: bytes = b""


class RetryStore(Protocol):
    """Which requests were begun and what was answered."""

    def begin(
        self, organisation_id: str, caller: str, key: str, request_digest: str, *, at: datetime
    ) -> StoredAnswer | Turn:
        """`YOURS`: nobody else works on it, do it now and `finish` or `abandon`. `ANOTHERS`: somebody is working on
        it, ask again. Otherwise the answer it got. A request whose worker gave no sign of life for `STALE_S` may be
        begun again. Raises `InputError` when the key was used for another request."""

    def renew(self, organisation_id: str, caller: str, key: str, *, at: datetime) -> None:
        """A sign of life of whoever works on the request; to be given every `RENEW_S`."""

    def finish(self, organisation_id: str, caller: str, key: str, answer: StoredAnswer) -> None:
        """Keep the answer for `KEPT_DAYS`."""

    def abandon(self, organisation_id: str, caller: str, key: str) -> None:
        """The request was refused or failed and changed nothing: the key is free for another try."""


# The last sign of life of a request that has no answer yet: older than this, its worker is taken for dead. Clocks of
# machines that share a store may differ by the difference of the two.
STALE_S, RENEW_S = 15.0, 4.0
KEPT_DAYS = 7
