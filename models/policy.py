"""What an organisation settles about triage: its own operating points, what became of its cases, and what a new version
of the rules would change among its stored leads."""

from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from models.identity import LOCAL
from models.leads import Screening
from models.values import Value


class OperatingPoint(Value):
    """The score from which subjects of a kind are flagged, as a person set it: the newest of a kind holds."""

    organisation_id: str = LOCAL
    kind: Literal["listing", "parcel"]
    point: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    decided_by: str
    decided_at: AwareDatetime


class CaseOutcome(Value):
    """What became of a case lead: filed as a case (立案) or not, with the reason. The newest of a case holds."""

    organisation_id: str = LOCAL
    case_number: str
    filed: bool
    reason: str = ""
    decided_by: str
    decided_at: AwareDatetime


class Verdict(StrEnum):
    """What people made of a lead in the end: its case was filed or not, or it was dismissed with a reason."""

    FILED = "filed"
    NOT_FILED = "not-filed"
    DISMISSED = "dismissed"


class SettledLead(NamedTuple):
    """A lead with its verdict, as weights are learned from it. `reason` is the dismissal's, as stored."""

    screening: Screening
    verdict: Verdict
    reason: str


class RulesInUse(Value):
    """The rules that weigh findings for an organisation now: their version, the operating points that hold, and those
    of the rules themselves, by kind."""

    version: str
    points: dict[str, float]
    shipped: dict[str, float]


class LeadChange(Value):
    """One subject that a new version of the rules would flag or no longer flag. `because` names the facts whose points
    change, furthest first, each with the points it had and would have."""

    lead_id: str
    title: str
    mark_id: str | None = None
    score: float
    new_score: float
    because: tuple[tuple[str, float, float], ...] = ()


class MarkChange(Value):
    """How many leads on one mark would be gained and lost."""

    mark_id: str
    gained: int = 0
    lost: int = 0


class RulesComparison(Value):
    """Stored findings weighed again by other rules: what would change if they were switched on. `gained` and `lost`
    hold samples, those that change furthest first; the counts are of all. `unweighed` counts subjects whose findings
    the new rules cannot weigh."""

    organisation_id: str = LOCAL
    rules_version: str
    new_version: str
    note: str = ""
    subjects: int = 0
    leads: int = 0
    gained_count: int = 0
    lost_count: int = 0
    unweighed: int = 0
    gained: tuple[LeadChange, ...] = ()
    lost: tuple[LeadChange, ...] = ()
    marks: tuple[MarkChange, ...] = ()
    compared_by: str
    compared_at: AwareDatetime
