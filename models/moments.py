"""Times: UTC with an offset everywhere; a naive input is Asia/Shanghai and marked so."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.errors import InputError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Moment(NamedTuple):
    """A time in UTC, and whether its zone had to be assumed (Asia/Shanghai)."""

    at: datetime
    assumed_zone: bool


def parse_moment(text: str) -> Moment:
    """Read ISO 8601, from the year 2 to 9998: a day to either side must be a date too. Raises `InputError` for anything
    else."""
    try:
        read = datetime.fromisoformat(text.strip())
        assumed = read.tzinfo is None
        at = (read.replace(tzinfo=SHANGHAI) if assumed else read).astimezone(UTC)
        if not MINYEAR < at.year < MAXYEAR:
            raise ValueError
    except (ValueError, OverflowError):
        raise InputError(
            f"{text!r} 不是 ISO 8601 时间 / is not an ISO 8601 time",
            mend="写成如 2026-03-01T09:30:00+08:00 / write e.g. 2026-03-01T09:30:00+08:00",
        ) from None
    return Moment(at, assumed_zone=assumed)


def now() -> datetime:
    """The clock, read only at the edges."""
    return datetime.now(UTC)


def start_of_day(at: datetime) -> datetime:
    """Midnight in Shanghai of the day `at` falls on, in UTC: the as-of time of a context built on that day."""
    return datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI).astimezone(UTC)
