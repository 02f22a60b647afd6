"""Dead letters: what is kept of a message that can never be processed, so that it can be read and replayed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.dead_letters import payload_text
from models.errors import JianzhenError
from models.leads import DeadLetter
from models.ports import Store
from streams.bus import Delivery
from streams.bus.topics import claimed_organisation

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


def settle(store: Store, organisation_id: str, handled: Sequence[Delivery[Any]], *, at: datetime) -> int:
    """These messages of one organisation were screened: replayed letters with their bytes have come to a good end. How
    many. Costs one cheap query where nothing was replayed."""
    awaited = store.dead_letters.replayed(organisation_id)
    if not awaited:
        return 0
    names = [(each.topic.name, hashlib.sha256(each.body).hexdigest()) for each in handled]
    found = [name for name in names if name in awaited]
    return store.dead_letters.settle(organisation_id, found, at=at) if found else 0


def _reason(error: Exception) -> str:
    return error.what if isinstance(error, JianzhenError) else f"{type(error).__name__}: {error}"


def _printable(text: str) -> str:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
