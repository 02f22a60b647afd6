"""Documents: templates filled with plain text, whatever was written, and opened by LibreOffice as they are."""

import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError, NotInstalledError
from review_api.exports.documents import (
    DocumentFields,
    Form,
    document_fields,
    fill,
    missing_for_pdf,
    pdf,
    placeholders,
    template,
    to_pdf,
)
from review_api.exports.documents.filling import plain
from tests.review_api.scene import START
from tests.review_api.strings import generated
from tests.review_api.test_exports import case_lead
from tests.servers.office import convert, pdf_pages, soffice
from tests.servers.require import missing

GUIDE = Path(__file__).parents[2] / "docs" / "case-leads.md"
HOSTILE = "=1+1 {{ 7*7 }} {{案件来源}} {% x %} <w:p/> &amp; \x00\x01\x1f \u202e倒序 ]]> \ud800 ${x}\r\n第二行\t制表"


def fields(note: str = "请核查", receiver: str = "桥南区市场监督管理局") -> DocumentFields:
    made = case_lead(title=f"晴川绿茶 {note}", seller=f"店铺 {note}", note=note)
    return document_fields(made, unit="临海区市场监督管理局", receiver=receiver, by="he.lan", at=START)


def filled(form: Form, given_fields: DocumentFields) -> bytes:
    return fill(template(form), given_fields.texts, given_fields.lists, name=form.value, author="he.lan")


def words(docx: bytes) -> str:
    """Every text of the document, tables included."""
    document = Document(io.BytesIO(docx))
    told = [paragraph.text for paragraph in document.paragraphs]
    told += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(told)


@pytest.mark.parametrize("form", list(Form))
def test_a_shipped_form_names_only_what_there_is_and_leaves_nothing_open(form: Form) -> None:
    made = fields()
    known = set(made.texts) | {f"{key}.{field}" for key, rows in made.lists.items() for field in rows[0]}
    assert placeholders(template(form), form.value) <= known
    told = words(filled(form, made))
    assert "{{" not in told
    assert "2026-00001" in told
    assert "页面数据推算，不作为违法经营额认定依据" in told
    assert "请核查" in told
    for each in made.lists["附件"]:
        assert each["校验值"] in told


def test_the_guide_tells_every_placeholder() -> None:
    made, guide = fields(), GUIDE.read_text("utf-8")
    named = [*made.texts, *(f"{key}.{field}" for key, rows in made.lists.items() for field in rows[0])]
    assert [name for name in named if f"`{name}`" not in guide] == []


@pytest.mark.parametrize("form", list(Form))
def test_hostile_words_come_out_as_plain_text(form: Form) -> None:
    docx = filled(form, fields(HOSTILE, receiver=HOSTILE))
    told = words(docx)
    assert plain(HOSTILE) in told.replace("\xa0", " ")
    assert "{{ 7*7 }} {{案件来源}} {% x %} <w:p/> &amp;" in told  # read by nobody
    assert "\\u202e倒序" in told
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        body = archive.read("word/document.xml").decode()
    assert "w:fldSimple" not in body
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", body)


@given(st.lists(st.text(max_size=80) | st.sampled_from(generated(400)), min_size=8, max_size=8))
@settings(max_examples=20, deadline=None)
def test_any_text_fills_a_placeholder_as_it_is(texts: list[str]) -> None:
    source = Document()
    for number in range(len(texts)):
        source.add_paragraph(f"〔{{{{v{number}}}}}〕")
    stream = io.BytesIO()
    source.save(stream)
    values = {f"v{number}": text for number, text in enumerate(texts)}
    read = Document(io.BytesIO(fill(stream.getvalue(), values, {}, name="t.docx")))
    assert [each.text for each in read.paragraphs] == [f"〔{plain(text)}〕" for text in texts]


def test_a_placeholder_split_over_runs_is_found_and_keeps_its_face() -> None:
    source = Document()
    paragraph = source.add_paragraph("前")
    for part, bold in (("{{案件", False), ("线索", True), ("编号}}后", False)):
        paragraph.add_run(part).bold = bold
    stream = io.BytesIO()
    source.save(stream)
    read = Document(io.BytesIO(fill(stream.getvalue(), {"案件线索编号": "2026-00001"}, {}, name="t.docx")))
    assert read.paragraphs[0].text == "前2026-00001后"
    assert read.paragraphs[0].runs[1].text == "2026-00001"


def test_a_row_is_repeated_for_every_entry() -> None:
    source = Document()
    table = source.add_table(rows=2, cols=2)
    table.rows[1].cells[0].text, table.rows[1].cells[1].text = "{{附件.名称}}", "{{单位}} {{附件.名称}}"
    stream = io.BytesIO()
    source.save(stream)
    lists = {"附件": [{"名称": "{{单位}}"}, {"名称": "乙"}]}
    read = Document(io.BytesIO(fill(stream.getvalue(), {"单位": "甲局"}, lists, name="t.docx")))
    rows = [[cell.text for cell in row.cells] for row in read.tables[0].rows]
    assert rows == [["", ""], ["{{单位}}", "甲局 {{单位}}"], ["乙", "甲局 乙"]]


@pytest.mark.parametrize("text", ["{{没有这一项}}", "{{附件.名称}}"])
def test_a_template_that_names_what_is_not_there_is_refused(text: str) -> None:
    source = Document()
    source.add_paragraph(text)
    stream = io.BytesIO()
    source.save(stream)
    with pytest.raises(InputError) as refused:
        fill(stream.getvalue(), {}, {"附件": [{"名称": ""}]}, name="own.docx")
    assert text.strip("{}") in str(refused.value)
    with pytest.raises(InputError, match="no DOCX"):
        fill(b"PK nonsense", {}, {}, name="own.docx")


def test_an_office_s_own_template_takes_the_shipped_one_s_place(tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("本局样式 {{案件线索编号}}")
    own.save(str(tmp_path / Form.TRANSFER.value))
    assert placeholders(template(Form.TRANSFER, str(tmp_path)), "x") == {"案件线索编号"}
    assert template(Form.REGISTRATION, str(tmp_path)) == template(Form.REGISTRATION)
    assert template(Form.REGISTRATION, str(tmp_path / "nowhere")) == template(Form.REGISTRATION)


def test_without_libreoffice_pdf_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PROGRAMS", ("no-such-program",))
    assert "LibreOffice" in missing_for_pdf()
    with pytest.raises(NotInstalledError, match="LibreOffice"):
        to_pdf(b"")


@pytest.mark.xdist_group("office")
@pytest.mark.parametrize("note", ["请核查发货地", HOSTILE])
def test_libreoffice_opens_every_form_and_makes_its_pdf(tmp_path: Path, note: str) -> None:
    soffice()
    if missing_for_pdf():
        missing("LibreOffice", missing_for_pdf())
    for form in Form:
        docx = filled(form, fields(note))
        (tmp_path / "form.pdf").write_bytes(to_pdf(docx))
        told = subprocess.run(
            [pdf_pages(), "-layout", str(tmp_path / "form.pdf"), "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "2026-00001" in told
        assert "7*7" in told or note != HOSTILE
        assert "49" not in told.replace(" ", "").split("SHA")[0][:200]
        (tmp_path / form.value).write_bytes(docx)
        again = convert(tmp_path / form.value, "docx")  # opened and saved by LibreOffice itself
        assert Document(str(again)).tables
