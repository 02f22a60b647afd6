"""Prices against reference goods: which goods, which unit price, and what explains a low one."""

from datetime import UTC, datetime

import pytest

from detectors.price import PriceDetector
from detectors.price.bands import bands
from detectors.price.comparison import compare
from detectors.price.goods import GoodsIndex
from detectors.triage import assess
from models.context import Context
from models.explanations import LANGUAGES, explain
from models.findings import Evidence, Finding, Observation, Stance, signed
from models.registry import Mark, ReferenceGoods, Registry
from models.subjects import Listing

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MARKS = (
    Mark(mark_id="M1", text="白鹭泉", aliases=("Egret Spring",)),
    Mark(mark_id="M2", text="KESTRELLO"),
    Mark(mark_id="M3", text="晴川"),
    Mark(mark_id="M4", text="三只云朵鹿"),
)


def goods(
    goods_id: str, mark_id: str, name: str, specification: str, price: str, currency: str = "CNY"
) -> ReferenceGoods:
    return ReferenceGoods.model_validate(
        {"goods_id": goods_id, "mark_id": mark_id, "name": name, "specification": specification,
         "reference_price": price, "currency": currency}
    )  # fmt: skip


GOODS = (
    goods("G1", "M1", "白鹭泉 深润洗衣液 3kg", "瓶3kg", "60"),
    goods("G2", "M1", "白鹭泉 柔护洗手液 500ml", "瓶500ml", "20"),
    goods("G3", "M2", "KESTRELLO Air Pro 2", "副", "1800"),
    goods("G4", "M2", "KESTRELLO Vortex KV08 吹风机", "台", "2600"),
    goods("G5", "M3", "晴川 陈酿 飞云53度 500ml", "瓶500ml", "1400"),
    goods("G6", "M4", "三只云朵鹿 每日坚果 25g*30袋", "盒750g", "150"),
    goods("G7", "M2", "KESTRELLO Rover 背包", "个", "100", "USD"),
)
REGISTRY = Registry(marks=MARKS, goods=GOODS)
DETECTOR = PriceDetector()


def listing(title: str, price: str = "10", **said: object) -> Listing:
    base = {"listing_id": "1", "platform": "集市", "title": title, "price": price, "currency": "CNY"}
    return Listing.model_validate({**base, **said})


def found(title: str, price: str, **said: object) -> list[Finding]:
    (findings,) = DETECTOR.detect([Observation(listing(title, price, **said))], Context(REGISTRY, AS_OF))
    return findings


def facts(title: str, price: str, **said: object) -> set[str]:
    return {finding.fact for finding in found(title, price, **said)}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("白鹭泉深润洗衣液3kg家庭装", "G1"),
        ("白鹭泉洗衣液3kg*2瓶", "G1"),
        ("Egret Spring 白鹭泉洗手液500ml", "G2"),
        ("KESTRELLO AirPro2降噪耳机", "G3"),
        ("kestrello air pro第二代", "G3"),
        ("KESTRELLOAirPro2", "G3"),
        ("新款KestrelloAir Pro2", "G3"),
        ("KESTRELLO吹风机KV08", "G4"),
        ("晴川飞云53度白酒500ml", "G5"),
        ("KESTRELLO Air 第三代", None),  # another generation
        ("晴川迎客酒", None),  # another line of the same mark
        ("白鹭泉地毯", None),
        ("云鹭泉深润洗衣液3kg", None),
        ("深润洗衣液3kg", None),
        ("MYKESTRELLOS Air Pro 2", None),
    ],
)
def test_the_goods_that_a_title_names_are_found(title: str, expected: str | None) -> None:
    offers = GoodsIndex(REGISTRY).offers(listing(title))
    assert [offer.entry.goods.goods_id for offer in offers] == ([expected] if expected else [])


def test_the_brand_field_names_a_mark_too() -> None:
    (offer,) = GoodsIndex(REGISTRY).offers(listing("深润洗衣液3kg", brand="白鹭泉"))
    assert offer.entry.goods.goods_id == "G1"


def test_the_more_of_the_name_the_surer() -> None:
    index = GoodsIndex(REGISTRY)
    coverage = [
        index.offers(listing(title))[0].coverage
        for title in ("白鹭泉深润洗衣液3kg", "白鹭泉洗衣液3kg", "白鹭泉大桶3kg")
    ]
    assert coverage == sorted(coverage, reverse=True)
    assert len(set(coverage)) == 3


