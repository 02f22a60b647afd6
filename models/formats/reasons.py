"""Why a row was refused or kept with a remark: one table of codes with words in Chinese and English.

Owns: the codes, their sentences, and `RowFault`, the error that carries one. Leaves to others: where it is written
(`rejects`) and what is read (`tables`, `cells` and the readers).
"""

from typing import NamedTuple

from models.errors import RowRejected


class Words(NamedTuple):
    """One sentence in both languages; `{…}` is filled with the fault's details."""

    zh: str
    en: str


# code -> what is wrong and how to mend it
REASONS: dict[str, Words] = {
    # the file as a whole
    "encoding-gbk": Words(
        "文件不是 UTF-8 编码, 已按 GBK (GB18030) 读取; 建议另存为 UTF-8",
        "the file is not UTF-8 and was read as GBK (GB18030); better save it as UTF-8",
    ),
    # the line
    "line-too-long": Words(
        "该行有 {size} 字节, 超过上限 {limit} 字节; 请检查是否缺少换行",
        "the line has {size} bytes, more than the limit of {limit}; is a line break missing?",
    ),
    "bad-bytes": Words(
        "第 {column} 字节处不是有效的 {encoding} 编码; 请统一编码后重新导出",
        "byte {column} is not valid {encoding}; export the file again in one encoding",
    ),
    "nul-bytes": Words(
        "含有空字节 (NUL), 文件可能已损坏; 请重新导出", "it holds NUL bytes: the file is damaged; export it again"
    ),
    "not-json": Words(
        "不是有效的 JSON (第 {column} 列): {detail}; 每行应是一个完整的对象",
        "not valid JSON (column {column}): {detail}; each line must be one whole object",
    ),
    "cut-off": Words(
        "该行不完整, 文件可能被截断; 请重新导出", "the line is cut off: the file ends too early; export it again"
    ),
    "not-an-object": Words(
        "该行不是 JSON 对象, 而是 {found}; 应写成 {{…}}", "the line is {found}, not a JSON object; write {{…}}"
    ),
    "cell-count": Words(
        "该行有 {found} 格, 表头有 {expected} 格; 含逗号的内容请加双引号",
        "the row has {found} cells where the header names {expected}; put text with commas in double quotes",
    ),
    "open-quote": Words(
        "双引号没有闭合; 内容中的双引号应写成两个", "a double quote is never closed; write a quote inside a cell twice"
    ),
    # ids
    "missing": Words("缺少 {field}; 该列必填", "{field} is missing; it is required"),
    "duplicate": Words(
        "编号 {value} 与第 {first} 行重复; 文件内编号须唯一",
        "id {value} was already given in line {first}; ids are unique within a file",
    ),
    # values that refuse a row
    "not-a-choice": Words("{field} 的值 {value} 无效; 可用: {choices}", "{field} is {value}; use one of: {choices}"),
    "not-a-date": Words(
        "{field} 的值 {value} 不是日期; 请写成 2026-03-01", "{field} is {value}, not a date; write 2026-03-01"
    ),
    "not-a-time": Words(
        "{field} 的值 {value} 不是 ISO 8601 时间; 请写成 2026-03-01T09:30:00+08:00",
        "{field} is {value}, not an ISO 8601 time; write 2026-03-01T09:30:00+08:00",
    ),
    "not-a-number": Words("{field} 的值 {value} 不是数字", "{field} is {value}, not a number"),
    "not-a-class": Words(
        "{field} 的值 {value} 不是尼斯分类号; 应为 1 至 45, 多个用分号隔开",
        "{field} is {value}, not Nice classes; write 1 to 45, several separated by ;",
    ),
    "not-a-currency": Words(
        "{field} 的值 {value} 不是货币代码; 请写 ISO 4217 代码, 如 CNY",
        "{field} is {value}, not a currency; write an ISO 4217 code such as CNY",
    ),
    "not-a-uscc": Words(
        "{field} 的值不是统一社会信用代码 (18 位)", "{field} is not a unified social credit code (18 characters)"
    ),
    "bad-value": Words("{field} 的值 {value} 无效: {detail}", "{field} is {value}: {detail}"),
    "images-required": Words(
        "没有文字的商标必须在 images 列给出图样", "a mark without text needs its picture in the column images"
    ),
    "text-required": Words(
        "文字商标和组合商标须填写 {field}; 纯图形商标请把 kind 写为 device",
        "word and combined marks need {field}; write device as kind for a mark without words",
    ),
    "unknown-parent": Words(
        "{field} 指向的商标 {value} 不在贵方名下; 请先登记该商标, 或核对编号",
        "{field} names mark {value}, which is not one of yours; register it first, or check its number",
    ),
    "taken": Words(
        "{field} 的编号 {value} 已被占用; 请换一个编号", "{field} {value} is taken already; use another one"
    ),
    "other-holder": Words(
        "{field} 的值 {value} 不是贵方名称; 请留空或写 {wanted}",
        "{field} is {value}, which is not your name; leave it empty or write {wanted}",
    ),
    "outside-power": Words(
        "委托书不包括商标 {value}; 请由权利人办理或补充委托",
        "the power of attorney does not cover mark {value}; the holder does it, or extends the power",
    ),
    "images-elsewhere": Words(
        "{field} 不能随表格导入; 请清空该列, 导入后在商标页面上传图片",
        "{field} cannot come with a table; empty the column and upload pictures on the mark's page",
    ),
    # cells of a workbook
    "formula": Words(
        "{field} 是公式, 公式不会被计算; 请复制该列并“选择性粘贴为数值”后重新上传",
        "{field} is a formula, and formulas are not worked out; paste the column as values and upload again",
    ),
    "cell-error": Words(
        "{field} 是表格的错误值 {value}; 请改为实际内容或清空", "{field} is the error {value}; write what is meant"
    ),
    "merged-cells": Words(
        "{field} 属于合并单元格 {value}; 请取消合并并逐行填写",
        "{field} lies in the merged cells {value}; unmerge them and fill in every row",
    ),
    "date-serial": Words(
        "{field} 的值 {value} 是日期序号, 可能是 {detail}; 请把该列设为日期格式或写成 2026-03-01",
        "{field} is {value}, a date's serial number, perhaps {detail}; format the column as dates or write 2026-03-01",
    ),
    "made-a-date": Words(
        "{field} 被表格软件改成了日期 {value}; 请把该列设为文本格式后重新填写",
        "{field} was made the date {value} by the spreadsheet; format the column as text and write it again",
    ),
    "digits-lost": Words(
        "{field} 超过 15 位, 表格已丢失末尾数字; 请把该列设为文本格式后重新填写",
        "{field} has more than 15 digits, the last of which are lost; format the column as text and write it again",
    ),
    "hidden-sheet": Words("隐藏的工作表 {value} 没有读取", "the hidden sheet {value} was not read"),
    "other-sheet": Words("只读取第一个工作表, {value} 没有读取", "only the first sheet is read; {value} was not"),
    "token-not-made": Words(
        "{field} 像是手机号或身份证号; 请先在寄递企业一侧用 jianzhen tokenise 处理",
        "{field} looks like a phone or identity number; run jianzhen tokenise on the carrier's side first",
    ),
    # remarks on rows that are kept
    "price-on-request": Words(
        "价格为“{value}”, 按无价格处理", "the price is {value}: taken as a listing without a price"
    ),
    "price-unreadable": Words(
        "价格“{value}”无法读取, 按无价格处理; 原文保留在附加属性 {field}",
        "the price {value} cannot be read: taken as none, the text is kept as attribute {field}",
    ),
    "price-negative": Words(
        "价格“{value}”为负数, 按无价格处理; 原文保留在附加属性 {field}",
        "the price {value} is negative: taken as none, the text is kept as attribute {field}",
    ),
    "price-range": Words(
        "价格“{value}”是区间, 取低端; 原文保留在附加属性 price_range",
        "the price {value} is a range: its low end is taken, the text is kept as attribute price_range",
    ),
    "half-character": Words(
        "含有被截断的字符 (半个代理对), 已用 \ufffd 代替, 其余照常导入",
        "it holds a character cut in half (a lone surrogate): \ufffd stands in, the rest is taken",
    ),
    "value-set-aside": Words(
        "{field} 的值“{value}”无法读取, 保留为附加属性, 其余照常导入",
        "{field} is {value}, which cannot be read: kept as an attribute, the rest is taken",
    ),
    "picture-unreadable": Words(
        "图片 {value} 未能读取: {detail}; 其余照常比对", "picture {value} was not read: {detail}; the rest goes on"
    ),
    "unknown-mark": Words(
        "{field} 指向尚未登记的商标: {value}; 该行保留, 商标登记后生效",
        "{field} names marks that are not registered: {value}; the rows are kept until they are",
    ),
    "unknown-number-kind": Words(
        "{field} 中有未知的编号种类: {value}; 可用: {choices}",
        "{field} names kinds of numbers that no rule knows: {value}; known: {choices}",
    ),
    "personal-data-removed": Words(
        "{field} 中含有手机号、身份证号或详细地址, 已隐去",
        "{field} held a phone, identity number or street address: removed",
    ),
    "time-from-intake": Words(
        "captured_at 的值“{value}”无法读取, 以导入时间代替",
        "captured_at is {value}, which cannot be read: the intake time stands in",
    ),
}


class RowFault(RowRejected):
    """One row's fault by its code. Raised while a row is read; the reader writes it to the rejects file."""

    def __init__(self, code: str, *, field: str = "", **details: object) -> None:
        self.reason_code = code
        self.field = field
        self.details = details
        words = sentence(code, field=field, **details)
        super().__init__(f"{words.zh} / {words.en}", where=field)


def sentence(code: str, **details: object) -> Words:
    """The filled sentence of a code. Values longer than 60 characters are shortened."""
    words = REASONS[code]
    short = {name: shortened(str(value)) for name, value in details.items()}
    return Words(words.zh.format_map(short), words.en.format_map(short))


def shortened(text: str, limit: int = 60) -> str:
    """`text` within `limit` characters, unprintable ones escaped."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return cut if cut.isprintable() else cut.encode("unicode_escape").decode("ascii")[: 2 * limit]
