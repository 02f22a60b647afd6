"""The policy, by ranking and by operating point: what must outrank what, what must never be flagged."""

from datetime import UTC, date, datetime
from itertools import count

import pytest

from detectors.triage import assess, rules
from models.findings import Finding
from models.leads import Assessment, Cell
from models.registry import Fame, Mark, MarkStatus, Registry
from models.subjects import Listing, ParcelRecord

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MARK = Mark(mark_id="M1", text="晴川", nice_classes=(30,), valid_from=date(2020, 1, 1), valid_to=date(2030, 1, 1))
REGISTRY = Registry(
    marks=(MARK, Mark(mark_id="M2", text="云朵鹿"), Mark(mark_id="M3", text="王冠", fame=Fame.WELL_KNOWN))
)
LISTING = Listing(listing_id="L1", platform="集市", title="晴川 红茶")
PARCEL = ParcelRecord(parcel_token="t", carrier="快运")
NUMBERS = count()


def told(fact: str, score: float = 1.0, *, relation: str = "same", mark: str | None = "M1") -> Finding:
    """A finding as its detector would tell it."""
    nearness = "same" if fact in ("identical-mark", "alias-mark", "disguised-mark") else "similar"
    return Finding(
        finding_id=f"f{next(NUMBERS)}",
        detector="trademark",
        version="1",
        mark_id=mark,
        stance=rules().facts[fact].stance,
        score=score,
        fact=fact,
        field="title",
        params={"nearness": nearness, "goods_relation": relation} if mark else {},
    )


def weighed(*findings: Finding, registry: Registry = REGISTRY) -> Assessment:
    return assess(findings, registry, AS_OF, LISTING)


# Each line outranks the one below it.
RANKED: tuple[tuple[Finding, ...], ...] = (
    (told("similar-shape", 0.95), told("price-far-below", 0.95)),
    (told("similar-shape", 0.95),),
    (told("similar-shape", 0.95), told("price-near-reference")),
    (told("similar-shape", 0.75),),
    (told("similar-shape", 0.75, relation="similar"),),
    (told("identical-mark"),),
    (told("identical-mark"), told("plain-resale")),
    (told("identical-mark"), told("plain-resale"), told("second-hand")),
    (told("identical-mark"), told("authorised-seller")),
)


def test_findings_rank_as_an_officer_would_rank_them() -> None:
    scores = [weighed(*findings).score for findings in RANKED]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


@pytest.mark.parametrize(
    "findings",
    [
        (told("identical-mark"),),
        (told("identical-mark"), told("plain-resale")),
        (told("identical-mark"), told("plain-resale"), told("copied-official-picture", 0.98)),
        (told("identical-mark"), told("price-near-reference")),
        (told("similar-shape", relation="unrelated"),),
        (told("similar-sound", relation="unrelated"), told("unrelated-goods")),
        (told("similar-shape", 0.99), told("authorised-seller")),
        (told("similar-shape", 0.99), told("price-far-below"), told("authorised-seller")),
        (told("identical-mark"), told("counterfeit-wording"), told("price-far-below"), told("authorised-seller")),
        (told("similar-shape", 0.99), told("nearer-other-mark")),
        (told("similar-sound", 0.9), told("mark-not-in-force")),
        (told("identical-mark"), told("nominative-use"), told("price-below", 0.8)),
        (told("similar-spelling", 0.4),),
        (told("price-below", 0.8),),
        (told("copied-official-picture", 0.99), told("official-picture-authorised", 0.99)),
    ],
)
def test_these_are_recorded_and_not_flagged(findings: tuple[Finding, ...]) -> None:
    answer = weighed(*findings)
    assert not answer.flagged
    assert len(answer.contributions) == len(findings)


