"""Sources (案件来源): where a case lead came from, from a dated list, with the clock that acceptance starts."""

import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources

from models.errors import InputError
from models.explanations import Language
from models.law import Calendar, Counted, Law, calendar, law
from models.moments import SHANGHAI
from models.values import Value

MONITORING = "monitoring"


class CaseSource(Value):
    """One entry of the list, frozen into the dossier in the words of its day. `detail` is the officer's: a reference
    number, who assigned it."""

    code: str
    zh: str
    en: str
    detail: str = ""

    def name(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Clock(Value):
    """The days for verification (核查期限): which version of the rule, and the days it runs from and to, Shanghai days.
    `calendar_known` is false when holidays of a year concerned were not announced yet."""

    rule_id: str
    article: str
    days: int
    starts_on: date
    due_on: date
    calendar_known: bool = True


@cache
def sources() -> dict[str, CaseSource]:
    """The shipped list by code, in its order."""
    return {code: CaseSource(code=code, zh=entry["zh"], en=entry["en"]) for code, entry in _entries().items()}


def source(code: str, detail: str = "") -> CaseSource:
    """The entry with the officer's detail. Raises `InputError` for a code that is not in the list."""
    found = sources().get(code)
    if found is None:
        raise InputError(f"no source {code!r}", where="source", mend=f"one of {', '.join(sources())}")
    return found.model_copy(update={"detail": detail.strip()})


def start_clock(code: str, accepted_at: datetime, *, by: Law | None = None, days: Calendar | None = None) -> Clock:
    """The clock that acceptance on that day starts, under the law of that day."""
    counted, start = days or calendar(), accepted_at.astimezone(SHANGHAI).date()
    rule = (by or law()).rule(_entries()[code]["clock"], start)
    length = rule.days or 0
    due = (
        counted.after(start, length)
        if rule.counted is Counted.WORKING
        else date.fromordinal(start.toordinal() + length)
    )
    return Clock(
        rule_id=rule.rule_id,
        article=rule.article,
        days=length,
        starts_on=start,
        due_on=due,
        calendar_known=counted.knows(start, due),
    )


@cache
def _entries() -> dict[str, dict[str, str]]:
    text = resources.files("models.case_leads").joinpath("data", "sources.toml").read_text("utf-8")
    return {entry["code"]: entry for entry in tomllib.loads(text)["source"]}
