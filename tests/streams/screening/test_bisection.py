"""Bisection finds exactly the members that fail, and only asks more often where something fails."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ConfigurationError, TransientFault
from streams.screening.bisection import bisect


@given(size=st.integers(0, 60), bad=st.sets(st.integers(0, 59), max_size=8))
def test_finds_the_bad_and_keeps_the_good_in_order(size: int, bad: set[int]) -> None:
    calls = []

    def work(some: Sequence[int]) -> list[int]:
        calls.append(len(some))
        if bad & set(some):
            raise ValueError("bad")
        return [number * 10 for number in some]

    done, failed = bisect(range(size), work)
    present = sorted(bad & set(range(size)))
    assert done == [number * 10 for number in range(size) if number not in bad]
    assert [failure.item for failure in failed] == present
    assert len(calls) <= 1 + len(present) * 2 * 7
    assert all(1 <= failure.attempts <= 7 for failure in failed)


@pytest.mark.parametrize("error", [TransientFault("away"), ConfigurationError("wrong"), MemoryError()])
def test_what_is_not_the_batch_is_raised(error: Exception) -> None:
    def work(some: Sequence[int]) -> list[int]:
        raise error

    with pytest.raises(type(error)):
        bisect([1, 2], work)
