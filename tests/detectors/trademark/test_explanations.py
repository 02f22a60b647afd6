"""Every fact and every trick of the trademark detector, told of invented listings as an officer would."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Any

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector, nearest
from detectors.trademark.alphabet import is_han
from detectors.trademark.tables import rows, table
from models.context import Context
from models.explanations import Language, explain
from models.findings import Finding, Observation
from models.registry import AuthorisedSeller, Mark, MarkKind, MarkStatus, Registry
from models.subjects import Listing, Seller

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
LONGEST = 160
KNOWN = rows("known_names")[0][0].split(";")  # a brand's public names, whichever row is the first
OTHER = next(  # a brand's public name of three characters
    name for row in rows("known_names")[1:] for name in row[0].split(";") if len(name) == 3 and all(map(is_han, name))
)
REGISTRY = Registry(
    marks=(
        Mark(mark_id="云师傅", text="云师傅", nice_classes=(30,)),
        Mark(mark_id="云帅傅面", text="云帅傅面", nice_classes=(30,)),
        Mark(mark_id="晴妈", text="晴妈", nice_classes=(30,)),
        Mark(mark_id=f"{OTHER[:2]}晷", text=f"{OTHER[:2]}晷", nice_classes=(2,)),
        Mark(mark_id="晴川白鹭", text="晴川白鹭", nice_classes=(30, 32)),
        Mark(mark_id="白鹭泉", text="白鹭泉", nice_classes=(32,)),
        Mark(mark_id="樱桃", text="樱桃", nice_classes=(9,)),
        Mark(mark_id="石川", text="石川", nice_classes=(7,)),
        Mark(mark_id="Northern Ridge Works Outdoor", text="Northern Ridge Works Outdoor", nice_classes=(22,)),
        Mark(mark_id="Sable Marlowe", text="Sable Marlowe", nice_classes=(22,)),
        Mark(mark_id="VOLTA", text="VOLTA", nice_classes=(9,)),
        Mark(mark_id="VOLKA", text="VOLKA", nice_classes=(9,)),
        Mark(mark_id="VOLNA", text="VOLNA", nice_classes=(9,)),
        Mark(mark_id="BCM", text="BCM", nice_classes=(25,)),
        Mark(
            mark_id="KESTRELLO",
            text="KESTRELLO",
            nice_classes=(9,),
            aliases=("红隼王",),
            attributes={"slang": "隼家机"},
        ),
        Mark(mark_id=KNOWN[0], text=KNOWN[0], nice_classes=(18, 25, 28)),
        Mark(mark_id="青岚", text="青岚", nice_classes=(25,), status=MarkStatus.PENDING),
        Mark(mark_id="山月集", text="山月集", nice_classes=(30,), valid_to=date(2026, 1, 31)),
        Mark(mark_id="雾岭毛尖", text="雾岭毛尖", nice_classes=(30,), kind=MarkKind.GI, origin="安徽黄山"),
    ),
    authorised=(
        AuthorisedSeller(mark_id="云师傅", seller_name="云集食品店", territory="华东"),
        AuthorisedSeller(mark_id="云师傅", seller_name="云师傅旗舰店"),
        AuthorisedSeller(mark_id="雾岭毛尖", seller_name="雾岭茶社"),
        AuthorisedSeller(mark_id="云师傅", seller_name="旧约食品店", valid_to=date(2025, 12, 31)),
    ),
)
TRICKS = (
    ("separator", "云*师*傅牛肉面", 30),
    ("homoglyph", "Кestrello 耳机", 9),
    ("leet", "K3STRELL0 耳机", 9),
    ("width", "𝐊𝐄𝐒𝐓𝐑𝐄𝐋𝐋𝐎 耳机", 9),
    ("traditional", "雲師傅牛肉面", 30),
    ("shape", "云帅傅牛肉面", 30),
    ("shape", "云帅博牛肉面", 30),
    ("sound", "白路泉 矿泉水", 32),
    ("shape-and-sound", "云狮傅牛肉面", 30),
    ("replaced", "云老傅牛肉面", 30),
    ("replaced", "KESTRELLX 耳机", 9),
    ("added", "云大师傅牛肉面", 30),
    ("dropped", "KESTRELO 耳机", 9),
    ("order", "师傅云牛肉面", 30),
    ("pinyin", "yun shi fu 牛肉面", 30),
    ("split", "晴女马 辣酱", 30),
    ("initials", "NRWO 帐篷", 22),
    ("two", "KUXTRELLO 耳机", 9),
    ("letters", "CKESTRELOE 耳机", 9),
    ("kind", "雨师傅牛肉面", 30),
    ("faint", "晴妊 辣酱", 30),
    ("word", "Sable Merlaws 帐篷", 22),
    ("meaning", "晴老妈 辣酱", 30),
    ("grown", "晴妈弥 辣酱", 30),
    ("repeated", "云云师师傅傅牛肉面", 30),
    ("pinyin-mixed", "云shi傅牛肉面", 30),
    ("backwards", "OLLERTSEK 耳机", 9),
    ("combining", "KES\u0336TRELLO 耳机", 9),
    ("slang", "隼家机 耳机", 9),
    ("none", f"{KNOWN[1]} 运动鞋", 25),
    ("none", "云师傅牛肉面", 30),
    ("none", "红隼王 耳机", 9),
    ("sound", "红笋王 耳机", 9),
)
FACTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("known-name", f"{KNOWN[1]} 运动鞋", {"nice_class": 25}),
    ("trade-slang", "隼家机 耳机", {"nice_class": 9}),
    ("mark-on-labels", "云师傅 空袋 批发", {"nice_class": 16}),
    ("authorised-seller", "云师傅牛肉面", {"nice_class": 30, "seller": "云师傅旗舰店"}),
    ("authorisation-lapsed", "云师傅牛肉面", {"nice_class": 30, "seller": "旧约食品店"}),
    ("channel", "云师傅牛肉面", {"nice_class": 30, "seller": "云集食品店", "ships_from": "四川成都"}),
    ("channel", "KESTRELLO 耳机 平行进口", {"nice_class": 9}),
    ("export-manufacture", "KESTRELLO 耳机 贴牌加工 全部出口", {"nice_class": 9}),
    ("plain-resale", "云师傅牛肉面", {"nice_class": 30}),
    ("nominative-use", "适用于KESTRELLO耳机的保护套", {"nice_class": 9}),
    ("second-hand", "个人闲置 KESTRELLO 耳机", {"nice_class": 9}),
    ("second-hand", "KESTRELLO 耳机", {"nice_class": 9, "condition": "refurbished"}),
    ("unrelated-goods", "云师傅轮胎", {"nice_class": 12}),
    ("unrelated-goods", "晴川白鹭 轮胎", {"nice_class": 12}),
    ("unrelated-goods", "云师傅", {"category": "汽车用品/轮胎"}),
    ("common-word", "樱桃5斤 新鲜水果", {"nice_class": 31}),
    ("word-boundary", "四川火锅 宝石川贝", {"nice_class": 7}),
    ("measure-or-model", "玻璃棒8cm实验室", {}),
    ("nearer-other-mark", "云帅傅面条", {"nice_class": 30}),
    ("weak-mark", "VOLMA 耳机", {}),
    ("mark-not-in-force", "青岚 连衣裙", {"nice_class": 25}),
    ("mark-not-in-force", "山月集 饼干", {"nice_class": 30}),
    ("gi-as-style", "雾岭毛尖风味 茶饮", {"nice_class": 30}),
    ("style-of-mark", "KESTRELLO同款 耳机", {"nice_class": 9}),
    ("gi-user-unlisted", "雾岭毛尖 春茶", {"nice_class": 30, "seller": "路人茶行"}),
    ("other-known-brand", f"{OTHER} 油漆", {"nice_class": 2}),
    ("gi-other-origin", "雾岭毛尖 产自四川 春茶", {"nice_class": 30}),
)


@cache
def context() -> Context:
    return Context(registry=REGISTRY, as_of=AS_OF, snapshots={"marks": MarkIndex.build(REGISTRY)})


@cache
def told() -> tuple[tuple[str, Finding], ...]:
    """Every finding on every invented listing, with the listing's title."""
    asked = [(title, {"nice_class": goods}) for _, title, goods in TRICKS] + [(title, said) for _, title, said in FACTS]
    return tuple((title, finding) for title, said in asked for finding in found(title, said))


