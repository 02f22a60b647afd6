"""Rereadings: what is taken another way, what is left alone, and the way back to the original."""

import pytest

from detectors.trademark.fields import texts
from detectors.trademark.rereadings import rereadings


@pytest.mark.parametrize(
    ("text", "trick", "read"),
    [
        ("新款晴晴川川台灯", "repeated", "新款晴川台灯"),
        ("KESTRELLLLO", "repeated", "KESTRELO"),
        ("晴女马辣酱", "split", "晴妈辣酱"),
        ("晴女-马辣酱", "split", "晴妈辣酱"),
        ("人专家用", "split", "传家用"),
        ("olLERTSek 耳机", "backwards", "keSTRELlo 耳机"),
        ("olLERTSek耳机", "backwards", "keSTRELlo耳机"),
        ("ollɐʇsǝʞ 耳机", "backwards", "ʞǝsʇɐllo 耳机"),
    ],
)
def test_what_is_taken_another_way(text: str, trick: str, read: str) -> None:
    assert [one.text for one in rereadings(text) if one.trick == trick] == [read]


@pytest.mark.parametrize(
    ("text", "syllables"), [("qing川台灯", 1), ("晴chuan台灯", 1), ("云shi傅", 1), ("晴qingchuan鹭", 2)]
)
def test_syllables_beside_characters_are_read_as_characters(text: str, syllables: int) -> None:
    (again,) = [one for one in rereadings(text) if one.trick == "pinyin-mixed"]
    assert not any(sign.isascii() for sign in again.text)
    assert sum(again.changed) == syllables


@pytest.mark.parametrize(
    "text", ["晴川台灯", "宝宝用品", "台灯LED款", "case for 耳机", "men袜子", "", "川\ud800\udfff", "ab cd " * 900]
)
def test_nothing_is_taken_another_way_without_cause(text: str) -> None:
    assert [one.trick for one in rereadings(text)] in ([], ["backwards"])


def test_every_stretch_leads_back_to_the_original() -> None:
    text = "新款晴晴川川qing灯ollerTSEK"
    for one in texts("title", text):
        whole = one.stretch(0, len(one.read))
        assert whole == (0, len(text))
    (again,) = [one for one in texts("title", text) if one.again and one.again.trick == "repeated"]
    place = again.read.index("晴川")
    start, end = again.stretch(place, place + 2)
    assert text[start:end] == "晴晴川川"
