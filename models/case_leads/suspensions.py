"""Suspensions (期限中止): time that does not count towards verification, by ground and by the law of the day.

From 15 July 2021 on the rule on verification leaves out the time that tests, appraisals and the rights holder's
identification of goods need; before that nothing suspends the clock.
"""

from datetime import date, datetime
from enum import StrEnum

from models.errors import ConflictError, NotFoundError
from models.law import Calendar, Law, Rule, calendar, law
from models.moments import SHANGHAI

RULE = "verification-suspension"


class Ground(StrEnum):
    """What suspends a clock (检测检验检疫, 鉴定, 权利人辨认)."""

    TESTING = "testing"
    APPRAISAL = "appraisal"
    IDENTIFICATION = "identification"


def suspension_rule(registered_on: date, *, by: Law | None = None, where: str = "") -> Rule:
    """The rule that lets the clock of a case lead of that day be suspended. Raises `ConflictError` where there was
    none."""
    try:
        return (by or law()).rule(RULE, registered_on)
    except NotFoundError:
        raise ConflictError(
            f"no rule in force on {registered_on} suspends this clock", where=where, mend="extend it instead"
        ) from None


def resumed_due(due: date, suspended_on: date, at: datetime, *, days: Calendar | None = None) -> date:
    """The day a clock is due on that was suspended on one day and runs again from another: later by the working days
    between them."""
    counted = days or calendar()
    return counted.after(due, max(0, counted.between(suspended_on, at.astimezone(SHANGHAI).date())))
