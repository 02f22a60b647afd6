"""The law as data: every rule dated and sourced, none overlapping, and days counted as announced."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ConfigurationError, NotFoundError
from models.law import RuleKind, calendar, law, read_law

CLOCK = """
[[rule]]
id = "verification"
kind = "clock"
from = 2021-07-15
days = 15
article = "第十八条"
source = "令"
checked = true
zh = "核查"
en = "verify"
"""


def test_every_shipped_rule_is_dated_sourced_and_named() -> None:
    for rule in law().rules:
        assert rule.effective_from.year > 1980
        assert rule.article
        assert rule.source
        assert rule.zh != rule.en
    assert {rule.kind for rule in law().rules} == set(RuleKind)


@pytest.mark.parametrize("missing", ["from", "source", "article", "checked", "zh", "days"])
def test_a_rule_that_lacks_its_date_or_source_does_not_load(missing: str) -> None:
    read_law(CLOCK)
    without = re.sub(rf"^{missing} = .*\n", "", CLOCK, flags=re.MULTILINE)
    assert without != CLOCK
    with pytest.raises(ConfigurationError):
        read_law(without)


def test_two_versions_in_force_at_once_do_not_load() -> None:
    later = CLOCK.replace("2021-07-15", "2026-01-01")
    with pytest.raises(ConfigurationError, match="verification"):
        read_law(CLOCK + later)
    ended = CLOCK.replace("from = 2021-07-15", "from = 2021-07-15\nto = 2025-12-31")
    assert len(read_law(ended + later).rules) == 2


def test_the_law_of_a_day_is_the_law_of_that_day() -> None:
    before, after = (
        law().rule("offence-214-sales", date(2025, 4, 25)),
        law().rule("offence-214-sales", date(2025, 4, 26)),
    )
    assert before.article != after.article
    assert (
        law().rule("verification", date(2021, 7, 14)).article != law().rule("verification", date(2021, 7, 15)).article
    )
    with pytest.raises(NotFoundError):
        law().rule("verification", date(2001, 1, 1))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 25), 15, date(2026, 12, 16)),
        (date(2026, 9, 28), 3, date(2026, 10, 8)),  # the National Day holiday lies between
        (date(2026, 10, 8), 2, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
    ],
)
def test_working_days_are_counted_as_announced(start: date, days: int, end: date) -> None:
    assert calendar().after(start, days) == end
    assert calendar().between(start, end) == days


@given(st.dates(date(2023, 1, 1), date(2028, 12, 31)), st.integers(0, 60))
def test_counting_forth_and_back_agrees(start: date, days: int) -> None:
    end = calendar().after(start, days)
    assert calendar().between(start, end) == days
    assert calendar().between(end, start) == -days
    assert days == 0 or calendar().is_working(end)


def test_a_year_without_an_announcement_is_said_to_be_unknown() -> None:
    assert calendar().knows(date(2026, 1, 1), date(2026, 12, 31))
    assert not calendar().knows(date(2026, 12, 20), date(2099, 1, 9))
    assert all(not calendar().is_working(date(2099, 1, 3) + timedelta(days=ahead)) for ahead in (0, 1))
