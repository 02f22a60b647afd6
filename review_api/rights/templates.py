"""Templates of the files that a holder brings: a header by the templates' own headings, an example, and what each
column means."""

import csv
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.formats.uploads import HEADINGS
from models.rights import UploadKind
from review_api.exports import CSV_TYPE as CSV_TYPE

FIELDS: dict[UploadKind, tuple[str, ...]] = {
    UploadKind.MARKS: (
        "mark_id", "text", "kind", "nice_classes", "similar_groups", "registration_no", "valid_from", "valid_to",
        "status", "fame", "aliases", "origin",
    ),
    UploadKind.GOODS: ("goods_id", "mark_id", "name", "specification", "reference_price", "currency"),
    UploadKind.AUTHORISED: (
        "mark_id", "relation", "platform", "seller_name", "seller_id", "uscc", "territory", "valid_from", "valid_to",
    ),
}  # fmt: skip

# What each column means, in both languages. One literal, shown in the sheet of notes.
MEANINGS: dict[str, tuple[str, str]] = {
    "mark_id": (
        "自定编号，文件内唯一；再次导入相同编号即更新",
        "your own number, unique; the same number again updates",
    ),
    "text": ("商标文字；纯图形商标留空", "the words; empty for a device mark"),
    "kind": ("word 文字、device 图形、combined 组合、gi 地理标志", "word, device, combined or gi"),
    "nice_classes": ("尼斯分类号，多个用分号隔开，如 25;35", "Nice classes, several separated by ;"),
    "similar_groups": ("类似群，多个用分号隔开，如 2501;2507", "similar groups, separated by ;"),
    "registration_no": ("注册证号，请设为文本格式", "the certificate's number, as text"),
    "valid_from": ("起始日，如 2026-03-01", "first day, such as 2026-03-01"),
    "valid_to": ("截止日（含当日），如 2036-02-29", "last day, included"),
    "status": (
        "registered 注册、pending 申请中、lapsed 失效、disputed 争议中",
        "registered, pending, lapsed or disputed",
    ),
    "fame": ("well_known 驰名、time_honoured 老字号、ordinary 一般", "well_known, time_honoured or ordinary"),
    "aliases": ("别名、英文名、拼音，多个用分号隔开", "other names, separated by ;"),
    "origin": ("地理标志的产地", "the producing area of a gi"),
    "goods_id": (
        "自定编号，文件内唯一；再次导入相同编号即更新",
        "your own number, unique; the same number again updates",
    ),
    "name": ("商品名称", "the goods' name"),
    "specification": ("规格，如 500ml*6", "such as 500ml*6"),
    "reference_price": ("参考零售价，只写数字", "the usual price, a number alone"),
    "currency": ("币种，如 CNY", "such as CNY"),
    "relation": ("licensee 被许可人、authorised_seller 授权经销商", "licensee or authorised_seller"),
    "platform": ("平台名称；留空表示所有平台", "the platform; empty for every one"),
    "seller_name": ("店铺或企业名称", "the shop's or firm's name"),
    "seller_id": ("平台上的店铺编号", "the shop's number on the platform"),
    "uscc": ("统一社会信用代码，18 位，请设为文本格式", "unified social credit code, as text"),
    "territory": ("授权地域，如 华东、浙江省；留空表示全国", "where it may sell; empty for everywhere"),
}
ROWS_AS_TEXT = 202
NEEDED = {"mark_id", "goods_id", "name", "seller_name"}


def template(kind: UploadKind, suffix: str) -> bytes:
    """The file of that kind, `xlsx` or `csv`."""
    fields = FIELDS[kind]
    if suffix == "csv":
        stream = io.StringIO()
        csv.writer(stream).writerow([_heading(field) for field in fields])
        return stream.getvalue().encode("utf-8-sig")
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        sheet = book.create_sheet()
    sheet.title = kind.value
    for at, field in enumerate(fields, start=1):
        _head(sheet.cell(1, at, _heading(field)))
        sheet.column_dimensions[get_column_letter(at)].width = 18
        for row in range(2, ROWS_AS_TEXT):  # numbers and dates stay as they are typed
            sheet.cell(row, at).number_format = "@"
    sheet.freeze_panes = "A2"
    _explain(book.create_sheet("说明"), fields)
    stream_of_bytes = io.BytesIO()
    book.save(stream_of_bytes)
    return stream_of_bytes.getvalue()


def _explain(sheet: Worksheet, fields: tuple[str, ...]) -> None:
    """The notes: what each column means, and which cannot be left empty."""
    rows: list[tuple[str, ...]] = [("列", "列名", "必填", "说明", "Meaning")]
    rows += [(_heading(field), field, "是" if field in NEEDED else "", *MEANINGS[field]) for field in fields]
    for number, texts in enumerate(rows, start=1):
        for at, text in enumerate(texts, start=1):
            cell = sheet.cell(number, at, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                _head(cell)
    for letter, width in zip("ABCDE", (16, 18, 8, 46, 46), strict=True):
        sheet.column_dimensions[letter].width = width


def _head(cell: Any) -> None:
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E5EEF7")


def _heading(field: str) -> str:
    return next((chinese for chinese, plain in HEADINGS.items() if plain == field), field)