def found(title: str, said: dict[str, Any]) -> list[Finding]:
    base: dict[str, Any] = {"listing_id": "1", "platform": "集市", "title": title}
    seller = Seller(name=said.get("seller", ""))
    listing = Listing.model_validate({**base, **said, "seller": seller})
    return TrademarkDetector().detect([Observation(listing)], context())[0]


def sentences(language: Language) -> Iterator[tuple[Finding, str]]:
    for _, finding in told():
        yield finding, explain(finding, language, mark=finding.mark_id or "")


def unquoted(sentence: str) -> str:
    return re.sub(r"“[^“”]*”", "“”", sentence)


def test_every_fact_of_the_detector_and_every_trick_is_told_here() -> None:
    weights = resources.files("detectors.triage").joinpath("data", "trademark.toml").read_text("utf-8")
    assert {finding.fact for _, finding in told()} | {"distant-mark"} == set(tomllib.loads(weights))
    assert {str(finding.params["trick"]) or "none" for _, finding in told()} == set(table("tricks"))


@pytest.mark.parametrize(("trick", "title", "goods"), TRICKS)
def test_each_title_is_told_by_its_trick(trick: str, title: str, goods: int) -> None:
    assert {one.params["trick"] or "none" for one in found(title, {"nice_class": goods})} >= {trick}