@pytest.mark.parametrize(
    "findings",
    [
        (told("similar-shape", 0.8),),
        (told("similar-sound", 0.9, relation="unknown"),),
        (told("disguised-mark", 0.95),),
        (told("identical-mark"), told("counterfeit-wording")),
        (told("identical-mark"), told("plain-resale"), told("price-far-below", 0.9)),
        (told("price-far-below", 0.9),),
        (told("gi-other-origin", 0.95), told("identical-mark")),
        (told("copied-official-picture", 0.98),),
        (told("similar-shape", 0.95, mark="M3", relation="unrelated"),),
    ],
)
def test_these_are_flagged(findings: tuple[Finding, ...]) -> None:
    assert weighed(*findings).flagged


def test_every_nearness_needs_more_on_unrelated_goods_unless_the_mark_is_well_known() -> None:
    nearness = [fact for fact, rule in rules().facts.items() if rule.group == "mark-nearness"]
    assert len(nearness) >= 9
    for fact in nearness:
        assert not weighed(told(fact, relation="unrelated")).flagged
        famous = weighed(told(fact, mark="M3", relation="unrelated")).score
        assert famous > weighed(told(fact, relation="unrelated")).score


def test_the_cell_is_told_by_the_weightiest_nearness() -> None:
    answer = weighed(told("similar-shape", 0.9, relation="similar"), told("identical-mark", relation="same"))
    assert answer.cell is Cell.SIMILAR_SIMILAR
    assert weighed(told("identical-mark")).cell is Cell.SAME_SAME
    assert weighed(told("price-far-below")).cell in (None, Cell.SIMILAR_SAME)  # a price tells no nearness
    assert assess([told("inspection-missing", mark=None)], REGISTRY, AS_OF, PARCEL).cell is None


def test_the_score_is_that_of_the_leading_mark_and_of_what_names_no_mark() -> None:
    own, other, shared = (
        told("similar-shape", 0.9),
        told("similar-shape", 0.8, mark="M2"),
        told("duty-unrecorded", mark=None),
    )
    answer = weighed(other, own, shared)
    assert answer.mark_id == "M1"
    assert {contribution.finding_id for contribution in answer.contributions} == {own.finding_id, shared.finding_id}
    projected = weighed(other, shared)
    assert projected.mark_id == "M2"
    assert projected.score < answer.score


def test_a_second_sight_of_the_same_thing_adds_little() -> None:
    once = weighed(told("similar-shape", 0.8)).score
    twice = weighed(told("similar-shape", 0.8), told("similar-sound", 0.8)).score
    assert once < twice < once * 1.1


@pytest.mark.parametrize(
    ("change", "exportable"),
    [
        ({}, True),
        ({"status": MarkStatus.PENDING}, False),
        ({"status": MarkStatus.LAPSED}, False),
        ({"status": MarkStatus.DISPUTED}, False),
        ({"valid_to": date(2026, 2, 28)}, False),
        ({"valid_from": date(2026, 3, 2)}, False),
    ],
)
def test_only_a_mark_in_force_is_exportable(change: dict[str, object], exportable: bool) -> None:
    mark = MARK.model_copy(update=change)
    answer = weighed(told("similar-shape", 0.95), registry=Registry(marks=(mark,)))
    assert (answer.exportable, answer.mark_status) == (exportable, mark.status)


@pytest.mark.parametrize("duty", ["inspection-missing", "real-name-missing", "xray-missing"])
def test_each_duty_not_done_flags_and_unrecorded_ones_never_do(duty: str) -> None:
    assert assess([told(duty, mark=None)], REGISTRY, AS_OF, PARCEL).flagged
    unrecorded = [told("duty-unrecorded", mark=None) for _ in range(3)]
    assert not assess(unrecorded, REGISTRY, AS_OF, PARCEL).flagged


def test_customs_clearance_answers_a_domestic_route() -> None:
    claim = told("overseas-claim-domestic-route", 0.95, mark=None)
    assert assess([claim], REGISTRY, AS_OF, PARCEL).flagged
    for answer in ("cleared-customs", "bonded-dispatch"):
        assert not assess([claim, told(answer, mark=None)], REGISTRY, AS_OF, PARCEL).flagged