def test_another_line_of_the_mark_in_the_same_size_is_far_from_sure() -> None:
    def sure(title: str) -> int:
        (finding,) = found(title, "90")
        return int(finding.params["sure_percent"])

    assert sure("晴川飞云53度500ml") > 90
    assert sure("晴川迎客53度500ml") <= 40  # the grade alone names nothing
    assert sure("晴川迎客酒500ml") <= 40


def test_words_of_the_holder_s_own_name_tell_nothing_of_the_goods() -> None:
    mark = Mark(mark_id="M1", text="晴川", holder="南湾晴川酒业有限公司")
    stock = goods("G1", "M1", "南湾晴川 飞云 500ml", "瓶500ml", "1400")
    (offer,) = GoodsIndex(Registry(marks=(mark,), goods=(stock,))).offers(listing("晴川飞云500ml"))
    assert offer.coverage == 1


def test_grades_and_generations_are_one_in_digits_and_numerals() -> None:
    marks = (Mark(mark_id="M1", text="云朵鹿"),)
    stock = (
        goods("G1", "M1", "云朵鹿 星帆1段 700g", "罐700g", "200"),
        goods("G2", "M1", "云朵鹿 星帆3段 700g", "罐700g", "200"),
        goods("G3", "M1", "云朵鹿 机油 0W-40 4L", "桶4L", "400"),
        goods("G4", "M1", "云朵鹿 机油 5W-30 4L", "桶4L", "300"),
    )
    index = GoodsIndex(Registry(marks=marks, goods=stock))
    for title, expected in (
        ("云朵鹿星帆三段700g", "G2"),
        ("云朵鹿星帆第1段奶粉700g", "G1"),
        ("云朵鹿全合成机油5W-30 4L", "G4"),
        ("云朵鹿机油 0w40 4L", "G3"),
    ):
        assert index.offers(listing(title))[0].entry.goods.goods_id == expected


def test_a_lookup_prepares_the_named_marks_alone() -> None:
    many = tuple(Mark(mark_id=f"X{number}", text=f"云{number}鹿牌") for number in range(3000))
    stock = tuple(goods(f"X{number}", f"X{number}", f"云{number}鹿牌 洗衣液", "瓶3kg", "60") for number in range(3000))
    index = GoodsIndex(Registry(marks=(*MARKS, *many), goods=(*GOODS, *stock)))
    assert [offer.mark.mark_id for offer in index.offers(listing("云77鹿牌洗衣液3kg"))] == ["X77"]
    assert index.prepared() == 1


# Each listing is more suspect than the one below it.
RANKED = [
    ("KESTRELLO Air Pro 2 耳机*2副", "200"),
    ("KESTRELLO Air Pro 2 耳机*2副", "560"),
    ("KESTRELLO Air Pro 2 耳机*2副", "800"),
    ("KESTRELLO Air Pro 2 耳机*2副", "1300"),
    ("KESTRELLO Air Pro 2 耳机*2副", "2200"),
    ("KESTRELLO Air Pro 2 耳机*2副", "3600"),
]


def test_the_lower_the_unit_price_the_more_suspect() -> None:
    scores = [assess(found(*said), REGISTRY, AS_OF, listing(*said)).score for said in RANKED]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[1] > scores[2] > scores[3] > 0 >= scores[4] > scores[5]


@pytest.mark.parametrize(
    ("title", "ratio"),
    [
        ("白鹭泉深润洗衣液3kg", 1.0),
        ("白鹭泉深润洗衣液3kg*2瓶", 0.5),
        ("白鹭泉深润洗衣液1kg", 3.0),
        ("白鹭泉深润洗衣液3kg+1kg*3袋", 0.5),
        ("白鹭泉深润洗衣液6斤装", 1.0),
        ("白鹭泉深润洗衣液3L", 1.0),
    ],
)
def test_prices_are_compared_by_quantity(title: str, ratio: float) -> None:
    said = listing(title, "60")
    (offer,) = GoodsIndex(REGISTRY).offers(said)
    compared = compare(said, offer)
    assert compared is not None
    assert compared.ratio == pytest.approx(ratio)


