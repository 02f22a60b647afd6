"""What would flip a lead: counter-facts that could hold, and findings against that might not."""

from datetime import UTC, date, datetime
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.triage import assess, rules, what_would_flip
from models.explanations import LANGUAGES, explain_flip, tell_flip
from models.findings import Finding, Stance
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
    assert list(found) == [
        "if-seller-authorised", "if-second-hand", "if-mark-not-in-force", "if-nominative-use", "if-suspicions-fall",
    ]  # fmt: skip
    assert not any(flip.flagged for flip in found.values())
    assert found["if-suspicions-fall"].params == {"facts": "similar-shape"}
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
        found = what_would_flip(findings, REGISTRY, AS_OF, PARCEL)
        return [flip.condition for flip in found if flip.condition != "if-suspicions-fall"]

    assert conditions(told("real-name-missing", mark=None)) == ["if-identity-exempt"]
    assert conditions(told("inspection-missing", mark=None)) == []
    claimed = conditions(told("overseas-claim-domestic-route", mark=None))
    assert claimed == ["if-cleared-customs", "if-bonded-dispatch"]


def test_nothing_to_flip_without_anything_for() -> None:
    assert what_would_flip([told("plain-resale")], REGISTRY, AS_OF, LISTING) == ()
    assert what_would_flip([], REGISTRY, AS_OF, LISTING) == ()


def test_every_declared_counterfact_is_told_where_it_could_hold() -> None:
    on_listing = flips(told("similar-shape", 0.95), told("copied-official-picture", 0.98))
    parcel = [told("real-name-missing", mark=None), told("overseas-claim-domestic-route", mark=None)]
    on_parcel = {flip.condition for flip in what_would_flip(parcel, REGISTRY, AS_OF, PARCEL)}
    assert {counterfact.condition for counterfact in rules().policy.counterfacts} <= {*on_listing, *on_parcel}


def test_a_lead_says_on_how_few_facts_it_rests() -> None:
    held = [told("similar-shape", 0.95), told("price-far-below", 0.95), told("price-near-reference", 0.1)]
    rests = flips(*held)["if-suspicions-fall"]
    assert rests.params == {"facts": "price-far-below similar-shape"}
    assert not rests.flagged
    assert rests.score == assess(held[2:], REGISTRY, AS_OF, LISTING).score


def test_what_keeps_a_suspicion_down_is_told_together() -> None:
    held = [told("similar-shape", 0.95), told("authorised-seller"), told("second-hand"), told("word-boundary")]
    found = flips(*held)
    assert found["if-exclusions-fall"].params == {"facts": "authorised-seller second-hand word-boundary"}
    assert found["if-exclusions-fall"].flagged
    assert "if-suspicions-fall" not in found
    single = flips(told("similar-shape", 0.95), told("authorised-seller"))
    assert "if-exclusions-fall" not in single  # `if-not-so` says it
    assert "if-exclusions-fall" not in flips(told("identical-mark"), told("second-hand"), told("word-boundary"))


FACTS = [fact for fact, rule in rules().facts.items() if rule.weight]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(FACTS), st.floats(0, 1), st.sampled_from(("M1", "M2", None))), max_size=5))
def test_no_fewer_facts_would_turn_the_outcome(drawn: list[tuple[str, float, str | None]]) -> None:
    findings = [
        told(fact, round(score, 6), mark) for fact, score, mark in {(f, m): (f, s, m) for f, s, m in drawn}.values()
    ]
    answer = assess(findings, REGISTRY, AS_OF, LISTING)
    rests = [flip for flip in answer.flips if flip.condition in ("if-suspicions-fall", "if-exclusions-fall")]
    stance = Stance.FOR if answer.flagged else Stance.AGAINST
    facts = sorted({finding.fact for finding in findings if finding.stance is stance})
    turning = [
        len(chosen)
        for size in range(1, len(facts) + 1)
        for chosen in combinations(facts, size)
        if assess([each for each in findings if each.fact not in chosen], REGISTRY, AS_OF, LISTING).flagged
        is not answer.flagged
    ]
    fewest = min(turning, default=0)
    if answer.flagged or (fewest > 1 and any(each.stance is Stance.FOR for each in findings)):
        assert [len(str(flip.params["facts"]).split()) for flip in rests] == [fewest]
        assert rests[0].flagged is not answer.flagged
    else:
        assert rests == []


def test_a_flip_is_told_with_both_scores() -> None:
    flip = Flip(condition="if-seller-authorised", score=-16.7, flagged=False, params={"mark_id": "M1", "mark": "晴川"})
    assert tell_flip(flip, 13.3, "zh") == "若该店铺已获“晴川”权利人许可或授权：13.30 → -16.70"
    assert tell_flip(flip, 13.3, "en").endswith("the holder of “晴川”: 13.30 → -16.70")


def test_an_organisations_own_point_decides_what_flips() -> None:
    findings = [told("similar-shape", 0.95)]
    assert assess(findings, REGISTRY, AS_OF, LISTING).flagged
    strict = assess(findings, REGISTRY, AS_OF, LISTING, rules().with_points({"listing": 20.0}))
    assert not strict.flagged
    assert strict.score == assess(findings, REGISTRY, AS_OF, LISTING).score
    assert not any(flip.flagged for flip in strict.flips)


def test_every_condition_has_its_words() -> None:
    told_flips = [
        Flip(condition="if-suspicions-fall", score=1, flagged=False, params={"facts": "second-hand similar-shape"}),
        Flip(condition="if-exclusions-fall", score=1, flagged=False, params={"facts": "second-hand similar-shape"}),
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
