"""A file is previewed with every fault, and only what was previewed is imported."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl

from models.formats.uploads import read_upload
from models.rights import UploadKind
from review_api.rights.templates import FIELDS, template
from tests.review_api.conftest import Caller
from tests.review_api.rights.conftest import HOLDER, Everybody
from tests.review_api.world import World

AT = "/api/v1/rights/imports"
HEADER = ("商标编号", "商标文字", "商标类型", "尼斯分类", "注册号", "有效期止", "状态")
GOOD = ("QC-31", "晴川源", "word", "30;32", "90000031", date(2030, 12, 31), "registered")


def workbook(*rows: tuple[Any, ...], header: tuple[str, ...] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def preview(caller: Caller, data: bytes, *, kind: str = "marks", name: str = "marks.xlsx") -> Any:
    answer = caller.post(AT, params={"kind": kind, "name": name}, content=data)
    assert answer.status_code == 201, answer.text
    return answer.json()


def confirm(caller: Caller, shown: Any, *, sha256: str = "") -> Any:
    return caller.post(
        f"{AT}/{shown['upload_id']}/confirmation", json={"sha256": sha256 or shown["sha256"]}, headers={}
    )


def test_every_fault_is_told_by_row_and_column_and_the_rest_is_imported(editor: Caller, world: World) -> None:
    bad = ("QC-32", "晴川里", "wrod", "46", "90000032", "明年", "registered")
    foreign = ("YDL-25", "云朵", "word", "25", "", None, "registered")
    before = world.store.registry.current("linhai")
    shown = preview(editor, workbook(GOOD, bad, foreign))
    assert world.store.registry.current("linhai").version == before.version, "a preview changes nothing"
    assert [(each["line"], each["letter"], each["column"], each["code"]) for each in shown["faults"]] == [
        (3, "C", "kind", "not-a-choice"), (3, "D", "nice_classes", "not-a-class"),
        (3, "F", "valid_to", "not-a-date"), (4, "A", "mark_id", "taken"),
    ]  # fmt: skip
    assert (shown["added"], shown["changed"], shown["left_out"]) == (1, 0, 2)
    assert all(each["zh"] and each["en"] for each in shown["faults"])
    done = confirm(editor, shown)
    assert done.status_code == 200, done.text
    after = world.store.registry.current("linhai").mark_by_id
    assert (after["QC-31"].valid_to, after["QC-31"].nice_classes) == (date(2030, 12, 31), (30, 32))
    assert "QC-32" not in after
    assert after["YDL-25"] == before.mark_by_id["YDL-25"]


def test_what_has_no_column_stays(editor: Caller, world: World) -> None:
    before = world.store.registry.current("linhai").mark_by_id["QC-30"]
    shown = preview(editor, workbook(("QC-30", "晴川江"), header=("mark_id", "text")))
    (row,) = shown["rows"]
    assert (row["act"], row["changes"]) == ("changed", [{"field": "text", "before": "晴川", "after": "晴川江"}])
    assert confirm(editor, shown).status_code == 200
    after = world.store.registry.current("linhai").mark_by_id["QC-30"]
    assert after == before.model_copy(update={"text": "晴川江"})


def test_only_the_previewed_bytes_are_confirmed(editor: Caller, rival: Caller, world: World) -> None:
    shown, other = preview(editor, workbook(GOOD)), preview(editor, workbook(("QC-77", "别的", *GOOD[2:])))
    assert confirm(editor, shown, sha256=other["sha256"]).status_code == 409
    assert confirm(rival, shown).status_code == 404
    assert "QC-31" not in world.store.registry.current("linhai").mark_by_id
    assert confirm(editor, shown).status_code == 200
    again = confirm(editor, shown)
    assert again.status_code == 409
    assert "QC-77" not in world.store.registry.current("linhai").mark_by_id


def test_a_stale_preview_is_refused(editor: Caller, rival: Caller, world: World) -> None:
    shown = preview(editor, workbook(GOOD))
    theirs = rival("PUT", "/api/v1/rights/marks/YDL-25", json={"text": "云朵"}, headers={"If-Match": "*"})
    assert theirs.status_code == 200
    kept = preview(editor, workbook(("QC-40", "晴川泉", *GOOD[2:])))
    assert confirm(editor, kept).status_code == 200, "what another holder changes makes nothing stale"
    refused = confirm(editor, shown)
    assert (refused.status_code, "已有变化" in refused.json()["detail"]) == (409, True)
    assert "QC-31" not in world.store.registry.current("linhai").mark_by_id


def test_another_s_name_and_another_s_marks_are_faults(editor: Caller) -> None:
    shown = preview(editor, b"mark_id,text,holder\nQC-50,x,\xe5\x88\xab\xe5\xae\xb6\n", name="m.csv")
    assert [(each["code"], each["letter"]) for each in shown["faults"]] == [("other-holder", "3")]
    goods = b"goods_id,mark_id,name\nG-1,YDL-25,x\nYDL-G1,QC-30,y\nG-2,NO-SUCH,z\n"
    shown = preview(editor, goods, kind="goods", name="g.csv")
    assert [(each["line"], each["code"]) for each in shown["faults"]] == [
        (2, "unknown-parent"), (3, "taken"), (4, "unknown-parent"),
    ]  # fmt: skip


def test_sellers_are_replaced_mark_by_mark(editor: Caller, world: World) -> None:
    data = "mark_id,platform,seller_name\nQC-30,好物街,晴川三店\n".encode()
    shown = preview(editor, data, kind="authorised", name="a.csv")
    assert (shown["added"], shown["removed"]) == (1, 1)
    assert confirm(editor, shown).status_code == 200
    registry = world.store.registry.current("linhai")
    assert [row.seller_name for row in registry.authorised_by_mark["QC-30"]] == ["晴川三店"]
    assert registry.authorised_by_mark["KES-18"]


def test_an_agent_with_a_limited_power_imports_that_much(everybody: Everybody, agent: Caller, world: World) -> None:
    everybody.empower("QC-30")
    shown = preview(agent, workbook(("QC-30", "晴川江", *GOOD[2:]), GOOD))
    assert [(each["line"], each["code"]) for each in shown["faults"]] == [(3, "outside-power")]
    assert confirm(agent, shown).status_code == 200
    assert "QC-31" not in world.store.registry.current("linhai").mark_by_id


def test_the_page_shows_faults_mends_and_what_was_done(editor: Caller, world: World) -> None:
    files = {"file": ("marks.xlsx", workbook(GOOD, ("QC-32", "晴川里", "word", "46", "", None, "registered")))}
    sent = editor.post("/rights/import", data={"kind": "marks"}, files=files)
    assert sent.status_code == 303, sent.text
    page = editor.get(sent.headers["location"])
    assert "应为 1 至 45" in page.text
    assert "导入其余 1 行" in page.text
    sha256 = page.text.partition('name="sha256" value="')[2][:64]
    done = editor.post(sent.headers["location"], data={"sha256": sha256})
    assert "已导入：新增 1" in done.text
    twice = editor.post(sent.headers["location"], data={"sha256": sha256})
    assert (twice.status_code, "预览之后" in twice.text) == (409, True)
    no_file = editor.post("/rights/import", data={"kind": "marks"}, files={"file": ("a.pdf", b"%PDF-1.7")})
    assert (no_file.status_code, "不支持的文件类型" in no_file.text) == (422, True)


def test_templates_can_be_filled_in_and_brought_back(editor: Caller) -> None:
    filled = {
        UploadKind.MARKS: ("T-1", "晴川月", "word", "30", "3002", "90000077", "2026-01-01", "2036-01-01",
                           "registered", "ordinary", "QC", ""),
        UploadKind.GOODS: ("T-G1", "QC-30", "毛尖", "100g", "99.50", "CNY"),
        UploadKind.AUTHORISED: ("QC-30", "licensee", "", "某厂", "", "91310000MA1FL0XX0X", "华东", "2026-01-01", ""),
    }  # fmt: skip
    for kind, row in filled.items():
        fetched = editor.get(f"/rights/templates/{kind}.xlsx")
        assert fetched.status_code == 200
        book = openpyxl.load_workbook(io.BytesIO(fetched.content))
        sheet = book.worksheets[0]
        for at, value in enumerate(row, start=1):
            sheet.cell(2, at, value)
        shown = preview(editor, saved(book), kind=kind.value, name=f"{kind}.xlsx")
        assert (shown["faults"], shown["remarks"], shown["added"]) == ([], [], 1), kind
        header = next(csv.reader([template(kind, "csv").decode("utf-8-sig")]))
        assert len(header) == len(FIELDS[kind])
        read = read_upload(kind.value, "t.csv", template(kind, "csv"), fixed={"holder": HOLDER.name})
        assert (read.rows, read.faults) == ((), ())
    assert editor.get("/rights/templates/secrets.xlsx").status_code == 404
