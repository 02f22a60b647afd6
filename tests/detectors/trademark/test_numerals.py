"""Digits that measure or number a model, and digits that stand for letters."""

import pytest

from detectors.trademark.numerals import SURE, number_in


def score(text: str, piece: str, name: str) -> float:
    start = text.index(piece)
    found = number_in(text, start, start + len(piece), name)
    return found[1] if found else 0.0


@pytest.mark.parametrize(
    ("text", "piece", "name"),
    [
        ("玻璃棒8cm实验室", "8cm", "BCM"),
        ("烧瓶50ml/14磨口", "ml/14", "MLIA"),
        ("移液管0.2mL0.5支", "mL0", "MLO"),
        ("猪脆骨12g*20包", "g*20", "G20"),
        ("垫板3mm,A4黑色", "3mm,A", "EMMA"),
        ("电源250V,4.5A稳压", "V,4.5A", "VASA"),
        ("i5,i7,e3支持", "i5,i7,e", "ISITE"),
        ("衬衫1eahtm7sl181xx", "7sl", "TSL"),
        ("适合kestra59s手机", "kestra", "KESTR"),
        ("移液管2020mL0.5支", "mL0", "MLO"),
        ("型号XK2024M1LA7", "M1LA", "MILA"),
        ("开关220V1L0控制", "V1L0", "VILO"),
        ("直流AB1L52V电源", "AB1L", "ABIL"),
        ("内六角M4X1L052mm", "X1L0", "XILO"),
    ],
)
def test_measures_and_codes_are_sure(text: str, piece: str, name: str) -> None:
    assert score(text, piece, name) >= SURE


@pytest.mark.parametrize(("text", "piece", "name"), [("全规格ad10软管", "ad10", "ADLO"), ("接口av4插座", "av4", "AVA")])
def test_a_model_number_is_likely(text: str, piece: str, name: str) -> None:
    assert 0.5 < score(text, piece, name) < SURE


@pytest.mark.parametrize(
    ("text", "piece", "name"),
    [
        ("K3STR3LL0耳机", "K3STR3LL0", "KESTRELLO"),
        ("正品 W1LL0W 手表", "W1LL0W", "WILLOW"),
        ("新款1L0VE衬衫", "1L0VE", "ILOVE"),
        ("2024K3STR3LLO耳机", "K3STR3LLO", "KESTRELLO"),
        ("新款2024W3STRELLO耳机", "W3STRELLO", "WESTRELLO"),
        ("2024K棠里茶", "K棠里", "柯棠里"),
        ("K3STRELLO52度白酒", "K3STRELLO", "KESTRELLO"),
        ("K3STRELLO500ml汽水", "K3STRELLO", "KESTRELLO"),
        ("kestrell0LED灯", "kestrell0", "KESTRELLO"),
        ("全新KESTREL0音箱", "KESTREL0", "KESTRELO"),
        ("晴川300茶", "晴川300", "晴川300"),
        ("K300耳机", "K300", "K300"),
        ("晴川茶", "晴川", "晴川"),
        ("kestra手机", "kestra", "KESTR"),
        ("kistro59手机", "kistro", "KESTR"),
    ],
)
def test_digits_among_letters_and_digits_of_the_name_are_no_number(text: str, piece: str, name: str) -> None:
    assert score(text, piece, name) == 0


def test_a_name_that_is_a_measure_itself_is_in_doubt() -> None:
    assert 0 < score("冷藏箱4℃血库", "4℃", "4℃") < SURE
    assert 0 < score("冷藏箱XC-280L4℃血库", "4℃", "4℃") < SURE
    assert score("晴川4℃", "晴川4℃", "晴川4℃") == 0


def test_a_measure_outranks_a_model_and_a_model_outranks_a_disguise() -> None:
    ranked = [
        score("直径8cm管", "8cm", "BCM"),
        score("规格ad10管", "ad10", "ADLO"),
        score("杯子MILA1同款", "MILA1", "MILAI"),
        score("杯子M1LA同款", "M1LA", "MILA"),
    ]
    assert ranked == sorted(ranked, reverse=True)
    assert ranked[0] > ranked[1] > ranked[3] == 0
