"""Places are reduced to administrative divisions and nothing finer."""

import pytest

from jianzhen.carrier.divisions import divisions, reduce_place


@pytest.mark.parametrize(
    ("text", "division", "county"),
    [
        ("浙江省杭州市西湖区示例路100号", "浙江省杭州市", "浙江省杭州市西湖区"),
        ("福建莆田秀屿区样例村", "福建省莆田市", "福建省莆田市秀屿区"),
        ("北京市朝阳区样例路9号", "北京市", "北京市朝阳区"),
        ("杭州转运中心", "浙江省杭州市", "浙江省杭州市"),
        ("海南藏族自治州", "青海省海南藏族自治州", "青海省海南藏族自治州"),
        ("吉林省吉林市", "吉林省吉林市", "吉林省吉林市"),
        ("日本东京示例町1-2-3", "日本", "日本"),
        ("Tokyo, Japan", "日本", "日本"),
        ("钱晓鹿家楼下", "", ""),
        ("", "", ""),
    ],
)
def test_a_place_keeps_its_division_alone(text: str, division: str, county: str) -> None:
    assert reduce_place(text) == division
    assert reduce_place(text, county=True) == county


def test_a_name_before_or_behind_an_address_does_not_pass() -> None:
    for text in ("钱晓鹿 浙江杭州市西湖区", "浙江杭州市钱晓鹿收", "浙江省 钱晓鹿 杭州市"):
        assert "钱" not in reduce_place(text, county=True)


def test_every_prefecture_is_found_by_its_full_name() -> None:
    lost = [
        (province, city)
        for city, province in divisions().cities.values()
        if reduce_place(province + city) != province + city
    ]
    assert not lost
