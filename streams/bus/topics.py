"""The topics there are, all declared here, and how their messages look on the wire.

A message is one JSON object, the envelope: `{"schema": 1, "kind": "listing", "organisation_id": "local", "subject":
{…}}` for subjects, with `"event": {…}` in place of the subject for events. Fields that have their default are left out.
Its key is the topic's own (`keyed_by`): messages of one key stay in order. How messages of earlier schemas are read is
`streams.bus.versions`; what events hold, `models.events`. docs/topics.md is made from these declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import InputError, PoisonError
from models.events import WIRE, AnyEvent, Decided, LeadChanged, LetterStored, PictureRequest, RegistryChanged, wire
from models.identity import LOCAL
from models.subjects import AnySubject, Listing, ParcelRecord
from models.values import Value
from streams.bus.protocol import Topic
from streams.bus.versions import Upgrader, read

SCHEMA = 1
# Below Kafka's default limit of 1 MiB for a batch of records, with room for key and headers.
LARGEST_BODY = 900_000

Kind = TypeVar("Kind", Listing, ParcelRecord)
Told = TypeVar("Told", RegistryChanged, LeadChanged, Decided, LetterStored, PictureRequest)
# Longer names would not fit into a database's keys.
Organisation = Annotated[str, Field(min_length=1, max_length=128)]


class Envelope(Value, Generic[Kind]):
    """What surrounds a subject on the wire."""

    model_config = ConfigDict(hide_input_in_errors=True)

    schema_number: Annotated[Literal[1], Field(alias="schema")]
    kind: str
    organisation_id: Organisation
    subject: Kind


class EventEnvelope(BaseModel, Generic[Told]):
    """What surrounds an event on the wire. Fields of a later minor version are passed over."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    schema_number: Annotated[Literal[1], Field(alias="schema")]
    kind: str
    organisation_id: Organisation
    event: Told


@dataclass(frozen=True)
class Declaration:
    """One topic with what people and other teams' tools must know of it."""

    topic: Topic[Any]
    payload: type[Value]
    place: str
    """Under which name the payload stands in the envelope."""
    kind: str
    schema: int
    holds: str
    written_by: str
    read_by: str
    keyed_by: str
    kept: str
    """Why its messages are kept for the topic's `kept_days`."""
    upgraders: Mapping[int, Upgrader] = field(default_factory=dict)


def subject_topic(
    name: str,
    kind: str,
    envelope: type[Envelope[Kind]],
    upgraders: Mapping[int, Upgrader] | None = None,
    *,
    kept_days: int | None = None,
) -> Topic[Kind]:
    """A topic of subjects of one kind. `encode` raises `InputError` for a subject larger than `LARGEST_BODY` bytes."""

    def encode(subject: Kind) -> bytes:
        written = envelope.model_validate(
            {"schema": SCHEMA, "kind": kind, "organisation_id": subject.organisation_id, "subject": subject}
        )
        body = written.model_dump_json(by_alias=True, exclude_defaults=True).encode()
        if len(body) > LARGEST_BODY:
            raise InputError(
                f"the {kind} takes {len(body)} bytes on the wire, more than {LARGEST_BODY}",
                where=subject.key.native_id,
                mend="shorten its description or attributes",
            )
        return body

    def decode(body: bytes) -> Kind:
        found = read(body, envelope, schema=SCHEMA, upgraders=upgraders or {}, kind=kind)
        _require_fit(kind, found.kind, found.organisation_id, found.subject.organisation_id)
        return found.subject

    return Topic(name=name, encode=encode, decode=decode, key=_key, kept_days=kept_days)


def event_topic(
    event: type[Told],
    envelope: type[EventEnvelope[Told]],
    upgraders: Mapping[int, Upgrader] | None = None,
    *,
    kept_days: int | None = None,
) -> Topic[Told]:
    """A topic of events of one kind."""

    def decode(body: bytes) -> Told:
        found = read(body, envelope, schema=event.schema_number, upgraders=upgraders or {}, kind=event.kind)
        _require_fit(event.kind, found.kind, found.organisation_id, found.event.organisation_id)
        return found.event

    return Topic(name=event.topic, encode=wire, decode=decode, key=_event_key, kept_days=kept_days)


def _key(subject: AnySubject) -> str:
    return subject.key.token


def _event_key(event: AnyEvent) -> str:
    return event.key


def _require_fit(kind: str, named: str, claimed: str, owner: str) -> None:
    if named != kind or claimed != owner:
        raise PoisonError(f"the envelope does not fit its {kind}: kind {named!r} of {claimed!r}")


