"""Working days in China: weekends, public holidays, and the weekends worked in exchange, as announced year by year."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Announced days by year. A year without an announcement is counted by its weekends alone."""

    announced: frozenset[int]
    off: frozenset[date]
    worked: frozenset[date]

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day not in self.off and day.weekday() < SATURDAY)

    def after(self, start: date, days: int) -> date:
        """The last of `days` working days that follow `start`; the first of them is the next working day."""
        day = start
        while days > 0:
            day += DAY
            days -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + DAY * ahead) for ahead in range(1, (end - start).days + 1))

    def knows(self, start: date, end: date) -> bool:
        """Whether every year from `start` to `end` was announced."""
        return all(year in self.announced for year in range(start.year, end.year + 1))


@cache
def calendar() -> Calendar:
    """The shipped calendar."""
    text = resources.files("models.law").joinpath("data", "working_days.toml").read_text("utf-8")
    years = tomllib.loads(text)["year"]
    return Calendar(
        announced=frozenset(int(year) for year in years),
        off=frozenset(_days(entry for year in years.values() for entry in year["off"])),
        worked=frozenset(_days(entry for year in years.values() for entry in year["worked"])),
    )


def _days(entries: Iterable[str]) -> Iterator[date]:
    for entry in entries:
        first, _, last = entry.partition("/")
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        yield from (start + DAY * ahead for ahead in range((end - start).days + 1))
