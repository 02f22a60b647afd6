"""A rights holder's own files, CSV or XLSX, read so that every fault can be shown by its row and column at once.

Owns: the headings that may stand in place of the contract's names, and collecting faults instead of stopping at the
first. Leaves to others: what a row is (`registry`), workbooks (`workbooks`), text files (`tables`), whose rows may be
changed (`review_api.rights`).
"""

import csv
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import FileRejected
from models.formats.reasons import RowFault, sentence
from models.formats.registry import SHAPES, row_of
from models.formats.rejects import Rejects
from models.formats.tables import read_rows
from models.formats.workbooks import MOST_BYTES, MOST_ROWS, SheetRow, read_sheet
from models.registry import AuthorisedSeller, Mark, ReferenceGoods
from models.values import Value

DATES = frozenset({"valid_from", "valid_to"})
MOST_FAULTS = 1000
STANDING_IN = "-"

# Chinese headings of the templates -> the contract's names.
HEADINGS: dict[str, str] = {
    "商标编号": "mark_id", "商标文字": "text", "权利人": "holder", "尼斯分类": "nice_classes", "商标类型": "kind",
    "别名": "aliases", "注册号": "registration_no", "类似群": "similar_groups", "有效期起": "valid_from",
    "有效期止": "valid_to", "状态": "status", "知名度": "fame", "产地": "origin", "图片": "images",
    "商品编号": "goods_id", "商品名称": "name", "规格": "specification", "参考价": "reference_price",
    "币种": "currency", "平台": "platform", "店铺名称": "seller_name", "关系": "relation", "店铺编号": "seller_id",
    "统一社会信用代码": "uscc", "地域": "territory",
}  # fmt: skip


class UploadFault(Value):
    """One fault: the row and column it stands in, what is wrong and how to mend it, in both languages."""

    line: int
    column: str = ""
    letter: str = ""
    code: str
    zh: str
    en: str


class UploadRow(NamedTuple):
    """One row that can be taken, with its line."""

    line: int
    row: Mark | ReferenceGoods | AuthorisedSeller


class ReadUpload(NamedTuple):
    """A file as it was read. A row with any fault is not among `rows`; `remarks` are about the file; `columns` are
    those that its header names, with their letters: what it does not name, it says nothing about."""

    rows: tuple[UploadRow, ...]
    faults: tuple[UploadFault, ...]
    remarks: tuple[UploadFault, ...]
    columns: Mapping[str, str]


def read_upload(kind: str, name: str, data: bytes, *, fixed: Mapping[str, str]) -> ReadUpload:
    """Read a file of a kind (`marks`, `goods`, `authorised`). `fixed` are columns whose value is given: empty cells
    get it, others are faults. Raises `FileRejected` for what cannot be read as a table at all."""
    if len(data) > MOST_BYTES:
        raise FileRejected(
            f"文件超过 {MOST_BYTES >> 20} MB / the file is larger than {MOST_BYTES >> 20} MB",
            mend="拆成几个文件 / split it",
        )
    suffix = Path(name).suffix.lower()
    if suffix == ".xlsx":
        letters, rows, faults, remarks = _workbook(kind, data)
    elif suffix == ".csv":
        letters, rows, faults, remarks = _text_file(kind, data)
    else:
        raise FileRejected(
            f"不支持的文件类型 {suffix or name!r} / this kind of file is not taken",
            mend="使用 .csv 或 .xlsx / use .csv or .xlsx",
        )
    return _built(kind, rows, fixed, letters, faults, remarks)


Parts = tuple[dict[str, str], list[SheetRow], list[UploadFault], list[UploadFault]]


def _workbook(kind: str, data: bytes) -> Parts:
    sheet = read_sheet(data, dates=DATES | {zh for zh, name in HEADINGS.items() if name in DATES})
    _check_header(kind, [_plain(name) for name in sheet.names if name])
    letters = {_plain(name): letter for name, letter in sheet.letters.items()}
    rows = [
        SheetRow(
            row.line,
            {_plain(name): value for name, value in row.values.items()},
            tuple(_renamed(fault) for fault in row.faults),
        )
        for row in sheet.rows
    ]
    remarks = [_told(0, RowFault(code, value=title), {}) for code, title in sheet.remarks]
    return letters, rows, [], remarks


def _text_file(kind: str, data: bytes) -> Parts:
    with tempfile.TemporaryDirectory() as folder, Rejects(samples=MOST_FAULTS) as rejects:
        path = Path(folder) / "upload.csv"
        path.write_bytes(data)
        try:
            rows = [
                SheetRow(row.line, {_plain(name): value for name, value in row.values.items()}, ())
                for row in read_rows(path, rejects)
            ]
        except FileRejected as error:  # the place is our own temporary one
            raise FileRejected(error.what, mend=error.mend) from None
        names = _first_line(path)
    if len(rows) > MOST_ROWS:
        raise FileRejected(f"超过 {MOST_ROWS} 行 / more than {MOST_ROWS} rows", mend="拆成几个文件 / split it")
    _check_header(kind, names)
    told = [
        UploadFault(line=entry["line"], code=entry["code"], zh=entry["reason"], en=entry["reason_en"])
        for entry in rejects.samples
    ]
    letters = {name: str(at) for at, name in enumerate(names, start=1) if name}
    return letters, rows, [each for each in told if each.line], [each for each in told if not each.line]


