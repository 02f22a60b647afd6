"""Patience with silent hosts, under a clock of the test's own."""

import pytest

from models.errors import FetchError
from streams.fetch.patience import Patience


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_host_rests_after_some_silences_and_gets_one_more_try_later() -> None:
    clock = Clock()
    patience = Patience(tries=2, pause_s=60, clock=clock)
    for _ in range(2):
        patience.check("shop.example")
        patience.silent("shop.example")
    with pytest.raises(FetchError, match="2 times in a row"):
        patience.check("shop.example")
    patience.check("other.example")
    clock.now += 61
    patience.check("shop.example")
    patience.silent("shop.example")
    with pytest.raises(FetchError):
        patience.check("shop.example")


def test_an_answer_wipes_the_slate_clean() -> None:
    patience = Patience(tries=2, pause_s=60, clock=Clock())
    patience.silent("shop.example")
    patience.answered("shop.example")
    patience.silent("shop.example")
    patience.check("shop.example")
