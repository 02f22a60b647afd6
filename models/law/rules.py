"""Rules of law: thresholds, clocks and articles, each with its dates, article and source.

A rule without a date, a source or an article does not load: a case lead is replayed under the law of its day, and an
undated rule has no day.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from models.errors import ConfigurationError, NotFoundError
from models.explanations import Language
from models.values import Value


class RuleKind(StrEnum):
    CLOCK = "clock"
    THRESHOLD = "threshold"
    ARTICLE = "article"


class Counted(StrEnum):
    """How the days of a clock are counted."""

    WORKING = "working"
    CALENDAR = "calendar"


class Measure(StrEnum):
    """What a threshold is measured on."""

    TURNOVER = "turnover"
    SALES = "sales"


Said = Annotated[str, Field(min_length=1)]


class Rule(Value):
    """One version of a rule (条款), in force from `effective_from` to `effective_to`, Shanghai days, both included.
    `checked` is false where only a digest was read: counsel confirms it before anything rests on it alone."""

    rule_id: Said
    kind: RuleKind
    effective_from: date
    effective_to: date | None = None
    article: Said
    source: Said
    checked: bool
    zh: Said
    en: Said
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    counted: Counted = Counted.WORKING
    extension_days: Annotated[int, Field(ge=0, le=400)] = 0
    amount: Annotated[Decimal, Field(gt=0)] | None = None
    currency: str = ""
    measure: Measure | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("ends before it begins")
        if (self.kind is RuleKind.CLOCK) != (self.days is not None):
            raise ValueError("a clock, and nothing else, has days")
        if (self.kind is RuleKind.THRESHOLD) != (None not in (self.amount, self.measure) and bool(self.currency)):
            raise ValueError("a threshold, and nothing else, has amount, currency and measure")
        return self

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def sentence(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Law:
    """All versions of all rules."""

    rules: tuple[Rule, ...]

    def on(self, day: date) -> tuple[Rule, ...]:
        """The rules in force on that day, in the table's order."""
        return tuple(rule for rule in self.rules if rule.in_force(day))

    def rule(self, rule_id: str, day: date) -> Rule:
        """Raises `NotFoundError` when no version of it was in force on that day."""
        found = next((rule for rule in self.on(day) if rule.rule_id == rule_id), None)
        if found is None:
            raise NotFoundError(f"no version of rule {rule_id!r} was in force on {day}", where="law")
        return found


@cache
def law() -> Law:
    """The shipped table."""
    return read_law(resources.files("models.law").joinpath("data", "rules.toml").read_text("utf-8"))


def read_law(text: str) -> Law:
    """A table as text. Raises `ConfigurationError` for a rule that is undated, unsourced or overlaps another version
    of itself."""
    try:
        entries = tomllib.loads(text)["rule"]
        rules = tuple(Rule(**_named(entry)) for entry in entries)
    except (ValidationError, KeyError, TypeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigurationError(f"the table of law cannot be read: {fault}", where="law") from None
    _no_overlap(rules)
    return Law(rules)


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    names = {"id": "rule_id", "from": "effective_from", "to": "effective_to"}
    return {names.get(name, name): value for name, value in entry.items()}


def _no_overlap(rules: Iterable[Rule]) -> None:
    ends: dict[str, date] = {}
    for rule in sorted(rules, key=lambda rule: (rule.rule_id, rule.effective_from)):
        earlier = ends.get(rule.rule_id)
        if earlier is not None and rule.effective_from <= earlier:
            raise ConfigurationError(
                f"two versions of rule {rule.rule_id!r} are in force on {rule.effective_from}",
                where="law",
                mend="end the older one the day before",
            )
        ends[rule.rule_id] = rule.effective_to or date.max
