"""Templates: the shipped forms, and an office's own in their place.

A file of the same name in the office's folder (`review.templates`) takes a shipped one's place from the next export
on.
"""

from enum import StrEnum
from importlib import resources
from pathlib import Path

from models.errors import InputError

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_TYPE = "application/pdf"
LARGEST_TEMPLATE = 5 * 1024 * 1024


class Form(StrEnum):
    """The forms; the value is the name of the template's file."""

    REGISTRATION = "case-registration.docx"
    TRANSFER = "lead-transfer.docx"


class LetterForm(StrEnum):
    """Letters to platforms; the value is the name of the template's file."""

    NOTICE = "platform-notice.docx"
    DATA_REQUEST = "data-request.docx"
    ADVICE = "advice.docx"


def template(form: Form | LetterForm, folder: str = "") -> bytes:
    """The office's template where there is one, the shipped one otherwise. Raises `InputError` for one that cannot be
    read."""
    own = Path(folder) / form.value if folder else None
    if own is None or not own.exists():
        return resources.files("review_api.exports.documents").joinpath("templates", form.value).read_bytes()
    try:
        if own.stat().st_size > LARGEST_TEMPLATE:
            raise InputError("the template is larger than 5 MiB", where=form.value, mend="remove large pictures")
        return own.read_bytes()
    except OSError:
        raise InputError("the template cannot be read", where=form.value, mend="check the file's rights") from None
