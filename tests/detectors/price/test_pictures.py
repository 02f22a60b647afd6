"""A price to be drawn beside reference goods, of marks that the title names and of those it only plays on."""

from decimal import Decimal

import pytest

from detectors.price.pictures import PricePictures
from tests.detectors.price.test_price import REGISTRY, listing


@pytest.mark.parametrize(
    ("title", "percent"), [("白鹭皇 深润洗衣液 3kg", 50), ("白鹭皇 深润洗衣液 1.5kg*2", 50), ("白鹭皇 毛巾", None)]
)
def test_a_mark_in_disguise_has_its_goods_compared_when_it_is_given(title: str, percent: int | None) -> None:
    asked = listing(title, "30")
    assert PricePictures().of(asked, REGISTRY, None).comparisons == ()
    told = PricePictures().of(asked, REGISTRY, None, ["M1", "unknown"]).comparisons
    assert [each.percent for each in told] == ([] if percent is None else [percent])


def test_a_mark_by_its_name_needs_nobody_to_give_it() -> None:
    (told,) = PricePictures().of(listing("白鹭泉 深润洗衣液 3kg", "30"), REGISTRY, None).comparisons
    assert (told.goods_id, told.equivalent, told.percent) == ("G1", Decimal(30), 50)
