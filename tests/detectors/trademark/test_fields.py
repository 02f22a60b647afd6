"""Fields: which texts of a page are read, and the name in its address."""

import pytest

from detectors.trademark.fields import domain


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.kestrello-audio.com/p/1", "kestrello-audio"),
        ("https://shop.kestrello.com.cn/p?id=1", "kestrello"),
        ("http://kestrello.example/1", "kestrello"),
        ("https://item.taobao.com/item.htm?id=1", ""),
        ("https://kestrello.tmall.com/", ""),
        ("http://127.0.0.1:8080/kestrello", ""),
        ("http://[::1]/kestrello", ""),
        ("kestrello", ""),
        ("http://", ""),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_the_name_in_an_address_is_its_owners_choice(url: str, name: str) -> None:
    assert domain(url) == name
