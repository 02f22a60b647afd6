"""Re-screenings: stored subjects screened again under what holds now, in a run that can be stopped and taken up again.

Owns what a run remembers and the port that gives it its subjects. Screening them is `streams.screening.rescreening`.
"""

from typing import Protocol

from pydantic import AwareDatetime

from models.subjects import AnySubject
from models.values import Value


class Rescreening(Value):
    """One run. `cursor` is the token of the last subject that is done; versions are those in use when it began.
    `same` were under these rules and this context already, `moved` got a newer state meanwhile from elsewhere,
    `failed` cannot be screened: their earlier screening stands."""

    organisation_id: str
    run_id: str
    kind: str = ""
    registry_version: str
    rules_version: str
    context_version: str
    total: int
    cursor: str = ""
    done: int = 0
    screened: int = 0
    same: int = 0
    moved: int = 0
    failed: int = 0
    raised: int = 0
    """Subjects that became leads or rose."""
    lowered: int = 0
    started_at: AwareDatetime
    updated_at: AwareDatetime
    finished_at: AwareDatetime | None = None


class StoredSubject(Value):
    """A subject in its newest stored state, with what its standing screening was made under and came to."""

    subject: AnySubject
    screened_at: AwareDatetime
    rules_version: str
    context_version: str
    score: float
    flagged: bool


class RescreeningStore(Protocol):
    """Runs, and the subjects they pass over in the order of their tokens."""

    def unfinished(self, organisation_id: str) -> Rescreening | None:
        """The newest run that has not come to its end; None when there is none."""

    def save(self, run: Rescreening) -> None:
        """Keep how far it has come, durable on return."""

    def runs(self, organisation_id: str, *, limit: int = 20) -> tuple[Rescreening, ...]:
        """Newest first."""

    def count(self, organisation_id: str, *, kind: str = "") -> int:
        """How many subjects are stored."""

    def subjects(self, organisation_id: str, *, kind: str = "", after: str, limit: int) -> tuple[StoredSubject, ...]:
        """The next subjects after that token."""

    def newest(self, organisation_id: str, tokens: tuple[str, ...]) -> tuple[StoredSubject, ...]:
        """These subjects, by token; those that are not stored are left out."""
