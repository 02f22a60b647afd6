"""What is offered and sent in the small world, with what detectors see in it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from models.findings import Evidence, Parameter
from models.subjects import AnySubject, Listing, ParcelRecord, RouteEvent, Seller
from tests.review_api.evidence import fact, span_of
from tests.review_api.registered import GOODS

START = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
Seen = tuple[AnySubject, list[tuple[str, Evidence]]]
# What findings on marks carry besides.
WORDS: dict[str, Parameter] = {
    "goods_relation": "same",
    "goods_zh": "同一种商品",
    "goods_en": "the same goods",
    "trick_zh": "以形近字替换",
    "trick_en": "a look-alike character",
}
SAME, SIMILAR = {**WORDS, "nearness": "same"}, {**WORDS, "nearness": "similar"}
ZERO = {**SAME, "trick_zh": "以数字0代替字母O", "trick_en": "the figure 0 for the letter O"}
OTHER = {**SAME, "goods_relation": "unrelated", "goods_zh": "商品不类似", "goods_en": "goods not similar"}


def subjects(organisation_id: str) -> list[Seen]:
    """Every subject with what detectors see in it."""
    return [*_plain_suspicions(organisation_id), *_mixed(organisation_id)]


def offered(organisation_id: str) -> dict[str, Listing]:
    """The listings, by what they are called below."""
    image = f"https://img.example.cn/{organisation_id}/".__add__

    def listing(number: int, title: str, price: str | None, seller: str, **more: object) -> Listing:
        return Listing.model_validate(
            {
                "organisation_id": organisation_id,
                "listing_id": f"{organisation_id}-{7_300_100 + number}",
                "platform": "云集市" if number % 3 else "好物街",
                "title": title,
                "price": price,
                "currency": "CNY" if price else None,
                "url": f"https://shop.example.cn/item/{7_300_100 + number}",
                "seller": Seller(id=f"s-{number}", name=seller, location="浙江 杭州"),
                "captured_at": START + timedelta(hours=number),
                **more,
            }
        )

    tea = listing(
        1, "睛川 明前绿茶 特级 250g*2罐 送礼盒装 厂家直发", "59.90", "茗香源茶行", images=(image("tin.jpg"),),
        category="食品 > 茶叶 > 绿茶", nice_class=30, sales=1240, ships_from="福建 泉州", list_price="398",
    )  # fmt: skip
    plain_tea = listing(
        2, "晴川明前绿茶特级礼盒 250g*2 临期特惠", "128", "老街茶铺", images=(image("tin.jpg"), image("gone.jpg")),
        category="食品 > 茶叶", nice_class=30, condition="new",
    )  # fmt: skip
    shoe = listing(
        3, "云朶鹿宝宝软底学步鞋 春秋防滑机能鞋 1双", "39.8", "小脚丫童鞋工厂店", images=(image("shoe.jpg"),),
        category="母婴 > 童鞋", nice_class=25, sales=5312,
    )  # fmt: skip
    bag = listing(
        4, "KESTRELL0 Ala 双肩包 男女通勤电脑包 原单尾货", "189", "海港箱包仓", images=(image("bag.jpg"),),
        category="箱包 > 双肩包", nice_class=18, description="原单尾货，支持验货。适合通勤。",
    )  # fmt: skip
    used_bag = listing(
        5, "【二手】KESTRELLO Ala 双肩包 九成新 自用转让", "620", "阿宁的闲置", condition="used", nice_class=18,
        images=(image("bag.jpg"),),
    )  # fmt: skip
    lotion = listing(
        6, "白鹭泉 保湿精华水 150ml 小样 专柜同款", "19.9", "美妆小铺", images=(image("bottle.jpg"),), nice_class=3
    )
    cover = listing(7, "适用云朵鹿婴儿车雨罩 通用防风罩 配件 yunduolu", None, "出行好物", nice_class=12)
    names = ("tea", "plain_tea", "shoe", "bag", "used_bag", "lotion", "cover")
    return dict(zip(names, (tea, plain_tea, shoe, bag, used_bag, lotion, cover), strict=True))


def sent(organisation_id: str, listing_id: str) -> ParcelRecord:
    """A parcel that carries what a listing offers."""
    return ParcelRecord(
        organisation_id=organisation_id,
        parcel_token=f"{organisation_id}-p-0001",
        carrier="顺达速运",
        accepted_at=START,
        outlet="临海东湖营业部",
        origin="浙江省台州市",
        destination="四川省成都市",
        declared_goods="茶叶",
        declared_quantity=40,
        declared_value=Decimal("1200"),
        weight_g=20_600,
        listing_id=listing_id,
        inspected_at_acceptance=False,
        real_name_verified=False,
        xray_screened=True,
        events=(
            RouteEvent(time=START, place="临海东湖营业部", code="已收件"),
            RouteEvent(time=START + timedelta(hours=6), place="台州转运中心", code="已发出"),
            RouteEvent(time=START + timedelta(hours=31), place="成都转运中心", code="已到达"),
        ),
    )


def copied(shown: str, official: str, mark: str, goods: str | None, score: float) -> Evidence:
    return fact(
        "copied-official-picture", score=score, mark=mark, goods=goods, at="images", seen=shown,
        reference=f"official/{official}", params={"hash": "pdq-256", "distance": 14, "mirrored": False},
    )  # fmt: skip


def priced(subject: Listing, name: str, mark: str, goods: str, percent: int, score: float) -> Evidence:
    row = next(row for row in GOODS if row.goods_id == goods)
    return fact(
        name, score=score, mark=mark, goods=goods, at="price", seen=str(subject.price),
        reference=str(row.reference_price),
        params={
            "price": f"{subject.price} CNY", "equivalent": f"{subject.price} CNY",
            "reference_price": f"{row.reference_price} CNY", "ratio_percent": percent, "ratio": percent / 100,
            "specification": row.specification, "reference_specification": row.specification, "goods": row.name,
        },
    )  # fmt: skip


def _plain_suspicions(organisation_id: str) -> list[Seen]:
    """Listings with little that speaks for them."""
    of, image = offered(organisation_id), f"https://img.example.cn/{organisation_id}/".__add__
    return [
        (of["tea"], [
            ("trademark", fact("similar-shape", score=0.94, mark="QC-30", seen="睛川", reference="晴川", span=(0, 2),
                               params={**SIMILAR, "detail": "睛/晴"})),
            ("price", priced(of["tea"], "price-far-below", "QC-30", "QC-G1", 15, 0.96)),
            ("pictures", copied(image("tin.jpg"), "tin.png", "QC-30", "QC-G1", 0.93)),
        ]),
        (of["plain_tea"], [
            ("trademark", fact("identical-mark", mark="QC-30", seen="晴川", reference="晴川", span=(0, 2),
                               params=SAME)),
            ("price", priced(of["plain_tea"], "price-below", "QC-30", "QC-G1", 32, 0.7)),
            ("pictures", copied(image("tin.jpg"), "tin.png", "QC-30", "QC-G1", 0.91)),
            ("trademark", fact("plain-resale", score=0.6, mark="QC-30", against=True, seen="晴川", reference="晴川")),
        ]),
        (of["shoe"], [
            ("trademark", fact("similar-shape", score=0.97, mark="YDL-25", seen="云朶鹿", reference="云朵鹿",
                               span=(0, 3), params={**SIMILAR, "detail": "朶/朵"})),
            ("price", priced(of["shoe"], "price-far-below", "YDL-25", "YDL-G1", 15, 0.97)),
        ]),
        (of["bag"], [
            ("trademark", fact("disguised-mark", score=0.98, mark="KES-18", seen="KESTRELL0", reference="KESTRELLO",
                               span=(0, 9), params=ZERO)),
            ("price", priced(of["bag"], "price-far-below", "KES-18", "KES-G1", 8, 0.99)),
            ("trademark", fact("counterfeit-wording", score=0.7, mark="KES-18", seen="原单尾货", reference="KESTRELLO",
                               span=span_of(of["bag"], "原单尾货"))),
            ("pictures", copied(image("bag.jpg"), "bag.png", "KES-18", "KES-G1", 0.95)),
        ]),
    ]  # fmt: skip


def _mixed(organisation_id: str) -> list[Seen]:
    """Those with more, and a parcel."""
    of, image = offered(organisation_id), f"https://img.example.cn/{organisation_id}/".__add__
    return [
        (of["used_bag"], [
            ("trademark", fact("identical-mark", mark="KES-18", seen="KESTRELLO", reference="KESTRELLO", span=(4, 13),
                               params=SAME)),
            ("pictures", copied(image("bag.jpg"), "bag.png", "KES-18", "KES-G1", 0.97)),
            ("price", priced(of["used_bag"], "price-far-below", "KES-18", "KES-G1", 26, 0.9)),
            ("trademark", fact("second-hand", score=0.5, mark="KES-18", against=True, seen="二手")),
        ]),
        (of["lotion"], [
            ("trademark", fact("identical-mark", mark="BLQ-3", seen="白鹭泉", reference="白鹭泉", span=(0, 3),
                               params=SAME)),
            ("trademark", fact("counterfeit-wording", score=0.6, mark="BLQ-3", seen="专柜同款", reference="白鹭泉",
                               span=span_of(of["lotion"], "专柜同款"))),
            ("pictures", copied(image("bottle.jpg"), "bottle.png", "BLQ-3", None, 0.99)),
        ]),
        (of["cover"], [
            ("trademark", fact("identical-mark", mark="YDL-25", seen="云朵鹿", reference="云朵鹿", span=(2, 5),
                               params=OTHER)),
            ("trademark", fact("pinyin-spelling", mark="YDL-25", seen="yunduolu", reference="云朵鹿",
                               span=span_of(of["cover"], "yunduolu"), params=SIMILAR)),
            ("trademark", fact("nominative-use", score=0.4, mark="YDL-25", against=True, seen="适用",
                               reference="云朵鹿")),
        ]),
        (sent(organisation_id, of["tea"].listing_id), [
            ("parcels", fact("inspection-missing", at="inspected_at_acceptance")),
            ("parcels", fact("real-name-missing", at="real_name_verified")),
        ]),
    ]  # fmt: skip
