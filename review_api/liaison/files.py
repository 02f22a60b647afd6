"""Files of a batch: the one way it leaves. Nothing is made of a batch that nobody signed as it says now; what is handed
out is kept under its SHA-256 and written down with who took it, when and for whom."""

from typing import NamedTuple

from models.errors import InputError, NotFoundError
from models.explanations import Language
from models.liaison import Letter, LetterKind, LiaisonAct, LiaisonEvent, Signature, annex_of, require_signed
from review_api.desk import Desk
from review_api.exports import CSV_TYPE, XLSX_TYPE
from review_api.exports.documents import DOCX_TYPE, PDF_TYPE, LetterForm, fill, letter_fields, template, to_pdf
from review_api.exports.liaison_sheets import write_batch_csv, write_batch_xlsx
from review_api.liaison.answering import mapping_for
from review_api.sessions import Visitor

FILE_TYPES = {"xlsx": XLSX_TYPE, "csv": CSV_TYPE, "docx": DOCX_TYPE, "pdf": PDF_TYPE}
FORMS = {
    LetterKind.NOTICE: LetterForm.NOTICE,
    LetterKind.DATA_REQUEST: LetterForm.DATA_REQUEST,
    LetterKind.ADVICE: LetterForm.ADVICE,
}


class LetterFile(NamedTuple):
    """A file as it is handed out."""

    name: str
    media_type: str
    data: bytes


def batch_file(at_desk: Desk, caller: Visitor, batch_id: str, kind: str, language: Language) -> LetterFile:
    """For the sender: of a signed batch. Raises `ConflictError` for one that nobody signed as it says now,
    `NotFoundError`, `NotInstalledError` where PDF cannot be made."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    letter, signature = require_signed(batch)
    made = _made(at_desk, letter, signature, kind, language)
    at_desk.store.liaison.note(batch, _taken(at_desk, caller, batch_id, kind, made, receiver=letter.platform))
    return made


def letter_file(at_desk: Desk, caller: Visitor, batch_id: str, kind: str, language: Language) -> LetterFile:
    """For every party to a letter that was sent."""
    sent = at_desk.store.liaison.letter(caller.organisation_id, batch_id)
    made = _made(at_desk, sent.letter, sent.signature, kind, language)
    at_desk.store.liaison.tell(_taken(at_desk, caller, batch_id, kind, made), seen=None)
    return made


def letter_document(at_desk: Desk, caller: Visitor, batch_id: str, sha256: str) -> LetterFile:
    """The bytes of a document of the annex, where they are kept here. Raises `NotFoundError`."""
    letter = at_desk.store.liaison.letter(caller.organisation_id, batch_id).letter
    if sha256 not in {document.sha256 for _, document in annex_of(letter)}:
        raise NotFoundError("the letter has no such document", where=sha256)
    return LetterFile(f"{sha256[:16]}.bin", "application/octet-stream", at_desk.objects.get(sha256))


def _made(at_desk: Desk, letter: Letter, signature: Signature, kind: str, language: Language) -> LetterFile:
    if kind not in FILE_TYPES:
        raise InputError(f"no file of kind {kind!r}", where="kind", mend=f"one of {', '.join(FILE_TYPES)}")
    mapping = mapping_for(at_desk, letter)
    name = f"{letter.batch_id}.{kind}"
    if kind == "xlsx":
        return LetterFile(name, FILE_TYPES[kind], write_batch_xlsx(letter, signature, mapping, language))
    if kind == "csv":
        return LetterFile(name, FILE_TYPES[kind], write_batch_csv(letter, mapping, language))
    form, fields = FORMS[letter.kind], letter_fields(letter, signature, mapping)
    source = template(form, at_desk.settings.templates)
    docx = fill(source, fields.texts, fields.lists, name=form.value, author=signature.name)
    return LetterFile(name, FILE_TYPES[kind], to_pdf(docx) if kind == "pdf" else docx)


def _taken(
    at_desk: Desk, caller: Visitor, batch_id: str, kind: str, made: LetterFile, *, receiver: str = ""
) -> LiaisonEvent:
    return LiaisonEvent(
        organisation_id=caller.organisation_id,
        batch_id=batch_id,
        act=LiaisonAct.EXPORTED,
        by=caller.account.name,
        at=at_desk.clock(),
        receiver=receiver,
        file_kind=kind,
        sha256=at_desk.objects.put(made.data),
    )
