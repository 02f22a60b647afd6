"""A listing's own past: drops and zigzags, weak, and no wonder in a sale."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from detectors.price.history import DROP, ZIGZAG, history_evidence
from detectors.triage import rules
from models.findings import EarlierPrice, Observation
from models.subjects import Listing
from tests.detectors.price.market import ORDINARY, SALE, listing


def past(*prices: float, before: Listing, currency: str = "CNY") -> tuple[EarlierPrice, ...]:
    assert before.captured_at is not None
    return tuple(
        EarlierPrice(before.captured_at - timedelta(days=len(prices) - place), Decimal(str(price)), currency)
        for place, price in enumerate(prices)
    )


def facts(prices: Sequence[float], now: float, **fields: object) -> set[str]:
    subject = listing(1, now).model_copy(update=fields)
    return {one.fact for one in history_evidence(subject, past(*prices, before=subject), ORDINARY)}


@pytest.mark.parametrize(
    ("prices", "now", "told"),
    [
        ((100, 100, 98), 40, {DROP}),
        ((100, 100, 98), 60, set()),
        ((100, 98), 10, set()),  # too few days
        ((100, 50, 100), 100, {ZIGZAG}),
        ((100, 50, 100), 50, {ZIGZAG}),  # 50, 100, 50
        ((100, 90, 100), 100, set()),
        ((100, 150, 150), 150, set()),  # went away and stayed
        ((100, 50, 100, 80), 80, set()),  # an old turn that does not end at today's price
    ],
)
def test_drops_and_turns(prices: Sequence[float], now: float, told: set[str]) -> None:
    assert facts(prices, now) == told


def test_a_sale_day_relaxes_the_drop_and_excuses_the_turn() -> None:
    ordinary_past = listing(1, 40, captured_at=SALE)
    points = tuple(
        EarlierPrice(SALE - timedelta(days=50 + place), Decimal(100), "CNY") for place in range(3)
    )  # September
    assert history_evidence(ordinary_past, points, SALE) == []
    deep = listing(1, 20, captured_at=SALE)
    assert [one.fact for one in history_evidence(deep, points, SALE)] == [DROP]
    after = listing(1, 100, captured_at=SALE + timedelta(days=9))
    ordinary = tuple(EarlierPrice(SALE - timedelta(days=back), Decimal(100), "CNY") for back in (44, 43, 42))
    in_the_sale, before_it = (SALE, Decimal(45)), (SALE - timedelta(days=34), Decimal(45))
    for (at, price), told in ((in_the_sale, []), (before_it, [ZIGZAG])):
        past_days = (*ordinary, EarlierPrice(at, price, "CNY"))
        assert [one.fact for one in history_evidence(after, past_days, SALE)] == told


def test_other_currencies_the_future_and_the_distant_past_are_no_history() -> None:
    subject = listing(1, 10)
    assert subject.captured_at is not None
    assert history_evidence(subject, past(100, 100, 100, before=subject, currency="USD"), ORDINARY) == []
    for shift in (timedelta(days=10), -timedelta(days=400)):
        moved = tuple(
            EarlierPrice(point.at + shift, point.price, point.currency) for point in past(100, 100, 100, before=subject)
        )
        assert history_evidence(subject, moved, ORDINARY) == []


def test_the_weights_are_weak() -> None:
    point = rules().operating_point("listing")
    assert rules().facts[DROP].weight + rules().facts[ZIGZAG].weight <= point / 4


def test_a_history_is_part_of_what_names_a_screening() -> None:
    subject = listing(1, 10)
    with_past = Observation(subject, earlier=past(100, 100, before=subject))
    assert Observation(subject).linked == ""
    assert with_past.linked != Observation(subject, earlier=past(100, 90, before=subject)).linked != ""
