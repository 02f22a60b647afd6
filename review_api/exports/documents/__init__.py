"""Documents: the forms that offices use (案件来源登记表, 线索移送函, letters to platforms), filled into templates that
an office can change.

A template is a DOCX file with `{{占位符}}` placeholders and nothing else to learn: no code, no conditions. PDF is made
of the filled DOCX by LibreOffice, where it is installed.
"""

from review_api.exports.documents.fields import DocumentFields, document_fields
from review_api.exports.documents.filling import fill, placeholders
from review_api.exports.documents.letter_fields import letter_fields
from review_api.exports.documents.pdf import missing_for_pdf, to_pdf
from review_api.exports.documents.templates import DOCX_TYPE, PDF_TYPE, Form, LetterForm, template

__all__ = [
    "DOCX_TYPE",
    "PDF_TYPE",
    "DocumentFields",
    "Form",
    "LetterForm",
    "document_fields",
    "fill",
    "letter_fields",
    "missing_for_pdf",
    "placeholders",
    "template",
    "to_pdf",
]
