"""Dead letters: what is kept of a message that can never be processed, so that it can be read and replayed."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from models.errors import JianzhenError
from models.leads import DeadLetter
from streams.bus import Delivery
from streams.bus.topics import claimed_organisation

BASE64 = "base64:"
LONGEST_REASON = 1000


def dead_letter(
    delivery: Delivery[Any], error: Exception, *, at: datetime, attempts: int = 1, organisation_id: str | None = None
) -> DeadLetter:
    """The letter for `delivery`. Its organisation is the one that the envelope claims, unless the caller knows it."""
    return DeadLetter(
        organisation_id=organisation_id or claimed_organisation(delivery.body),
        topic=delivery.topic.name,
        partition=delivery.partition,
        offset=delivery.offset,
        key=_printable(delivery.key),
        payload=payload_text(delivery.body),
        payload_sha256=hashlib.sha256(delivery.body).hexdigest(),
        reason=_printable(_reason(error))[:LONGEST_REASON],
        first_seen=at,
        last_seen=at,
        attempts=attempts,
    )


def payload_text(body: bytes) -> str:
    """The body as text where it is text that every database takes, otherwise as `base64:…`; never lossy."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or text.startswith(BASE64):
        return BASE64 + base64.b64encode(body).decode()
    return text


def payload_bytes(letter: DeadLetter) -> bytes:
    """The body as it was published, for replay."""
    if letter.payload.startswith(BASE64):
        return base64.b64decode(letter.payload.removeprefix(BASE64))
    return letter.payload.encode()


def _reason(error: Exception) -> str:
    return error.what if isinstance(error, JianzhenError) else f"{type(error).__name__}: {error}"


def _printable(text: str) -> str:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
