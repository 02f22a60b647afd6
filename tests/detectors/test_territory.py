"""Territories of contracts and places of dispatch, read as provinces."""

import pytest

from detectors.territory import ABROAD, covers, provinces


@pytest.mark.parametrize(
    ("territory", "place", "expected"),
    [
        ("华东", "浙江 杭州", True),
        ("华东", "广东广州", False),
        ("江浙沪", "上海", True),
        ("浙江省", "浙江省宁波市", True),
        ("福建、江西", "南昌", True),
        ("全国", "新疆", True),
        ("Mainland China", "西藏", True),
        ("中国大陆", "日本东京", False),
        ("华东", "香港", False),
        ("日本", "韩国", None),  # both abroad: which country is not judged
        ("", "上海", None),
        ("华东", "", None),
        ("合同附件三", "上海", None),
    ],
)
def test_a_place_lies_within_a_territory_or_not_or_nobody_can_tell(
    territory: str, place: str, expected: bool | None
) -> None:
    assert covers(territory, place) is expected


def test_provinces_are_numbered_as_in_the_standard() -> None:
    assert provinces("杭州") == {33}
    assert provinces("川渝") == {50, 51}
    assert provinces("德国直邮 上海仓") == {31, ABROAD}
    assert provinces("") == frozenset()
