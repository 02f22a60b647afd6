"""Checks of marks (商标核验): an officer compares a mark of the registry with its certificate and its status.

Only a mark that was checked, and is in force, may lead to anything that leaves. A check is of the mark as it stood: a
mark that is changed afterwards needs another one, and none holds for ever. Owns what a check says and where a mark
stands by it; which exports rest on which marks lies with `review_api.cases.rights`.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import AwareDatetime, Field, model_validator

from models.case_leads.dossier import Dossier
from models.findings import Stance
from models.identity import LOCAL
from models.moments import SHANGHAI
from models.registry import Mark, row_digest
from models.values import Value

# A registration may be transferred, cancelled or revoked: what was seen is believed for so long at most.
LONGEST_DAYS = 366
USUAL_DAYS = 180


class Compared(StrEnum):
    """What of a mark was held against its certificate or the public register."""

    CERTIFICATE = "certificate"
    STATUS = "status"
    HOLDER = "holder"
    CLASSES = "classes"
    DATES = "dates"
    PICTURE = "picture"


# Without these two nothing is said about whether the right exists today.
NEEDED = frozenset({Compared.CERTIFICATE, Compared.STATUS})


class CheckResult(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_FOUND = "not-found"


class MarkCheck(Value):
    """One check. `mark` is the row as it was compared; `source` what it was compared with; it holds until the end of
    the Shanghai day `valid_until`, if the mark stays as it was."""

    organisation_id: str = LOCAL
    mark: Mark
    compared: Annotated[tuple[Compared, ...], Field(min_length=1)]
    source: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
    result: CheckResult
    note: Annotated[str, Field(max_length=2000)] = ""
    by: str
    at: AwareDatetime
    valid_until: date

    @property
    def mark_id(self) -> str:
        return self.mark.mark_id

    @property
    def mark_digest(self) -> str:
        """Names the row that was compared."""
        return row_digest(self.mark)

    @model_validator(mode="after")
    def _whole(self) -> "MarkCheck":
        if self.result is CheckResult.AGREES and not set(self.compared) >= NEEDED:
            raise ValueError("a mark agrees only where certificate and status were compared")
        if not day_of(self.at) <= self.valid_until <= day_of(self.at) + timedelta(days=LONGEST_DAYS):
            raise ValueError(f"a check holds from its own day on, {LONGEST_DAYS} days at most")
        return self


class CheckStanding(StrEnum):
    """Where a mark stands: only `checked` lets anything leave."""

    CHECKED = "checked"
    NEVER = "never"
    CHANGED = "changed"
    EXPIRED = "expired"
    DIFFERS = "differs"
    NOT_IN_FORCE = "not-in-force"
    GONE = "gone"


class MarkCheckStore(Protocol):
    """Checks of a unit's marks, every one kept."""

    def add(self, check: MarkCheck) -> None: ...

    def of_mark(self, organisation_id: str, mark_id: str) -> tuple[MarkCheck, ...]:
        """Newest first."""

    def newest(self, organisation_id: str) -> dict[str, MarkCheck]:
        """The newest check of every mark that has one, by the mark's id."""


def standing_of(mark: Mark | None, check: MarkCheck | None, at: datetime) -> CheckStanding:
    """Where the mark stands by its newest check; `mark` is the row as the registry has it now."""
    if mark is None:
        return CheckStanding.GONE
    if check is None:
        return CheckStanding.NEVER
    if check.mark_digest != row_digest(mark):
        return CheckStanding.CHANGED
    if check.result is not CheckResult.AGREES:
        return CheckStanding.DIFFERS
    if day_of(at) > check.valid_until:
        return CheckStanding.EXPIRED
    return CheckStanding.CHECKED if mark.in_force(at) else CheckStanding.NOT_IN_FORCE


def rests_on(dossier: Dossier) -> tuple[str, ...]:
    """The ids of the marks that a dossier rests on: those of its leads, and those that a finding for is about."""
    named: list[str] = []
    for lead in dossier.leads:
        screening = lead.screening
        named.append(screening.assessment.mark_id or "")
        named += [each.mark_id or "" for each in screening.findings if each.stance is Stance.FOR]
    return tuple(dict.fromkeys(mark_id for mark_id in named if mark_id))


def day_of(at: datetime) -> date:
    """The Shanghai day."""
    return at.astimezone(SHANGHAI).date()
