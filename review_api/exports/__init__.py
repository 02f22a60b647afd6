"""Exports of case leads: canonical JSON for programs, XLSX for people. Both are pure: a case lead in, bytes out."""

from review_api.exports.json_export import FORMAT, JSON_TYPE, verify_json, write_json
from review_api.exports.workbook import XLSX_TYPE, write_xlsx

__all__ = ["FORMAT", "JSON_TYPE", "XLSX_TYPE", "verify_json", "write_json", "write_xlsx"]
