"""The law as dated data: which rule was in force on a day, and how its days are counted.

Owns the shipped tables and reading them. What a rule means for a case lead is the business of `models.case_leads`.
"""

from models.law.periods import last_day
from models.law.rules import Counted, Law, Measure, Rule, RuleKind, law, read_law
from models.law.working_days import Calendar, calendar

__all__ = ["Calendar", "Counted", "Law", "Measure", "Rule", "RuleKind", "calendar", "last_day", "law", "read_law"]