LISTINGS: Topic[Listing] = subject_topic(WIRE + "listings", "listing", Envelope[Listing], kept_days=7)
PARCELS: Topic[ParcelRecord] = subject_topic(WIRE + "parcels", "parcel", Envelope[ParcelRecord], kept_days=7)
REGISTRY_CHANGES: Topic[RegistryChanged] = event_topic(RegistryChanged, EventEnvelope[RegistryChanged], kept_days=90)
PICTURE_REQUESTS: Topic[PictureRequest] = event_topic(PictureRequest, EventEnvelope[PictureRequest], kept_days=30)
LEADS: Topic[LeadChanged] = event_topic(LeadChanged, EventEnvelope[LeadChanged], kept_days=90)
DECISIONS: Topic[Decided] = event_topic(Decided, EventEnvelope[Decided], kept_days=366)
DEAD_LETTERS: Topic[LetterStored] = event_topic(LetterStored, EventEnvelope[LetterStored], kept_days=90)

OTHERS = "other systems of the unit; nothing in Jianzhen itself needs it"

DECLARED: tuple[Declaration, ...] = (
    Declaration(
        LISTINGS, Listing, "subject", "listing", SCHEMA,
        holds="商品信息：每次看到的页面状态 / one listing as it was seen once",
        written_by="`jianzhen crawl`, `jianzhen ingest`, feeds and other teams' importers",
        read_by="screening workers",
        keyed_by="the subject's token: organisation, kind, platform and listing id",
        kept="long enough for every worker to catch up after an outage; what was screened lies in the store",
    ),
    Declaration(
        PARCELS, ParcelRecord, "subject", "parcel", SCHEMA,
        holds="邮件快件信息：去标识化的寄递记录 / one tokenised parcel record",
        written_by="`jianzhen ingest` of what a carrier tokenised on its side",
        read_by="screening workers",
        keyed_by="the subject's token: organisation, kind, carrier and parcel token",
        kept="as listings, and no longer: what is about people is not kept lying about",
    ),
    Declaration(
        REGISTRY_CHANGES, RegistryChanged, "event", RegistryChanged.kind, RegistryChanged.schema_number,
        holds="权利库变更：每次提交的变更集 / one committed change set of the registry",
        written_by="the store, through the outbox, whenever a change set is committed",
        read_by=OTHERS + ": workers look at the store's own fingerprint before every batch",
        keyed_by="the organisation, so that its versions stay in order",
        kept="rare and small; who was away for longer reads the registry itself",
    ),
    Declaration(
        PICTURE_REQUESTS, PictureRequest, "event", PictureRequest.kind, PictureRequest.schema_number,
        holds="图片识别请求：待读的图中文字 / words in pictures that findings call for and nobody could read then",
        written_by="screening workers on machines that cannot read words, and `jianzhen rescreen`",
        read_by="screening workers that can read words",
        keyed_by="the listing's token",
        kept="afterwards the listing has been seen again or is gone",
    ),
    Declaration(
        LEADS, LeadChanged, "event", LeadChanged.kind, LeadChanged.schema_number,
        holds="疑似信息：新出现或有变 / a lead that is new, or whose score, cell or disposition changed",
        written_by="the store, through the outbox, in the transaction that changes the lead",
        read_by=OTHERS,
        keyed_by="the lead, which is its subject's token",
        kept="who was away for longer reads how leads stand from the store",
    ),
    Declaration(
        DECISIONS, Decided, "event", Decided.kind, Decided.schema_number,
        holds="处置、撤销，以及案件线索的撤回 / decisions on leads, undone ones, withdrawals of case leads",
        written_by="the store, through the outbox, in the transaction of the decision",
        read_by=OTHERS,
        keyed_by="the lead; a withdrawal's case number",
        kept="who acted on a decision must be able to hear of its withdrawal a year later",
    ),
    Declaration(
        DEAD_LETTERS, LetterStored, "event", LetterStored.kind, LetterStored.schema_number,
        holds="死信：无法处理的消息已留存，不含其内容 / a message that cannot be processed was kept; without its bytes",
        written_by="the store, through the outbox, in the transaction that keeps the letter",
        read_by=OTHERS + ", alarms for instance",
        keyed_by="the dead message's own key; its hash where it has none",
        kept="the letter itself stays in the store",
    ),
)  # fmt: skip

TOPICS: tuple[Topic[Any], ...] = tuple(each.topic for each in DECLARED)
# What the screening workers of every installation take.
SUBJECTS: tuple[Topic[Listing] | Topic[ParcelRecord], ...] = (LISTINGS, PARCELS)


def claimed_organisation(body: bytes) -> str:
    """Whom a message says it belongs to, when all else about it is unreadable: its dead letter is shown there."""
    try:
        return _Claim.model_validate_json(body).organisation_id
    except ValidationError:
        return LOCAL


class _Claim(BaseModel):
    organisation_id: Organisation
