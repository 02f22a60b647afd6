"""Which of a carrier's columns means what: one table from the names carriers use to ours.

Owns the reading of column names. A name that is not in the table is not understood and its value is dropped; the value
still counts as possibly personal when texts are cleaned.
"""

from collections.abc import Mapping
from typing import Any

# our name: the names carriers' files use for it (compared without case, spaces and underscores)
COLUMNS: dict[str, tuple[str, ...]] = {
    "waybill": ("waybill", "waybill_no", "tracking_no", "运单号", "快递单号", "邮件号", "面单号"),
    "carrier": ("carrier", "快递公司", "寄递企业", "承运商"),
    "accepted_at": ("accepted_at", "收寄时间", "揽收时间"),
    "outlet": ("outlet", "收寄网点", "揽收网点", "网点"),
    "origin": ("origin", "寄件地", "始发地", "寄出地"),
    "destination": ("destination", "目的地", "收件地"),
    "declared_goods": ("declared_goods", "品名", "内件品名", "物品名称"),
    "declared_category": ("declared_category", "物品类别", "内件类别"),
    "declared_quantity": ("declared_quantity", "数量", "内件数量", "件数"),
    "declared_value": ("declared_value", "申报价值", "声明价值", "保价金额"),
    "weight_g": ("weight_g", "重量克"),
    "sender_uscc": ("sender_uscc", "寄件单位信用代码", "统一社会信用代码"),
    "identity_exempt": ("identity_exempt", "协议客户", "免实名"),
    "order_ref": ("order_ref", "订单号"),
    "listing_id": ("listing_id", "商品编号"),
    "inspected_at_acceptance": ("inspected_at_acceptance", "收寄验视", "已验视"),
    "real_name_verified": ("real_name_verified", "实名收寄", "已实名"),
    "xray_screened": ("xray_screened", "过机安检", "已安检"),
    "events": ("events", "轨迹", "路由"),
    "sender_name": ("sender_name", "寄件人", "寄件人姓名", "发件人"),
    "sender_phone": ("sender_phone", "寄件人电话", "寄件电话", "寄件人手机", "发件人电话"),
    "sender_address": ("sender_address", "寄件地址", "寄件人地址", "发件地址"),
    "sender_identity": ("sender_identity", "寄件人证件号", "身份证号"),
    "receiver_name": ("receiver_name", "收件人", "收件人姓名"),
    "receiver_phone": ("receiver_phone", "收件人电话", "收件电话", "收件人手机"),
    "receiver_address": ("receiver_address", "收件地址", "收件人地址"),
    "remark": ("remark", "备注", "买家留言"),
}
PERSONAL = frozenset(name for name in COLUMNS if name.startswith(("sender_", "receiver_")) and name != "sender_uscc")
DROPPED = PERSONAL | {"waybill", "remark"}
# Codes are checked by shape, texts are cleaned, places are reduced to their administrative division.
CODES = ("order_ref", "listing_id")
TEXTS = ("outlet", "declared_goods", "declared_category")
FLAGS = ("inspected_at_acceptance", "real_name_verified", "xray_screened")


def understood(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The row under our names, and the values of every column whose name means nothing to us."""
    known: dict[str, Any] = {}
    strangers: list[str] = []
    for name, value in row.items():
        if value in (None, ""):
            continue
        ours = _NAMES.get(_plain(name))
        if ours is None:
            strangers.append(str(value))
        else:
            known.setdefault(ours, value)
    return known, strangers


def not_understood(row: Mapping[str, Any]) -> list[str]:
    """The names of filled columns that mean nothing to us: their values are dropped."""
    return [str(name) for name, value in row.items() if value not in (None, "") and _plain(name) not in _NAMES]


def _plain(name: str) -> str:
    return str(name).strip().lower().replace("_", "").replace(" ", "")


_NAMES = {_plain(name): ours for ours, names in COLUMNS.items() for name in names}
