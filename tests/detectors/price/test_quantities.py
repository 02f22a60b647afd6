"""Quantities told by several fields of a listing together."""

import pytest

from detectors.price.quantities import is_set, read_quantity, read_reference
from models.registry import ReferenceGoods
from models.subjects import Listing


def listing(title: str, **attributes: str) -> Listing:
    return Listing(listing_id="1", platform="集市", title=title, attributes=attributes)


def reference(name: str, specification: str) -> ReferenceGoods:
    return ReferenceGoods(goods_id="G1", mark_id="M1", name=name, specification=specification)


# title, attributes, totals by unit, packages
TOGETHER = [
    ("晴川酱油", {"净含量": "500ml"}, {"ml": 500}, 1),
    ("晴川酱油*3", {"净含量": "500ml"}, {"ml": 1500, "": 3}, 3),
    ("晴川酱油6瓶", {"净含量": "500ml"}, {"ml": 3000, "瓶": 6}, 6),
    ("晴川酱油6瓶", {"规格": "500ml*6瓶"}, {"ml": 3000, "瓶": 6}, 6),
    ("晴川酱油", {"净含量": "500ml", "件数": "4"}, {"ml": 2000}, 4),
    ("晴川酱油", {"件数": "4"}, {"": 4}, 4),
    ("晴川酱油500ml*2瓶", {"净含量": "500ml"}, {"ml": 1000, "瓶": 2}, 2),
    ("Egret Spring tea", {"Size": "3.5 oz", "number_of_items": "2"}, {"g": 198.4465}, 2),
    ("晴川酱油500ml", {"产地": "200ml"}, {"ml": 500}, 1),
    ("晴川保温杯", {"容量": "500ml"}, {}, 1),
    ("晴川酱油", {"件数": "9999"}, {}, 1),
]


@pytest.mark.parametrize(("title", "attributes", "amounts", "packs"), TOGETHER)
def test_fields_are_read_together(
    title: str, attributes: dict[str, str], amounts: dict[str, float], packs: int
) -> None:
    read = read_quantity(listing(title, **attributes))
    assert {unit: float(amount) for unit, amount in read.amounts} == pytest.approx(amounts)
    assert read.packs == packs


def test_where_fields_disagree_the_smaller_is_taken_and_less_sure() -> None:
    agreed = read_quantity(listing("晴川酱油500ml", 净含量="500ml"))
    smaller = read_quantity(listing("晴川酱油500ml", 净含量="250ml"))
    larger = read_quantity(listing("晴川酱油500ml", 净含量="2L"))
    assert agreed.sure == 1
    assert dict(smaller.amounts) == {"ml": 250}
    assert dict(larger.amounts) == {"ml": 500}
    assert smaller.sure == larger.sure < agreed.sure


def test_what_an_attribute_tells_stands_nowhere_in_the_title() -> None:
    assert read_quantity(listing("晴川酱油", 净含量="500ml")).spans == ()
    assert read_quantity(listing("晴川酱油500ml", 净含量="250ml")).spans == ()


def test_reference_goods_are_read_from_the_specification_before_the_name() -> None:
    assert dict(read_reference(reference("晴川酱油 250ml", "500ml*6")).amounts) == {"ml": 3000, "": 6}
    assert dict(read_reference(reference("晴川酱油 250ml", "")).amounts) == {"ml": 250}
    assert dict(read_reference(reference("晴川吹风机", "台")).amounts) == {"台": 1}
    cup = read_reference(reference("晴川保温杯", "500ml"))
    assert (cup.amounts, [int(held) for held in cup.capacity]) == ((), [500])


def test_a_set_is_told_by_its_name() -> None:
    assert is_set(reference("晴川唇膏礼盒", ""))
    assert is_set(reference("KESTRELLO brush set", ""))
    assert not is_set(reference("KESTRELLO settler chair", "张"))
