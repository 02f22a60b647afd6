"""What speaks against a mark: for each fact where it is told and where it is not, and what it must outweigh."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from detectors.trademark import MarkIndex, TrademarkDetector
from detectors.triage import assess, rules
from models.context import Context
from models.explanations import explain
from models.findings import Finding, Observation, Stance
from models.registry import AuthorisedSeller, Mark, MarkStatus, Registry, Relation
from models.subjects import Listing, Seller

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(
    marks=(
        Mark(mark_id="M1", text="云师傅", nice_classes=(30,)),
        Mark(mark_id="M2", text="KESTRELLO", nice_classes=(9,), aliases=("红隼",)),
        Mark(mark_id="M3", text="大宝", nice_classes=(3,)),
        Mark(mark_id="M4", text="青岚", nice_classes=(25,), status=MarkStatus.PENDING),
        Mark(mark_id="M5", text="苹果", nice_classes=(9,)),
        Mark(mark_id="M6", text="BCM", nice_classes=(25,)),
        Mark(mark_id="M7", text="NATURA"),
        Mark(mark_id="M8", text="鸦舌工", nice_classes=(25,)),
        Mark(mark_id="M10", text="VALORA"),
        Mark(mark_id="M11", text="VALORE"),
        Mark(mark_id="M12", text="VALORO"),
        Mark(mark_id="M13", text="银河谣", nice_classes=(30,), status=MarkStatus.DISPUTED),
        Mark(mark_id="M14", text="赤岭", nice_classes=(30,), valid_to=date(2026, 1, 31)),
        Mark(mark_id="M15", text="澄湖坊", nice_classes=(30,)),
        Mark(mark_id="M17", text="澄湖纺", nice_classes=(30,)),
        Mark(mark_id="M18", text="女童车"),
        Mark(mark_id="M19", text="六禄珠宝"),
        Mark(mark_id="M16", text="小米", nice_classes=(9,)),
    ),
    authorised=(
        AuthorisedSeller(mark_id="M1", seller_name="云集食品店", territory="华东"),
        AuthorisedSeller(mark_id="M1", seller_name="旧约食品店", valid_to=date(2025, 12, 31)),
        AuthorisedSeller(mark_id="M1", seller_name="续约食品店", valid_to=date(2025, 12, 31)),
        AuthorisedSeller(mark_id="M1", seller_name="续约食品店", relation=Relation.LICENSEE),
        AuthorisedSeller(mark_id="M1", seller_name="明年食品店", valid_from=date(2027, 1, 1)),
    ),
)
INDEX = MarkIndex.build(REGISTRY)
DETECTOR = TrademarkDetector()
CONTEXT = Context(registry=REGISTRY, as_of=AS_OF, snapshots={"marks": INDEX})


KEPT_OF = {"女童军": "M18", "大禄珠宝": "M19", "云师博": "M1"}


def listing(title: str, **said: Any) -> Listing:
    seller = Seller(name=said.pop("seller", ""), location=said.pop("location", ""))
    base: dict[str, Any] = {"listing_id": "1", "platform": "集市", "title": title, "seller": seller}
    return Listing.model_validate({**base, **said})


def found(mark_id: str, title: str, **said: Any) -> dict[str, Finding]:
    (findings,) = DETECTOR.detect([Observation(listing(title, **said))], CONTEXT)
    return {finding.fact: finding for finding in findings if finding.mark_id == mark_id}


def score(title: str, **said: Any) -> float:
    subject = listing(title, **said)
    (findings,) = DETECTOR.detect([Observation(subject)], CONTEXT)
    return assess(findings, REGISTRY, AS_OF, subject).score


def flagged(title: str, **said: Any) -> bool:
    subject = listing(title, **said)
    (findings,) = DETECTOR.detect([Observation(subject)], CONTEXT)
    return assess(findings, REGISTRY, AS_OF, subject).flagged


@pytest.mark.parametrize(
    ("mark_id", "fact", "quote", "title", "said"),
    [
        # a word boundary
        ("M8", "word-boundary", "鸭舌工", "家用车间工厂鸭舌工作帽男女", {}),
        ("M3", "word-boundary", "大宝", "最大宝贝玩具", {}),
        # a word as a word
        ("M5", "common-word", "苹果", "苹果5斤装", {}),
        ("M5", "common-word", "苹果", "红富士苹果新鲜水果10斤", {}),
        ("M5", "common-word", "苹果", "苹果 烟台水果", {"category": "生鲜/水果"}),
        ("M16", "common-word", "小米", "小米 杂粮", {"nice_class": 30}),
        ("M16", "common-word", "小米", "农家小米2kg", {}),
        ("M7", "common-word", "nature", "nature protein 蛋白粉", {}),
        # naming what the goods fit
        ("M2", "nominative-use", "适用于", "适用于KESTRELLO/红隼 耳机保护套", {}),
        ("M2", "nominative-use", "适用", "适用华三、联蓝、KESTRELLO Air2 充电仓", {}),
        ("M2", "nominative-use", "可替代", "电池 可替代KESTRELLO原装", {}),
        ("M2", "nominative-use", "for", "charger for KESTRELLO", {}),
        ("M2", "nominative-use", "配件", "KESTRELLO耳机配件", {}),
        # used goods
        ("M2", "second-hand", "95新", "95新KESTRELLO耳机", {}),
        ("M2", "second-hand", "refurbished", "KESTRELLO耳机", {"condition": "refurbished"}),
        # another channel
        ("M2", "channel", "平行进口", "平行进口KESTRELLO耳机", {}),
        ("M2", "channel", "海外代购", "海外代购 KESTRELLO耳机", {}),
        ("M1", "channel", "广东 深圳", "云师傅牛肉面", {"seller": "云集食品店", "ships_from": "广东 深圳"}),
        ("M1", "channel", "四川", "云师傅牛肉面", {"seller": "云集食品店", "location": "四川"}),
        # making for export to order
        ("M2", "export-manufacture", "定牌加工", "KESTRELLO耳机 定牌加工 全部出口", {}),
        ("M2", "export-manufacture", "OEM", "KESTRELLO earphones OEM", {}),
        # authorised
        ("M1", "authorised-seller", "云集食品店", "云师傅牛肉面", {"seller": "云集食品店", "ships_from": "上海"}),
        ("M1", "authorised-seller", "云集食品店", "云师傅牛肉面", {"seller": "云集食品店"}),
        ("M1", "authorised-seller", "续约食品店", "云师傅牛肉面", {"seller": "续约食品店"}),
        ("M1", "authorisation-lapsed", "旧约食品店", "云师傅牛肉面", {"seller": "旧约食品店"}),
        # numbers
        ("M6", "measure-or-model", "8cm", "玻璃棒8cm实验室", {}),
        # other marks, other goods, weak marks
        ("M15", "nearer-other-mark", "澄湖纺", "澄湖纺面条", {}),
        ("M1", "unrelated-goods", "12", "云师傅轮胎", {"nice_class": 12}),
        ("M10", "weak-mark", "VALORI", "VALORI", {}),
        # not in force
        ("M4", "mark-not-in-force", "pending", "青岚连衣裙", {}),
        ("M13", "mark-not-in-force", "disputed", "银河谣饼干", {}),
        ("M14", "mark-not-in-force", "registered", "赤岭饼干", {}),
    ],
)
def test_is_told_with_its_quote(mark_id: str, fact: str, quote: str, title: str, said: dict[str, Any]) -> None:
    told = found(mark_id, title, **said)
    assert fact in told, sorted(told)
    assert told[fact].subject_value == quote
    assert told[fact].stance is (Stance.FOR if fact == "authorisation-lapsed" else Stance.AGAINST)
    if told[fact].span is not None:
        assert title[slice(*told[fact].span)] == quote
    assert "{" not in explain(told[fact], "zh") + explain(told[fact], "en")


def test_who_says_what_goods_fit_spells_the_name_right() -> None:
    plain = found("M2", "KESTRELLO耳机通用配件")["nominative-use"]
    disguised = found("M2", "K3STRELLO耳机通用配件")["nominative-use"]
    before = found("M2", "适用于K3STRELLO耳机保护套")["nominative-use"]
    assert plain.score > before.score > disguised.score > 0


@pytest.mark.parametrize(
    ("mark_id", "fact", "title", "said"),
    [
        ("M3", "word-boundary", "新鲜大宝润肤乳", {}),
        ("M1", "word-boundary", "正宗云帅傅牛肉面", {}),
        ("M5", "common-word", "苹果15手机全新", {}),
        ("M5", "common-word", "苹果手机壳", {"nice_class": 9}),
        ("M16", "common-word", "小米耳机2代", {"nice_class": 9}),
        ("M7", "common-word", "NATURAS 精油", {}),
        ("M2", "nominative-use", "KESTRELLO蓝牙耳机", {}),
        ("M2", "nominative-use", "手机支架通用。正品KESTRELLO耳机", {}),
        ("M2", "nominative-use", "【适用各种场合】运动健身跑步都好看的新款KESTRELLO耳机", {}),
        ("M2", "second-hand", "全新KESTRELLO耳机", {"condition": "new"}),
        ("M2", "channel", "国行KESTRELLO耳机", {}),
        ("M1", "channel", "云师傅牛肉面", {"seller": "云集食品店", "ships_from": "江苏 苏州"}),
        ("M1", "channel", "云师傅牛肉面", {"seller": "路人食品店", "ships_from": "广东 深圳"}),
        ("M2", "export-manufacture", "KESTRELLO耳机 出口品质", {}),
        ("M1", "authorised-seller", "云师傅牛肉面", {"seller": "云集食品店", "ships_from": "广东 深圳"}),
        ("M1", "authorised-seller", "云师傅牛肉面", {"seller": "旧约食品店"}),
        ("M1", "authorisation-lapsed", "云师傅牛肉面", {"seller": "续约食品店"}),
        ("M1", "authorisation-lapsed", "云师傅牛肉面", {"seller": "明年食品店"}),
        ("M1", "authorisation-lapsed", "云师傅牛肉面", {"seller": "路人食品店"}),
        ("M2", "measure-or-model", "K3STR3LL0耳机", {}),
        ("M1", "nearer-other-mark", "云师傅牛肉面", {}),
        ("M1", "unrelated-goods", "云师傅饮料", {"nice_class": 32}),
        ("M2", "weak-mark", "KESTRELLA耳机", {}),
        ("M10", "weak-mark", "VALORA", {}),
        ("M1", "mark-not-in-force", "云师傅牛肉面", {}),
    ],
)
def test_is_not_told(mark_id: str, fact: str, title: str, said: dict[str, Any]) -> None:
    assert fact not in found(mark_id, title, **said)


# the more suspicious, the less suspicious
MUST_OUTRANK: list[tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = [
    (("云帅傅牛肉面", {"nice_class": 30}), ("云帅傅轮胎", {"nice_class": 12})),
    (("澄湖访牛肉面", {"nice_class": 30}), ("澄湖纺牛肉面", {"nice_class": 30})),
    (("K3STR3LLO耳机", {}), ("适用于K3STR3LLO耳机", {})),
    (("适用于K3STR3LLO耳机", {}), ("适用于KESTRELLO耳机", {})),
    (("K3STR3LLO耳机", {}), ("二手K3STR3LLO耳机", {})),
    (("翻新K3STR3LLO耳机", {}), ("二手K3STR3LLO耳机", {})),
    (("K3STR3LLO耳机", {}), ("平行进口K3STR3LLO耳机", {})),
    (("海外代购K3STR3LLO耳机", {}), ("平行进口K3STR3LLO耳机", {})),
    (("云帅傅面", {"seller": "路人"}), ("云帅傅面", {"seller": "云集食品店", "ships_from": "广东"})),
    (
        ("云帅傅面", {"seller": "云集食品店", "ships_from": "广东"}),
        ("云帅傅面", {"seller": "云集食品店", "ships_from": "上海"}),
    ),
    (("云师傅面", {"seller": "旧约食品店"}), ("云师傅面", {"seller": "路人食品店"})),
    (("云师傅面", {"seller": "路人食品店"}), ("云师傅面", {"seller": "续约食品店"})),
    (("KESTRELLO耳机 OEM", {}), ("KESTRELLO耳机 OEM 出口", {})),
    (("KESTRELLO耳机", {}), ("KESTRELLO耳机 贴牌加工", {})),
    (("NATURI 书", {}), ("nature 书", {})),
    (("8CM", {"nice_class": 25}), ("直径8cm", {})),
    (("云师傅面", {}), ("银河谣饼干", {})),
]


@pytest.mark.parametrize(("more", "less"), MUST_OUTRANK)
def test_must_outrank(more: tuple[str, dict[str, Any]], less: tuple[str, dict[str, Any]]) -> None:
    assert score(more[0], **more[1]) > score(less[0], **less[1])


@pytest.mark.parametrize(
    "title",
    [
        "青岚连衣裙",
        "青*岚连衣裙 高仿",
        "青风连衣裙",
        "银*河*谣饼干",
        "银河谣饼干 高仿 原单",
        "银河摇饼干",
        "赤嶺饼干 一比一 复刻",
    ],
)
def test_a_mark_not_in_force_leads_to_nothing(title: str) -> None:
    assert not flagged(title)
    assert score(title) <= 4


@pytest.mark.parametrize("nice_class", [30, 35, None])
def test_an_exact_mark_by_an_unknown_seller_is_recorded_and_not_flagged(nice_class: int | None) -> None:
    told = found("M1", "云师傅牛肉面五连包", seller="路人食品店", price=Decimal(12), nice_class=nice_class)
    assert {"identical-mark", "plain-resale"} <= set(told)
    assert not flagged("云师傅牛肉面五连包", seller="路人食品店", price=Decimal(12), nice_class=nice_class)


def test_a_lapsed_authorisation_alone_flags_nothing() -> None:
    assert not flagged("云师傅牛肉面", seller="旧约食品店", nice_class=30)
    told = found("M1", "云师傅牛肉面", seller="旧约食品店")["authorisation-lapsed"]
    assert told.reference_value == "2025-12-31"
    assert "2025-12-31" in explain(told, "zh")


def test_what_is_kept_of_a_mark_must_be_more_than_a_word() -> None:
    """女童 and 珠宝 are anybody's: on goods unknown what told the mark apart is gone."""
    for text, reason in (("女童军", "everyday word"), ("大禄珠宝", "everyday word"), ("云师博", "")):
        weak = found(KEPT_OF[text], text).get("weak-mark")
        told = weak.params["reasons_en"] if weak else ""
        assert (reason in told) if reason else "kept" not in told


