"""Quantities in titles, labelled by hand: what is bought, and what only looks like a quantity."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.price import read_specification

# title -> totals by unit; `g` and `ml` are base units, the empty word counts the goods themselves
QUANTITIES: dict[str, dict[str, float]] = {
    # products of size and count, in every order and sign
    "白鹭泉方便面105g*24袋": {"g": 2520, "袋": 24},
    "白鹭泉矿泉水500ml×12": {"ml": 6000, "": 12},
    "白鹭泉矿泉水 500mLx12瓶": {"ml": 6000, "瓶": 12},
    "6瓶装*250ml白鹭泉": {"ml": 1500, "瓶": 6},
    "24x105g": {"g": 2520, "": 24},
    "2 x 500 ml": {"ml": 1000, "": 2},
    "晴川面膜25ml＊5片": {"ml": 125, "片": 5},
    "晴川绿茶50g*10包*4盒": {"g": 2000, "包": 40, "盒": 4},
    "晴川绿茶100g*3袋x2盒": {"g": 600, "袋": 6, "盒": 2},
    "(500ml*6)*2箱": {"ml": 6000, "": 12, "箱": 2},
    "牛奶250ml/盒*12盒": {"ml": 3000, "盒": 12},
    "牛奶(250ml*24盒)整箱": {"ml": 6000, "盒": 24},
    "12盒*250ml 整箱": {"ml": 3000, "盒": 12},
    "钙片60粒*3瓶": {"粒": 180, "瓶": 3},
    "感冒片24片*2盒": {"片": 48, "盒": 2},
    "胶囊10粒/板*2板*6盒": {"粒": 120, "板": 12, "盒": 6},
    "抽纸100抽*24包": {"抽": 2400, "包": 24},
    "面条75g×5连包": {"g": 375, "包": 5},
    "500ml*1*12": {"ml": 6000, "": 12},
    # side by side and apart
    "晴川酱油500ml两瓶": {"ml": 1000, "瓶": 2},
    "晴川酱油 2瓶 500ml": {"ml": 1000, "瓶": 2},
    "两瓶装晴川酱油500ml": {"ml": 1000, "瓶": 2},
    "6罐装 晴川奶粉700g": {"g": 4200, "罐": 6},
    "1kg(2袋)": {"g": 2000, "袋": 2},
    "1kg装 12 bags": {"g": 12000, "袋": 12},
    "咸鸭蛋10枚装650g": {"g": 650, "枚": 10},
    "水饺720g(36只装)": {"g": 720, "只": 36},
    "喷雾50ml3支装": {"ml": 150, "支": 3},
    "参片3根1克": {"g": 1, "根": 3},
    "花椒粉1000g 共28包": {"g": 1000},
    "500ml 单瓶": {"ml": 500, "瓶": 1},
    "晴川白酒53度500ml酱香型单瓶装": {"ml": 500},
    # sums
    "3kg+1kg*4袋": {"g": 7000, "袋": 4},
    "洗衣液3kg瓶+1kg袋": {"g": 4000},
    "5L+1.5L": {"ml": 6500},
    "400ml+400ml洗护套装": {"ml": 800},
    "1斤2两": {"g": 600},
    # sizes alone, in every unit
    "净含量:1.5kg": {"g": 1500},
    "大瓶1升": {"ml": 1000},
    "1,000ml": {"ml": 1000},
    "5斤装红富士": {"g": 2500},
    "半斤茶叶": {"g": 250},
    "一斤装": {"g": 500},
    "八两": {"g": 400},
    "机油0W-40 4L": {"ml": 4000},
    "Shampoo 16 fl oz": {"ml": 473.176},
    "KESTRELLO coffee 2lb": {"g": 907.184},
    "味精0.5千克": {"g": 500},
    # counts alone
    "2只装": {"只": 2},
    "*2瓶": {"瓶": 2},
    "白鹭泉 ×2": {"": 2},
    "KESTRELLO Air2代*2副情侣装": {"副": 2},
    "火花塞四支装": {"支": 4},
    "T恤2件装": {"件": 2},
    "碱性电池5号20节": {"节": 20},
    "玉米种子4500粒": {"粒": 4500},
    "Pack of 6 bottles": {"瓶": 6},
    "3 pairs socks": {"双": 3},
    "单盒30粒": {"粒": 30},
    "整箱24瓶": {"瓶": 24},
    "单瓶": {"瓶": 1},
    "双盒装": {"盒": 2},
    # beside numbers that are something else
    "除虫剂200克/升10ml*5袋": {"ml": 50, "袋": 5},
    "除虫剂200克升10ml*5袋": {"ml": 50, "袋": 5},
    "适合0-6个月水杯清洗液120ml": {"ml": 120},
    "奶粉3段700g*6罐": {"g": 4200, "罐": 6},
    "48小时发货 湿巾80抽*3包": {"抽": 240, "包": 3},
    "2024新款沐浴露500ml": {"ml": 500},
    "2.5kg*4包(共10kg)": {"g": 10000, "包": 4},
    "洗发水500ml买2送1": {"ml": 500},
    "500g拍2发3": {"g": 500},
    "瓜子100g满10包邮": {"g": 100},
    "钙片0.5g*60片/瓶": {"g": 30, "片": 60},
    "精华30ml*3支 第2件半价": {"ml": 90, "支": 3},
    "精华230ml送30ml小样": {"ml": 230},
    "500g+送100g": {"g": 500},
    "复印纸70g A4 500张": {"张": 500},
    "面粉500G": {"g": 500},
    "128G*2": {"": 2},
    # English
    "Egret Spring water 12 x 330 ml": {"ml": 3960, "": 12},
    "Egret Spring water 6x330ml cans": {"ml": 1980, "": 6},
    "Egret Spring shampoo 16 fl oz (Pack of 2)": {"ml": 946.352, "": 2},
    "KESTRELLO ground coffee 12-ounce, 2-pack": {"g": 680.388, "包": 2},
    "Pack of 6 shampoo 250ml": {"ml": 1500, "": 6},
    "KESTRELLO crayons (50 Packs of 2)": {"包": 100, "": 100},
    "带盖磨砂口试剂瓶1000ml": {},
    "KESTRELLO hats (Set of 24)": {"pcs": 24},
    "KESTRELLO labels, box of 1500": {"pcs": 1500},
    "KESTRELLO plates - 8 count": {"count": 8},
    "KESTRELLO green tea 100 count 7 oz": {"g": 198.4465, "count": 100},
    "KESTRELLO photo paper 100 sheets 4 x 6 inch": {"张": 100},
    "KESTRELLO beads, 5000 pcs": {"pcs": 5000},
    "KESTRELLO sand with 2lbs of sand": {"g": 907.184},
    "Egret Spring juice 1 gallon": {"ml": 3785.41},
    "晴川口红mini1.5g*3支装": {"g": 4.5, "支": 3},
    # totals, pairs, nested packages
    "面膜套装赠12片共32片": {"片": 32},
    "卤肉2袋共 1.5kg": {"g": 1500, "袋": 2},
    "面粉500g2袋": {"g": 1000, "袋": 2},
    "湖蟹4对8只": {"只": 8},
    "吸管1盒(12个)": {"个": 12},
    "胶囊60粒+精华7ml": {"ml": 7, "粒": 60},
    "手套雨前赠半斤装礼盒250g": {"g": 250},
    "晴川大米10斤20斤家庭装 甄选大米20斤": {"g": 10000},
    # what a vessel holds is no quantity; drink in a cup is
    "晴川保温杯500ml": {},
    "晴川烧杯1000ml1盒(6个)": {"个": 6},
    "晴川量筒50ml/100ml/250ml": {},
    "注射器20ml": {},
    "KESTRELLO water bottle 750ml": {},
    "KESTRELLO洗衣机10kg": {},
    "晴川洗衣机清洁剂300g": {"g": 300},
    "晴川奶瓶清洗剂500ml": {"ml": 500},
    "晴川酱油500ml送玻璃杯": {"ml": 500},
    "晴川陈酿500ml*6瓶水杯": {"ml": 3000, "瓶": 6},
    # what each piece weighs is no quantity
    "湖蟹净重2-3两 全母6只": {"只": 6},
    "公3.4-3.6两 母2.4-2.6两 湖蟹4对": {"对": 4},
    "枇杷3斤装 单果25g+": {"g": 1500},
    "小龙虾整只3-5钱/750g*3盒": {"g": 2250, "盒": 3},
    # nothing is bought by quantity
    "口红405g#206#107": {},
    "唇釉722l": {},
    "口红空气525罐装": {},
    "KESTRELLO X7828移液器": {},
    "KESTRELLO 1000 Piece Puzzle": {},
    "KESTRELLO 3-piece sheet set": {},
    "KESTRELLO case for ipod touch 4g": {},
    "过滤器+2只短管": {},
    "墨盒 + 50张照片纸": {},
    "KESTRELLO T恤 42码 180cm 220V": {},
    "KESTRELLO X8手机": {},
    "KESTRELLO,x805手机": {},
    "搪瓷盘,x08": {},
    "电阻1206贴片": {},
    "烛台带6只玻璃杯": {},
    '9.75"x7.75" KESTRELLO box insert': {},
    "大码连衣裙200斤胖mm": {},
    "后盖3g+32g": {},
    "KESTRELLO-X4 robot": {},
    "KESTRELLO 电缆yc3*16": {},
    "KESTRELLO i5 1035G1 laptop": {},
    "KESTRELLO 73l-00098": {},
    "iphone 4 case": {},
    "KESTRELLO 4g phone charger": {},
    "洁面三部曲3部曲": {},
    "双筒望远镜": {},
    "面粉两份包邮": {},
    "减压阀25*1.6G5/8大瓶": {},
    "晴川文集(全4册)共4本": {},
    "KESTRELLO 5 Pc Bedding": {},
    "温度计0.2包检": {},
    "口红28礼盒": {},
    "手机256GB": {},
    "手机12G+512G": {},
    "内存条DDR4 3200 16G台式": {},
    "5g手机": {},
    "55英寸电视": {},
    "收纳箱10*20cm": {},
    "底板32*32": {},
    "连衣裙2XL": {},
    "运动鞋CW2288-111": {},
    "吹风机HD08": {},
    "买2瓶送1瓶": {},
    "满2件打9折": {},
    "卫衣克重320g加厚": {},
    "3-6岁儿童": {},
    "三件套": {},
    "一件代发": {},
    "12期免息": {},
    "三合一数据线": {},
    "笔记本电脑8g": {},
    "手机64g128g": {},
    "张力计ATG-10-2双针": {},
    "KESTRELLO X 10": {},
    "口红83礼盒装": {},
    "11-11套装": {},
    "99新": {},
    "包邮": {},
    "6个月质保": {},
    "": {},
}


@pytest.mark.parametrize(("title", "amounts"), QUANTITIES.items())
def test_quantities_are_read(title: str, amounts: dict[str, float]) -> None:
    read = {unit: float(amount) for unit, amount in read_specification(title).amounts}
    assert read == pytest.approx(amounts)


# The surer reading stands first.
SURER = [
    ("500ml*2瓶", "500ml两瓶"),
    ("500ml两瓶", "两瓶装晴川酱油500ml"),
    ("500ml", "50ml/100ml可选"),
    ("5斤", "5-8斤"),
    ("2提", "2提24卷"),
    ("3kg+1kg", "30ml 高保湿 50ml"),
    ("500ml*12", "500ml整箱"),
    ("2.5kg*4包(共10kg)", "500g 共10kg"),
    ("30片", "共30片"),
    ("50ml", "30/50ml"),
    ("10斤20斤 大米20斤", "10斤20斤 大米"),
]


@pytest.mark.parametrize(("surer", "less"), SURER)
def test_doubt_is_told(surer: str, less: str) -> None:
    assert read_specification(surer).sure > read_specification(less).sure


@pytest.mark.parametrize(
    ("title", "amounts"),
    [
        ("50ml/100ml可选", {"ml": 50}),
        ("30g、50g任选", {"g": 30}),
        ("10-15斤", {"g": 5000}),
        ("30ml 高保湿 50ml", {"ml": 30}),
    ],
)
def test_in_doubt_the_smallest_quantity_is_taken(title: str, amounts: dict[str, int]) -> None:
    read = read_specification(title)
    assert dict(read.amounts) == amounts
    assert read.sure < 1


def test_what_is_noted_is_not_counted() -> None:
    read = read_specification("晴川洗发水500ml买2送1 送30ml旅行装")
    assert dict(read.amounts) == {"ml": 500}
    assert read.noted == ("买2送1", "送30ml")


def test_what_was_used_is_quoted() -> None:
    assert read_specification("晴川方便面105g*24袋整箱").used == "105g*24袋"
    assert read_specification("洗衣液3kg瓶+1kg袋").used == "3kg + 1kg"
    assert read_specification("两瓶装陈酿老酒与礼盒的晴川500ml").used == "两瓶 … 500ml"


def test_a_reading_tells_where_it_was_read() -> None:
    title = "㎡晴川酱油 ５００ｍｌ×１２瓶"
    read = read_specification(title)
    assert [title[start:end] for start, end in read.spans] == ["５００ｍｌ", "１２瓶"]
    assert dict(read.amounts) == {"ml": 6000, "瓶": 12}


@pytest.mark.parametrize(
    ("title", "share"),
    [
        ("晴川酱油500ml买2送1", "1.5"),
        ("晴川酱油500ml 买一瓶送一瓶", "2"),
        ("晴川酱油500ml拍1发3", "3"),
        ("晴川酱油500ml买1送3小样", "1"),
        ("晴川酱油500ml买2送杯", "1"),
        ("晴川酱油500ml买1送1套", "1"),
        ("晴川酱油500ml", "1"),
    ],
)
def test_goods_that_come_for_those_paid_are_told_apart_from_the_quantity(title: str, share: str) -> None:
    read = read_specification(title)
    assert dict(read.amounts) == {"ml": 500}
    assert read.share == Decimal(share)


def test_what_a_vessel_holds_is_told_as_capacity() -> None:
    assert read_specification("晴川保温杯500ml").capacity == (Decimal(500),)
    assert read_specification("500ml", of="晴川保温杯").amounts == ()
    assert dict(read_specification("500ml", of="晴川酱油").amounts) == {"ml": 500}


def test_what_is_added_is_noted() -> None:
    assert read_specification("过滤器+2只短管").noted == ("+2只",)


def test_a_name_that_holds_a_count_is_masked() -> None:
    title = "三只云朵鹿坚果"
    assert dict(read_specification("七包坚果").amounts) == {"包": 7}
    assert read_specification("七包坚果", masked=[(0, 2)]).amounts == ()
    assert read_specification(title, masked=[(0, 5)]).amounts == ()


@given(
    st.integers(1, 9999), st.integers(1, 99), st.sampled_from(["袋", "瓶", "盒", "包", "罐"]), st.sampled_from("*×xX")
)
def test_any_plain_product_is_read_exactly(size: int, count: int, unit: str, sign: str) -> None:
    read = read_specification(f"晴川{size}ml{sign}{count}{unit}")
    assert dict(read.amounts) == {"ml": size * count, unit: count}
    assert (read.packs, read.sure) == (Decimal(count), 1.0)


@given(st.text(max_size=60))
def test_any_text_is_read_without_failing(text: str) -> None:
    read = read_specification(text)
    assert 0 <= read.sure <= 1
    assert all(amount >= 0 for _, amount in read.amounts)
