"""Sheets: the layout of the workbook. Widths, heights, headings that stay in view, and what is printed."""

import math
import unicodedata
from collections.abc import Iterable
from typing import Any

from openpyxl.cell import Cell
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from models.explanations import Language
from review_api.exports.cells import (
    HEADING,
    HEADING_FILL,
    HEADING_FONT,
    LABEL_FONT,
    POINTS_FORMAT,
    TITLE_FONT,
    WRAPPED,
    Content,
    fill,
    fill_text,
)
from review_api.exports.texts import section

# Column widths in half-width characters, by sheet and column key; others take DEFAULT_WIDTH.
DEFAULT_WIDTH = 12.0
WIDTHS: dict[str, dict[str, float]] = {
    "leads": {"number": 6, "platform": 14, "native_id": 18, "title": 36, "url": 28, "seller": 18, "uscc": 20,
              "currency": 7, "mark_status": 10, "cell": 24, "score": 8, "captured_at": 20, "first_seen": 20,
              "lead_id": 34, "registry_version": 34, "rules_version": 34, "context_version": 34},
    "findings": {"lead": 10, "stance": 10, "title": 22, "points": 10, "score": 10, "subject_value": 26,
                 "reference_value": 26, "sentence": 56, "detector": 20, "finding_id": 34},
    "counters": {"lead": 10, "title": 22, "points": 10, "strong": 18, "sentence": 50, "answer": 50, "at": 20},
    "estimate": {"lead": 10, "goods": 36, "currency": 7, "method": 60, "words": 36},
    "annex": {"number": 6, "kind": 14, "name": 36, "sha256": 36, "source": 44, "at": 20},
    "pictures": {"address": 44, "sha256": 36, "width": 9, "height": 9, "hashes": 44, "failure": 24},
}  # fmt: skip
LABEL_WIDTH, VALUE_WIDTH = 26.0, 92.0

# How figures are shown where it is not as they stand.
MONEY = "#,##0.00"
FORMATS = {
    ("leads", "score"): "0.00",
    ("leads", "price"): MONEY,
    ("findings", "points"): POINTS_FORMAT,
    ("counters", "points"): POINTS_FORMAT,
    **{("estimate", key): MONEY for key in ("unit_price", "low", "middle", "high")},
}

# The last column that is printed: ids and versions behind it are for machines.
PRINTED_UNTIL = {
    "leads": "captured_at", "findings": "mark", "counters": "at", "estimate": "words", "pictures": "failure",
    "annex": "at",
}  # fmt: skip

LINE_POINTS, PADDING_POINTS, TALLEST_POINTS = 14.0, 4.0, 400.0
WIDE = frozenset("WFA")  # East Asian width classes that take two half-width places


def write_pairs(sheet: Worksheet, pairs: Iterable[tuple[str, Content]], *, title: str) -> None:
    """Two columns: what, and its value. The title row stays in view."""
    fill_text(sheet_cell(sheet, 1, 1), title)
    sheet_cell(sheet, 1, 1).font = TITLE_FONT
    sheet.row_dimensions[1].height = 28
    for row, (label, value) in enumerate(pairs, start=2):
        fill(sheet_cell(sheet, row, 1), label)
        sheet_cell(sheet, row, 1).font = LABEL_FONT
        fill(sheet_cell(sheet, row, 2), value)
        sheet_cell(sheet, row, 2).alignment = WRAPPED
        sheet.row_dimensions[row].height = row_height([(label, LABEL_WIDTH), (value, VALUE_WIDTH)])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = LABEL_WIDTH, VALUE_WIDTH
    sheet.freeze_panes = "A2"
    set_up_page(sheet)


def write_table(sheet: Worksheet, name: str, rows: Iterable[dict[str, Content]], language: Language) -> None:
    """A heading row that stays in view, a filter over it, one row each. `name` is the section of the catalogue whose
    keys are the columns, in its order."""
    headings, cut = section(name, language), section("notes", language)["cut"]
    widths = {key: WIDTHS[name].get(key, DEFAULT_WIDTH) for key in headings}
    for column, (key, heading) in enumerate(headings.items(), start=1):
        cell = sheet_cell(sheet, 1, column)
        fill_text(cell, heading)
        cell.font, cell.fill, cell.alignment = HEADING_FONT, HEADING_FILL, HEADING
        sheet.column_dimensions[cell.column_letter].width = widths[key]
    sheet.row_dimensions[1].height = row_height([(heading, widths[key]) for key, heading in headings.items()])
    last = 1
    for last, row in enumerate(rows, start=2):
        for column, key in enumerate(headings, start=1):
            fill(sheet_cell(sheet, last, column), row.get(key), cut=cut, number_format=FORMATS.get((name, key), ""))
        sheet.row_dimensions[last].height = row_height([(row.get(key), widths[key]) for key in headings])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{sheet_cell(sheet, last, len(headings)).coordinate}"
    printed = list(headings).index(PRINTED_UNTIL[name]) + 1
    sheet.print_area = f"A1:{sheet_cell(sheet, last, printed).coordinate}"
    set_up_page(sheet)


def row_height(contents: Iterable[tuple[Content, float]]) -> float:
    """The height in points that the tallest of these texts needs when wrapped to its column's width."""
    lines = max((_lines(content, width) for content, width in contents if isinstance(content, str)), default=1)
    return min(TALLEST_POINTS, LINE_POINTS * lines + PADDING_POINTS)


def _lines(text: str, width: float) -> int:
    usable = max(1.0, width - 1.5)
    return sum(max(1, math.ceil(_places(line) / usable)) for line in text[:4000].split("\n"))


def _places(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in WIDE else 1 for letter in line)


def set_up_page(sheet: Worksheet) -> None:
    """Landscape A4, as wide as the page, with the headings on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.print_title_rows = "1:1"


def sheet_cell(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell by its place, counted from 1."""
    cell: Any = sheet.cell(row=row, column=column)
    found: Cell = cell
    return found
