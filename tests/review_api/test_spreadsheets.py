"""Tables as a spreadsheet program opens them: nothing is ever a formula, and every text comes back as it was.

The program is LibreOffice without a window. 5,000 strings in `make soak`, some hundreds in `make test`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from openpyxl import Workbook

from review_api.exports.cells import fill_text, recovered
from review_api.exports.csv_export import guarded, unguarded, write_rows
from tests.review_api.strings import generated
from tests.servers.office import convert

pytestmark = pytest.mark.xdist_group("office")

# Separator, quote, UTF-8, from the first row, and: a quoted field is text.
QUOTED_AS_TEXT = "CSV:44,34,76,1,,0,true"
PLAIN = "CSV:44,34,76,1"


TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def cells(opened: Path) -> Iterator[Any]:
    """The first cell of every row, as the program holds it; a row that it keeps once for several comes as often."""
    for row in ElementTree.parse(opened).getroot().iter(f"{TABLE}table-row"):
        again = min(int(row.get(f"{TABLE}number-rows-repeated", "1")), 10_000)
        yield from [next(iter(row))] * again


def formulas(opened: Path) -> list[str]:
    """Every formula that the program sees."""
    found = ElementTree.parse(opened).getroot().iter(f"{TABLE}table-cell")
    return [formula for cell in found if (formula := cell.get(f"{TABLE}formula"))]


def column(opened: Path) -> list[str]:
    """The first column's texts."""
    return ["\n".join(written(paragraph) for paragraph in cell.findall(f"{TEXT}p")) for cell in cells(opened)]


def written(element: Any) -> str:
    """A paragraph's text: runs of spaces, tabs and line breaks are elements of their own."""
    marks = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n", f"{TEXT}s": " " * int(element.get(f"{TEXT}c", "1"))}
    inner = "".join(written(each) + (each.tail or "") for each in element)
    return marks.get(element.tag, (element.text or "") + inner)


def through_xlsx(texts: list[str], folder: Path) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row, text in enumerate([*texts, "end"], start=1):
        fill_text(sheet.cell(row, 1), text)  # type: ignore[arg-type]
    file = folder / "strings.xlsx"
    book.save(file)
    return convert(file, "fods")


def through_csv(texts: list[str], folder: Path, infilter: str) -> Path:
    file = folder / "strings.csv"
    file.write_bytes(write_rows([[text] for text in [*texts, "end"]]))
    return convert(file, "fods", infilter=infilter)


def check_xlsx(texts: list[str], folder: Path) -> None:
    opened = through_xlsx(texts, folder)
    assert formulas(opened) == []
    read = [recovered(each) for each in column(opened)[: len(texts)]]
    assert [(text, got) for text, got in zip(texts, read, strict=True) if got != text] == []


def check_csv(texts: list[str], folder: Path) -> None:
    assert formulas(through_csv(texts, folder, PLAIN)) == []
    opened = through_csv(texts, folder, QUOTED_AS_TEXT)
    assert formulas(opened) == []
    read = [unguarded(field) for field in column(opened)[: len(texts)]]
    assert [(text, got) for text, got in zip(texts, read, strict=True) if got != text] == []


def test_some_strings_through_a_workbook_and_back(tmp_path: Path) -> None:
    check_xlsx(generated(300), tmp_path)


def test_some_strings_through_csv_and_back(tmp_path: Path) -> None:
    check_csv(generated(300), tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_five_thousand_strings_through_a_workbook_and_back(tmp_path: Path) -> None:
    check_xlsx(generated(5000), tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_five_thousand_strings_through_csv_and_back(tmp_path: Path) -> None:
    check_csv(generated(5000), tmp_path)


def test_an_unguarded_table_would_be_evaluated(tmp_path: Path) -> None:
    """The negative control, for both formats: the checks see a formula where there is one."""
    book = Workbook()
    book.worksheets[0]["A1"] = "=1+1"
    book.save(tmp_path / "strings.xlsx")
    assert formulas(convert(tmp_path / "strings.xlsx", "fods"))
    (tmp_path / "strings.csv").write_text('"=1+1"\r\n', "utf-8-sig")
    assert formulas(convert(tmp_path / "strings.csv", "fods", infilter=PLAIN))


def test_guarding_is_undone_by_taking_one_apostrophe_away() -> None:
    for text in generated(2000):
        assert unguarded(guarded(text)) == text
        assert not guarded(text).startswith(tuple("=+-@＝＋－＠\t\r\n"))
