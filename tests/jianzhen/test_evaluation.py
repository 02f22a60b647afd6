"""The arithmetic of `jianzhen eval`, checked against figures worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianzhen.evaluation import average_precision, evaluate
from models.findings import Stance
from models.formats import Expectation, Label, ReadFinding, ReadLead


def label(listing_id: str, expect: str, mark_id: str = "", **groups: str) -> Label:
    return Label(listing_id=listing_id, expect=Expectation(expect), mark_id=mark_id, groups=groups)


def lead(listing_id: str, score: float, *findings: tuple[str, str | None, str], flagged: bool = True) -> ReadLead:
    read = tuple(ReadFinding(detector=d, mark_id=m, stance=Stance(s)) for d, m, s in findings)
    return ReadLead(listing_id=listing_id, flagged=flagged, score=score, findings=read)


LABELS = [
    label("right", "lead", "M1", trick="shape"),
    label("wrong-mark", "lead", "M1", trick="shape"),
    label("against-only", "lead", "M1", trick="sound"),
    label("unflagged", "lead", "M1", trick="sound", disputed="true"),
    label("absent", "lead", "M1"),
    label("cheap", "price-lead", "M1"),
    label("cheap-by-name", "price-lead", "M1"),
    label("clean", "none"),
    label("alarm", "none"),
]
LEADS = {
    each.listing_id: each
    for each in (
        lead("right", 9, ("trademark", "M1", "for")),
        lead("wrong-mark", 8, ("trademark", "M2", "for")),
        lead("against-only", 7, ("trademark", "M1", "against")),
        lead("unflagged", 1, ("trademark", "M1", "for"), flagged=False),
        lead("cheap", 6, ("price", "M1", "for")),
        lead("cheap-by-name", 5, ("trademark", "M1", "for"), ("price", "M1", "against")),
        lead("clean", 0, flagged=False),
        lead("alarm", 4, ("trademark", "M9", "for")),
        lead("unlabelled", 3),
    )
}


def test_found_means_flagged_for_the_right_mark_or_by_price() -> None:
    measure = evaluate(LABELS, LEADS).overall
    assert (measure.expected, measure.found, measure.flagged_expected) == (7, 2, 5)
    assert (measure.clean, measure.false_positives, measure.false_positive_rate) == (2, 1, 0.5)
    assert measure.recall == pytest.approx(2 / 7, abs=1e-6)
    assert measure.precision == pytest.approx(2 / 6, abs=1e-6)


def test_disputed_rows_groups_and_what_has_no_counterpart_are_told_apart() -> None:
    result = evaluate(LABELS, LEADS)
    assert (result.undisputed.rows, result.disputed.rows) == (8, 1)
    assert {name: group.rows for name, group in result.groups["trick"].items()} == {"shape": 2, "sound": 2}
    assert result.groups["expect"]["price-lead"].found == 1
    assert (result.missing, result.unlabelled) == (("absent",), 1)


def test_average_precision_by_hand() -> None:
    assert average_precision([(4, True), (3, False), (2, True), (1, False)]) == pytest.approx((1 + 2 / 3) / 2, abs=1e-6)
    assert average_precision([(1, False)]) is None
    assert average_precision([(1, True), (1, False)]) == 0.5


@given(st.lists(st.tuples(st.integers(0, 3).map(float), st.booleans()), max_size=30), st.randoms())
def test_average_precision_knows_no_file_order_and_stays_in_bounds(
    rows: list[tuple[float, bool]], chance: object
) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    value = average_precision(rows)
    assert value == average_precision(shuffled)
    assert value is None or 0 < value <= 1


def test_a_labelled_listing_without_a_line_ranks_last() -> None:
    result = evaluate(
        [label("gone", "lead", "M1"), label("clean", "none")], {"clean": lead("clean", -5, flagged=False)}
    )
    assert result.overall.average_precision == 0.5
    assert not math.isnan(result.overall.recall or 0)
