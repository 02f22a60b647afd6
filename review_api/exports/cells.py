"""Cells: how a value becomes a typed cell that no spreadsheet program ever evaluates.

Text is stored as text whatever it begins with (`= + - @`, tab, line ends, their full-width forms) and carries the
quote prefix, so that it stays text when somebody edits it. What a sheet cannot hold is shown as an escape.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from models.moments import SHANGHAI

Content = str | int | float | Decimal | datetime | date | None

LONGEST_CELL = 32_767  # UTF-16 code units, the format's own limit

# Controls that XML cannot carry or would change, half surrogate pairs and non-characters; and the format's own escape
# `_xHHHH_`, which readers would otherwise turn into the character it names.
UNHOLDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A backslash that would read as one of our escapes is escaped itself, so that every text can be told from its escapes.
LIKE_ESCAPE = re.compile(r"\\(?=u[0-9a-f]{4})")
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
FORMAT_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

FONT = "Microsoft YaHei"
HEADING_FONT = Font(name=FONT, size=10, bold=True, color="FFFFFF")
HEADING_FILL = PatternFill("solid", start_color="2F4B6E")
TEXT_FONT = Font(name=FONT, size=10)
LABEL_FONT = Font(name=FONT, size=10, bold=True, color="2F4B6E")
TITLE_FONT = Font(name=FONT, size=14, bold=True, color="1B2A41")
LINE = Side(style="thin", color="C9D2DC")
RULE = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
WRAPPED = Alignment(horizontal="left", wrap_text=True, vertical="top")
NUMBER = Alignment(vertical="top")
HEADING = Alignment(wrap_text=True, vertical="center")
TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
DATE_FORMAT = "yyyy-mm-dd"
POINTS_FORMAT = "+0.00;-0.00;0.00"


def escaped(text: str) -> str:
    """The text as a table can show it: visible escapes for what none can hold, and for tabs in a text of several
    lines, which LibreOffice drops. `recovered` gives the text back."""
    shown = UNHOLDABLE.sub(_escape, LIKE_ESCAPE.sub(_escape, text))
    return shown.replace("\t", "\\u0009") if "\n" in shown else shown


def recovered(shown: str) -> str:
    """The text that was `escaped`."""
    return ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), shown)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def holdable(text: str, *, cut: str = "…") -> str:
    """The text as a cell can hold it: escaped, and `cut` where it is too long."""
    shown = escaped(text)
    shown = FORMAT_ESCAPE.sub("_x005F_", shown)
    if _units(shown) <= LONGEST_CELL:
        return shown
    kept = shown.encode("utf-16-le")[: 2 * (LONGEST_CELL - _units(cut))].decode("utf-16-le", "ignore")
    return kept + cut


def fill(cell: Cell, content: Content, *, cut: str = "…", number_format: str = "") -> None:
    """Put a value into a cell with its type: numbers as numbers, times as Beijing times, everything else as text."""
    cell.font, cell.alignment, cell.border = TEXT_FONT, WRAPPED, RULE
    if content is None:
        return
    if isinstance(content, datetime):
        cell.value = content.astimezone(SHANGHAI).replace(tzinfo=None)
        cell.number_format = TIME_FORMAT
    elif isinstance(content, date):
        cell.value = content
        cell.number_format = DATE_FORMAT
    elif isinstance(content, str):
        fill_text(cell, content, cut=cut)
    else:
        cell.alignment = NUMBER
        cell.value = content
        cell.number_format = number_format or "General"


def fill_text(cell: Cell, text: str, *, cut: str = "…") -> None:
    """Text that stays text."""
    cell.value = holdable(text, cut=cut)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
