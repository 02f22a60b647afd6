"""Events: what happened here that others must hear, and how it looks on the wire.

Owns the payloads of the topics that the store writes to, their envelope, and the port of the outbox that keeps them
until they are published. Which topics there are, who reads them and how older messages are read is
`streams.bus.topics`.

An event is told in the transaction that makes it true: what is rolled back is never heard, what is committed is heard
at least once. Its `event_id` stays the same however often it is told; whoever has seen it does nothing again.
"""

import json
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Protocol
from uuid import uuid4

from pydantic import AwareDatetime, ConfigDict, Field

from models.identity import SubjectKey
from models.leads import Cell, Disposition
from models.pictures import Level
from models.values import Value

WIRE = "jianzhen."
"""What every topic's name on the wire begins with."""


class Event(Value):
    """What every event says. `topic`, `kind` and `schema_number` are the class's own and stand in the envelope. Every
    kind of event has a `key`: events of one key stay in order."""

    model_config = ConfigDict(extra="ignore")  # fields that a later version added are passed over

    topic: ClassVar[str]
    kind: ClassVar[str]
    schema_number: ClassVar[int] = 1

    event_id: Annotated[str, Field(min_length=1, max_length=128)] = Field(
        default_factory=lambda: uuid4().hex, description="names the event; the same however often it is delivered"
    )
    organisation_id: Annotated[str, Field(min_length=1, max_length=128)] = Field(description="whose it is")
    at: AwareDatetime = Field(description="when it happened, with an offset")


class RowsChanged(Value):
    """How many rows of one kind a change set opened and closed; a row that changed counts in both."""

    opened: int = 0
    closed: int = 0


class RegistryChanged(Event):
    """A change set of the registry was committed."""

    topic = WIRE + "registry-changes"
    kind = "registry-change"

    number: int = Field(description="the version's number, from 1 without gaps")
    version: str = Field(description="the new registry version")
    previous: str = Field(default="", description="the version before; empty for the first")
    by: str = Field(default="", description="who committed it")
    acting_for: str = Field(default="", description="the organisation it was committed for, where another's")
    marks: RowsChanged = Field(default=RowsChanged(), description="marks opened and closed")
    goods: RowsChanged = Field(default=RowsChanged(), description="reference goods opened and closed")
    authorised: RowsChanged = Field(default=RowsChanged(), description="authorised sellers opened and closed")

    @property
    def key(self) -> str:
        return self.organisation_id


class LeadChanged(Event):
    """A lead is new, or its score, cell, mark, operating point or disposition changed: as it stands now."""

    topic = WIRE + "leads"
    kind = "lead"

    lead_id: str = Field(description="the lead, which is its subject's token")
    subject_kind: str = Field(description="listing or parcel")
    platform: str = Field(description="where the subject is seen; a parcel's carrier")
    native_id: str = Field(description="the subject's id there; a parcel's token")
    new: bool = Field(default=False, description="whether the lead was not there before")
    flagged: bool = Field(description="whether the newest screening reaches the operating point")
    score: float = Field(description="ranks leads, never clipped")
    cell: Cell | None = Field(default=None, description="nearness of marks and goods")
    mark_id: str | None = Field(default=None, description="the mark it is on")
    disposition: Disposition = Field(description="what people made of it")
    case_number: str = Field(default="", description="the case lead that it went into")
    revision: int = Field(description="grows with every change of the lead")
    registry_version: str = Field(description="the registry that the newest screening saw")
    rules_version: str = Field(description="the rules that it was weighed by")
    context_version: str = Field(description="everything else that detectors saw")

    @property
    def key(self) -> str:
        return self.lead_id


class Decided(Event):
    """A person decided on a lead, took a decision back, or withdrew a case lead. Free text stays in the store: it may
    name people."""

    topic = WIRE + "decisions"
    kind = "decision"

    act: Literal["decide", "undo", "withdraw"] = Field(description="what was done")
    lead_id: str = Field(default="", description="the lead; empty for a withdrawal")
    disposition: Disposition | None = Field(default=None, description="what the lead became; none for a withdrawal")
    reason_code: str = Field(default="", description="the code of the reason of a dismissal, where it has one")
    revision: int = Field(default=0, description="the revision that the act made, of the lead or the case lead")
    case_number: str = Field(default="", description="the case lead that was registered or withdrawn")
    withdrawn_leads: tuple[str, ...] = Field(default=(), description="the leads of a withdrawn case lead")
    receivers: tuple[str, ...] = Field(default=(), description="everybody who has to be told of a withdrawal")
    by: str = Field(description="the account's name")

    @property
    def key(self) -> str:
        return self.lead_id or self.case_number


class LetterStored(Event):
    """A message that can never be processed was kept. Its bytes stay in the store: they may hold anything."""

    topic = WIRE + "dead-letters"
    kind = "dead-letter"

    source_topic: str = Field(description="the topic that it lay in")
    partition: int = Field(description="its partition there")
    offset: int = Field(description="its offset there")
    message_key: str = Field(default="", description="its key there")
    payload_sha256: str = Field(description="the SHA-256 of its bytes")
    reason: str = Field(description="why it cannot be processed")
    first_seen: AwareDatetime = Field(description="when it died first, replays included")
    last_seen: AwareDatetime = Field(description="when it died last")
    attempts: int = Field(description="how often it was tried, replays included")

    @property
    def key(self) -> str:
        return self.message_key or self.payload_sha256


class PictureRequest(Event):
    """Findings on a listing call for what stands in its pictures, and who screened it could not read that."""

    topic = WIRE + "picture-requests"
    kind = "picture-request"

    platform: str = Field(description="the listing's platform")
    listing_id: str = Field(description="the listing's id there")
    observation_id: str = Field(description="the state of the listing that was screened")
    level: Level = Field(default="full", description="what its pictures are to be read to")

    @property
    def key(self) -> str:
        return SubjectKey(self.organisation_id, "listing", self.platform, self.listing_id).token


AnyEvent = RegistryChanged | LeadChanged | Decided | LetterStored | PictureRequest


def wire(event: AnyEvent) -> bytes:
    """The event in its envelope, as it is published."""
    envelope = {
        "schema": event.schema_number,
        "kind": event.kind,
        "organisation_id": event.organisation_id,
        "event": event.model_dump(mode="json", exclude_defaults=True) | {"event_id": event.event_id},
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


class Outgoing(Value):
    """One message that waits in the outbox: where it goes, and its bytes as they will be published."""

    organisation_id: str
    number: int
    topic: str
    key: str
    message_id: str
    body: bytes


class OutboxStore(Protocol):
    """What waits to be published. Relays of several processes may ask at once."""

    def claim(self, *, by: str, at: datetime, until: datetime, limit: int) -> tuple[Outgoing, ...]:
        """Take over at most so many messages until then, oldest first. What another relay holds stays with it, and so
        does everything later under the same topic and key: two relays never overtake each other."""

    def mark_sent(self, messages: tuple[Outgoing, ...], *, at: datetime) -> None:
        """These were published."""

    def release(self, *, by: str) -> None:
        """Give back what this relay holds and has not sent."""

    def waiting(self) -> int:
        """How many messages are not sent yet, of every organisation."""

    def oldest(self) -> datetime | None:
        """Since when the oldest of them waits."""

    def prune(self, *, before: datetime, limit: int) -> int:
        """Forget messages sent before then, at most so many; returns how many."""