def test_price_alone_flags_only_when_far_below_and_sure() -> None:
    def flagged(title: str, price: str) -> bool:
        findings = found(title, price)
        return assess(findings, REGISTRY, AS_OF, listing(title, price)).flagged

    sure = "白鹭泉深润洗衣液3kg*2瓶"
    assert flagged(sure, "18")  # 0.15 of the reference
    assert not flagged(sure, "72")  # 0.6
    assert not flagged(sure, "36")  # 0.3
    assert not flagged("白鹭泉洗衣液 500ml/3kg可选", "9")  # 0.15, but of which size?
    assert not flagged("白鹭泉大桶3kg", "9")  # 0.15, but mark and size alone


@pytest.mark.parametrize(
    ("title", "said", "fact"),
    [
        ("二手 KESTRELLO Air Pro 2", {}, "price-not-of-new-goods"),
        ("KESTRELLO Air Pro 2 九成新", {}, "price-not-of-new-goods"),
        ("KESTRELLO Air Pro 2", {"condition": "used"}, "price-not-of-new-goods"),
        ("KESTRELLO Air Pro 2", {"condition": "refurbished"}, "price-not-of-new-goods"),
        ("KESTRELLO Air Pro 2", {"category": "二手/数码"}, "price-not-of-new-goods"),
        ("适用KESTRELLO Air Pro 2保护套", {}, "price-of-accessory"),
        ("适用于KESTRELLO Air Pro 2的耳塞", {}, "price-of-accessory"),
        ("KESTRELLO Air Pro 2 空盒", {}, "price-of-accessory"),
        ("KESTRELLO Air Pro 2", {"category": "数码/配件"}, "price-of-accessory"),
        ("KESTRELLO Air Pro 2 维修", {}, "price-of-service"),
        ("KESTRELLO Air Pro 2 定金", {}, "price-of-part-payment"),
        ("KESTRELLO Air Pro 2 12期分期免息 每期", {}, "price-of-part-payment"),
        ("KESTRELLO Air Pro 2 24期免息", {}, "price-of-part-payment"),  # 24 times 90 is about the price
        ("KESTRELLO Air Pro 2 分24期", {}, "price-of-part-payment"),
        ("KESTRELLO Air Pro 2 预售", {}, "price-of-part-payment"),
        ("KESTRELLO Air Pro 2 邮费补差链接", {}, "price-of-part-payment"),
        ("KESTRELLO Air Pro 2 日租 免押", {}, "price-of-service"),
        ("KESTRELLO Air Pro 2 open box", {}, "price-not-of-new-goods"),
        ("KESTRELLO Air Pro 2 90元起", {}, "price-from-options"),
        ("KESTRELLO Air Pro 2 低至5折", {}, "price-from-options"),
        ("白鹭泉深润洗衣液3kg 多规格", {"price": "9"}, "price-from-options"),
        ("白鹭泉 深润洗衣液 100g 小样", {"price": "0.3"}, "price-placeholder"),
        ("白鹭泉 深润洗衣液 500g 小样", {"price": "1.5"}, "price-of-sample"),
        ("KESTRELLO Air Pro 2 1元链接 联系客服", {}, "price-placeholder"),
        ("KESTRELLO Air Pro 2", {"price": "0.01"}, "price-placeholder"),
        ("白鹭泉 深润洗衣液 小样", {"price": "2"}, "price-of-sample"),
    ],
)
def test_a_low_price_that_is_explained_is_no_suspicion(title: str, said: dict[str, str], fact: str) -> None:
    assert facts(title, **{"price": "90", **said}) == {fact}
    (finding,) = found(title, **{"price": "90", **said})
    assert finding.stance is Stance.AGAINST


def test_instalments_are_offered_on_whole_prices_too() -> None:
    assert facts("KESTRELLO Air Pro 2 12期免息", "1700") == {"price-near-reference"}
    assert facts("KESTRELLO Air Pro 2 3期免息", "90") == {"price-far-below"}  # three times 90 is no price of it


def test_words_that_only_look_like_a_price_of_options() -> None:
    for words in ("2件起批", "90元起拍", "一起听", "多色可选"):
        assert facts(f"KESTRELLO Air Pro 2 {words}", "90") == {"price-far-below"}


def test_a_sample_as_large_as_the_goods_is_none() -> None:
    assert "price-far-below" in facts("白鹭泉 深润洗衣液 3kg 小样", "6")


