"""Words of goods as classes and similar groups, and how goods relate to a mark."""

import csv
import unicodedata
from pathlib import Path

import pytest

from detectors.trademark import goods
from detectors.trademark.goods import classes_of, listing_classes, listing_groups, relation_to, without_goods
from detectors.trademark.tables import class_mask, rows, similar_classes
from models.registry import Mark
from models.subjects import Listing

# Short words inside longer ones, by the short word: a title, a class that it speaks for (none where empty), and one
# that it must not speak for.
FAMILIES = """
    # 茶
    实木茶几 | 20 | 30
    茶色玻璃杯 | 21 | 30
    紫砂茶壶 | 21 | 30
    茶树精油 | 3 | 30
    茶叶罐 | 21 | 30
    茶水柜 | 20 | 30
    安吉白茶 | 30 | 20
    山茶花洗发水 | 3 | 30
    奶茶色口红 | 3 | 30
    # 笔
    笔记本电脑 | 9 | 16
    轻薄本笔记本电脑 | 9 | 16
    眉笔 | 3 | 16
    眼线笔 | 3 | 16
    口红笔 | 3 | 16
    激光笔 | 9 | 16
    测电笔 | 9 | 16
    喷笔气泵 | 7 | 16
    手写笔 | 9 | 16
    电容笔 | 9 | 16
    签字笔 | 16 | 9
    金属宝珠笔签字笔礼盒 | 16 | 6
    不锈钢钢笔 | 16 | 6
    # 米
    新鲜玉米 | 31 | 30
    米色连衣裙 | 25 | 30
    纳米喷雾器 | 8 | 30
    1.5米数据线 | 9 | 30
    厘米刻度直尺 | 16 | 30
    虾米 | 29 | 30
    五常大米 | 30 | 31
    小米粥 | 30 | 9
    米线 | 30 | 23
    米桶 | 21 | 30
    # 书
    小学生书包 | 18 | 16
    实木书柜 | 20 | 16
    书架 | 20 | 16
    书桌 | 20 | 16
    电子书 | 9 | 16
    读书灯 | 11 | 16
    儿童绘本图书 | 16 | 9
    书法作品 | 16 | 9
    # 鞋
    简易鞋柜 | 20 | 25
    鞋油 | 3 | 25
    鞋架 | 20 | 25
    鞋刷 | 21 | 25
    烘鞋器 | 11 | 25
    干鞋器 | 11 | 25
    溜冰鞋 | 28 | 25
    儿童运动鞋 | 25 | 28
    # 油
    汽车机油 | 4 | 29
    风景油画 | 16 | 29
    油漆 | 2 | 29
    精油 | 3 | 29
    油烟机 | 11 | 29
    防晒油 | 3 | 29
    卸妆油 | 3 | 29
    鱼肝油 | 5 | 29
    油画棒 | 16 | 29
    润滑油 | 4 | 29
    花生油 | 29 | 4
    香油 | 29 | 3
    发油 | 3 | 29
    # 表
    真皮手表表带 | 14 | 18
    仪表 | 9 | 14
    智能水表 | 9 | 14
    表演服 | 25 | 14
    表面清洁剂 | 3 | 14
    万用表 | 9 | 14
    压力表 | 9 | 14
    机械手表 | 14 | 9
    电表 | 9 | 14
    # 车
    智利车厘子 | 31 | 12
    车厘子色口红 | 3 | 12
    玩具车模 | 28 | 12
    购物车 | 12 | 28
    汽车坐垫 | 12 | 20
    车载充电器 | 9 | 12
    车载mp3 | 9 | 12
    洗车液 | 3 | 12
    面包车 | 12 | 30
    遥控汽车 | 28 | 12
    车蜡 | 3 | 12
    汽车模型 | 28 | 12
    # 包
    全麦面包 | 30 | 18
    手机壳包邮 | 9 | 18
    红包 |  | 18
    红包袋 | 16 | 18
    香包 | 3 | 18
    面包机 | 11 | 18
    包子 | 30 | 18
    包装盒 | 16 | 18
    包饺机 | 7 | 18
    真皮单肩包 | 18 | 25
    茶包 | 30 | 18
    急救包 | 5 | 18
    沙包 | 28 | 18
    书包挂件钥匙扣 | 14 | 16
    # 水
    女士香水 | 3 | 32
    保温水杯 | 21 | 32
    薪水 |  | 32
    口红水润 | 3 | 32
    洗发水 | 3 | 32
    水龙头 | 11 | 32
    墨水 | 2 | 32
    水果 | 31 | 32
    隔离防水地垫 | 27 | 32
    水桶包 | 18 | 21
    水泵 | 7 | 32
    水枪 | 28 | 32
    热水器 | 11 | 32
    水饺 | 30 | 32
    矿泉水 | 32 | 30
    花露水 | 5 | 32
    # 灯
    灯笼袖衬衫 | 25 | 11
    灯芯绒裤子 | 25 | 11
    灯油 | 4 | 11
    落地灯 | 11 | 20
    # 酒
    酒店毛巾 | 24 | 33
    酒红色连衣裙 | 25 | 33
    酒精湿巾 | 5 | 33
    红酒杯 | 21 | 33
    酒柜 | 20 | 33
    医用酒精 | 5 | 33
    开酒器 | 21 | 33
    白酒 | 33 | 43
    酒吧椅 | 20 | 33
    # 糖
    糖果色丝袜 | 25 | 30
    血糖仪 | 10 | 30
    糖罐 | 21 | 30
    血糖试纸 | 10 | 30
    木糖醇口香糖 | 30 | 5
    # 肉
    肉色丝袜 | 25 | 29
    多肉植物 | 31 | 29
    肉桂粉 | 30 | 29
    肌肉按摩枪 | 10 | 29
    # 药
    药勺 | 9 | 5
    山药 | 31 | 5
    煎药壶 | 11 | 5
    药皂 | 3 | 5
    # 花
    花生 | 29 | 31
    花洒 | 11 | 31
    花椒 | 30 | 31
    西兰花 | 31 | 26
    花瓶 | 21 | 31
    棉花糖 | 30 | 22
    印花T恤 | 25 | 31
    蝴蝶结发夹 | 26 | 31
    # 球
    气球 | 28 | 12
    地球仪 | 16 | 28
    毛球修剪器 | 21 | 28
    水晶球摆件 | 20 | 28
    球鞋 | 25 | 28
    棒球帽 | 25 | 28
    羽毛球拍 | 28 | 25
    # 枣
    枣红色毛衣 | 25 | 29
    红枣 | 29 | 31
    # 纸
    壁纸 | 27 | 16
    试纸 | 1 | 16
    砂纸 | 3 | 16
    卫生纸 | 16 | 27
    剪纸窗花 | 16 | 8
    纸尿裤 | 5 | 25
    # 衣
    雨衣 | 25 | 12
    衣柜 | 20 | 25
    衣架 | 20 | 25
    洗衣液 | 3 | 25
    洗衣机 | 7 | 25
    狗狗衣服 | 18 | 25
    晾衣架 | 6 | 25
    潜水衣潜水服 | 9 | 25
    # 裤
    尿不湿拉拉裤 | 5 | 25
    裤架 | 20 | 25
    # 帽
    泳帽 | 28 | 25
    安全帽 | 9 | 25
    # 床
    床单 | 24 | 20
    数控机床 | 7 | 20
    蹦床 | 28 | 20
    床头灯 | 11 | 20
    磨床 | 7 | 20
    # 梳
    梳妆台 | 20 | 21
    精梳棉t恤 | 25 | 21
    # 锅
    火锅底料 | 30 | 21
    空气炸锅 | 11 | 21
    锅巴 | 30 | 21
    电饭锅 | 11 | 21
    锅炉 | 11 | 21
    # 碗
    洗碗机 | 7 | 21
    碗柜 | 20 | 21
    洗碗布 | 21 | 24
    # 皮
    皮带 | 25 | 18
    皮蛋 | 29 | 18
    皮沙发 | 20 | 18
    橡皮 | 16 | 18
    皮卡 | 12 | 18
    牛皮纸袋 | 16 | 18
    # 钢
    钢琴 | 15 | 6
    钢笔 | 16 | 6
    不锈钢保温杯 | 21 | 6
    不锈钢炒锅 | 21 | 6
    不锈钢菜刀 | 8 | 6
    # 柜
    专柜正品口红 | 3 | 20
    掌柜推荐红茶 | 30 | 20
    # 杯
    不沾杯口红 | 3 | 21
    罩杯文胸 | 25 | 21
    世界杯球衣足球服 | 25 | 21
    # 枕
    抱枕 | 20 | 24
    枕套 | 24 | 20
    # 桌
    桌布 | 24 | 20
    桌游 | 28 | 20
    台球桌 | 28 | 20
    # 手
    手机支架 | 9 | 20
    手套 | 25 | 9
    手工皂 | 3 | 26
    手电筒 | 11 | 9
    # 奶
    奶瓶 | 10 | 29
    奶粉 | 5 | 30
    奶牛抱枕 | 20 | 29
    奶酪 | 29 | 31
    牛奶沐浴露 | 3 | 29
"""


