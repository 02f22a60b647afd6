"""The topics there are, and how their messages look on the wire.

A message is one JSON object, the envelope: `{"schema": 1, "kind": "listing", "organisation_id": "local", "subject":
{…}}`. Its key is the subject key's token, so that one subject's messages stay in order. Fields that have their default
are left out. A later schema gets a higher number; a reader refuses numbers it does not know, by dead letter.
"""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import InputError, PoisonError
from models.identity import LOCAL
from models.subjects import AnySubject, Listing, ParcelRecord
from models.values import Value
from streams.bus.protocol import Topic

SCHEMA = 1
# Below Kafka's default limit of 1 MiB for a batch of records, with room for key and headers.
LARGEST_BODY = 900_000

Kind = TypeVar("Kind", Listing, ParcelRecord)
# Longer names would not fit into a database's keys.
Organisation = Annotated[str, Field(min_length=1, max_length=128)]


class Envelope(Value, Generic[Kind]):
    """What surrounds a subject on the wire."""

    model_config = ConfigDict(hide_input_in_errors=True)

    schema_number: Annotated[Literal[1], Field(alias="schema")]
    kind: str
    organisation_id: Organisation
    subject: Kind


def subject_topic(name: str, kind: str, envelope: type[Envelope[Kind]]) -> Topic[Kind]:
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
        try:
            read = envelope.model_validate_json(body)
        except ValidationError as error:
            raise PoisonError(f"not a {kind} message: {_reason(error)}") from None
        if read.kind != kind or read.organisation_id != read.subject.organisation_id:
            raise PoisonError(f"the envelope does not fit its {kind}: kind {read.kind!r} of {read.organisation_id!r}")
        return read.subject

    return Topic(name=name, encode=encode, decode=decode, key=_key)


def _key(subject: AnySubject) -> str:
    return subject.key.token


def _reason(error: ValidationError) -> str:
    """The first complaints with their places, without the values: a message may hold what must not be repeated."""
    details = error.errors(include_input=False, include_url=False, include_context=False)
    said = "; ".join(f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg']}" for detail in details[:3])
    return said if len(details) <= 3 else f"{said}; and {len(details) - 3} more"


LISTINGS: Topic[Listing] = subject_topic("jianzhen.listings", "listing", Envelope[Listing])
PARCELS: Topic[ParcelRecord] = subject_topic("jianzhen.parcels", "parcel", Envelope[ParcelRecord])
TOPICS: tuple[Topic[Listing] | Topic[ParcelRecord], ...] = (LISTINGS, PARCELS)


def claimed_organisation(body: bytes) -> str:
    """Whom a message says it belongs to, when all else about it is unreadable: its dead letter is shown there."""
    try:
        return _Claim.model_validate_json(body).organisation_id
    except ValidationError:
        return LOCAL


class _Claim(BaseModel):
    organisation_id: Organisation