def test_refurbished_by_the_maker_is_a_little_cheaper_and_no_more() -> None:
    assert facts("KESTRELLO Air Pro 2 官换机", "1500") == {"price-near-reference"}
    assert facts("KESTRELLO Air Pro 2 官换机", "1000") == set()
    assert facts("KESTRELLO Air Pro 2 官方翻新", "360") == {"price-below-refurbished", "price-of-refurbished"}
    assert facts("KESTRELLO Air Pro 2 翻新机", "360") == {"price-not-of-new-goods"}
    (plain, *_), (refurbished, *_) = found("KESTRELLO Air Pro 2", "360"), found("KESTRELLO Air Pro 2 官换机", "360")
    assert plain.score > refurbished.score > 0


def test_what_excuses_second_hand_goods_does_not_excuse_refurbished_ones_at_any_price() -> None:
    def score(title: str, price: str) -> float:
        said = listing(title, price)
        used = Evidence(
            fact="second-hand", stance=Stance.AGAINST, score=1.0, field="title", mark_id="M2", subject_value="旧"
        )
        findings = [*found(title, price), signed(used, said, detector="trademark", version="1")]
        return assess(findings, REGISTRY, AS_OF, said).score

    assert score("KESTRELLO Air Pro 2 官换机", "360") > 0
    assert score("KESTRELLO Air Pro 2 官换机", "1100") < 0
    assert score("KESTRELLO Air Pro 2 二手", "360") < 0


@pytest.mark.parametrize(
    ("name", "specification", "title", "ratio"),
    [
        ("吹风机", "台", "KESTRELLO吹风机*2台", 0.5),
        ("唇膏套装", "套", "KESTRELLO唇膏套装6支", 1.0),  # a set holds them
        ("唇膏套装6支", "", "KESTRELLO唇膏套装6支", 1.0),
        ("唇膏", "支", "KESTRELLO唇膏6支装", 1 / 6),
        ("唇膏", "", "KESTRELLO唇膏6支装", 1 / 6),
        ("胶囊", "盒30粒", "KESTRELLO胶囊60粒", 0.5),
        ("胶囊", "盒30粒", "KESTRELLO胶囊30粒*3盒", 1 / 3),
        ("积木", "盒", "KESTRELLO积木 500 pieces", 1.0),
        ("积木", "盒", "KESTRELLO积木 set of 500", 1.0),
        ("保温杯", "500ml", "KESTRELLO保温杯500ml*2个", 0.5),
        ("保温杯", "500ml", "KESTRELLO保温杯1000ml", 1.0),  # a larger cup is one cup
        ("酱油", "瓶500ml", "KESTRELLO酱油500ml买2送1", 2 / 3),
        ("酱油", "瓶500ml", "KESTRELLO酱油500ml拍1发3", 1 / 3),
        ("酱油", "瓶500ml", "KESTRELLO酱油500ml送200ml", 1.0),
        ("酱油", "瓶500ml", "KESTRELLO酱油6瓶", 1 / 6),
    ],
)
def test_one_reference_piece_is_found_in_every_form(name: str, specification: str, title: str, ratio: float) -> None:
    stock = goods("G1", "M2", f"KESTRELLO {name}", specification, "60")
    said = listing(title, "60")
    (offer,) = GoodsIndex(Registry(marks=MARKS, goods=(stock,))).offers(said)
    compared = compare(said, offer)
    assert compared is not None
    assert compared.ratio == pytest.approx(ratio)


def test_goods_of_two_kinds_in_one_price_are_compared_with_doubt() -> None:
    (alone,) = found("白鹭泉深润洗衣液3kg+3kg", "18")
    (mixed,) = found("白鹭泉深润洗衣液3kg+柔护洗手液3kg", "18")
    assert mixed.score < alone.score / 2


def test_a_sale_day_lifts_the_lower_band_and_leaves_what_no_sale_explains() -> None:
    sale, ordinary = datetime(2025, 11, 11, tzinfo=UTC), datetime(2025, 4, 10, tzinfo=UTC)

    def told(price: str, when: datetime) -> dict[str, float]:
        return {finding.fact: finding.score for finding in found("KESTRELLO Air Pro 2", price, captured_at=when)}

    assert set(told("400", ordinary)) == {"price-below"}
    assert set(told("400", sale)) == {"price-below", "price-on-sale-day"}
    assert told("400", sale)["price-below"] < told("400", ordinary)["price-below"]
    assert set(told("700", ordinary)) == {"price-below"}
    assert told("700", sale) == {}
    assert told("90", sale) == told("90", ordinary)


def test_on_a_sale_day_lower_prices_stay_more_suspect() -> None:
    for share in (0.3, 0.4, 0.5, 0.6, 1.0):
        judged = [bands().on_sale(place / 100, share) for place in range(60)]
        assert judged == sorted(judged)
        assert all(after >= before / 100 for before, after in enumerate(judged))


