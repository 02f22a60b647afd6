"""Adding up: contributions equal the score to the last bit, in any order and any share."""

import random
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.triage import assess, rules
from detectors.triage.rules import FactRule, Policy, Rules
from detectors.triage.weighing import weigh
from models.errors import ConfigurationError
from models.findings import Finding, Stance
from models.registry import Fame, Mark, Registry
from models.subjects import Listing

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MARKS = ("M1", "M2", "M3")
REGISTRY = Registry(marks=tuple(Mark(mark_id=mark_id, text=mark_id) for mark_id in MARKS))
LISTING = Listing(listing_id="L1", platform="集市", title="晴川")


@st.composite
def findings(draw: st.DrawFn) -> list[Finding]:
    facts = draw(st.lists(st.sampled_from(sorted(rules().facts)), min_size=1, max_size=12))
    return [
        Finding(
            finding_id=f"f{place}",
            detector="trademark",
            version="1",
            mark_id=draw(st.sampled_from((*MARKS, None))),
            stance=rules().facts[fact].stance,
            score=round(draw(st.floats(0, 1)), 6),
            fact=fact,
            field="title",
            params={"goods_relation": draw(st.sampled_from(("same", "similar", "unrelated", "unknown")))},
        )
        for place, fact in enumerate(facts)
    ]


@given(findings(), st.randoms())
def test_contributions_add_up_to_the_score_exactly(told: list[Finding], chance: random.Random) -> None:
    answer = assess(told, REGISTRY, AS_OF, LISTING)
    points = [contribution.points for contribution in answer.contributions]
    chance.shuffle(points)
    assert sum(points) == answer.score
    assert sum(map(Fraction, points)) == Fraction(answer.score)
    assert round(answer.score, 6) == answer.score
    assert answer.flagged == (answer.score >= 10)


@given(findings(), st.randoms())
def test_the_order_of_findings_changes_nothing_but_the_order(told: list[Finding], chance: random.Random) -> None:
    answer = assess(told, REGISTRY, AS_OF, LISTING)
    shuffled = list(told)
    chance.shuffle(shuffled)
    again = assess(shuffled, REGISTRY, AS_OF, LISTING)
    assert (again.score, again.mark_id, again.flagged) == (answer.score, answer.mark_id, answer.flagged)
    assert {one.finding_id: one.points for one in again.contributions} == {
        one.finding_id: one.points for one in answer.contributions
    }


@given(findings())
def test_a_holder_adds_up_the_same_points_from_its_own_findings(told: list[Finding]) -> None:
    answer = assess(told, REGISTRY, AS_OF, LISTING)
    own = [finding for finding in told if finding.mark_id in (answer.mark_id, None)]
    assert assess(own, REGISTRY, AS_OF, LISTING).contributions == answer.contributions


@given(findings())
def test_a_finding_against_never_adds_and_one_for_never_takes(told: list[Finding]) -> None:
    stances = {finding.finding_id: finding.stance for finding in told}
    for contribution in assess(told, REGISTRY, AS_OF, LISTING).contributions:
        assert (
            (contribution.points <= 0)
            if stances[contribution.finding_id] is Stance.AGAINST
            else (contribution.points >= 0)
        )


@st.composite
def tables(draw: st.DrawFn) -> Rules:
    """Any policy: some facts, grouped at random, with every qualifier that there is."""
    groups = [f"g{number}" for number in range(draw(st.integers(1, 4)))]
    factor = st.floats(0, 3)
    facts: dict[str, FactRule] = {}
    for number in range(draw(st.integers(1, 8))):
        stance = draw(st.sampled_from(Stance))
        sign = 1 if stance is Stance.FOR else -1
        group = groups[number % len(groups)]
        others = st.lists(st.sampled_from([*groups, *facts]), max_size=2)
        facts[f"f{number}"] = FactRule(
            weight=sign * draw(st.floats(0, 50)),
            alone=sign * draw(st.floats(0, 50)),
            stance=stance,
            group=group,
            by_relation=draw(st.booleans()),
            beside=tuple(draw(others)),
            unless=tuple(name for name in draw(others) if name != group),
        )
    relation = {name: {fame: draw(factor) for fame in Fame} for name in ("same", "similar", "unrelated", "unknown")}
    policy = Policy(
        operating_point={"listing": draw(st.floats(0.1, 60))},
        repeat={group: draw(st.floats(0, 1)) for group in groups},
        relation=relation,
        counterfacts=(),
    )
    return Rules(version="v", policy=policy, facts=facts)


