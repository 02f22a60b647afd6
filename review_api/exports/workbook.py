"""XLSX export: a case lead as a workbook that people read, filter and print.

Eight sheets: the case lead, one row a lead, one row a finding with its points, counter-evidence with the officers'
answers, the estimate, one row a picture, the annex, and notes. Times are
Beijing times, as the headings say; numbers are numbers; every text is only ever text (`review_api.exports.cells`).
How a sheet is laid out is the business of `review_api.exports.sheets`.
"""

import io
from collections.abc import Iterable, Iterator, Sequence

from openpyxl import Workbook

from models.case_leads import CaseLead
from models.explanations import Language, fact_title, field_name
from models.findings import Finding, Stance
from models.leads import Lead
from models.moments import SHANGHAI
from models.subjects import Listing
from review_api.exports.case_sheets import annex_rows, case_pairs, counter_rows, estimate_rows
from review_api.exports.cells import Content
from review_api.exports.sheets import write_pairs, write_table
from review_api.exports.texts import disclaimer, section
from review_api.wording import sentence

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_xlsx(case_lead: CaseLead, language: Language) -> bytes:
    """The workbook's bytes. `language` is that of sheet names, headings and sentences."""
    book = Workbook()
    book.properties.creator = case_lead.dossier.accepted_by
    book.properties.created = case_lead.registered_at.astimezone(SHANGHAI).replace(tzinfo=None)
    del book[book.sheetnames[0]]
    titles = section("sheets", language)
    heading = f"{titles['summary']} {case_lead.case_number}"
    write_pairs(book.create_sheet(titles["summary"]), _summary(case_lead, language), title=heading)
    for name, rows in (
        ("leads", _lead_rows(case_lead, language)),
        ("findings", _finding_rows(case_lead, language)),
        ("counters", counter_rows(case_lead.dossier, language)),
        ("estimate", estimate_rows(case_lead.dossier, language)),
        ("pictures", _picture_rows(case_lead)),
        ("annex", annex_rows(case_lead.dossier, language)),
    ):
        write_table(book.create_sheet(titles[name]), name, rows, language)
    write_pairs(book.create_sheet(titles["notes"]), _notes(case_lead, language), title=titles["notes"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _summary(case_lead: CaseLead, language: Language) -> Iterator[tuple[str, Content]]:
    words, dossier = section("summary", language), case_lead.dossier
    findings = [finding for lead in dossier.leads for finding in lead.screening.findings]
    speaking_for = sum(finding.stance is Stance.FOR for finding in findings)
    values: dict[str, Content] = {
        "case_number": case_lead.case_number,
        "registered_at": case_lead.registered_at,
        "accepted_by": dossier.accepted_by,
        "organisation": case_lead.organisation_id,
        "note": dossier.note,
        "leads": len(dossier.leads),
        "points_for": speaking_for,
        "points_against": len(findings) - speaking_for,
        "pictures": len(dossier.pictures),
        "marks": _listed(mark.text or mark.mark_id for mark in dossier.marks),
        "holders": _listed(mark.holder for mark in dossier.marks),
        "operators": _listed(
            lead.screening.subject.seller.name for lead in dossier.leads if isinstance(lead.screening.subject, Listing)
        ),
        **case_pairs(dossier, language),
        "digest": case_lead.dossier_digest,
    }
    return ((words[key], value) for key, value in values.items())


def _lead_rows(case_lead: CaseLead, language: Language) -> Iterator[dict[str, Content]]:
    marks = {mark.mark_id: mark.text for mark in case_lead.dossier.marks}
    values = section("values", language)
    for number, lead in enumerate(case_lead.dossier.leads, start=1):
        screening, assessment = lead.screening, lead.screening.assessment
        yield {
            "number": number,
            "lead_id": lead.lead_id,
            "kind": values[screening.subject.key.kind],
            "platform": screening.subject.key.platform,
            "native_id": screening.subject.key.native_id,
            **_subject_columns(lead),
            "mark": marks.get(assessment.mark_id or "", assessment.mark_id or ""),
            "mark_status": values[assessment.mark_status] if assessment.mark_status else "",
            "cell": values[assessment.cell] if assessment.cell else "",
            "score": assessment.score,
            "captured_at": screening.subject.captured_at,
            "first_seen": lead.first_seen,
            "registry_version": screening.registry_version,
            "rules_version": screening.rules_version,
            "context_version": screening.context_version,
        }


def _subject_columns(lead: Lead) -> dict[str, Content]:
    subject = lead.screening.subject
    if isinstance(subject, Listing):
        return {
            "title": subject.title,
            "url": subject.url,
            "seller": subject.seller.name,
            "uscc": subject.seller.uscc,
            "price": subject.price,
            "currency": subject.currency or "",
        }
    return {"title": subject.declared_goods, "uscc": subject.sender_uscc, "price": subject.declared_value}


def _finding_rows(case_lead: CaseLead, language: Language) -> Iterator[dict[str, Content]]:
    marks = {mark.mark_id: mark.text for mark in case_lead.dossier.marks}
    for number, lead in enumerate(case_lead.dossier.leads, start=1):
        points = {each.finding_id: each.points for each in lead.screening.assessment.contributions}
        for finding in lead.screening.findings:
            row = _finding_row(finding, marks.get(finding.mark_id or "", ""), language)
            yield {"lead": number, **row, "points": points.get(finding.finding_id)}


def _finding_row(finding: Finding, mark: str, language: Language) -> dict[str, Content]:
    return {
        "stance": section("values", language)[finding.stance],
        "title": fact_title(finding.fact, language),
        "score": finding.score,
        "field": field_name(finding.field, language),
        "subject_value": finding.subject_value,
        "reference_value": finding.reference_value,
        "sentence": sentence(finding, language, mark=mark),
        "mark": mark or finding.mark_id or "",
        "detector": f"{finding.detector} {finding.version}",
        "finding_id": finding.finding_id,
    }


def _picture_rows(case_lead: CaseLead) -> Iterator[dict[str, Content]]:
    for reading in case_lead.dossier.pictures:
        yield {
            "address": reading.address,
            "sha256": reading.content_sha256 or "",
            "width": reading.width or None,
            "height": reading.height or None,
            "hashes": "\n".join(f"{name}: {value}" for name, value in sorted(reading.hashes.items())),
            "reader": reading.reader_version,
            "failure": reading.failure,
        }


def _notes(case_lead: CaseLead, language: Language) -> Iterator[tuple[str, Content]]:
    words = section("notes", language)
    yield words["nature"], disclaimer(language)
    for key in ("source", "score", "against"):
        yield words[key], words[f"{key}_text"]
    for key in ("registry_version", "rules_version", "context_version"):
        versions = _listed(getattr(lead.screening, key) for lead in case_lead.dossier.leads)
        yield section("leads", language)[key], versions
    yield words["schema"], case_lead.dossier.schema_version
    yield section("summary", language)["digest"], case_lead.dossier_digest
    yield words["digest"], words["digest_text"]
    yield words["escaped"], words["escaped_text"]


def _listed(values: Iterable[str]) -> str:
    distinct: Sequence[str] = list(dict.fromkeys(value for value in values if value))
    return "\n".join(distinct)