def test_what_comes_with_the_goods_is_not_the_goods() -> None:
    assert facts("KESTRELLO Air Pro 2 送保护套", "90") == {"price-far-below"}
    assert facts("KESTRELLO Air Pro 2 含充电线", "90") == {"price-far-below"}


def test_praise_behind_the_mark_makes_no_accessory() -> None:
    assert facts("KESTRELLO Air Pro 2 耳机 男女适用 各手机通用", "90") == {"price-far-below"}
    assert facts("KESTRELLO Air Pro 2 会员价", "90") == {"price-far-below", "price-under-promotion"}


def test_a_reason_names_its_field_and_quotes_it() -> None:
    title = "适用于KESTRELLO Air Pro 2的耳塞"
    (fitting,) = found(title, "90")
    assert fitting.span is not None
    assert (fitting.field, title[slice(*fitting.span)]) == ("title", "适用")
    (category,) = found("KESTRELLO Air Pro 2", "90", category="二手/数码")
    assert (category.field, category.subject_value) == ("category", "二手")
    (condition,) = found("KESTRELLO Air Pro 2", "90", condition="used")
    assert (condition.field, condition.span) == ("condition", None)


def test_a_platform_promotion_is_told_and_weighs() -> None:
    plain, promoted = found("KESTRELLO Air Pro 2", "540"), found("KESTRELLO Air Pro 2 券后到手价", "540")
    assert {finding.fact for finding in promoted} == {"price-below", "price-under-promotion"}
    assert plain[0].score > promoted[0].score
    assert facts("KESTRELLO Air Pro 2 清仓特价", "540") == {"price-below"}  # a seller's own words explain nothing


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("KESTRELLO Air Pro 2", {"price": None}),
        ("KESTRELLO Air Pro 2", {"price": "0"}),
        ("KESTRELLO Air Pro 2", {"currency": "USD"}),
        ("KESTRELLO Air Pro 2", {"currency": None}),
        ("KESTRELLO Rover 背包", {}),  # the reference price is in another currency
        ("KESTRELLO Air Pro 2", {"price": "1100"}),  # between low and near
        ("KESTRELLO Air Pro 2", {"price": "9000"}),
    ],
)
def test_nothing_is_said_where_nothing_can_be_compared(title: str, said: dict[str, object]) -> None:
    (findings,) = DETECTOR.detect([Observation(listing(title, **{"price": "90", **said}))], Context(REGISTRY, AS_OF))
    assert findings == []


def test_goods_in_one_other_currency_compare_within_it() -> None:
    assert facts("KESTRELLO Rover 背包", "8", currency="USD") == {"price-far-below"}


def test_a_count_in_the_mark_is_no_quantity() -> None:
    (finding,) = found("三只云朵鹿每日坚果750g", "15")
    assert finding.params["specification"] == "750g"
    assert finding.params["ratio_percent"] == 10


def test_the_specification_attribute_is_read_when_the_title_tells_none() -> None:
    (finding,) = found("白鹭泉深润洗衣液", "18", attributes={"规格": "3kg*2瓶"})
    assert finding.params["ratio_percent"] == 15


def test_the_score_falls_with_the_ratio_and_ends_at_nothing() -> None:
    ratios = [place / 100 for place in range(80)]
    scores = [bands().score(ratio) for ratio in ratios]
    assert scores == sorted(scores, reverse=True)
    assert bands().score(0.5) == 0
    assert bands().score(0.2) == pytest.approx(0.85)


def test_findings_read_as_sentences() -> None:
    titles = {
        "白鹭泉深润洗衣液3kg*2瓶": "18",
        "白鹭泉深润洗衣液3kg": "59",
        "KESTRELLO Air Pro 2 券后": "300",
        "KESTRELLO Air Pro 2 定金": "90",
    }
    for title, price in titles.items():
        for finding in found(title, price):
            for language in LANGUAGES:
                sentence = explain(finding, language)
                assert sentence
                assert "{" not in sentence
    (finding,) = found("白鹭泉深润洗衣液3kg*2瓶", "18")
    assert "折合 9.00 CNY" in explain(finding, "zh")
    assert "15%" in explain(finding, "en")
    assert finding.subject_value == "18.00 CNY"
    assert finding.reference_value == "60.00 CNY"
