"""Answers to counter-evidence (排除因素的回应): what speaks against a case lead, and how the officer answered each.

Strong ones are answered in an officer's words before anything is handed over.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.findings import Finding, Stance
from models.leads import Lead
from models.values import Value

# What takes at least so many points off a lead's score is strong.
STRONG_POINTS = 3.0


class Answer(Value):
    """An officer's words on one finding against."""

    finding_id: Annotated[str, Field(min_length=1, max_length=64)]
    words: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
    by: str = ""
    at: AwareDatetime | None = None


class Counter(Value):
    """One finding against, as the dossier holds it, with its answer where there is one."""

    lead_id: str
    finding: Finding
    points: float
    answer: Answer | None = None

    @property
    def strong(self) -> bool:
        return self.points <= -STRONG_POINTS


def counters(leads: Iterable[Lead], answers: Iterable[Answer]) -> tuple[Counter, ...]:
    """Everything that speaks against these leads, weightiest first within each lead."""
    given = {answer.finding_id: answer for answer in answers}
    return tuple(counter for lead in leads for counter in _of_lead(lead, given))


def unanswered(leads: Iterable[Lead], answers: Iterable[Answer]) -> tuple[Counter, ...]:
    """The strong ones that nobody has answered."""
    return tuple(each for each in counters(leads, answers) if each.strong and each.answer is None)


def _of_lead(lead: Lead, given: dict[str, Answer]) -> list[Counter]:
    points = {each.finding_id: each.points for each in lead.screening.assessment.contributions}
    found = [
        Counter(
            lead_id=lead.lead_id,
            finding=finding,
            points=points.get(finding.finding_id, 0.0),
            answer=given.get(finding.finding_id),
        )
        for finding in lead.screening.findings
        if finding.stance is Stance.AGAINST
    ]
    return sorted(found, key=lambda each: each.points)
