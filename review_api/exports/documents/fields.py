"""Fields: what a case lead's documents may name, as text by placeholder. The documents are Chinese, and so are these.

Every entry of `texts` and of `lists` is told in docs/case-leads.md, where a test looks for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from models.case_leads import (
    LABEL,
    CaseLead,
    Dossier,
    EstimateLine,
    annex,
    method_words,
    reached,
)
from models.explanations import fact_title
from models.findings import Stance
from models.leads import Lead
from models.moments import SHANGHAI
from models.subjects import Listing
from review_api.exports.texts import disclaimer, section
from review_api.wording import sentence

NONE = "无"
UNKNOWN = "不详"


@dataclass(frozen=True)
class DocumentFields:
    """Texts by placeholder, and lists of rows whose texts are named `list.field`; every list has a row."""

    texts: dict[str, str]
    lists: dict[str, list[dict[str, str]]]


def document_fields(case_lead: CaseLead, *, unit: str, receiver: str, by: str, at: datetime) -> DocumentFields:
    """Everything a template may name. `unit` is whose document it is, `receiver` whom it goes to."""
    dossier = case_lead.dossier
    return DocumentFields(
        texts={
            **_head(case_lead),
            **_subject(dossier),
            **_judgement(dossier),
            **_amounts(dossier),
            "本单位": unit,
            "接收单位": receiver or "（接收单位）",
            "制作人": by,
            "制作日期": as_day(at),
            "声明": disclaimer("zh"),
        },
        lists={
            "店铺": list(_shops(dossier)) or [dict.fromkeys(("平台", "名称", "所在地", "信用代码"), NONE)],
            "商标": list(_marks(dossier)) or [dict.fromkeys(("文字", "注册号", "类别", "权利人", "状态"), NONE)],
            "商品": list(_goods(dossier)) or [dict.fromkeys(GOODS_FIELDS, NONE)],
            "疑点": list(_findings_for(dossier)) or [dict.fromkeys(("序号", "名称", "说明", "页面原文"), NONE)],
            "排除因素": list(_counters(dossier)) or [dict.fromkeys(("序号", "名称", "说明", "强度", "回应"), NONE)],
            "推算": list(_lines(dossier)) or [dict.fromkeys(("商品", "低", "中", "高", "方法"), NONE)],
            "附件": list(_annex(dossier)) or [dict.fromkeys(("序号", "类别", "名称", "校验值", "来源", "时间"), NONE)],
        },
    )


GOODS_FIELDS = ("序号", "平台", "标题", "店铺", "标价", "展示销量", "判断", "采集时间", "网址")


def _head(case_lead: CaseLead) -> dict[str, str]:
    dossier = case_lead.dossier
    source, clock = dossier.source, dossier.clock
    return {
        "案件线索编号": case_lead.case_number,
        "版本": str(dossier.version),
        "案卷摘要值": case_lead.dossier_digest,
        "案件来源": source.zh if source else UNKNOWN,
        "来源说明": (source.detail if source else "") or NONE,
        "登记时间": as_moment(dossier.accepted_at),
        "登记日期": as_day(dossier.accepted_at),
        "登记意见": dossier.note or NONE,
        "经办人": dossier.accepted_by,
        "第二经办人": dossier.second_officer or "（待定）",
        "核查期限": f"{as_date(clock.due_on)}（{clock.days} 个工作日，{clock.article}）" if clock else UNKNOWN,
        "修订说明": dossier.amendment or NONE,
    }


def _subject(dossier: Dossier) -> dict[str, str]:
    operator = dossier.operator
    names = dict.fromkeys(shop.name for shop in operator.shops if shop.name)
    return {
        "经营主体": operator.name or "、".join(names) or UNKNOWN,
        "统一社会信用代码": operator.uscc or UNKNOWN,
        "主体认定依据": operator.basis or NONE,
        "涉及商标": "、".join(dict.fromkeys(mark.text or "（图形）" for mark in dossier.marks)) or UNKNOWN,
        "权利人": "、".join(dict.fromkeys(mark.holder for mark in dossier.marks if mark.holder)) or UNKNOWN,
        "信息数": str(len(dossier.leads)),
        "附件数": str(len(annex(dossier))),
    }


def _judgement(dossier: Dossier) -> dict[str, str]:
    cells = section("values", "zh")
    lines = []
    for cell in dict.fromkeys(lead.screening.assessment.cell for lead in dossier.leads):
        rule = dossier.rule_of(cell)
        if cell is not None:
            lines.append(f"{cells[cell]}：{rule.article}，{rule.zh}" if rule else f"{cells[cell]}：需进一步研判。")
    return {"法律判断": "\n".join(lines) or "需进一步研判。", "研判理由": dossier.reasoning or NONE}


def _amounts(dossier: Dossier) -> dict[str, str]:
    totals = [
        f"低 {as_money(each.low, each.currency)}，中 {as_money(each.middle, each.currency)}，"
        f"高 {as_money(each.high, each.currency)}" + ("（部分商品缺销量或价格）" if each.incomplete else "")
        for each in dossier.estimate.totals
    ]
    levels = {"low": "低值", "middle": "中值", "high": "高值"}
    lines = [
        f"{each.rule.article}（{as_money(each.rule.amount, each.rule.currency)}）："
        + (f"推算{'、'.join(levels[level] for level in each.levels)}达到该数额" if each.levels else "推算未达到该数额")
        for each in reached(dossier.estimate, dossier.law_of_its_day)
        if any(total.currency == each.rule.currency for total in dossier.estimate.totals)
    ]
    return {
        "推算合计": "\n".join(totals) or "无可推算的数据",
        "推算标注": LABEL["zh"],
        "数额线对照": "\n".join(dict.fromkeys(lines)) or NONE,
    }


def _shops(dossier: Dossier) -> Iterator[dict[str, str]]:
    for shop in dossier.operator.shops:
        yield {
            "平台": shop.platform,
            "名称": shop.name or UNKNOWN,
            "所在地": shop.location or UNKNOWN,
            "信用代码": shop.uscc or "页面未显示",
        }


def _marks(dossier: Dossier) -> Iterator[dict[str, str]]:
    statuses = section("values", "zh")
    for mark in dossier.marks:
        until = f"，至 {as_date(mark.valid_to)}" if mark.valid_to else ""
        yield {
            "文字": mark.text or "（图形）",
            "注册号": mark.registration_no or UNKNOWN,
            "类别": "、".join(str(number) for number in mark.nice_classes) or UNKNOWN,
            "权利人": mark.holder or UNKNOWN,
            "状态": statuses[mark.status] + until,
        }


def _goods(dossier: Dossier) -> Iterator[dict[str, str]]:
    cells = section("values", "zh")
    for number, lead in enumerate(dossier.leads, start=1):
        assessment = lead.screening.assessment
        row = {"序号": str(number), "判断": cells[assessment.cell] if assessment.cell else "待研判"}
        yield row | _goods_of(lead)


def _goods_of(lead: Lead) -> dict[str, str]:
    subject = lead.screening.subject
    if isinstance(subject, Listing):
        return {
            "平台": subject.platform,
            "标题": subject.title,
            "店铺": subject.seller.name or UNKNOWN,
            "标价": as_money(subject.price, subject.currency),
            "展示销量": UNKNOWN if subject.sales is None else str(subject.sales),
            "采集时间": as_moment(subject.captured_at),
            "网址": subject.url or UNKNOWN,
        }
    return {
        "平台": subject.carrier,
        "标题": f"邮件快件：{subject.declared_goods or UNKNOWN}",
        "店铺": f"{subject.origin or UNKNOWN} → {subject.destination or UNKNOWN}",
        "标价": as_money(subject.declared_value, "CNY"),
        "展示销量": "—",
        "采集时间": as_moment(subject.accepted_at),
        "网址": "—",
    }


def _findings_for(dossier: Dossier) -> Iterator[dict[str, str]]:
    marks = {mark.mark_id: mark.text for mark in dossier.marks}
    for number, lead in enumerate(dossier.leads, start=1):
        for finding in lead.screening.findings:
            if finding.stance is Stance.FOR:
                yield {
                    "序号": str(number),
                    "名称": fact_title(finding.fact, "zh"),
                    "说明": sentence(finding, "zh", mark=marks.get(finding.mark_id or "", "")),
                    "页面原文": finding.subject_value or "—",
                }


def _counters(dossier: Dossier) -> Iterator[dict[str, str]]:
    marks = {mark.mark_id: mark.text for mark in dossier.marks}
    numbers = {lead.lead_id: number for number, lead in enumerate(dossier.leads, start=1)}
    for each in dossier.counters:
        yield {
            "序号": str(numbers[each.lead_id]),
            "名称": fact_title(each.finding.fact, "zh"),
            "说明": sentence(each.finding, "zh", mark=marks.get(each.finding.mark_id or "", "")),
            "强度": "强" if each.strong else "一般",
            "回应": each.answer.words if each.answer else "（未回应）",
        }


def _lines(dossier: Dossier) -> Iterator[dict[str, str]]:
    for line in dossier.estimate.lines:
        yield {
            "商品": line.goods or "（经办人填列）",
            "低": as_money(line.low, line.currency),
            "中": as_money(line.middle, line.currency),
            "高": as_money(line.high, line.currency),
            "方法": _methods(line),
        }


def _methods(line: EstimateLine) -> str:
    named = {"低": line.low_method, "中": line.middle_method, "高": line.high_method}
    by_code: dict[str, list[str]] = {}
    for level, code in named.items():
        if code:
            by_code.setdefault(code, []).append(level)
    told = [f"{'/'.join(levels)}：{method_words(code, 'zh')}" for code, levels in by_code.items()]
    return "\n".join([*told, *([line.words] if line.words else [])]) or "—"


def _annex(dossier: Dossier) -> Iterator[dict[str, str]]:
    kinds = section("annex_kinds", "zh")
    for entry in annex(dossier):
        yield {
            "序号": str(entry.number),
            "类别": kinds[entry.kind],
            "名称": entry.name,
            "校验值": entry.sha256 or "（未保存字节）",
            "来源": entry.source or "—",
            "时间": as_moment(entry.at),
        }


def as_money(amount: Decimal | None, currency: str | None) -> str:
    """An amount as a letter writes it."""
    if amount is None:
        return "—"
    unit = "元" if currency in (None, "CNY") else f" {currency}"
    return f"{amount:,.2f}{unit}"


def as_moment(at: datetime | None) -> str:
    """Beijing time, to the minute."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else UNKNOWN


def as_day(at: datetime) -> str:
    """The Beijing day."""
    return as_date(at.astimezone(SHANGHAI).date())


def as_date(day: date) -> str:
    """A day in words."""
    return f"{day.year}年{day.month}月{day.day}日"
