"""Dead letters for people of a unit: what is shown of one, and replaying them.

A dead message may hold anything, personal data that never should have come among it. So its bytes are not shown here:
only their shape, the names of fields with what kind of value stands there and how long it is.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime, Field

from models.dead_letters import LetterPlace, LetterQuery, LetterState, Replay, payload_of
from models.leads import DeadLetter
from models.values import Value
from review_api.desk import Desk
from review_api.sessions import Visitor

PLACE = r"^jianzhen\.[a-z][a-z-]{0,60}:[0-9]{1,9}:[0-9]{1,18}$"
MOST_AT_ONCE = 500
# Values of these fields say nothing of a person, and much about what went wrong.
SHOWN_FIELDS = frozenset({"schema", "kind", "organisation_id", "currency"})
LONG_NUMBER = re.compile(r"\d{5,}")
LONGEST_NAME = 40
SHOWN_ENTRIES = 20
DEEPEST = 6


class ShownLetter(Value):
    """A dead letter as people see it: without its bytes."""

    letter_id: str = Field(description="topic:partition:offset", examples=["jianzhen.listings:0:17"])
    topic: str
    partition: int
    offset: int
    key: str
    reason: str
    payload_sha256: str
    size: int = Field(description="Of the message, in bytes")
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    attempts: int
    state: LetterState
    replayed_at: AwareDatetime | None
    replayed_by: str
    ended_at: AwareDatetime | None
    shape: str = Field(description="The message's fields with kind and length of their values; no values")


def shown(letter: DeadLetter) -> ShownLetter:
    """The letter without its bytes."""
    body = payload_of(letter.payload)
    return ShownLetter(
        letter_id=str(letter.place),
        size=len(body),
        shape=shape_of(body),
        **letter.model_dump(exclude={"organisation_id", "payload"}),
    )


def replay(at_desk: Desk, caller: Visitor, places: Sequence[LetterPlace]) -> Replay:
    """Have these letters' bytes sent again, in the caller's name. Raises `NotFoundError`, `ConflictError`."""
    by, at = caller.account.name, at_desk.clock()
    return at_desk.store.dead_letters.replay(caller.organisation_id, places, by=by, at=at)


def replay_alike(at_desk: Desk, caller: Visitor, *, topic: str, reason: str) -> Replay:
    """As `replay`, for the open letters of one topic that died for this very reason, at most `MOST_AT_ONCE`."""
    query = LetterQuery(topic=topic, whole_reason=reason, states=(LetterState.OPEN,), limit=MOST_AT_ONCE)
    found = at_desk.store.dead_letters.find(caller.organisation_id, query).letters
    return replay(at_desk, caller, [each.place for each in found])


def shape_of(body: bytes) -> str:
    """What a message looks like, without what it says."""
    try:
        data = json.loads(body)
        return json.dumps(_shape(data, "", 0), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return f"({len(body)} bytes, no JSON)"


def _shape(value: Any, name: str, depth: int) -> Any:
    if depth > DEEPEST:
        return "(…)"
    if isinstance(value, dict):
        entries = list(value.items())[:SHOWN_ENTRIES]
        told = {_name(key): _shape(each, key, depth + 1) for key, each in entries}
        return told if len(value) <= SHOWN_ENTRIES else told | {"…": f"({len(value) - SHOWN_ENTRIES})"}
    if isinstance(value, list):
        told_all = [_shape(each, name, depth + 1) for each in value[:3]]
        return told_all if len(value) <= 3 else [*told_all, f"(… {len(value) - 3})"]
    if isinstance(value, bool) or value is None:
        return value
    if name in SHOWN_FIELDS and not LONG_NUMBER.search(str(value)) and len(str(value)) <= LONGEST_NAME:
        return value
    if isinstance(value, str):
        return f"(text, {len(value)})"
    return f"(number, {len(str(value))})"


def _name(name: str) -> str:
    return name if len(name) <= LONGEST_NAME and not LONG_NUMBER.search(name) else f"(name, {len(name)})"
