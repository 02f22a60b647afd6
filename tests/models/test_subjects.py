"""Subjects: what makes two sightings one subject, and what makes a new observation of it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from models.subjects import SIGHTING, SUBJECT_TYPES, Listing, ParcelRecord, RouteEvent, Seller, Subject

SEEN = datetime(2026, 3, 1, tzinfo=UTC)
LISTING = Listing(listing_id="item-1", platform="taobao", title="晴川护手霜")
PARCEL = ParcelRecord(parcel_token="p-1", carrier="carrier-1", accepted_at=SEEN)

SIGHTINGS: list[dict[str, Any]] = [
    {"captured_at": SEEN},
    {"zone_assumed": True},
    {"source": "feed"},
    {"capture_sha256": "0" * 64},
]
CHANGES: list[dict[str, Any]] = [
    {"title": "睛川护手霜"},
    {"price": Decimal("9.90")},
    {"images": ("a.jpg",)},
    {"seller": Seller(name="白鹭泉小店")},
    {"attributes": {"规格": "50g"}},
    {"sales": 0},
]


@pytest.mark.parametrize("fields", SIGHTINGS, ids=str)
def test_when_and_how_it_was_seen_is_not_a_new_observation(fields: dict[str, Any]) -> None:
    assert set(fields) <= SIGHTING
    assert LISTING.model_copy(update=fields).observation_id == LISTING.observation_id


@pytest.mark.parametrize("fields", CHANGES, ids=str)
def test_what_it_says_is_a_new_observation_of_the_same_subject(fields: dict[str, Any]) -> None:
    changed = LISTING.model_copy(update=fields)
    assert changed.observation_id != LISTING.observation_id
    assert changed.key == LISTING.key


def test_fields_left_out_and_fields_left_empty_are_one_observation() -> None:
    spoken = Listing(
        listing_id="item-1", platform="taobao", title="晴川护手霜", url="", price=None, images=(), attributes={}
    )
    assert spoken.observation_id == LISTING.observation_id


@pytest.mark.parametrize("subject", [LISTING, PARCEL], ids=lambda subject: type(subject).__name__)
def test_every_kind_is_a_subject_and_survives_json(subject: Listing | ParcelRecord) -> None:
    assert isinstance(subject, Subject)
    kind = SUBJECT_TYPES[subject.key.kind]
    again = kind.model_validate_json(subject.model_dump_json(exclude_defaults=True))
    assert again == subject
    assert again.observation_id == subject.observation_id


def test_a_route_event_more_is_a_new_observation_of_a_parcel() -> None:
    moved = PARCEL.model_copy(update={"events": (RouteEvent(time=SEEN, place="杭州"),)})
    assert moved.observation_id != PARCEL.observation_id
    assert moved.key == PARCEL.key
    assert PARCEL.captured_at == SEEN


@pytest.mark.parametrize(
    "fields",
    [
        {"listing_id": ""},
        {"title": ""},
        {"price": Decimal("-1")},
        {"price": Decimal("NaN")},
        {"currency": "元"},
        {"nice_class": 46},
        {"captured_at": datetime(2026, 3, 1)},  # noqa: DTZ001  # a naive time is what is refused
        {"sales": -1},
        {"buyer_phone": "1"},
    ],
    ids=str,
)
def test_a_listing_outside_its_ranges_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Listing(**{"listing_id": "item-1", "platform": "taobao", "title": "晴川"} | fields)


@pytest.mark.parametrize("field", ["sender_name", "phone", "address", "identity_number", "attributes"])
def test_a_parcel_has_no_room_for_a_person(field: str) -> None:
    with pytest.raises(ValidationError):
        ParcelRecord(**{"parcel_token": "p-1", "carrier": "carrier-1", field: "x"})


def test_a_subject_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        LISTING.title = "另一个"  # type: ignore[misc]
