"""Words of copies in every disguise, and the honest uses that look like them."""

import pytest

from detectors.wording.lines import Line
from detectors.wording.matching import Match, Matcher
from detectors.wording.rules import Rule, shipped_rules

MATCHER = Matcher(shipped_rules())


def found(text: str, category: str = "") -> list[Match]:
    return MATCHER.matches(Line("title", text), category)


def copies(text: str, category: str = "") -> set[str]:
    """The rules of copies that the text breaks without denying it."""
    return {m.rule.id for m in found(text, category) if m.rule.fact == "counterfeit-wording" and not m.denied}


@pytest.mark.parametrize("rule", shipped_rules().rules, ids=lambda rule: rule.id)
def test_every_rule_finds_its_own_example(rule: Rule) -> None:
    assert rule.id in {match.rule.id for match in found(rule.example) if not match.denied}


@pytest.mark.parametrize(
    ("text", "quoted", "word"),
    [
        ("高仿手表", "高仿", "高仿"),
        ("高*仿手表", "高*仿", "高仿"),
        ("高★仿手表", "高★仿", "高仿"),
        ("高 仿 手表", "高 仿", "高仿"),
        ("高-仿手表", "高-仿", "高仿"),
        ("女包 大牌-复刻款", "大牌-复刻", "大牌复刻"),
        ("高彷手表", "高彷", "高仿"),
        ("髙仿手表", "髙仿", "高仿"),
        ("gao仿手表", "gao仿", "高仿"),
        ("高fang手表", "高fang", "高仿"),
        ("GaoFang手表", "GaoFang", "高仿"),
        ("复克手表", "复克", "复刻"),
        ("復刻手表", "復刻", "复刻"),
        ("複刻手表", "複刻", "复刻"),
        ("尾.单女装", "尾.单", "尾单"),
        ("過專櫃女包", "過專櫃", "过专柜"),
        ("超Ａ女包", "超Ａ", "超a"),
        ("超А女包", "超А", "超a"),  # the Cyrillic letter
        ("山寨机", "山寨", "山寨"),
    ],
)
def test_a_disguised_word_is_found_and_quoted_as_it_stands(text: str, quoted: str, word: str) -> None:
    told = {(match.text, match.word) for match in found(text)}
    assert (quoted, word) in told


@pytest.mark.parametrize("ratio", ["1:1", "1：1", "１：１", "1∶1", "1比1", "①比①", "一比一", "壹比壹", "1 : 1"])
def test_a_ratio_is_read_however_it_is_typed(ratio: str) -> None:
    assert "cf-ratio" in copies(f"女包 {ratio}专柜")


@pytest.mark.parametrize(
    "text",
    [
        "拒绝高仿",
        "我们拒绝A货、高仿、精仿",
        "非高仿 正品",
        "本店不卖高仿",
        "绝非复刻",
        "非复刻",
        "谨防高仿",
        "正品，高仿勿扰",
        "高仿假一赔十",
        "高仿真花装饰",
        "高仿真恐龙模型",
        "1:1仿真汽车模型",
        "1:1兑水清洁剂",
        "1∶1比例 教具 公仔",
        "高跟单鞋女",
        "缅甸翡翠A货手镯",
        "维生素A货架陈列",
        "修复克拉钻戒",
        "恢复克制",
        "福建莆田特产桂圆",
        "官方复刻 乐谱",
        "扫描枪 支持扫码支付",
        "i7台式组装机电脑主机",
        "4:3显示器 21:1变速",
        "软件 正品质量 高版本windows",
        "身高，仿皮沙发",
        "身高-仿皮沙发",
        "增高 仿麂皮",
        "螨扑1顶4",
        "北京华强北路地铁口 门票",
    ],
)
def test_honest_uses_are_not_words_of_copies(text: str) -> None:
    assert copies(text) <= ({"cf-places"} if "华强北路" in text else set())


def test_goods_of_the_category_decide_too() -> None:
    assert copies("A货 手镯", "珠宝/翡翠") == set()
    assert copies("A货 手镯", "女包") == {"cf-grade"} or copies("A货 女包", "女包") == {"cf-grade"}


def test_a_denial_ends_with_its_clause() -> None:
    assert copies("拒绝议价，高仿手表") == {"cf-imitation"}
    assert copies("拒绝高仿手表") == set()
    (denied,) = [match for match in found("拒绝高仿手表") if match.rule.id == "cf-imitation"]
    assert denied.denied


@pytest.mark.parametrize(
    "text",
    [
        "加V领毛衣",
        "加微孔透气",
        "加绒加厚",
        "加威猛先生",
        "微信小程序开发 图书",
        "插扣扣卡扣",
        "pic16 微芯microchip",
        "Q弹果冻",
        "SUQQU口红13#14#111",
        "加薇诺娜面霜",
        "v型脸 瘦脸",
    ],
)
def test_honest_words_lead_nowhere(text: str) -> None:
    assert not [match for match in found(text) if match.rule.fact == "contact-diversion"]


@pytest.mark.parametrize(
    "text", ["加V", "加 V 看图", "＋V信", "加vx", "加微信", "加薇❤", "➕薇", "加扣扣", "加Q Q", "薇♥同号"]
)
def test_messengers_are_found_in_disguise(text: str) -> None:
    assert [match for match in found(text) if match.rule.fact == "contact-diversion"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("人民大会堂特供 酱香酒", {"claim-state"}),
        ("部队特供 毛巾", {"claim-state"}),
        ("天猫特供套装", set()),
        ("苦荞茶 降血糖", {"claim-medical"}),
        ("血糖仪 降血糖手册", set()),
        ("治疗糖尿病 国药准字H20051234", set()),
        ("全网第一 好用", {"claim-absolute"}),
        ("最佳食用期限见包装", set()),
        ("国家级非遗 传人", set()),
        ("万能试验机", set()),
    ],
)
def test_claims_have_facts_of_their_own(text: str, facts: set[str]) -> None:
    told = {match.rule.fact for match in found(text)}
    assert {fact for fact in told if fact.startswith("claim-")} == facts


def test_the_index_finds_what_looking_at_each_word_finds() -> None:
    """The slow way for whole words: each rule's words sought one by one."""
    text = "高仿手表 尾单 剪标 山寨 莆田鞋 公司级 懂的来 假一赔十 私聊"
    slow = {(rule.id, word) for rule in shipped_rules().rules for word in rule.words if word in text}
    assert slow <= {(match.rule.id, match.word) for match in found(text)} | _within(slow)


def _within(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Pairs whose word is part of a longer word of the same rule."""
    return {(rule, word) for rule, word in pairs if any(rule == r and word != w and word in w for r, w in pairs)}
