"""Leads: findings on one subject, triaged (疑似信息); what a screening answered, and what people decided about it."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from models.dead_letters import LetterPlace, LetterState
from models.findings import Finding, Parameter
from models.identity import LOCAL, screening_key
from models.registry import MarkStatus
from models.subjects import AnySubject, ParcelRecord
from models.values import Value


class Cell(StrEnum):
    """Where a lead stands in the legal test: nearness of the marks x relation of the goods (商标法 57)."""

    SAME_SAME = "same-mark/same-goods"
    SAME_SIMILAR = "same-mark/similar-goods"
    SAME_UNRELATED = "same-mark/unrelated-goods"
    SAME_UNKNOWN = "same-mark/unknown-goods"
    SIMILAR_SAME = "similar-mark/same-goods"
    SIMILAR_SIMILAR = "similar-mark/similar-goods"
    SIMILAR_UNRELATED = "similar-mark/unrelated-goods"
    SIMILAR_UNKNOWN = "similar-mark/unknown-goods"


class Contribution(Value):
    """What one finding adds to the score: weight x the finding's own score; negative when it speaks against."""

    finding_id: str
    fact: str
    weight: float
    points: float


class Flip(Value):
    """What would change the outcome: a condition's code, and the score if it held."""

    condition: str
    score: float
    flagged: bool
    params: dict[str, Parameter] = Field(default_factory=dict)


class Assessment(Value):
    """Triage's answer. `score` ranks and is never clipped; `flagged` is the operating point; contributions add up to
    `score` exactly. `exportable` is false while the mark is pending, lapsed or disputed."""

    flagged: bool
    score: float
    cell: Cell | None = None
    mark_id: str | None = None
    mark_status: MarkStatus | None = None
    exportable: bool = True
    contributions: tuple[Contribution, ...] = ()
    flips: tuple[Flip, ...] = ()


class Outcome(StrEnum):
    """Every accepted subject ends in exactly one of these."""

    LEAD = "lead"
    NO_MATCH = "no-match"
    DEAD_LETTER = "dead-letter"


class Screening(Value):
    """One subject screened once: under these rules, in this context."""

    screening_key: str
    observation_id: str
    subject: AnySubject
    registry_version: str
    rules_version: str
    context_version: str
    assessment: Assessment
    findings: tuple[Finding, ...] = ()
    screened_at: AwareDatetime

    @property
    def outcome(self) -> Outcome:
        return Outcome.LEAD if self.assessment.flagged else Outcome.NO_MATCH

    @property
    def awaited_listing(self) -> str:
        """The id of the listing that this parcel names and was screened without; "" when nothing is missing."""
        if not isinstance(self.subject, ParcelRecord):
            return ""
        alone = screening_key(self.observation_id, self.rules_version, self.context_version)
        return self.subject.listing_id if self.screening_key == alone else ""


class PastScreening(Value):
    """One screening of a subject in short: when, under which rules and registry, and what it came to."""

    screened_at: AwareDatetime
    score: float
    flagged: bool
    rules_version: str
    registry_version: str


class DeadLetter(Value):
    """A message that can never be processed: where it lay, what it was, why, when and how often it was tried, replays
    included; and where it stands since (`models.dead_letters`)."""

    organisation_id: str = LOCAL
    topic: str
    partition: int
    offset: int
    key: str = ""
    payload: str
    payload_sha256: str
    reason: str
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    attempts: Annotated[int, Field(ge=1)] = 1
    state: LetterState = LetterState.OPEN
    replayed_at: AwareDatetime | None = None
    replayed_by: str = ""
    ended_at: AwareDatetime | None = None

    @property
    def place(self) -> LetterPlace:
        """Where its message lay."""
        return LetterPlace(topic=self.topic, partition=self.partition, offset=self.offset)


class Disposition(StrEnum):
    """What an officer made of a lead (待研判, 转核查, 排除, 待补充)."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    MORE_INFORMATION = "more-information"


# Which disposition may follow which. An accepted lead is in a case lead and leaves it by that dossier's own rules.
TRANSITIONS: dict[Disposition, frozenset[Disposition]] = {
    Disposition.OPEN: frozenset({Disposition.ACCEPTED, Disposition.DISMISSED, Disposition.MORE_INFORMATION}),
    Disposition.MORE_INFORMATION: frozenset({Disposition.ACCEPTED, Disposition.DISMISSED, Disposition.OPEN}),
    Disposition.DISMISSED: frozenset({Disposition.OPEN}),
    Disposition.ACCEPTED: frozenset(),
}


class Decision(Value):
    """One act of a person on a lead. A dismissal carries its reason."""

    disposition: Disposition
    reason: str = ""
    decided_by: str
    decided_at: AwareDatetime


class Lead(Value):
    """A subject's standing lead: its newest screening and what people decided. `revision` grows with every decision
    and whenever another screening takes the lead over: nobody decides on what they have not seen. `lead_id` is the
    subject key's token."""

    organisation_id: str = LOCAL
    lead_id: str
    screening: Screening
    disposition: Disposition = Disposition.OPEN
    decisions: tuple[Decision, ...] = ()
    case_number: str = ""
    revision: int = 0
    first_seen: AwareDatetime
    last_seen: AwareDatetime
