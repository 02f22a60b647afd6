"""The letter as a document, and a batch as tables: what leaves is plain text in typed cells, and opens as it is."""

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from defusedxml import ElementTree
from openpyxl import load_workbook

from models.liaison import (
    AnswerLine,
    BatchRow,
    Document,
    LetterKind,
    PlatformMapping,
    SentLetter,
    mapping_of,
    mappings,
)
from models.liaison.mappings import ANSWER_FIELDS, SENT_FIELDS
from models.organisations import OrganisationKind
from review_api.exports.cells import recovered
from review_api.exports.csv_export import unguarded
from review_api.exports.documents import (
    LetterForm,
    fill,
    letter_fields,
    missing_for_pdf,
    placeholders,
    template,
    to_pdf,
)
from review_api.exports.documents.filling import plain
from review_api.exports.liaison_sheets import write_batch_csv, write_batch_xlsx
from review_api.liaison.uploads import Upload, answer_lines
from tests.models.liaison.samples import AT, content, draft, row, sent_batch
from tests.review_api.strings import generated
from tests.review_api.test_spreadsheets import PLAIN, QUOTED_AS_TEXT, TABLE, TEXT, formulas, written
from tests.servers.office import convert, pdf_pages

GUIDE = Path(__file__).parents[3] / "docs" / "liaison.md"
FORMS = dict(zip(LetterKind, LetterForm, strict=True))


def letter(kind: LetterKind = LetterKind.NOTICE, *rows: BatchRow, mapping: str = "yunjishi") -> SentLetter:
    """A signed and sent letter of that kind."""
    unit = {"marks": content().marks, "reference": "临市监函〔2026〕1号", "second_officer": "吴", "reply_by": AT.date()}
    more: dict[str, Any] = {} if kind is LetterKind.NOTICE else unit
    sender = OrganisationKind.RIGHTS_HOLDER if kind is LetterKind.NOTICE else OrganisationKind.SUPERVISION
    body = content(*rows, kind=kind, mapping=mapping, **more)
    return sent_batch(draft(body, sender_kind=sender))[1]


def docx_of(sent: SentLetter) -> bytes:
    form = FORMS[sent.letter.kind]
    fields = letter_fields(sent.letter, sent.signature, mapping_of(sent.letter.mapping))
    return fill(template(form), fields.texts, fields.lists, name=form.value, author="王晴")


