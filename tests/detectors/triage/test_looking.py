"""When the words in pictures are asked for: only where other findings call for it."""

import pytest

from detectors.triage import rules
from detectors.triage.looking import calls_for_words
from detectors.triage.rules import checked_rules
from models.errors import ConfigurationError
from models.findings import Evidence, Finding, signed
from models.leads import Assessment
from models.subjects import Listing

LISTING = Listing(listing_id="1", platform="集市", title="方便面")


def finding(fact: str, score: float = 1.0) -> Finding:
    stance = rules().facts[fact].stance
    return signed(Evidence(fact=fact, stance=stance, score=score, field="title"), LISTING, detector="x", version="1")


def called(*facts: tuple[str, float], score: float) -> bool:
    findings = [finding(fact, sure) for fact, sure in facts]
    return calls_for_words(findings, Assessment(flagged=score >= 10, score=score), rules())


def test_a_page_on_which_nothing_was_found_is_not_read() -> None:
    assert not called(score=0.0)


def test_a_lead_in_doubt_is_read_and_a_certain_one_is_not() -> None:
    assert called(("similar-shape", 0.7), score=rules().policy.look.least)
    assert not called(("similar-shape", 1.0), score=rules().policy.look.below)


@pytest.mark.parametrize("fact", ["price-below", "counterfeit-wording", "contact-diversion", "copied-official-picture"])
def test_a_finding_that_calls_for_it_is_enough(fact: str) -> None:
    assert called((fact, 0.8), score=1.0)
    assert not called((fact, 0.2), score=1.0)


def test_what_speaks_against_calls_for_nothing() -> None:
    assert not called(("second-hand", 1.0), score=-8.0)
    assert not called(("counterfeit-wording", 1.0), ("authorised-seller", 1.0), score=5.0)


def test_a_rule_about_an_unknown_fact_is_refused() -> None:
    policy = rules().policy
    look = policy.look.model_copy(update={"groups": ("pirces",)})
    with pytest.raises(ConfigurationError, match="pirces"):
        checked_rules(policy.model_copy(update={"look": look}), dict(rules().facts))
