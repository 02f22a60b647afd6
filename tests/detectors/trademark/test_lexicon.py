"""The word lists, and which word crosses the edges of a stretch."""

import pytest

from detectors.trademark.lexicon import crossing, is_chinese_word, is_english_word


@pytest.mark.parametrize(
    ("text", "stretch", "same", "word"),
    [
        ("车间工厂鸭舌工作帽男女", "鸭舌工", False, "工作帽"),
        ("最大宝贝玩具", "大宝", True, "最大"),
        ("全国平安到家", "国平", True, "全国"),
        ("新疆特产新鲜红枣", "产新", True, "特产"),
        ("补水蚕丝面膜贴,面膜", "面膜贴,面", False, "面膜"),
    ],
)
def test_a_word_crosses_the_edge(text: str, stretch: str, same: bool, word: str) -> None:
    start = text.index(stretch)
    found = crossing(text, start, start + len(stretch), same=same)
    assert found is not None
    assert found[0] == word
    assert found[1] > 0


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("新款云帅傅牛肉面", "云帅傅"),
        ("新鲜大宝润肤乳", "大宝"),
        ("晴川泉矿泉水整箱", "晴川泉"),
        ("云帅傅", "云帅傅"),
        ("四川火锅底料", "四川"),
        ("A云帅傅B", "云帅傅"),
    ],
)
def test_no_word_crosses_a_name_between_words(text: str, stretch: str) -> None:
    start = text.index(stretch)
    assert crossing(text, start, start + len(stretch), same=False) is None


def test_a_registered_text_is_sooner_read_as_a_name_than_what_is_only_near() -> None:
    """The same characters in the same place: the less sure the name, the surer the words."""
    text, start = "车间工厂鸭舌工作帽男女", 4
    near, same = (crossing(text, start, start + 3, same=same) for same in (False, True))
    assert near is not None
    assert same is None or same[1] < near[1]


def test_english_words_with_and_without_the_rarer_ones() -> None:
    assert is_english_word("Women", common=True)
    assert is_english_word("espresso")
    assert not is_english_word("espresso", common=True)
    assert not is_english_word("kestrello")
    assert is_chinese_word("牛肉面")
    assert not is_chinese_word("云帅傅")
    assert not is_chinese_word("云")


def test_the_work_grows_with_the_stretch_and_not_with_the_text() -> None:
    text = "云" * 100_000
    assert crossing(text, 50_000, 50_002, same=False) is None