def numbers(mask: int) -> set[int]:
    return {number for number in range(1, 46) if mask >> number & 1}


@pytest.mark.parametrize(
    ("title", "classes"),
    [
        ("晴川牛肉面五连包", {30}),
        ("新款女士连衣裙 收腰显瘦", {25}),
        ("KESTRELLO蓝牙耳机", {9}),
        ("苹果手机全网通", {9}),  # known as a mark: the other words decide
        ("红富士苹果10斤", {31}),
        ("酒店专用毛巾", {24}),  # a place of use, not a service
        ("海边度假酒店", {43}),
        ("宠物服饰", {18}),
        ("手机壳", {9}),
        ("正品shoes包邮", {25}),
        ("horseshoes", set()),
        ("Women's running shoes", {25}),
        ("晴川", set()),
        ("", set()),
    ],
)
def test_a_title_speaks_for_classes(title: str, classes: set[int]) -> None:
    assert numbers(classes_of(title)) == classes


@pytest.mark.parametrize("row", [line for line in FAMILIES.strip().splitlines() if "|" in line])
def test_a_short_word_inside_a_longer_one_says_nothing(row: str) -> None:
    title, right, wrong = (part.strip() for part in row.split("|"))
    found = numbers(classes_of(title))
    assert int(wrong) not in found
    assert int(right) in found if right else not found


