"""Dead letters as people work on them: what a letter's bytes look like, where it stands, and the port that lists and
replays them. How one is made is `streams.screening.dead_letters`.

A letter is open until it is replayed. A replay publishes its bytes again under its key; then it is settled, when a
worker has screened those bytes, or replaced by the letter that the same bytes became again.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from models.errors import InputError
from models.values import Value

if TYPE_CHECKING:
    from models.leads import DeadLetter

BASE64 = "base64:"
WRITTEN = re.compile(r"([^:\s]+):([0-9]{1,9}):([0-9]{1,18})")


class LetterState(StrEnum):
    """Where a letter stands (待处理, 已重放, 已了结, 再次失败)."""

    OPEN = "open"
    REPLAYED = "replayed"
    SETTLED = "settled"
    REPLACED = "replaced"


# A letter in one of these has not ended otherwise.
STANDING = (LetterState.OPEN, LetterState.REPLAYED)


class LetterPlace(Value):
    """Where a message lay, which names its letter; written `topic:partition:offset`."""

    topic: str
    partition: int
    offset: int

    @classmethod
    def read(cls, text: str) -> "LetterPlace":
        """The place that is written so. Raises `InputError`."""
        found = WRITTEN.fullmatch(text)
        if found is None:
            raise InputError(
                f"不是死信的位置 / not the place of a letter: {text}", where="letter", mend="jianzhen.listings:0:17"
            )
        return cls(topic=found[1], partition=int(found[2]), offset=int(found[3]))

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


@dataclass(frozen=True)
class LetterQuery:
    """Which letters. Empty fields do not filter; `reason` is a part of a reason's words, `whole_reason` all of
    them."""

    topic: str = ""
    reason: str = ""
    whole_reason: str = ""
    states: tuple[LetterState, ...] = STANDING
    after: str = ""
    limit: int = 50


@dataclass(frozen=True)
class LetterPage:
    """A page of letters, newest first, the cursor of the next one (empty at the end), and how many match."""

    letters: "tuple[DeadLetter, ...]"
    next_cursor: str
    total: int


class ReasonCount(Value):
    """How many letters died for one reason on one topic."""

    topic: str
    reason: str
    count: int


class Replay(Value):
    """What a replay did: the letters whose bytes go out again, and those left alone because a newer state of their
    subject has been screened since."""

    replayed: tuple[LetterPlace, ...] = ()
    overtaken: tuple[LetterPlace, ...] = ()


class DeadLetterStore(Protocol):
    """Letters of an organisation."""

    def find(self, organisation_id: str, query: LetterQuery) -> LetterPage:
        """Raises `InputError` for a cursor that is not one of ours."""

    def get(self, organisation_id: str, place: LetterPlace) -> "DeadLetter":
        """Raises `NotFoundError`."""

    def reasons(self, organisation_id: str, *, limit: int = 50) -> tuple[ReasonCount, ...]:
        """What the open letters died for, most frequent first."""

    def replay(self, organisation_id: str, places: Sequence[LetterPlace], *, by: str, at: datetime) -> Replay:
        """Have the bytes of these letters published again on their topic under their key, all in one transaction with
        the record of it. A letter whose subject has been screened in a newer state since is left alone: its old bytes
        would take that state's place. Raises `NotFoundError`, and `ConflictError` for a letter that is not open."""

    def replayed(self, organisation_id: str) -> frozenset[tuple[str, str]]:
        """(topic, payload SHA-256) of the letters whose replay has not come to an end. One cheap query."""

    def settle(self, organisation_id: str, handled: Sequence[tuple[str, str]], *, at: datetime) -> int:
        """Messages with these (topic, payload SHA-256) were screened: their replayed letters are settled. How many."""


def payload_text(body: bytes) -> str:
    """The body as text where it is text that every database takes, otherwise as `base64:…`; never lossy."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or text.startswith(BASE64):
        return BASE64 + base64.b64encode(body).decode()
    return text


def payload_of(text: str) -> bytes:
    """The body that `payload_text` made the text from."""
    if text.startswith(BASE64):
        return base64.b64decode(text.removeprefix(BASE64))
    return text.encode()
