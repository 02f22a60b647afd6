"""Messages on the wire: what goes in comes out, and what cannot be read says why without repeating it."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import PoisonError
from models.subjects import Listing, ParcelRecord, RouteEvent, Seller
from streams.bus.topics import LISTINGS, PARCELS, TOPICS

LISTING = Listing(
    organisation_id="org-2",
    listing_id="L1",
    platform="白鹭购",
    title="晴川 矿泉水 500ml*24",
    price=Decimal("39.90"),
    currency="CNY",
    seller=Seller(name="晴川专营"),
    captured_at=datetime(2026, 3, 1, tzinfo=UTC),
    attributes={"产地": "云山"},
)
PARCEL = ParcelRecord(
    parcel_token="tok", carrier="c", events=(RouteEvent(time=datetime(2026, 3, 1, tzinfo=UTC), place="1"),)
)


def test_a_listing_is_an_envelope_of_json() -> None:
    wire = json.loads(LISTINGS.encode(LISTING))
    assert (wire["schema"], wire["kind"], wire["organisation_id"]) == (1, "listing", "org-2")
    assert wire["subject"]["price"] == "39.90"
    assert LISTINGS.decode(LISTINGS.encode(LISTING)) == LISTING
    assert PARCELS.decode(PARCELS.encode(PARCEL)) == PARCEL


def test_the_key_is_the_subject_whatever_its_content() -> None:
    assert LISTINGS.key(LISTING) == LISTING.key.token
    assert LISTINGS.key(LISTING) == LISTINGS.key(LISTING.model_copy(update={"title": "another"}))
    assert LISTINGS.key(LISTING) != LISTINGS.key(LISTING.model_copy(update={"organisation_id": "org-3"}))


@given(
    title=st.text(min_size=1),
    price=st.none() | st.decimals(0, 10**12 - 1, places=6),
    attributes=st.dictionaries(st.text(), st.text(), max_size=3),
)
def test_any_listing_survives_the_wire(title: str, price: Decimal | None, attributes: dict[str, str]) -> None:
    listing = Listing(listing_id="L", platform="p", title=title, price=price, attributes=attributes)
    back = LISTINGS.decode(LISTINGS.encode(listing))
    assert back == listing
    assert back.observation_id == listing.observation_id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda body: b"", "Invalid JSON"),
        (lambda body: body[:-20], "Invalid JSON"),
        (lambda body: b"\xff\xfe" + body, "Invalid JSON"),
        (lambda body: b"[1, 2]", "object"),
        (lambda body: body.replace(b'"schema":1', b'"schema":2'), "schema"),
        (lambda body: body.replace(b'"kind":"listing"', b'"kind":"parcel"'), "envelope"),
        (lambda body: body.replace(b'"org-2"', b'"org-9"', 1), "envelope"),
        (lambda body: body.replace(b'"39.90"', b'"free"'), "subject.price"),
    ],
)
def test_bytes_that_are_no_listing_say_why(change, reason) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PoisonError, match=reason) as caught:
        LISTINGS.decode(change(LISTINGS.encode(LISTING)))
    assert "free" not in str(caught.value)


def test_every_topic_says_for_how_long_it_is_kept() -> None:
    assert [topic.name for topic in TOPICS if topic.kept_days is None] == []
