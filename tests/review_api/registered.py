"""The registry of the small world, and its official pictures."""

from datetime import date
from decimal import Decimal

from models.registry import AuthorisedSeller, Fame, Mark, MarkStatus, ReferenceGoods, Registry, Relation
from tests.review_api import drawings

MARKS = (
    Mark(
        mark_id="QC-30", text="晴川", holder="晴川茶业有限公司", nice_classes=(30,), aliases=("QINGCHUAN",),
        registration_no="90000001", similar_groups=("3002",), valid_from=date(2018, 5, 1), valid_to=date(2028, 4, 30),
        fame=Fame.TIME_HONOURED, images=("official/tin.png",),
    ),
    Mark(
        mark_id="YDL-25", text="云朵鹿", holder="云朵鹿儿童用品有限公司", nice_classes=(25,), aliases=("CLOUD DEER",),
        registration_no="90000002", valid_from=date(2020, 1, 1), valid_to=date(2029, 12, 31),
        images=("official/shoe.png",),
    ),
    Mark(
        mark_id="KES-18", text="KESTRELLO", holder="Kestrello S.r.l.", nice_classes=(18, 25),
        registration_no="G9000003", fame=Fame.WELL_KNOWN, images=("official/bag.png",),
    ),
    Mark(
        mark_id="BLQ-3", text="白鹭泉", holder="白鹭泉化妆品有限公司", nice_classes=(3,), registration_no="90000004",
        status=MarkStatus.DISPUTED, images=("official/bottle.png",),
    ),
)  # fmt: skip


GOODS = (
    ReferenceGoods(
        goods_id="QC-G1", mark_id="QC-30", name="晴川 明前绿茶 特级", specification="250g*2",
        reference_price=Decimal("398"), currency="CNY",
    ),
    ReferenceGoods(
        goods_id="YDL-G1", mark_id="YDL-25", name="云朵鹿 软底学步鞋", specification="1双",
        reference_price=Decimal("269"), currency="CNY",
    ),
    ReferenceGoods(
        goods_id="KES-G1", mark_id="KES-18", name="KESTRELLO Ala 双肩包", specification="1只",
        reference_price=Decimal("2380"), currency="CNY",
    ),
)  # fmt: skip


AUTHORISED = (
    AuthorisedSeller(mark_id="QC-30", platform="云集市", seller_name="晴川官方旗舰店", seller_id="s-1"),
    AuthorisedSeller(
        mark_id="KES-18", seller_name="北岸皮具贸易行", relation=Relation.LICENSEE, territory="华东",
        valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31),
    ),
)  # fmt: skip


REGISTRY = Registry(marks=MARKS, goods=GOODS, authorised=AUTHORISED)


OFFICIAL = {
    "official/tin.png": ("QC-30", "QC-G1", drawings.tin),
    "official/shoe.png": ("YDL-25", "YDL-G1", drawings.shoe),
    "official/bag.png": ("KES-18", "KES-G1", drawings.bag),
    "official/bottle.png": ("BLQ-3", "", drawings.bottle),
}
