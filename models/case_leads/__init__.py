"""Case leads (案件线索): the frozen dossier registered when leads are accepted, its versions, and where it stands.

Pure: what a case lead is and which change follows which. Keeping them is the business of `models.storage.cases`.
"""

from models.case_leads.annex import AnnexEntry, AnnexKind, annex
from models.case_leads.answers import STRONG_POINTS, Answer, Counter
from models.case_leads.changes import Open, amended, merged, next_version, open_points, parted
from models.case_leads.dossier import SCHEMA_VERSION, Attachment, CaseLead, Dossier, once, sealed
from models.case_leads.estimate import (
    LABEL,
    Estimate,
    EstimateLine,
    EstimateTotal,
    Reached,
    estimate_of,
    method_words,
    reached,
)
from models.case_leads.operators import CaseOperator, CaseShop, operator_of
from models.case_leads.records import (
    Amendment,
    CaseEvent,
    CaseStanding,
    CaseVersion,
    ExportKind,
    ExportRecord,
    Move,
    summary_of,
)
from models.case_leads.sources import MONITORING, CaseSource, Clock, source, sources, start_clock
from models.case_leads.states import (
    CASE_TRANSITIONS,
    CLOSING_RESULTS,
    NEEDS_REASON,
    CaseAct,
    CaseResult,
    CaseState,
    allowed,
    next_state,
)
from models.case_leads.suspensions import Ground, resumed_due, suspension_rule

__all__ = [
    "CASE_TRANSITIONS",
    "CLOSING_RESULTS",
    "LABEL",
    "MONITORING",
    "NEEDS_REASON",
    "SCHEMA_VERSION",
    "STRONG_POINTS",
    "Amendment",
    "AnnexEntry",
    "AnnexKind",
    "Answer",
    "Attachment",
    "CaseAct",
    "CaseEvent",
    "CaseLead",
    "CaseOperator",
    "CaseResult",
    "CaseShop",
    "CaseSource",
    "CaseStanding",
    "CaseState",
    "CaseVersion",
    "Clock",
    "Counter",
    "Dossier",
    "Estimate",
    "EstimateLine",
    "EstimateTotal",
    "ExportKind",
    "ExportRecord",
    "Ground",
    "Move",
    "Open",
    "Reached",
    "allowed",
    "amended",
    "annex",
    "estimate_of",
    "merged",
    "method_words",
    "next_state",
    "next_version",
    "once",
    "open_points",
    "operator_of",
    "parted",
    "reached",
    "resumed_due",
    "sealed",
    "source",
    "sources",
    "start_clock",
    "summary_of",
    "suspension_rule",
]
