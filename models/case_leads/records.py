"""What is kept beside a dossier: where the case lead stands, every act on it, every export of it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.case_leads.answers import Answer
from models.case_leads.dossier import Attachment, Dossier
from models.case_leads.estimate import EstimateLine, EstimateTotal
from models.case_leads.operators import CaseOperator
from models.case_leads.states import CLOCK_RUNS, CaseAct, CaseResult, CaseState
from models.case_leads.suspensions import Ground
from models.identity import LOCAL
from models.pictures import Sha256
from models.values import Value

Reason = Annotated[str, Field(max_length=2000)]
Party = Annotated[str, Field(max_length=200)]


class Amendment(Value):
    """What an officer changes in a dossier, and why. What is None stays; answers replace earlier ones to the same
    finding; attachments are added; estimate lines replace the line of the same lead, and those without a lead are
    added."""

    reason: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
    note: Annotated[str, Field(max_length=4000)] | None = None
    operator: CaseOperator | None = None
    second_officer: Party | None = None
    reasoning: Annotated[str, Field(max_length=10_000)] | None = None
    answers: Annotated[tuple[Answer, ...], Field(max_length=1000)] = ()
    estimate: Annotated[tuple[EstimateLine, ...], Field(max_length=1000)] = ()
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=500)] = ()


class Move(Value):
    """An act that changes where a case lead stands. `receiver` is who it is handed over to; `result` how it closes;
    `ground` what suspends its clock."""

    act: CaseAct
    reason: Reason = ""
    receiver: Party = ""
    result: CaseResult | None = None
    ground: Ground | None = None


class CaseStanding(Value):
    """Where a case lead stands. `revision` grows with everything that happens to it; `version` is its newest dossier's.
    The rest is what a list shows."""

    organisation_id: str = LOCAL
    case_number: str
    state: CaseState = CaseState.REGISTERED
    result: CaseResult | None = None
    revision: int = 0
    version: int = 1
    due_on: date | None = None
    extended: bool = False
    suspended_on: date | None = None
    ground: Ground | None = None
    registered_at: AwareDatetime
    changed_at: AwareDatetime
    successor: str = ""
    accepted_by: str = ""
    second_officer: str = ""
    operator: str = ""
    marks: tuple[str, ...] = ()
    leads: int = 0
    note: str = ""
    totals: tuple[EstimateTotal, ...] = ()

    @property
    def clock_runs(self) -> bool:
        return self.state in CLOCK_RUNS and self.due_on is not None and not self.suspended

    @property
    def suspended(self) -> bool:
        return self.suspended_on is not None


class CaseEvent(Value):
    """One act as it happened. `receivers` are all to whom something was exported before it, when a correction or a
    withdrawal has to reach them; `other` is the case lead it was merged with or split from."""

    organisation_id: str = LOCAL
    case_number: str
    act: CaseAct
    by: str
    at: AwareDatetime
    before: CaseState | None = None
    after: CaseState
    version: int
    revision: int
    reason: str = ""
    receiver: str = ""
    result: CaseResult | None = None
    receivers: tuple[str, ...] = ()
    other: str = ""
    due_on: date | None = None
    ground: Ground | None = None


class ExportKind(StrEnum):
    """What may be exported. The last four are documents made from templates."""

    JSON = "json"
    XLSX = "xlsx"
    CSV = "csv"
    REGISTRATION_DOCX = "registration-docx"
    REGISTRATION_PDF = "registration-pdf"
    TRANSFER_DOCX = "transfer-docx"
    TRANSFER_PDF = "transfer-pdf"


class ExportRecord(Value):
    """One export: who took what, when, for whom, and the SHA-256 of the bytes. An empty receiver is the unit itself."""

    organisation_id: str = LOCAL
    case_number: str
    number: int = 0
    kind: ExportKind
    version: int
    dossier_digest: str
    sha256: Sha256
    size: int
    receiver: Party = ""
    by: str
    at: AwareDatetime


class CaseVersion(Value):
    """One version of a dossier in a list of them."""

    version: int
    dossier_digest: str
    made_by: str
    made_at: AwareDatetime
    reason: str = ""


def summary_of(dossier: Dossier) -> dict[str, object]:
    """What a list shows of a dossier, as fields of `CaseStanding`."""
    shops = dict.fromkeys(shop.name for shop in dossier.operator.shops if shop.name)
    return {
        "accepted_by": dossier.accepted_by,
        "second_officer": dossier.second_officer,
        "operator": dossier.operator.name or "、".join(shops),
        "marks": tuple(dict.fromkeys(mark.text or mark.mark_id for mark in dossier.marks)),
        "leads": len(dossier.leads),
        "note": dossier.note,
        "totals": dossier.estimate.totals,
        "version": dossier.version,
    }
