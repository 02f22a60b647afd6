"""A batch as tables: the workbook and the CSV that a platform takes, by its own headings.

The rows are typed cells and never formulas (`review_api.exports.cells`); the columns behind them wait for the answer,
so that a platform fills in the same workbook and sends it back. The letter and the annex follow on sheets of their own.
"""

import io
from collections.abc import Iterator
from datetime import datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from models.explanations import Language
from models.liaison import Letter, LetterRow, PlatformMapping, Signature, annex_of
from models.moments import SHANGHAI
from review_api.exports.cells import HEADING, HEADING_FILL, HEADING_FONT, Content, fill, fill_text
from review_api.exports.csv_export import write_rows
from review_api.exports.sheets import row_height, set_up_page, sheet_cell, write_pairs
from review_api.exports.texts import section

# What waits for an answer, in its order; batch and item are on the row already.
TO_ANSWER = ("answer", "reason", "at", "words")
ANSWER_WIDTH = 18.0
MONEY = "#,##0.00"


def write_batch_xlsx(letter: Letter, signature: Signature, mapping: PlatformMapping, language: Language) -> bytes:
    """The workbook's bytes."""
    book = Workbook()
    book.properties.creator = signature.name
    book.properties.created = signature.at.astimezone(SHANGHAI).replace(tzinfo=None)
    del book[book.sheetnames[0]]
    titles = section("batch_sheets", language)
    _write_items(book.create_sheet(titles["items"]), letter, mapping, language)
    pairs = letter_pairs(letter, signature, language)
    write_pairs(book.create_sheet(titles["letter"]), pairs, title=f"{titles['letter']} {letter.batch_id}")
    _write_annex(book.create_sheet(titles["annex"]), letter, language)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_batch_csv(letter: Letter, mapping: PlatformMapping, language: Language) -> bytes:
    """The rows alone, with the columns for the answer."""
    rows = [[*(column.heading for column in mapping.columns), *_answer_headings(mapping)]]
    for row in letter.rows:
        cells = [_shown(_content(letter, row, column.field, mapping, language)) for column in mapping.columns]
        rows.append([*cells, *("" for _ in TO_ANSWER)])
    return write_rows(rows)


def letter_pairs(letter: Letter, signature: Signature, language: Language) -> Iterator[tuple[str, Content]]:
    """What the letter says beside its rows."""
    words, kinds = section("batch_letter", language), section("letter_kinds", language)
    yield words["kind"], kinds[letter.kind]
    yield words["batch_id"], letter.batch_id
    yield words["platform"], letter.platform
    for key, party in (("sender", letter.sender), ("holder", letter.holder)):
        if party.name:
            yield words[key], party.name
            yield words[f"{key}_code"], party.code
            yield words[f"{key}_contact"], party.contact
    if letter.reference:
        yield words["reference"], letter.reference
    yield words["asked"], letter.asked
    if letter.reply_by:
        yield words["reply_by"], letter.reply_by
    for mark in letter.marks:
        classes = "、".join(str(number) for number in mark.nice_classes)
        told = (mark.text, mark.registration_no, classes, mark.holder)
        yield words["mark"], " · ".join(text for text in told if text)
    if letter.declaration:
        yield words["declaration"], letter.declaration
    yield words["signed_by"], signature.name
    yield words["signed_at"], signature.at
    yield words["digest"], signature.digest
    yield words["note"], section("batch_notes", language)[letter.kind]


def _write_items(sheet: Worksheet, letter: Letter, mapping: PlatformMapping, language: Language) -> None:
    headings = [*((column.heading, column.width) for column in mapping.columns)]
    headings += [(heading, ANSWER_WIDTH) for heading in _answer_headings(mapping)]
    _write_headings(sheet, headings)
    for line, row in enumerate(letter.rows, start=2):
        contents = [_content(letter, row, column.field, mapping, language) for column in mapping.columns]
        for place, (content, column) in enumerate(zip(contents, mapping.columns, strict=True), start=1):
            fill(sheet_cell(sheet, line, place), content, number_format=MONEY if column.field == "price" else "")
        for place in range(len(contents) + 1, len(headings) + 1):
            fill(sheet_cell(sheet, line, place), None)
            sheet_cell(sheet, line, place).number_format = "@"
        widths = [column.width for column in mapping.columns]
        sheet.row_dimensions[line].height = row_height(list(zip(contents, widths, strict=True)))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{sheet_cell(sheet, len(letter.rows) + 1, len(headings)).coordinate}"
    set_up_page(sheet)


def _write_annex(sheet: Worksheet, letter: Letter, language: Language) -> None:
    words, kinds = section("batch_annex", language), section("document_kinds", language)
    _write_headings(sheet, [(words["number"], 6), (words["kind"], 16), (words["name"], 34), (words["sha256"], 68),
                            (words["source"], 44), (words["at"], 20)])  # fmt: skip
    for line, (kind, document) in enumerate(annex_of(letter), start=2):
        contents: list[Content] = [
            line - 1, kinds[kind], document.name, document.sha256, document.source, document.at,
        ]  # fmt: skip
        for place, content in enumerate(contents, start=1):
            fill(sheet_cell(sheet, line, place), content)
    sheet.freeze_panes = "A2"
    set_up_page(sheet)


def _write_headings(sheet: Worksheet, headings: list[tuple[str, float]]) -> None:
    for place, (heading, width) in enumerate(headings, start=1):
        cell = sheet_cell(sheet, 1, place)
        fill_text(cell, heading)
        cell.font, cell.fill, cell.alignment = HEADING_FONT, HEADING_FILL, HEADING
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.row_dimensions[1].height = row_height(headings)


def _answer_headings(mapping: PlatformMapping) -> list[str]:
    return [mapping.answer_headings[field][0] for field in TO_ANSWER]


def _content(letter: Letter, row: LetterRow, field: str, mapping: PlatformMapping, language: Language) -> Content:
    """One cell of a row."""
    mark, reason = letter.marks_by_id.get(row.mark_id), mapping.reason(row.reason)
    contents: dict[str, Content] = {
        "number": row.number,
        "batch_id": letter.batch_id,
        "item_id": row.item_id,
        "url": row.url,
        "title": row.title,
        "seller": row.seller,
        "price": row.price,
        "currency": row.currency or "",
        "mark": mark.text if mark else "",
        "registration_no": mark.registration_no if mark else "",
        "nice_classes": "、".join(str(number) for number in mark.nice_classes) if mark else "",
        "reason_code": row.reason,
        "reason": reason.name(language) if reason else "",
        "words": row.words,
        "evidence": "\n".join(f"{each.name} {each.sha256}" for each in row.evidence),
        "captured_at": row.captured_at,
    }
    return contents[field]


def _shown(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, datetime):
        return f"{content.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return str(content)
