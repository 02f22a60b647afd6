"""Exporting: the one way a case lead leaves. What is handed out is made, kept under its SHA-256, and recorded with who
took it, when and for whom; the same bytes can be fetched again by the record's number."""

from datetime import datetime
from typing import NamedTuple

from models.case_leads import CaseLead, ExportKind, ExportRecord, open_points
from models.errors import ConflictError, InputError, NotFoundError
from models.explanations import Language
from models.ports import ObjectStore, Store
from review_api.cases.rights import require_checked_marks
from review_api.desk import Desk
from review_api.exports import CSV_TYPE, JSON_TYPE, XLSX_TYPE, write_csv, write_json, write_xlsx
from review_api.exports.documents import DOCX_TYPE, PDF_TYPE, Form, document_fields, fill, template, to_pdf
from review_api.sessions import Visitor
from review_api.settings import ReviewSettings

LONGEST_RECEIVER = 200


class Format(NamedTuple):
    """What a kind of export is as a file."""

    media_type: str
    extension: str
    stem: str


FORMATS: dict[ExportKind, Format] = {
    ExportKind.JSON: Format(JSON_TYPE, "json", "case-lead"),
    ExportKind.XLSX: Format(XLSX_TYPE, "xlsx", "case-lead"),
    ExportKind.CSV: Format(CSV_TYPE, "csv", "annex"),
    ExportKind.REGISTRATION_DOCX: Format(DOCX_TYPE, "docx", "registration"),
    ExportKind.REGISTRATION_PDF: Format(PDF_TYPE, "pdf", "registration"),
    ExportKind.TRANSFER_DOCX: Format(DOCX_TYPE, "docx", "transfer"),
    ExportKind.TRANSFER_PDF: Format(PDF_TYPE, "pdf", "transfer"),
}
# A letter of transfer goes to somebody.
NEEDS_RECEIVER = frozenset({ExportKind.TRANSFER_DOCX, ExportKind.TRANSFER_PDF})
DOCUMENTS: dict[ExportKind, Form] = {
    ExportKind.REGISTRATION_DOCX: Form.REGISTRATION,
    ExportKind.REGISTRATION_PDF: Form.REGISTRATION,
    ExportKind.TRANSFER_DOCX: Form.TRANSFER,
    ExportKind.TRANSFER_PDF: Form.TRANSFER,
}


class Exported(NamedTuple):
    """The record and the bytes it is of."""

    record: ExportRecord
    data: bytes


class Exporter(NamedTuple):
    """What an export needs of an installation, and in whose name it is made."""

    store: Store
    objects: ObjectStore
    settings: ReviewSettings
    organisation_id: str
    by: str
    at: datetime

    def export(
        self,
        case_number: str,
        kind: ExportKind,
        *,
        receiver: str = "",
        language: Language = "zh",
        version: int = 0,
    ) -> Exported:
        """Make, keep and record one export. Raises `InputError` for a letter of transfer without a receiver,
        `UncheckedMark` for a dossier that rests on a mark which nobody has checked as it stands,
        `ConflictError` for a letter of a dossier with open points, `NotInstalledError` where PDF cannot be made,
        `NotFoundError`."""
        receiver = receiver.strip()
        if kind in NEEDS_RECEIVER and not receiver:
            raise InputError("a letter of transfer names its receiver", where="receiver", mend="name the authority")
        case_lead = self.store.case_leads.get(self.organisation_id, case_number, version=version)
        require_checked_marks(self.store, self.organisation_id, case_lead.dossier, self.at)
        if kind in NEEDS_RECEIVER:
            _require_settled(case_lead)
        data = self._written(case_lead, kind, receiver, language)
        record = ExportRecord(
            organisation_id=self.organisation_id,
            case_number=case_number,
            kind=kind,
            version=case_lead.dossier.version,
            dossier_digest=case_lead.dossier_digest,
            sha256=self.objects.put(data),
            size=len(data),
            receiver=receiver,
            by=self.by,
            at=self.at,
        )
        return Exported(self.store.case_leads.record_export(self.organisation_id, record), data)

    def _written(self, case_lead: CaseLead, kind: ExportKind, receiver: str, language: Language) -> bytes:
        if kind is ExportKind.JSON:
            return write_json(case_lead)
        if kind is ExportKind.XLSX:
            return write_xlsx(case_lead, language)
        if kind is ExportKind.CSV:
            return write_csv(case_lead, language)
        form = DOCUMENTS[kind]
        named = self.store.organisations.get(self.organisation_id).name
        unit = self.settings.unit_name or named or self.organisation_id
        fields = document_fields(case_lead, unit=unit, receiver=receiver, by=self.by, at=self.at)
        source = template(form, self.settings.templates)
        docx = fill(source, fields.texts, fields.lists, name=form.value, author=self.by)
        return to_pdf(docx) if FORMATS[kind].extension == "pdf" else docx


def _require_settled(case_lead: CaseLead) -> None:
    """A letter of transfer is a hand-over: it asks for the same."""
    missing = open_points(case_lead.dossier)
    if missing:
        raise ConflictError(
            f"the dossier is not ready to be handed over: {', '.join(missing)}",
            where=f"case lead {case_lead.case_number}",
            mend="amend it first; a registration form may be exported at any time",
        )


def exporter(at_desk: Desk, caller: Visitor) -> Exporter:
    """Exports in the caller's name."""
    return Exporter(
        store=at_desk.store,
        objects=at_desk.objects,
        settings=at_desk.settings,
        organisation_id=caller.organisation_id,
        by=caller.account.name,
        at=at_desk.clock(),
    )


def exported(at_desk: Desk, caller: Visitor, case_number: str, number: int) -> Exported:
    """The very bytes of an earlier export. Raises `NotFoundError`."""
    records = at_desk.store.case_leads.exports(caller.organisation_id, case_number)
    record = next((each for each in records if each.number == number), None)
    if record is None:
        raise NotFoundError(f"case lead {case_number!r} has no export {number}")
    return Exported(record, at_desk.objects.get(record.sha256))