@pytest.mark.parametrize(("fact", "title", "said"), FACTS)
def test_each_title_is_told_with_its_fact(fact: str, title: str, said: dict[str, Any]) -> None:
    assert fact in {one.fact for one in found(title, said)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_are_whole(language: Language) -> None:
    stop = {"zh": "。", "en": "."}[language]
    for _, sentence in sentences(language):
        plain = unquoted(sentence)
        assert plain.endswith(stop), sentence
        assert plain.count(stop) == 1, sentence
        assert "“”" in plain, sentence
        assert "“”“”" not in plain, sentence
        assert len(sentence) < LONGEST, sentence
        assert not re.search(r"[，。；：、,;:（(]\s*[，。；：、,;:.)）]|\s\s|[{}]", plain), sentence
        assert all(quote.strip() for quote in re.findall(r"“([^“”]*)”", sentence)), sentence


def test_chinese_sentences_hold_no_english_and_english_ones_no_chinese_but_in_quotes() -> None:
    for _, sentence in sentences("zh"):
        assert not re.search(r"[A-Za-z]|[,;:?!]", unquoted(sentence)), sentence
    for _, sentence in sentences("en"):
        assert not re.search(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", unquoted(sentence)), sentence
        assert not re.match(r"[a-z]", sentence), sentence


def test_a_likeness_says_which_characters_how_near_which_mark_and_how_the_goods_relate() -> None:
    for language, how_near in (("zh", "近似度"), ("en", "nearness")):
        for finding, sentence in sentences(language):  # type: ignore[arg-type]
            if finding.fact.startswith("similar") or finding.fact in ("disguised-mark", "pinyin-spelling"):
                assert f"“{finding.subject_value}”" in sentence
                assert f"“{finding.mark_id}”" in sentence
                assert how_near in sentence
                assert str(finding.params[f"goods_{language}"]) in sentence
                assert all(
                    f"“{sign.upper()}”" in sentence
                    for change in str(finding.params["detail"]).split(", ")
                    for sign in change.split("→")
                    if finding.params["trick"] in ("shape", "sound", "shape-and-sound", "replaced")
                ), sentence


def test_an_alias_is_told_with_the_mark_it_belongs_to() -> None:
    (alias,) = [one for one in found("红笋王 耳机", {"nice_class": 9}) if one.fact == "similar-sound"]
    assert "注册商标“KESTRELLO”（别称“红隼王”）" in explain(alias, "zh", mark="KESTRELLO")
    assert "mark “KESTRELLO” (alias “红隼王”)" in explain(alias, "en", mark="KESTRELLO")


def test_a_lookup_speaks_in_whole_sentences_too() -> None:
    hits = nearest("红笋王", context().snapshot("marks", MarkIndex), REGISTRY, top=len(REGISTRY.marks))
    assert "“KESTRELLO”" in hits[0].explanation["zh"]
    assert all(hit.explanation["zh"].endswith("。") and hit.explanation["en"].endswith(".") for hit in hits)
