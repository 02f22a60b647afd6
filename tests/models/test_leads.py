"""Leads: what an assessment adds up to, where a subject ends, and what may follow what."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from models.leads import TRANSITIONS, Assessment, Cell, Contribution, Disposition, Outcome, Screening
from models.subjects import Listing

LISTING = Listing(listing_id="item-1", platform="taobao", title="晴川护手霜")
CONTRIBUTIONS = st.builds(
    Contribution,
    finding_id=st.text(min_size=1, max_size=4),
    fact=st.just("similar-shape"),
    weight=st.floats(-10, 10),
    points=st.floats(-10, 10),
)


def screening(assessment: Assessment) -> Screening:
    return Screening(
        screening_key="s",
        observation_id=LISTING.observation_id,
        subject=LISTING,
        registry_version="v",
        rules_version="r",
        context_version="c",
        assessment=assessment,
        screened_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(CONTRIBUTIONS, max_size=5))
def test_an_assessment_comes_back_from_json_to_the_last_bit(contributions: list[Contribution]) -> None:
    """Contributions add up to the score exactly: storing must not round them."""
    score = sum(entry.points for entry in contributions)
    assessment = Assessment(flagged=True, score=score, contributions=tuple(contributions))
    again = Assessment.model_validate_json(assessment.model_dump_json())
    assert again == assessment
    assert sum(entry.points for entry in again.contributions) == again.score


def test_a_screening_ends_as_lead_or_no_match() -> None:
    assert screening(Assessment(flagged=True, score=0.0)).outcome is Outcome.LEAD
    assert screening(Assessment(flagged=False, score=99.0)).outcome is Outcome.NO_MATCH


def test_every_disposition_says_what_may_follow() -> None:
    assert set(TRANSITIONS) == set(Disposition)
    assert TRANSITIONS[Disposition.ACCEPTED] == frozenset()
    reachable = {Disposition.OPEN}.union(*TRANSITIONS.values())
    assert reachable == set(Disposition)
    assert all(state not in following for state, following in TRANSITIONS.items())


def test_the_cells_are_two_by_four() -> None:
    marks = {cell.value.split("/")[0] for cell in Cell}
    goods = {cell.value.split("/")[1] for cell in Cell}
    assert {f"{mark}/{good}" for mark in marks for good in goods} == {cell.value for cell in Cell}
    assert len(Cell) == 8
