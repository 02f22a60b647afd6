"""What would flip a lead: counter-facts that could hold, and findings against that might not."""

from datetime import UTC, date, datetime

from detectors.triage import assess, rules, what_would_flip
from models.explanations import LANGUAGES, explain_flip
from models.findings import Finding
from models.leads import Flip
from models.registry import Mark, Registry
from models.subjects import Listing, ParcelRecord

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="晴川"), Mark(mark_id="M2", text="白鹭泉")))
LISTING = Listing(listing_id="L1", platform="集市", title="晴川")
PARCEL = ParcelRecord(parcel_token="t", carrier="快运")


def told(fact: str, score: float = 1.0, mark: str | None = "M1") -> Finding:
    stance = rules().facts[fact].stance
    params = {"nearness": "similar", "goods_relation": "same"} if mark else {}
    return Finding(
        finding_id=f"{fact}-{mark}", detector="d", version="1", mark_id=mark, stance=stance, score=score, fact=fact,
        field="title", params=params,
    )  # fmt: skip


def flips(*findings: Finding, registry: Registry = REGISTRY) -> dict[str, Flip]:
    return {flip.condition: flip for flip in what_would_flip(findings, registry, AS_OF, LISTING)}


def test_a_flagged_lead_says_what_would_clear_it() -> None:
    found = flips(told("similar-shape", 0.95))
    assert list(found) == ["if-seller-authorised", "if-second-hand", "if-mark-not-in-force"]
    assert not any(flip.flagged for flip in found.values())
    assert found["if-mark-not-in-force"].score == 0
    assert found["if-seller-authorised"].params == {"mark_id": "M1", "mark": "晴川"}


def test_what_was_seen_is_not_supposed_again_but_set_aside() -> None:
    answer = assess([told("similar-shape", 0.95), told("authorised-seller")], REGISTRY, AS_OF, LISTING)
    assert not answer.flagged
    conditions = [flip.condition for flip in answer.flips]
    assert "if-seller-authorised" not in conditions
    aside = answer.flips[conditions.index("if-not-so")]
    assert aside.flagged
    assert aside.params == {"fact": "authorised-seller", "finding_id": "authorised-seller-M1"}
    assert aside.score == assess([told("similar-shape", 0.95)], REGISTRY, AS_OF, LISTING).score


def test_setting_one_reason_aside_leaves_the_others() -> None:
    against = [told("authorised-seller"), told("second-hand")]
    found = what_would_flip([told("similar-shape", 0.95), *against], REGISTRY, AS_OF, LISTING)
    asides = [flip for flip in found if flip.condition == "if-not-so"]
    assert [flip.params["fact"] for flip in asides] == ["authorised-seller", "second-hand"]
    assert not any(flip.flagged for flip in asides)


def test_another_mark_may_lead_when_the_first_falls() -> None:
    found = flips(told("similar-shape", 0.95), told("similar-shape", 0.9, "M2"))
    assert found["if-mark-not-in-force"].flagged
    assert (
        found["if-mark-not-in-force"].score
        == assess([told("similar-shape", 0.9, "M2")], REGISTRY, AS_OF, LISTING).score
    )


def test_a_mark_that_is_not_in_force_is_not_supposed_so() -> None:
    lapsed = Registry(marks=(Mark(mark_id="M1", text="晴川", valid_to=date(2020, 1, 1)),))
    assert "if-mark-not-in-force" not in flips(told("similar-shape", 0.95), registry=lapsed)


def test_parcels_are_asked_what_bears_on_them() -> None:
    def conditions(*findings: Finding) -> list[str]:
        return [flip.condition for flip in what_would_flip(findings, REGISTRY, AS_OF, PARCEL)]

    assert conditions(told("real-name-missing", mark=None)) == ["if-identity-exempt"]
    assert conditions(told("inspection-missing", mark=None)) == []
    assert conditions(told("overseas-claim-domestic-route", mark=None)) == ["if-cleared-customs"]


def test_nothing_to_flip_without_anything_for() -> None:
    assert what_would_flip([told("plain-resale")], REGISTRY, AS_OF, LISTING) == ()
    assert what_would_flip([], REGISTRY, AS_OF, LISTING) == ()


def test_every_condition_has_its_words() -> None:
    told_flips = [
        Flip(condition="if-not-so", score=1, flagged=False, params={"fact": "second-hand", "finding_id": "f"}),
        *(
            Flip(condition=counterfact.condition, score=1, flagged=False, params={"mark_id": "M1", "mark": "晴川"})
            for counterfact in rules().policy.counterfacts
        ),
    ]
    for flip in told_flips:
        for language in LANGUAGES:
            words = explain_flip(flip, language)
            assert words
            assert "{" not in words