@pytest.mark.parametrize(
    ("title", "classes"),
    [
        ("金属宝珠笔签字笔礼盒", {16}),  # neither the material nor the occasion
        ("陶瓷茶杯", {21}),
        ("车载手机支架", {9}),
        ("宠物指甲剪", {8}),
        ("儿童房床头柜", {20}),
        ("厨房不锈钢刀架", {8, 21}),
        ("女士羊毛大衣", {25}),
        ("口红礼盒送化妆镜", {3}),  # a gift
        ("充电器适用于平板电脑", {9}),
        ("leather phone case for car", {9}),
        ("pencil balloons", {28}),  # one word describes the next
    ],
)
def test_the_thing_itself_decides(title: str, classes: set[int]) -> None:
    assert numbers(classes_of(title)) == classes


@pytest.mark.parametrize(
    ("category", "classes"),
    [
        ("文具/书写工具/签字笔", {16}),
        ("汽车用品 > 车载电器 > 车载充电器", {9}),
        ("家居家具/收纳/洗衣袋", {21}),
        ("母婴/童装童鞋/连衣裙/其他", {25}),
        ("厨具/茶具/茶叶", {30}),
        ("服饰/女装", {25}),
        ("Sports & Outdoors | Bicycles | Helmets", {9}),
    ],
)
def test_the_last_part_of_a_category_path_says_most(category: str, classes: set[int]) -> None:
    listing = Listing(listing_id="1", platform="集市", title="晴川", category=category)
    assert numbers(listing_classes(listing)) == classes


def test_what_is_no_goods_is_not_taken_out_as_goods() -> None:
    assert without_goods("晴川包邮签字笔") == "晴川包邮"


def test_a_longer_word_outvotes_shorter_ones_and_the_last_names_the_thing() -> None:
    assert numbers(classes_of("牛奶味饼干")) >= {30}
    assert 30 in numbers(classes_of("草莓巧克力饼干"))
    assert 31 not in numbers(classes_of("草莓夹心巧克力饼干曲奇"))


def test_a_stated_class_decides_before_category_and_title() -> None:
    def listing(**said: object) -> Listing:
        return Listing.model_validate({"listing_id": "1", "platform": "集市", "title": "晴川手机", **said})

    assert numbers(listing_classes(listing(nice_class=30, category="服饰"))) == {30}
    assert numbers(listing_classes(listing(category="服饰/女装"))) == {25}
    assert numbers(listing_classes(listing(category="其他"))) == {9}


def test_groups_are_read_within_the_classes() -> None:
    listing = Listing(listing_id="1", platform="集市", title="运动鞋", category="服饰", nice_class=25)
    assert listing_groups(listing) == {"2501", "2507"}
    assert listing_groups(listing.model_copy(update={"nice_class": 9})) == frozenset()


@pytest.mark.parametrize(
    ("groups", "registered", "relation"),
    [
        ({"2507"}, ("2501",), "similar"),
        ({"2501", "2507"}, ("2501",), "same"),
        ({"2507"}, (), "same"),
        (set(), ("2501",), "same"),
        ({"2507"}, ("1801",), "same"),  # groups of other classes say nothing of this one
    ],
)
def test_groups_tell_apart_what_a_class_holds_together(
    groups: set[str], registered: tuple[str, ...], relation: str
) -> None:
    mark = Mark(mark_id="M", text="墨潮", nice_classes=(25,), similar_groups=registered)
    assert relation_to(class_mask((25,)), frozenset(groups), mark) == relation


def test_services_relate_to_their_goods() -> None:
    for one, other in ((37, 12), (43, 30), (44, 3), (41, 16), (38, 9), (35, 25)):
        assert goods.relation(1 << one, 1 << other) == "similar", (one, other)
    assert goods.relation(1 << 36, 1 << 25) == "unrelated"
    assert goods.relation(1 << 30, 0) == "unknown"


def test_the_tables_are_sound() -> None:
    words = [word for word, *_ in rows("classes")]
    assert len(words) == len(set(words))
    for word, classes, groups, says in rows("classes"):
        assert word == unicodedata.normalize("NFKC", word).casefold().strip()
        numbers_ = {int(number) for number in classes.split(";") if number}
        assert numbers_ <= set(range(1, 46)), word
        assert all(len(group) == 4 and int(group[:2]) in numbers_ for group in groups.split(";") if group), word
        assert says == "" or (says == "aside" and numbers_), word
    near = similar_classes()
    assert all((near[a] >> b & 1) == (near[b] >> a & 1) for a in range(1, 46) for b in range(1, 46))


def test_the_table_is_plain_text() -> None:
    """One row a word, so that a change reads as a change."""
    path = Path(goods.__file__).parent / "data" / "classes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["word", "classes", "groups", "says"]
