"""CSV export: the annex as a table that spreadsheet programs open without evaluating anything.

UTF-8 with a BOM, every field quoted, lines end with CR LF (RFC 4180). A field that a program might take for a formula
(it begins with `= + - @`, their full-width forms, a tab or a line end) or that begins with an apostrophe is given one
apostrophe more in front. What a table cannot hold is shown as `\\u` and four hex digits, as in the workbook; taking
both away gives the text back.
"""

import csv
import io

from models.case_leads import CaseLead, annex
from models.explanations import Language
from models.moments import SHANGHAI
from review_api.exports.cells import escaped, recovered
from review_api.exports.texts import section

CSV_TYPE = "text/csv"
GUARD = "'"
DANGEROUS = frozenset("=+-@＝＋－＠\t\r\n" + GUARD)


def write_csv(case_lead: CaseLead, language: Language) -> bytes:
    """The annex of one version of the dossier."""
    headings, kinds = section("annex", language), section("annex_kinds", language)
    rows = [list(headings.values())]
    for entry in annex(case_lead.dossier):
        at = f"{entry.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if entry.at else ""
        rows.append([str(entry.number), kinds[entry.kind], entry.name, entry.sha256, entry.source, at])
    return write_rows(rows)


def write_rows(rows: list[list[str]]) -> bytes:
    """Rows of text, guarded."""
    target = io.StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(map(guarded, row) for row in rows)
    return target.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """The text so that no program evaluates it."""
    words = escaped(text)
    return GUARD + words if words and words[0] in DANGEROUS else words


def unguarded(field: str) -> str:
    """The text that was guarded."""
    return recovered(field[1:] if field[:1] == GUARD else field)
