"""The clock in words (核查期限): how many working days are left, and until when."""

from datetime import datetime
from enum import StrEnum

from models.case_leads import CaseStanding
from models.law import calendar
from models.moments import SHANGHAI
from models.values import Value


class ClockPhase(StrEnum):
    """What a clock says; the words are the console's."""

    LEFT = "left"
    TODAY = "today"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    PAUSED = "paused"
    NONE = "none"


class ClockView(Value):
    """How a clock stands: `days` working days left or overdue; `since` when it was paused. `calendar_known` is false
    when the holidays of a year concerned were not announced when the table was made: weekends alone were counted."""

    phase: ClockPhase
    days: int = 0
    due_on: str = ""
    since: str = ""
    calendar_known: bool = True


def clock_view(standing: CaseStanding, at: datetime) -> ClockView:
    """The clock of a case lead as it stands at that moment, Shanghai days."""
    if standing.due_on is None:
        return ClockView(phase=ClockPhase.NONE)
    if standing.suspended_on is not None:
        return ClockView(
            phase=ClockPhase.PAUSED, due_on=standing.due_on.isoformat(), since=standing.suspended_on.isoformat()
        )
    due, today = standing.due_on, at.astimezone(SHANGHAI).date()
    if not standing.clock_runs:
        return ClockView(phase=ClockPhase.STOPPED, due_on=due.isoformat())
    left = calendar().between(today, due)
    phase = ClockPhase.TODAY if due == today else ClockPhase.LEFT if due > today else ClockPhase.OVERDUE
    return ClockView(
        phase=phase,
        days=abs(left),
        due_on=due.isoformat(),
        calendar_known=calendar().knows(min(today, due), max(today, due)),
    )
