"""Times: UTC everywhere, Shanghai where nothing is said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.moments import SHANGHAI, now, parse_moment, start_of_day


@pytest.mark.parametrize(
    ("text", "at", "assumed"),
    [
        ("2026-03-01T09:30:00+08:00", datetime(2026, 3, 1, 1, 30, tzinfo=UTC), False),
        ("2026-03-01T01:30:00Z", datetime(2026, 3, 1, 1, 30, tzinfo=UTC), False),
        (" 2026-03-01 09:30 ", datetime(2026, 3, 1, 1, 30, tzinfo=UTC), True),
        ("2026-03-01", datetime(2026, 2, 28, 16, 0, tzinfo=UTC), True),
    ],
)
def test_iso_times_are_read(text: str, at: datetime, assumed: bool) -> None:
    assert parse_moment(text) == (at, assumed)
    assert parse_moment(text).at.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "昨天", "01/03/2026", "2026-13-01", "2026-03-01T25:00", "0001-01-01", "9999-12-31T23:00-23:00"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="ISO 8601"):
        parse_moment(text)


@settings(max_examples=40, deadline=None)
@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_day_begins_at_midnight_in_shanghai(at: datetime) -> None:
    start = start_of_day(at)
    assert start <= at < start + timedelta(hours=25)
    assert start.astimezone(SHANGHAI).time().isoformat() == "00:00:00"
    assert start.astimezone(SHANGHAI).date() == at.astimezone(SHANGHAI).date()
    assert start_of_day(start) == start


def test_the_clock_is_utc() -> None:
    assert now().tzinfo is UTC
