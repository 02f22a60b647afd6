"""Comparison: stored findings weighed again by other rules, and which leads would be gained or lost.

Nothing is detected again. What stands is what was stored with each screening; what would stand is the sum by the new
table, held against the new operating point.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest

from detectors.triage.rules import Rules
from detectors.triage.weighing import Weighing, weigh
from models.errors import ConfigurationError, NotFoundError
from models.leads import Screening
from models.policy import LeadChange, MarkChange, RulesComparison
from models.registry import Registry
from models.subjects import Listing

SAMPLES = 200
REASONS = 4
MARKS = 200


@dataclass
class _Side:
    """Leads gained, or lost."""

    count: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    samples: list[LeadChange] = field(default_factory=list)

    def add(self, change: LeadChange) -> None:
        self.count += 1
        self.marks[change.mark_id or ""] += 1
        self.samples.append(change)
        if len(self.samples) > 4 * SAMPLES:
            self.samples = self.furthest()

    def furthest(self) -> list[LeadChange]:
        return nlargest(SAMPLES, self.samples, key=lambda each: (abs(each.new_score - each.score), each.lead_id))


def compare(
    stock: Iterable[tuple[Screening, bool]],
    registry_at: Callable[[str], Registry],
    table: Rules,
    *,
    organisation_id: str,
    rules_version: str,
    by: str,
    at: datetime,
    note: str = "",
) -> RulesComparison:
    """Weigh a stock of screenings, each with whether it is a lead, by this table. `registry_at` gives the registry of
    a version. Subjects whose findings the table cannot weigh are counted and change nothing."""
    gained, lost = _Side(), _Side()
    subjects = leads = unweighed = 0
    for screening, is_lead in stock:
        subjects += 1
        leads += is_lead
        try:
            weighing = weigh(screening.findings, registry_at(screening.registry_version), table)
        except (ConfigurationError, NotFoundError):
            unweighed += 1
            continue
        flagged = weighing.score >= table.operating_point(screening.subject.key.kind)
        if flagged is not screening.assessment.flagged:
            (gained if flagged else lost).add(_change(screening, weighing, flagged=flagged))
    marks = [
        MarkChange(mark_id=mark_id, gained=gained.marks[mark_id], lost=lost.marks[mark_id])
        for mark_id in {**gained.marks, **lost.marks}
    ]
    marks.sort(key=lambda each: (-each.gained - each.lost, each.mark_id))
    return RulesComparison(
        organisation_id=organisation_id,
        rules_version=rules_version,
        new_version=table.version,
        note=note,
        subjects=subjects,
        leads=leads,
        gained_count=gained.count,
        lost_count=lost.count,
        unweighed=unweighed,
        gained=tuple(gained.furthest()),
        lost=tuple(lost.furthest()),
        marks=tuple(marks[:MARKS]),
        compared_by=by,
        compared_at=at,
    )


def _change(screening: Screening, weighing: Weighing, *, flagged: bool) -> LeadChange:
    subject = screening.subject
    had: Counter[str] = Counter()
    would: Counter[str] = Counter()
    for contribution in screening.assessment.contributions:
        had[contribution.fact] += contribution.points  # type: ignore[assignment]  # points are fractions
    for line in weighing.lines:
        would[line.finding.fact] += line.points  # type: ignore[assignment]
    moved = sorted(
        (fact for fact in {**had, **would} if had[fact] != would[fact]), key=lambda f: (-abs(would[f] - had[f]), f)
    )
    new_mark = weighing.mark.mark_id if weighing.mark else None
    return LeadChange(
        lead_id=subject.key.token,
        title=subject.title if isinstance(subject, Listing) else subject.declared_goods,
        mark_id=new_mark if flagged else screening.assessment.mark_id,
        score=screening.assessment.score,
        new_score=weighing.score,
        because=tuple((fact, float(had[fact]), float(would[fact])) for fact in moved[:REASONS]),
    )
