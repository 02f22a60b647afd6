"""Sale days come from dated data, read in China's calendar."""

from datetime import UTC, date, datetime

import pytest

from detectors.price.sale_days import sale_at, sale_on


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2016, 11, 11), "双11"),
        (date(2025, 10, 25), "双11"),
        (date(2015, 10, 25), None),
        (date(2026, 6, 18), "618"),
        (date(2026, 12, 12), "双12"),
        (date(2027, 1, 20), "年货节"),
        (date(2022, 12, 27), "年货节"),  # a festival early in the next year reaches back into December
        (date(2026, 2, 17), None),
        (date(2026, 3, 20), None),
        (date(2008, 11, 11), None),
    ],
)
def test_days(day: date, name: str | None) -> None:
    sale = sale_on(day)
    assert (sale.zh if sale else None) == name
    assert sale is None or (0 < sale.share < 1 and sale.first <= day <= sale.last and sale.en)


def test_the_calendar_is_that_of_shanghai() -> None:
    assert sale_at(datetime(2014, 11, 10, 15, 59, tzinfo=UTC)) is None
    assert sale_at(datetime(2014, 11, 10, 16, 0, tzinfo=UTC)) is not None
