"""leads.jsonl: what `scan` writes and `eval` reads.

Owns: the line of one screening to the letter of the contract, and reading such lines back.
Leaves to others: sentences (`models.explanations`), scoring.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from models.explanations import LANGUAGES, explain
from models.findings import Finding, Stance
from models.formats.listings import invalid
from models.formats.reasons import RowFault
from models.formats.rejects import Rejects
from models.formats.tables import read_rows
from models.leads import Screening
from models.registry import Registry
from models.subjects import ParcelRecord


def lead_line(screening: Screening, registry: Registry) -> dict[str, Any]:
    """One line of leads.jsonl. `registry` gives the marks' texts for the explanations."""
    assessment = screening.assessment
    subject = screening.subject
    identity = (
        {"parcel_token": subject.parcel_token}
        if isinstance(subject, ParcelRecord)
        else {"listing_id": subject.listing_id}
    )
    return {
        **identity,
        "flagged": assessment.flagged,
        "score": assessment.score,
        "cell": assessment.cell.value if assessment.cell else None,
        "registry_version": screening.registry_version,
        "rules_version": screening.rules_version,
        "context_version": screening.context_version,
        "findings": [finding_entry(finding, registry) for finding in screening.findings],
    }


def finding_entry(finding: Finding, registry: Registry) -> dict[str, Any]:
    """One finding as the contract shows it, explained in both languages."""
    mark = registry.mark_by_id.get(finding.mark_id or "")
    text = mark.text if mark else ""
    return {
        "finding_id": finding.finding_id,
        "detector": finding.detector,
        "version": finding.version,
        "mark_id": finding.mark_id,
        "stance": finding.stance.value,
        "score": finding.score,
        "fact": finding.fact,
        "field": finding.field,
        "subject_value": finding.subject_value,
        "reference_value": finding.reference_value,
        "span": list(finding.span) if finding.span else None,
        "explanation": {language: explain(finding, language, mark=text) for language in LANGUAGES},
        **_picture(finding),
    }


def _picture(finding: Finding) -> dict[str, Any]:
    """Where in which picture a finding stands, for those that stand in one: `box` is four corners in points of the
    upright picture."""
    corners = str(finding.params.get("box", ""))
    if not corners:
        return {}
    box = [[int(part) for part in corner.split(",")] for corner in corners.split()]
    address = finding.params.get("address", finding.subject_value)
    return {"picture": {"address": address, "sha256": finding.params.get("picture", ""), "box": box}}


class _Read(BaseModel):
    """Lines may come from another version: what is not needed is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ReadFinding(_Read):
    """A finding as `eval` needs it."""

    detector: str
    stance: Stance
    mark_id: str | None = None
    score: float = 0.0
    fact: str = ""


class ReadLead(_Read):
    """A line of leads.jsonl as `eval` needs it; a parcel's has `parcel_token` in place of `listing_id`."""

    listing_id: str = ""
    parcel_token: str = ""
    flagged: bool
    score: FiniteFloat
    cell: str | None = None
    findings: tuple[ReadFinding, ...] = ()

    @property
    def subject_id(self) -> str:
        return self.listing_id or self.parcel_token


def read_leads(path: Path, rejects: Rejects) -> Iterator[ReadLead]:
    """The lines of leads.jsonl in their order; a subject named twice is refused the second time."""
    seen: dict[str, int] = {}
    for row in read_rows(path, rejects):
        try:
            lead = _lead(row.values)
            first = seen.setdefault(lead.subject_id, row.line)
            if first != row.line:
                raise RowFault("duplicate", field="listing_id", value=lead.subject_id, first=first)
        except RowFault as fault:
            rejects.fault(row.line, fault, raw=row.raw, file=path.name)
            continue
        yield lead


def _lead(values: dict[str, Any]) -> ReadLead:
    try:
        lead = ReadLead.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None
    if not lead.subject_id:
        raise RowFault("missing", field="listing_id")
    return lead
