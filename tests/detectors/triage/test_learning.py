"""Learning: weights that were wrong move towards what verdicts say, none changes its sign, and few verdicts teach
nothing."""

import random
from datetime import UTC, datetime

import pytest

pytest.importorskip("sklearn", reason="the extra `learn` is not installed")

from detectors.triage import assess, rules
from detectors.triage.learning import MINIMUM, Example, Slot, example, learn
from models.errors import InputError
from models.findings import Finding, Stance
from models.leads import Screening
from models.policy import SettledLead, Verdict
from models.registry import Mark, Registry
from models.subjects import Listing, Seller

AT = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="晴川"),))
# What truly matters in this made-up office: copies' words twice what the table says, price not at all.
TRUE = {"counterfeit-wording": 16.0, "price-far-below": 0.0, "similar-shape": 14.0, "second-hand": -8.0}


def verdicts(count: int, seed: int = 1, noise: float = 1.0) -> list[Example]:
    """Leads on which facts were told at random, with a verdict by the true weights."""
    chance = random.Random(seed)
    made: list[Example] = []
    for number in range(count):
        told = {Slot(fact, False): round(chance.random(), 3) for fact in TRUE if chance.random() < 0.6}
        score = sum(rules().facts[slot.fact].weight * strength for slot, strength in told.items())
        truth = sum(TRUE[slot.fact] * strength for slot, strength in told.items())
        made.append(Example(told, score, truth + chance.gauss(0, noise) > 9, f"shop-{number % 97}"))
    return made


def test_weights_move_towards_what_became_of_leads() -> None:
    found = learn(verdicts(800), rules())
    weights = {slot.fact: weight for slot, weight in found.weights.items()}
    table = {fact: rules().facts[fact].weight for fact in TRUE}
    assert weights["counterfeit-wording"] > table["counterfeit-wording"] + 1
    assert weights["price-far-below"] < table["price-far-below"] / 2
    assert found.improves
    assert found.learned.auc > found.in_use.auc
    assert found.learned.brier < found.in_use.brier
    assert sum(each.leads for each in found.learned.bins) == found.examples == 800
    assert found.filed == sum(each.filed for each in verdicts(800))


def test_no_weight_changes_its_sign() -> None:
    """Verdicts that say the opposite of the table drive a weight to zero and no further."""
    contrary = [
        Example(
            {**each.strengths, Slot("price-below", False): float(each.filed is False)},
            each.score,
            each.filed,
            each.company,
        )
        for each in verdicts(600)
    ]
    found = learn(contrary, rules())
    for slot, weight in found.weights.items():
        assert (weight <= 0) if rules().facts[slot.fact].stance is Stance.AGAINST else (weight >= 0)
    assert found.weights[Slot("price-below", False)] == 0


def test_the_same_verdicts_teach_the_same() -> None:
    assert learn(verdicts(300), rules()) == learn(verdicts(300), rules())


@pytest.mark.parametrize("some", [verdicts(MINIMUM - 1), [each for each in verdicts(900) if each.filed]])
def test_too_few_verdicts_teach_nothing(some: list[Example]) -> None:
    with pytest.raises(InputError, match="too few verdicts"):
        learn(some, rules())


def test_a_fact_that_is_rarely_told_keeps_its_weight() -> None:
    rare = [
        Example(
            {**each.strengths, **({Slot("similar-sound", False): 1.0} if place < 9 else {})},
            each.score,
            each.filed,
            "s",
        )
        for place, each in enumerate(verdicts(300))
    ]
    rare = [each.__class__(each.strengths, each.score, each.filed, f"s{place % 50}") for place, each in enumerate(rare)]
    assert Slot("similar-sound", False) not in learn(rare, rules()).weights


def settled(verdict: Verdict, reason: str = "") -> SettledLead:
    listing = Listing(listing_id="1", platform="集市", title="晴川", seller=Seller(name="小店"))
    given = {"detector": "d", "version": "1", "field": "title", "mark_id": "M1"}
    findings = (
        Finding(
            finding_id="a",
            fact="similar-shape",
            stance=Stance.FOR,
            score=0.9,
            params={"goods_relation": "similar"},
            **given,
        ),  # type: ignore[arg-type]
        Finding(finding_id="b", fact="copied-official-picture", stance=Stance.FOR, score=0.5, **given),  # type: ignore[arg-type]
        Finding(finding_id="c", fact="second-hand", stance=Stance.AGAINST, score=1.0, **given),  # type: ignore[arg-type]
    )
    screening = Screening(
        screening_key="k", observation_id="o", subject=listing, registry_version=REGISTRY.version, rules_version="r",
        context_version="c", assessment=assess(findings, REGISTRY, AT, listing), findings=findings, screened_at=AT,
    )  # fmt: skip
    return SettledLead(screening, verdict, reason)


def test_an_example_holds_what_each_weight_was_multiplied_by() -> None:
    told = example(settled(Verdict.FILED), REGISTRY, rules())
    assert told is not None
    assert (told.filed, told.company) == (True, "小店")
    assert told.strengths == {
        Slot("similar-shape", False): pytest.approx(0.85 * 0.9),
        Slot("copied-official-picture", False): 0.5,
        Slot("second-hand", False): 1.0,
    }
    weighed = sum(rules().facts[slot.fact].weight * strength for slot, strength in told.strengths.items())
    assert told.score == pytest.approx(weighed, abs=0.1)


def test_verdicts_that_say_nothing_of_the_facts_are_left_out() -> None:
    assert example(settled(Verdict.DISMISSED, "duplicate: 重复"), REGISTRY, rules()) is None
    other = example(settled(Verdict.DISMISSED, "second-hand"), REGISTRY, rules())
    assert other is not None
    assert not other.filed