def test_a_crowd_of_marks_as_near_makes_each_of_them_weaker() -> None:
    crowded = found("M10", "VALORI")["weak-mark"]
    alone = found("M7", "NATURI")["weak-mark"]
    assert crowded.score > alone.score
    assert "2" in crowded.params["reasons_zh"]


def test_a_lapsed_authorisation_beside_a_low_price_is_enough() -> None:
    """An exact mark at a third of its reference price: of a stranger just recorded, of a former dealer flagged."""
    low = Finding(
        finding_id="p", detector="price", version="1", mark_id="M1", stance=Stance.FOR, score=0.57, fact="price-below",
        field="price",
    )  # fmt: skip
    outcome = {}
    for seller in ("旧约食品店", "路人食品店", "续约食品店"):
        subject = listing("云师傅牛肉面", seller=seller, nice_class=30)
        (findings,) = DETECTOR.detect([Observation(subject)], CONTEXT)
        outcome[seller] = assess([*findings, low], REGISTRY, AS_OF, subject).flagged
    assert outcome == {"旧约食品店": True, "路人食品店": False, "续约食品店": False}


def test_nothing_told_for_a_mark_counts_where_it_is_not_in_force() -> None:
    """Every fact that is told for a mark, by words, price or picture: together, and as sure as can be."""
    table = rules()
    facts = [fact for fact, rule in table.facts.items() if rule.stance is Stance.FOR and "force" in rule.unless]
    assert {"identical-mark", "disguised-mark", "gi-other-origin", "price-far-below", "copied-official-picture"} <= set(
        facts
    )
    findings = [
        Finding(
            finding_id=fact, detector="trademark", version="1", mark_id="M4", score=1.0, fact=fact, field="title",
            stance=Stance.AGAINST if fact == "mark-not-in-force" else Stance.FOR,
            params={"nearness": "same", "goods_relation": "same"},
        )
        for fact in [*facts, "mark-not-in-force"]
    ]  # fmt: skip
    subject = listing("青岚连衣裙")
    assert assess(findings, REGISTRY, AS_OF, subject).score <= 0
    assert assess(findings[:-1], REGISTRY, AS_OF, subject).flagged
