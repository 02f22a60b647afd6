"""Texts lose what the row names as personal and what looks personal; what is neither stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzhen.carrier.cleaning import MASK, clean_code, clean_text


@pytest.mark.parametrize(
    "text",
    [
        "手机壳 19912345678",
        "手机壳 +86 199-1234-5678",
        "手机壳 １９９１２３４５６７８",
        "手机壳 1 9 9 1234 5678",
        "手机壳 010-12345678",
        "手机壳 199****5678",
        "手机壳 110101199003074514",
        "手机壳 11010119900307451X",
        "手机壳 微信: abc_12345",
        "手机壳 someone@example.com",
        "手机壳 钱先生",
        "手机壳 钱 晓 鹿",
        "手机壳 钱·晓鹿",
    ],
)
def test_what_is_personal_is_masked(text: str) -> None:
    assert clean_text(text, ["钱晓鹿"]) == f"手机壳 {MASK}"


@pytest.mark.parametrize("text", ["纸尿裤 L码 54片", "白酒 500ml*6", "型号 A1234567", "T恤 10086件"])
def test_ordinary_goods_stay(text: str) -> None:
    assert clean_text(text, ["钱晓鹿", "1"]) == text


def test_a_code_is_kept_only_when_it_looks_like_one() -> None:
    assert clean_code(" 680012345678 ", []) == "680012345678"
    assert clean_code("给钱晓鹿", []) == ""
    assert clean_code("19912345678-1", ["19912345678"]) == ""


@given(
    name=st.text(alphabet="钱孙李周吴郑王冯陈", min_size=2, max_size=4), gap=st.sampled_from(["", " ", "·", "\u3000"])
)
def test_no_way_of_spacing_saves_a_name(name: str, gap: str) -> None:
    cleaned = clean_text(f"鞋 {gap.join(name)} 收", [name])
    assert name not in "".join(cleaned.split())
