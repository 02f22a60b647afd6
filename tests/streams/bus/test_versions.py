"""Messages of every schema that was ever written are read, and what cannot be read says why."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from models.errors import PoisonError
from streams.bus import topic_pages
from streams.bus.topics import DECLARED, TOPICS, Declaration
from streams.bus.versions import Upgrader, read

RECORDED = Path(__file__).parent / "recorded"
ROOT = Path(__file__).parents[3]


def recorded(declared: Declaration, schema: int) -> bytes:
    """A message as that schema's version wrote it, byte for byte. Kept for ever: a new schema adds a file."""
    return (RECORDED / f"{declared.topic.name.removeprefix('jianzhen.')}-{schema}.json").read_bytes().strip()


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.topic.name)
def test_a_message_of_every_schema_is_read(declared: Declaration) -> None:
    for schema in range(1, declared.schema + 1):
        body = recorded(declared, schema)
        assert json.loads(body)["schema"] == schema
        payload = declared.topic.decode(body)
        assert isinstance(payload, declared.payload)
        assert declared.topic.decode(declared.topic.encode(payload)) == payload
        assert declared.topic.key(payload)


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.topic.name)
def test_todays_messages_are_written_as_they_were_recorded(declared: Declaration) -> None:
    """Who changes a payload so that its bytes change learns here that readers of other versions will see it: a field
    with a default is fine and needs the recording renewed, anything else needs the next schema."""
    body = recorded(declared, declared.schema)
    assert declared.topic.encode(declared.topic.decode(body)) == body


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.topic.name)
def test_a_schema_of_the_future_is_refused_and_named(declared: Declaration) -> None:
    message = json.loads(recorded(declared, declared.schema)) | {"schema": declared.schema + 1}
    with pytest.raises(PoisonError, match=f"schema {declared.schema + 1}, this version reads up to"):
        declared.topic.decode(json.dumps(message).encode())


@pytest.mark.parametrize("declared", DECLARED, ids=lambda each: each.topic.name)
def test_there_is_an_upgrader_for_every_step(declared: Declaration) -> None:
    assert set(declared.upgraders) == set(range(1, declared.schema))


def test_the_page_of_topics_is_what_the_declarations_say() -> None:
    stale = "make it anew: python -m streams.bus.topic_pages > docs/topics.md"
    assert (ROOT / "docs" / "topics.md").read_text("utf-8") == topic_pages.document(), stale


def test_seven_topics_are_made_and_every_recording_belongs_to_one() -> None:
    names = {topic.name.removeprefix("jianzhen.") for topic in TOPICS}
    assert names == {
        "listings", "parcels", "registry-changes", "picture-requests", "leads", "decisions", "dead-letters",
    }  # fmt: skip
    assert {file.stem.rpartition("-")[0] for file in RECORDED.glob("*.json")} == names


# --- the mechanism, on a payload with a past -------------------------------------------------------------------------


class Parcel(BaseModel):
    """The third form: grams in place of kilograms since 2, one name in place of two since 3."""

    grams: int
    name: str


class Message(BaseModel):
    schema_number: Annotated[Literal[3], Field(alias="schema")]
    parcel: Parcel


def in_grams(message: dict[str, Any]) -> dict[str, Any]:
    parcel = message["parcel"]
    kept = {name: value for name, value in parcel.items() if name != "kilograms"}
    return message | {"parcel": kept | {"grams": round(parcel["kilograms"] * 1000)}}


def one_name(message: dict[str, Any]) -> dict[str, Any]:
    parcel = message["parcel"]
    return message | {"parcel": {"grams": parcel["grams"], "name": f"{parcel['family']}{parcel['given']}"}}


UPGRADERS: Mapping[int, Upgrader] = {1: in_grams, 2: one_name}
FORMS = {
    1: b'{"schema": 1, "parcel": {"kilograms": 1.5, "family": "\xe4\xba\x91", "given": "\xe6\x9c\xb5"}}',
    2: b'{"schema": 2, "parcel": {"grams": 1500, "family": "\xe4\xba\x91", "given": "\xe6\x9c\xb5"}}',
    3: b'{"schema": 3, "parcel": {"grams": 1500, "name": "\xe4\xba\x91\xe6\x9c\xb5"}}',
}


@pytest.mark.parametrize("schema", FORMS)
def test_every_form_becomes_todays(schema: int) -> None:
    message = read(FORMS[schema], Message, schema=3, upgraders=UPGRADERS, kind="parcel")
    assert message.parcel == Parcel(grams=1500, name="云朵")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[]", "object"),
        (b'{"schema": 0, "parcel": {}}', "names no version"),
        (b'{"schema": true, "parcel": {}}', "names no version"),
        (b'{"schema": "1", "parcel": {}}', "names no version"),
        (b'{"parcel": {}}', "names no version"),
        (b'{"schema": 4, "parcel": {}}', "schema 4, this version reads up to schema 3"),
        (b'{"schema": 1, "parcel": {"family": "secret"}}', "of schema 1: KeyError"),
        (b'{"schema": 1, "parcel": "secret"}', "of schema 1: "),
        (b'{"schema": 2, "parcel": {"grams": "secret", "family": "a", "given": "b"}}', "parcel.grams"),
        (b'{"schema": 3, "parcel": {"grams": "secret", "name": "a"}}', "parcel.grams"),
        (b"[" * 100_000, "parcel message"),
    ],
)
def test_what_cannot_be_read_says_why_and_repeats_nothing(body: bytes, why: str) -> None:
    with pytest.raises(PoisonError, match=why) as caught:
        read(body, Message, schema=3, upgraders=UPGRADERS, kind="parcel")
    assert "secret" not in str(caught.value)


def test_without_its_upgraders_an_old_message_is_lost() -> None:
    """Negative control: the recordings above would notice a reader that knows today's form alone."""
    with pytest.raises(PoisonError):
        read(FORMS[1], Message, schema=3, upgraders={}, kind="parcel")
