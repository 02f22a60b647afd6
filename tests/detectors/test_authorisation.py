"""The one rule by which a registry row and a listing's seller are the same party."""

from datetime import UTC, date, datetime

import pytest

from detectors.authorisation import authorised
from models.registry import AuthorisedSeller, Registry
from models.subjects import Listing, Seller

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
CODE, OTHER_CODE = "91310000MA1FL0000X", "91310000MA1FL0001T"


def listing(platform: str = "集市", **seller: str) -> Listing:
    return Listing(listing_id="1", platform=platform, title="晴川 茶", seller=Seller(**seller))


def registry(**row: object) -> Registry:
    return Registry(authorised=(AuthorisedSeller.model_validate({"mark_id": "M1", **row}),))


@pytest.mark.parametrize(
    ("row", "seller"),
    [
        ({"seller_name": "晴川旗舰店"}, {"name": "晴川旗舰店"}),
        ({"seller_name": "晴川旗舰店", "platform": "集市"}, {"name": " 晴川 旗舰店 "}),
        (
            {"seller_name": "KESTRELLO Store", "platform": "ＪＩＳＨＩ"},
            {"platform": "jishi", "name": "ｋestrello-store"},
        ),
        ({"seller_name": "晴川旗舰店", "seller_id": "s9"}, {"id": "s9", "name": "改过的店名"}),
        ({"seller_name": "晴川旗舰店", "uscc": CODE}, {"uscc": CODE.lower(), "name": "晴川专营店"}),
        ({"seller_name": "晴川旗舰店", "seller_id": "s9"}, {"id": "elsewhere", "name": "晴川旗舰店"}),
        ({"seller_name": "晴川旗舰店", "relation": "licensee"}, {"name": "晴川旗舰店"}),
    ],
)
def test_the_same_party_is_recognised(row: dict[str, str], seller: dict[str, str]) -> None:
    assert authorised(listing(**seller), "M1", registry(**row), AS_OF) is not None


@pytest.mark.parametrize(
    ("row", "seller"),
    [
        ({"seller_name": "晴川旗舰店"}, {"name": "晴川旗舰店二店"}),
        ({"seller_name": "晴川旗舰店", "platform": "别处"}, {"name": "晴川旗舰店"}),
        ({"seller_name": ""}, {"name": ""}),
        ({"seller_name": "···"}, {"name": "——"}),
        ({"seller_name": "晴川旗舰店", "uscc": CODE}, {"uscc": OTHER_CODE, "name": "晴川旗舰店"}),
        ({"seller_name": "晴川旗舰店", "uscc": CODE, "seller_id": "s9"}, {"uscc": OTHER_CODE, "id": "s9"}),
        ({"seller_name": "晴川旗舰店", "platform": "集市", "seller_id": "s9"}, {"id": "s8", "name": "晴川旗舰店"}),
    ],
)
def test_a_copied_name_does_not_outweigh_another_identifier(row: dict[str, str], seller: dict[str, str]) -> None:
    assert authorised(listing(**seller), "M1", registry(**row), AS_OF) is None


def test_another_marks_authorisation_says_nothing() -> None:
    assert authorised(listing(name="晴川旗舰店"), "M2", registry(seller_name="晴川旗舰店"), AS_OF) is None


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expected"),
    [
        (None, None, True),
        (date(2026, 3, 1), date(2026, 3, 1), True),
        (date(2026, 3, 2), None, False),
        (None, date(2026, 2, 28), False),
    ],
)
def test_dates_are_shanghai_days_with_both_ends_included(
    valid_from: date | None, valid_to: date | None, expected: bool
) -> None:
    rows = registry(seller_name="晴川旗舰店", valid_from=valid_from, valid_to=valid_to)
    assert (authorised(listing(name="晴川旗舰店"), "M1", rows, AS_OF) is not None) is expected
