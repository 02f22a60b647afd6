"""Fields of letters to platforms: what their templates may name, as text by placeholder. The letters are Chinese, and
so are these.

Every entry of `texts` and of `lists` is told in docs/liaison.md, where a test looks for it.
"""

from collections.abc import Iterator

from models.law import law
from models.liaison import RULES, Letter, PlatformMapping, Signature, annex_of
from models.moments import SHANGHAI
from review_api.exports.documents.fields import DocumentFields, as_date, as_day, as_moment, as_money
from review_api.exports.texts import section

NONE, UNKNOWN = "无", "不详"
MARK_FIELDS = ("文字", "注册号", "类别", "权利人", "有效期", "注册证校验值")
ROW_FIELDS = ("序号", "商品编号", "标题", "店铺", "标价", "商标", "理由", "说明", "网址")
ANNEX_FIELDS = ("序号", "类别", "名称", "校验值", "来源", "时间")


def letter_fields(letter: Letter, signature: Signature, mapping: PlatformMapping) -> DocumentFields:
    """Everything a template may name."""
    rule = law().rule(RULES[letter.kind], signature.at.astimezone(SHANGHAI).date())
    warrant = letter.warrant
    until = f"，有效期至 {as_date(warrant.valid_to)}" if warrant and warrant.valid_to else ""
    texts = {
        "批次号": letter.batch_id,
        "文书": section("letter_kinds", "zh")[letter.kind],
        "文号": letter.reference or NONE,
        "平台": letter.platform,
        "来函单位": letter.sender.name,
        "来函单位代码": letter.sender.code or NONE,
        "来函单位联系方式": letter.sender.contact or NONE,
        "来函单位地址": letter.sender.address or NONE,
        "权利人": letter.holder.name or NONE,
        "权利人代码": letter.holder.code or NONE,
        "权利人联系方式": letter.holder.contact or letter.sender.contact or NONE,
        "委托书": f"{warrant.document.name}（SHA-256 {warrant.document.sha256}）{until}" if warrant else NONE,
        "商标": "、".join(dict.fromkeys(mark.text or "（图形）" for mark in letter.marks)) or NONE,
        "商品数": str(len(letter.rows)),
        "附件数": str(len(annex_of(letter))),
        "请求事项": letter.asked,
        "答复期限": as_date(letter.reply_by) if letter.reply_by else NONE,
        "法律依据": rule.article,
        "条文": rule.zh,
        "声明": letter.declaration or NONE,
        "签署人": signature.name,
        "第二经办人": letter.second_officer or NONE,
        "签署日期": as_day(signature.at),
        "签署时间": as_moment(signature.at),
        "签署摘要值": signature.digest,
    }
    lists = {
        "标": list(_marks(letter)) or [dict.fromkeys(MARK_FIELDS, NONE)],
        "行": list(_rows(letter, mapping)) or [dict.fromkeys(ROW_FIELDS, NONE)],
        "附件": list(_annex(letter)) or [dict.fromkeys(ANNEX_FIELDS, NONE)],
    }
    return DocumentFields(texts=texts, lists=lists)


def _marks(letter: Letter) -> Iterator[dict[str, str]]:
    for mark in letter.marks:
        until = f"至 {as_date(mark.valid_to)}" if mark.valid_to else UNKNOWN
        yield {
            "文字": mark.text or "（图形）",
            "注册号": mark.registration_no or UNKNOWN,
            "类别": "、".join(str(number) for number in mark.nice_classes) or UNKNOWN,
            "权利人": mark.holder or UNKNOWN,
            "有效期": until,
            "注册证校验值": mark.certificate.sha256 if mark.certificate else "（未附）",
        }


def _rows(letter: Letter, mapping: PlatformMapping) -> Iterator[dict[str, str]]:
    for row in letter.rows:
        mark, reason = letter.marks_by_id.get(row.mark_id), mapping.reason(row.reason)
        yield {
            "序号": str(row.number),
            "商品编号": row.item_id,
            "标题": row.title or "—",
            "店铺": row.seller or "—",
            "标价": as_money(row.price, row.currency),
            "商标": (mark.text or "（图形）") if mark else "—",
            "理由": f"{row.reason} {reason.zh}" if reason else row.reason or "—",
            "说明": row.words or "—",
            "网址": row.url,
        }


def _annex(letter: Letter) -> Iterator[dict[str, str]]:
    kinds = section("document_kinds", "zh")
    for number, (kind, document) in enumerate(annex_of(letter), start=1):
        yield {
            "序号": str(number),
            "类别": kinds[kind],
            "名称": document.name,
            "校验值": document.sha256,
            "来源": document.source or "—",
            "时间": as_moment(document.at) if document.at else "—",
        }
