"""The registry: its version names its rows, whatever their order; its dates are Shanghai days."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.registry import AuthorisedSeller, Mark, MarkStatus, ReferenceGoods, Registry, rows_digest, within

MARKS = st.builds(
    Mark,
    mark_id=st.sampled_from([f"m-{number}" for number in range(6)]),
    text=st.sampled_from(["晴川", "云朵鹿", "白鹭泉", "KESTRELLO"]),
    nice_classes=st.lists(st.integers(1, 45), max_size=2).map(tuple),
)
MARK = Mark(mark_id="m-1", text="晴川", valid_from=date(2020, 1, 1), valid_to=date(2029, 12, 31))
CREAM = ReferenceGoods(goods_id="g-1", mark_id="m-1", reference_price=Decimal("39.90"), currency="CNY")
SHOP = AuthorisedSeller(mark_id="m-1", seller_name="晴川旗舰店")


@settings(max_examples=40, deadline=None)
@given(st.lists(MARKS, unique_by=lambda mark: mark.mark_id, max_size=6).flatmap(
    lambda marks: st.tuples(st.just(marks), st.permutations(marks))
))  # fmt: skip
def test_the_order_of_rows_does_not_change_the_version(orders: tuple[list[Mark], list[Mark]]) -> None:
    straight, shuffled = orders
    assert Registry(marks=tuple(straight)).version == Registry(marks=tuple(shuffled)).version


@settings(max_examples=40, deadline=None)
@given(st.lists(MARKS, max_size=4), st.lists(MARKS, max_size=4))
def test_equal_versions_are_equal_rows(here: list[Mark], there: list[Mark]) -> None:
    same_rows = all(mark in there for mark in here) and all(mark in here for mark in there)
    assert (rows_digest(here) == rows_digest(there)) == same_rows


def test_every_kind_of_row_counts() -> None:
    states = [
        Registry(),
        Registry(marks=(MARK,)),
        Registry(marks=(MARK,), goods=(CREAM,)),
        Registry(marks=(MARK,), goods=(CREAM,), authorised=(SHOP,)),
    ]
    assert len({state.version for state in states}) == 4


def test_a_committed_registry_goes_by_its_chained_version() -> None:
    assert Registry(marks=(MARK,), chained_version="v-7").version == "v-7"


def test_rows_are_found_by_their_mark() -> None:
    registry = Registry(marks=(MARK,), goods=(CREAM, CREAM.model_copy(update={"goods_id": "g-2"})), authorised=(SHOP,))
    assert registry.mark_by_id == {"m-1": MARK}
    assert [goods.goods_id for goods in registry.goods_by_mark["m-1"]] == ["g-1", "g-2"]
    assert registry.authorised_by_mark == {"m-1": (SHOP,)}


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (datetime(2019, 12, 31, 15, 59, tzinfo=UTC), False),  # still 31 December in Shanghai
        (datetime(2019, 12, 31, 16, 0, tzinfo=UTC), True),
        (datetime(2029, 12, 31, 15, 59, tzinfo=UTC), True),
        (datetime(2029, 12, 31, 16, 0, tzinfo=UTC), False),
    ],
)
def test_dates_are_shanghai_days_and_include_both_ends(at: datetime, inside: bool) -> None:
    assert within(MARK.valid_from, MARK.valid_to, at) is inside
    assert MARK.in_force(at) is inside


def test_an_open_end_is_unbounded() -> None:
    assert within(None, None, datetime(1900, 1, 1, tzinfo=UTC))
    assert not within(None, date(2020, 1, 1), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("status", [status for status in MarkStatus if status is not MarkStatus.REGISTERED])
def test_only_a_registered_mark_is_in_force(status: MarkStatus) -> None:
    assert not MARK.model_copy(update={"status": status}).in_force(datetime(2026, 1, 1, tzinfo=UTC))