def words(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    told = [paragraph.text for paragraph in document.paragraphs]
    return "\n".join([*told, *(cell.text for table in document.tables for row in table.rows for cell in row.cells)])


@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_shipped_letter_names_only_what_there_is_and_leaves_nothing_open(kind: LetterKind) -> None:
    sent = letter(kind)
    fields = letter_fields(sent.letter, sent.signature, mapping_of("yunjishi"))
    known = set(fields.texts) | {f"{key}.{field}" for key, rows in fields.lists.items() for field in rows[0]}
    named = placeholders(template(FORMS[kind]), FORMS[kind].value)
    assert named <= known
    told = words(docx_of(sent))
    assert "{{" not in told
    assert sent.signature.digest in told
    assert all(document.sha256 in told for each in sent.letter.rows for document in each.evidence)
    assert "通知" in told if kind is LetterKind.NOTICE else "疑似信息" in told
    guide = GUIDE.read_text("utf-8")
    assert [name for name in sorted(known) if f"`{name}`" not in guide] == []


def test_whatever_was_written_stays_plain_text() -> None:
    hostile = "=1+1 {{ 7*7 }} {{声明}} <w:p/> &amp; \x01 \u202e倒序 ]]>"
    sent = letter(LetterKind.NOTICE, row(1, title=hostile, words=hostile))
    assert plain(hostile) in words(docx_of(sent))


@pytest.mark.xdist_group("office")
def test_a_letter_becomes_a_pdf_with_its_annex() -> None:
    if missing_for_pdf():
        pytest.skip(missing_for_pdf())
    pdf_pages()
    assert to_pdf(docx_of(letter(LetterKind.DATA_REQUEST))).startswith(b"%PDF")


def test_cells_are_typed_and_the_columns_are_the_platform_s() -> None:
    sent = letter(LetterKind.NOTICE, row(1, captured_at=AT, title="=1+1"))
    for mapping in mappings().values():
        book = load_workbook(io.BytesIO(write_batch_xlsx(sent.letter, sent.signature, mapping, "zh")))
        sheet = book.worksheets[0]
        headings = [cell.value for cell in sheet[1]]
        assert headings[: len(mapping.columns)] == [column.heading for column in mapping.columns]
        cells = dict(zip([column.field for column in mapping.columns], sheet[2], strict=False))
        assert (cells["batch_id"].value, cells["batch_id"].data_type) == (sent.letter.batch_id, "s")
        assert cells["item_id"].data_type == cells["url"].data_type == "s"
        if "price" in cells:
            assert (cells["price"].data_type, float(cells["price"].value)) == ("n", 59.9)
        if "captured_at" in cells:
            assert isinstance(cells["captured_at"].value, datetime)
        if "title" in cells:
            assert (cells["title"].data_type, cells["title"].quotePrefix) == ("s", True)
        assert [each.title for each in book.worksheets] == ["商品清单与处理结果", "函件", "附件清单"]
        annexed = [cell.value for cell in book.worksheets[2]["D"]][1:]
        assert annexed == [
            each.sha256 for each in (content().marks[0].certificate, *sent.letter.rows[0].evidence) if each
        ]


def answered(data: bytes, sent: SentLetter, mapping: PlatformMapping, name: str) -> tuple[AnswerLine, ...]:
    return answer_lines(Upload(name, data), mapping)


@pytest.mark.parametrize("code", ["general", "general-english", "yunjishi", "haowujie"])
def test_a_csv_that_went_out_can_come_back_answered(code: str) -> None:
    sent = letter(LetterKind.NOTICE, row(1, reason=mapping_of(code).reasons[0].code), mapping=code)
    mapping = mapping_of(code)
    text = write_batch_csv(sent.letter, mapping, "zh").decode("utf-8-sig")
    head, first = text.splitlines()
    assert first.endswith(',"","","",""')
    word = mapping.word(next(iter(mapping.answer_words)))
    kept = first.removesuffix(',"","","",""')
    filled = f'{head}\r\n{kept},"{word}","核实","2026-03-18 10:00","备注"\r\n'
    (line,) = answered(filled.encode("gb18030"), sent, mapping, "回执.csv")
    assert (line.batch_id, line.item_id, line.answer, line.reason) == (sent.letter.batch_id, "73001", word, "核实")
    assert line.at is not None
    assert line.at.isoformat() == "2026-03-18T02:00:00+00:00"


def through(texts: list[str], folder: Path) -> None:
    """Strings as titles and words of rows, through both tables and a spreadsheet program, and back."""
    rows = [row(number, title=text[:2000], words=f"见 {text}"[:2000]) for number, text in enumerate(texts, start=1)]
    documents = (Document(name="页面", sha256="b" * 64),)
    batch = draft(content(*(each.model_copy(update={"evidence": documents}) for each in rows)))
    sent, mapping = sent_batch(batch)[1], mapping_of("yunjishi")
    place = [column.field for column in mapping.columns].index("title")
    book = folder / "batch.xlsx"
    book.write_bytes(write_batch_xlsx(sent.letter, sent.signature, mapping, "zh"))
    opened = convert(book, "fods")
    assert formulas(opened) == []
    assert [recovered(each) for each in column_of(opened, place, len(texts))] == texts
    table = folder / "batch.csv"
    table.write_bytes(write_batch_csv(sent.letter, mapping, "zh"))
    assert formulas(convert(table, "fods", infilter=PLAIN)) == []
    opened = convert(table, "fods", infilter=QUOTED_AS_TEXT)
    assert formulas(opened) == []
    assert [unguarded(each) for each in column_of(opened, place, len(texts))] == texts


def column_of(opened: Path, place: int, count: int) -> list[str]:
    """The texts of one column of the first sheet, without its heading."""
    sheet = next(ElementTree.parse(opened).getroot().iter(f"{TABLE}table"))
    found = []
    for line in sheet.iter(f"{TABLE}table-row"):
        cells: list[Any] = []
        for cell in line:
            if cell.tag.endswith(("table-cell", "covered-table-cell")):
                cells += [cell] * min(int(cell.get(f"{TABLE}number-columns-repeated", "1")), 50)
        again = min(int(line.get(f"{TABLE}number-rows-repeated", "1")), 10_000)
        told = "\n".join(written(each) for each in cells[place].findall(f"{TEXT}p")) if len(cells) > place else ""
        found += [told] * again
    return found[1 : count + 1]


@pytest.mark.xdist_group("office")
def test_some_strings_through_a_batch_and_back(tmp_path: Path) -> None:
    through([text for text in generated(150) if text], tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.xdist_group("office")
def test_five_thousand_strings_through_batches_and_back(tmp_path: Path) -> None:
    texts = [text for text in generated(5000) if text]
    for start in range(0, len(texts), 1700):
        folder = tmp_path / str(start)
        folder.mkdir()
        through(texts[start : start + 1700], folder)


def test_the_guide_names_every_field_of_a_mapping() -> None:
    guide = GUIDE.read_text("utf-8")
    assert [field for field in (*SENT_FIELDS, *ANSWER_FIELDS) if f"`{field}`" not in guide] == []
    assert re.search(r"review\.platform_mappings", guide)
