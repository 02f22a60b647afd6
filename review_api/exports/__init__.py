"""Exports of case leads: canonical JSON for programs, XLSX and CSV for tables, documents from an office's templates.

All are pure but for the conversion to PDF: a case lead in, bytes out. What was exported is kept by `review_api.cases`.
"""

from review_api.exports.csv_export import CSV_TYPE, guarded, unguarded, write_csv
from review_api.exports.json_export import FORMAT, JSON_TYPE, schema, verify_json, write_json
from review_api.exports.workbook import XLSX_TYPE, write_xlsx

__all__ = [
    "CSV_TYPE",
    "FORMAT",
    "JSON_TYPE",
    "XLSX_TYPE",
    "guarded",
    "schema",
    "unguarded",
    "verify_json",
    "write_csv",
    "write_json",
    "write_xlsx",
]