@given(tables(), st.data(), st.randoms())
def test_contributions_add_up_exactly_under_any_rules(table: Rules, data: st.DataObject, chance: random.Random) -> None:
    facts = data.draw(st.lists(st.sampled_from(sorted(table.facts)), min_size=1, max_size=12))
    marks = st.sampled_from((*MARKS, None))
    relations = st.sampled_from(("same", "similar", "unrelated", "unknown"))
    told = [
        finding(
            finding_id=f"f{place}",
            mark_id=data.draw(marks),
            stance=table.facts[fact].stance,
            score=round(data.draw(st.floats(0, 1)), 6),
            fact=fact,
            params={"goods_relation": data.draw(relations)},
        )
        for place, fact in enumerate(facts)
    ]
    answer = assess(told, REGISTRY, AS_OF, LISTING, table)
    points = [contribution.points for contribution in answer.contributions]
    chance.shuffle(points)
    assert sum(map(Fraction, points)) == Fraction(answer.score)
    assert sum(points) == answer.score
    assert answer.flagged is (answer.score >= table.operating_point("listing"))
    chance.shuffle(told)
    assert assess(told, REGISTRY, AS_OF, LISTING, table).score == answer.score


def test_no_findings_are_no_lead() -> None:
    answer = assess([], REGISTRY, AS_OF, LISTING)
    assert (answer.flagged, answer.score, answer.contributions, answer.flips) == (False, 0.0, (), ())


def finding(**said: object) -> Finding:
    base = {"finding_id": "f", "detector": "trademark", "version": "1", "mark_id": "M1", "stance": "for"}
    return Finding.model_validate({**base, "score": 0.9, "fact": "similar-shape", "field": "title", **said})


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"fact": "never-heard-of"}, "no weight for fact 'never-heard-of'"),
        ({"stance": "against"}, "told 'against' by its detector"),
        ({"mark_id": "M9"}, "names mark 'M9'"),
        ({"params": {"goods_relation": "cousins"}}, "'cousins'"),
    ],
)
def test_what_cannot_be_weighed_is_never_dropped_in_silence(said: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        assess([finding(**said)], REGISTRY, AS_OF, LISTING)


def declared(*, unless: tuple[str, ...]) -> Rules:
    """Three facts: resale is answered by nothing, or yields to what `unless` names."""
    resale = FactRule(weight=-2.0, stance=Stance.AGAINST, group="resale", unless=unless)
    wording = FactRule(weight=4.0, stance=Stance.FOR, group="wording")
    price = FactRule(weight=3.0, stance=Stance.FOR, group="price")
    policy = Policy(operating_point={"listing": 10.0}, repeat={}, relation={}, counterfacts=())
    return Rules(version="v", policy=policy, facts={"resale": resale, "copy-words": wording, "cheap": price})


@pytest.mark.parametrize(
    ("unless", "second", "mark", "score"),
    [
        ((), "copy-words", "M1", 2.0),
        (("copy-words",), "copy-words", "M1", 4.0),
        (("wording",), "copy-words", "M1", 4.0),
        (("wording",), "copy-words", None, 4.0),
        (("cheap", "wording"), "cheap", "M1", 3.0),
        (("wording",), "cheap", "M1", 1.0),
    ],
)
def test_a_fact_yields_to_what_is_present_on_its_mark_or_on_none(
    unless: tuple[str, ...], second: str, mark: str | None, score: float
) -> None:
    told = [
        finding(finding_id="a", fact="resale", stance="against", score=1.0),
        finding(finding_id="b", fact=second, score=1.0, mark_id=mark),
    ]
    weighing = weigh(told, REGISTRY, declared(unless=unless))
    assert weighing.score == score
    assert {line.finding.fact for line in weighing.lines} == {"resale", second}


def test_what_is_present_on_another_mark_only_changes_nothing() -> None:
    told = [
        finding(finding_id="a", fact="resale", stance="against", score=1.0),
        finding(finding_id="b", fact="cheap", score=1.0),
        finding(finding_id="c", fact="copy-words", score=0.1, mark_id="M2"),
    ]
    weighing = weigh(told, REGISTRY, declared(unless=("wording",)))
    assert weighing.mark is not None
    assert (weighing.mark.mark_id, weighing.score) == ("M1", 1.0)