def _first_line(path: Path) -> list[str]:
    text = path.read_bytes()[: 1 << 16]
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            first = text.decode(encoding, "strict" if len(text) < 1 << 16 else "ignore").splitlines()[:1]
        except UnicodeDecodeError:
            continue
        return [_plain(name.strip()) for name in next(csv.reader(first), [])]
    return []


def _check_header(kind: str, names: Iterable[str]) -> None:
    """Raises `FileRejected` for a header without what a row needs, or with a column twice."""
    names = [name for name in names if name]
    missing = [name for name in SHAPES[kind].required if name not in names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if missing or doubled:
        zh = f"表头缺少列 {', '.join(map(_both, missing))}" if missing else f"表头中列名重复: {', '.join(doubled)}"
        en = f"the header lacks {', '.join(missing)}" if missing else f"the header names {', '.join(doubled)} twice"
        raise FileRejected(
            f"{zh} / {en}",
            where="第 1 行 / row 1",
            mend="按模板填写表头 / take the header of the template",
        )


def _built(
    kind: str,
    rows: Iterable[SheetRow],
    fixed: Mapping[str, str],
    letters: Mapping[str, str],
    faults: list[UploadFault],
    remarks: list[UploadFault],
) -> ReadUpload:
    taken: list[UploadRow] = []
    first_with: dict[str, int] = {}
    key = SHAPES[kind].key
    for row in rows:
        found = [*row.faults, *_fixed_faults(row.values, fixed)]
        values = {**row.values, **fixed}
        made = _made(kind, row.line, values, found)
        name = str(values.get(key, "")) if key else ""
        if name and first_with.setdefault(name, row.line) != row.line:
            found.append(RowFault("duplicate", field=key, value=name, first=first_with[name]))
        if found or made is None:
            faults += [_told(row.line, fault, letters) for fault in found]
        else:
            taken.append(UploadRow(row.line, made))
    return ReadUpload(tuple(taken), in_order(faults, letters)[:MOST_FAULTS], tuple(remarks), letters)


def _made(
    kind: str, line: int, values: dict[str, Any], found: list[RowFault]
) -> Mark | ReferenceGoods | AuthorisedSeller | None:
    """The row, or None after every fault of it was added to `found`: each is set aside and the rest is tried again."""
    if values.get("images"):
        found.append(RowFault("images-elsewhere", field="images"))
        values = {name: value for name, value in values.items() if name != "images"}
    excused = {fault.field for fault in found}
    while True:
        rejects = Rejects(samples=5)
        try:
            made = row_of(kind, values, line=line, rejects=rejects)
        except RowFault as fault:
            if fault.field not in excused:
                found.append(fault)
                excused.add(fault.field)
            missing = fault.field not in values
            values = {name: value for name, value in values.items() if name != fault.field}
            if missing:  # something stands in, so that the rest of the row is looked at
                values[fault.field] = STANDING_IN
            continue
        for entry in rejects.samples:  # a price that cannot be read is worth a fault here: a person is looking
            found.append(RowFault(str(entry["code"]), field=str(entry["field"]), value=values.get(str(entry["field"]))))
        return made


def _fixed_faults(values: Mapping[str, str], fixed: Mapping[str, str]) -> list[RowFault]:
    return [
        RowFault("other-holder", field=name, value=values[name], wanted=wanted)
        for name, wanted in fixed.items()
        if values.get(name, wanted).strip() != wanted
    ]


def told(line: int, fault: RowFault, letters: Mapping[str, str]) -> UploadFault:
    """A fault that was found beside the file, such as a mark that belongs to somebody else."""
    return _told(line, fault, letters)


def in_order(faults: Iterable[UploadFault], letters: Mapping[str, str]) -> tuple[UploadFault, ...]:
    """By row, and in a row by column."""
    places = {name: at for at, name in enumerate(letters)}
    return tuple(sorted(faults, key=lambda each: (each.line, places.get(each.column, len(places)))))


def _told(line: int, fault: RowFault, letters: Mapping[str, str]) -> UploadFault:
    chinese = sentence(fault.reason_code, **{**fault.details, "field": _both(fault.field)}).zh
    english = sentence(fault.reason_code, **{**fault.details, "field": fault.field}).en
    return UploadFault(
        line=line,
        column=fault.field,
        letter=letters.get(fault.field, ""),
        code=fault.reason_code,
        zh=chinese,
        en=english,
    )


def _plain(name: str) -> str:
    return HEADINGS.get(name.strip(), name.strip())


def _both(name: str) -> str:
    """A column as the contract and as the templates call it."""
    chinese = next((zh for zh, plain in HEADINGS.items() if plain == name), "")
    return f"{name}（{chinese}）" if chinese else name


def _renamed(fault: RowFault) -> RowFault:
    return RowFault(fault.reason_code, field=_plain(fault.field), **fault.details)
