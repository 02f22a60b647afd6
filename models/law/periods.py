"""Periods: the last day of a clock, counted as its rule says, under the law of the day on which it starts.

The day that starts a clock does not count. A clock of calendar days that would end on a day off ends on the next
working day, from the day on which the law said so on.
"""

from datetime import date, timedelta

from models.errors import NotFoundError
from models.law.rules import Counted, Law, Rule
from models.law.working_days import DAY, Calendar

ENDS_ON_WORKING_DAY = "period-ends-on-working-day"


def last_day(rule: Rule, start: date, table: Law, days: Calendar) -> date:
    """The day on which a clock of this rule ends that starts on `start`, Shanghai days."""
    length = rule.days or 0
    if rule.counted is Counted.WORKING:
        return days.after(start, length)
    end = start + timedelta(days=length)
    return days.after(end - DAY, 1) if _rolls_over(table, start) else end


def _rolls_over(table: Law, day: date) -> bool:
    try:
        table.rule(ENDS_ON_WORKING_DAY, day)
    except NotFoundError:
        return False
    return True
