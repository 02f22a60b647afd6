"""Every word that explains a low price does so, for goods of every kind, and explains no normal one."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources

import pytest

from detectors.price import PriceDetector
from models.context import Context
from models.findings import Finding, Observation, Stance
from models.registry import Mark, ReferenceGoods, Registry
from models.subjects import Listing

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = tomllib.loads(resources.files("detectors.price").joinpath("data", "wording.toml").read_text("utf-8"))
ALONE = sorted(
    (fact, word)
    for fact, entry in WORDS.items()
    if fact
    not in ("given_with", "kept_with", "fitting", "price-of-sample", "price-of-refurbished", "price-under-promotion")
    for word in entry["words"]
)
GOODS = ReferenceGoods(
    goods_id="G1",
    mark_id="M1",
    name="白鹭泉 深润洗衣液",
    specification="瓶2L",
    reference_price=Decimal(400),
    currency="CNY",
)
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="白鹭泉"),), goods=(GOODS,))


def found(title: str, price: str) -> list[Finding]:
    listing = Listing(listing_id="1", platform="集市", title=title, price=Decimal(price), currency="CNY")
    (findings,) = PriceDetector().detect([Observation(listing)], Context(REGISTRY, AS_OF))
    return findings


@pytest.mark.parametrize(("fact", "word"), ALONE)
def test_the_word_explains_a_low_price_and_is_quoted(fact: str, word: str) -> None:
    title = f"白鹭泉深润洗衣液2L {word}"
    (finding,) = found(title, "20")
    assert finding.stance is Stance.AGAINST
    assert finding.span is not None
    assert finding.subject_value == title[slice(*finding.span)]


@pytest.mark.parametrize("title", ["白鹭泉深润洗衣液2L {}", "{} 白鹭泉深润洗衣液2L*6瓶", "白鹭泉洗衣液2L/5L {}"])
def test_the_words_explain_in_every_place(title: str) -> None:
    for word in ("定金", "二手", "19.9元起", "邮费链接", "空瓶", "租赁"):
        assert not any(finding.stance is Stance.FOR for finding in found(title.format(word), "20"))


def test_words_say_nothing_of_a_normal_price() -> None:
    for word in ("二手", "定金", "多规格", "官换机", "小样"):
        assert {finding.fact for finding in found(f"白鹭泉深润洗衣液2L {word}", "390")} == {"price-near-reference"}


ONLY_ALIKE = (
    "免运费", "送延保服务", "支持鉴定服务", "吊牌齐全", "包装盒齐全", "免费维修", "拒绝二手", "淡化瑕疵",
    "延保一年", "非定金", "can be used for wool", "damage repair",
)  # fmt: skip


@pytest.mark.parametrize("words", ONLY_ALIKE)
def test_words_that_only_sound_like_a_reason_are_none(words: str) -> None:
    assert {finding.fact for finding in found(f"白鹭泉深润洗衣液2L {words}", "20")} == {"price-far-below"}


# Honest listings whose price looks low until they are read.
HONEST = [
    ("白鹭泉深润洗衣液500ml", "100"),
    ("白鹭泉深润洗衣液500ml/2L可选", "100"),
    ("白鹭泉深润洗衣液 500ml、1L、2L 三种", "100"),
    ("白鹭泉深润洗衣液500ml 2L 5L", "100"),
    ("白鹭泉深润洗衣液100ml旅行装", "20"),
    ("白鹭泉深润洗衣液30ml小样", "3"),
    ("白鹭泉深润洗衣液2L+送500ml", "400"),
    ("白鹭泉深润洗衣液200ml 拍10送2", "40"),
    ("白鹭泉深润洗衣液500ml 第2件半价 满3件9折", "90"),
    ("白鹭泉深润洗衣液2L 分12期", "33.4"),
    ("白鹭泉深润洗衣液1L券后", "130"),
    ("适用白鹭泉深润洗衣液2L的分装瓶", "9"),
]


@pytest.mark.parametrize(("title", "price"), HONEST)
def test_honest_listings_are_no_suspicion(title: str, price: str) -> None:
    assert not any(finding.stance is Stance.FOR for finding in found(title, price))
