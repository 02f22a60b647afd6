"""The second opinion: our scoring is scikit-learn's, a model file is checked, and it never flags alone."""

import math

import numpy as np
import pytest

from detectors.price.forest import FEATURES, PriceForest, features_of
from detectors.price.forest_training import reference_strangeness, train
from detectors.price.market import PEERS, PRICE_MODEL
from detectors.price.peer_evidence import SECOND_OPINION
from detectors.triage import assess, rules
from models.context import Context
from models.errors import InputError
from models.findings import Observation
from tests.detectors.price.market import ORDINARY, REGISTRY, listing, market, offer, prices


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    dice = np.random.default_rng(5)
    return np.column_stack(
        [
            dice.normal(0, 0.2, 600),
            dice.uniform(0.1, 0.5, 600),
            dice.normal(5, 2, 600),
            dice.normal(6, 1, 600),
            dice.normal(0.2, 0.1, 600),
        ]
    )


@pytest.fixture(scope="module")
def forest(rows: np.ndarray) -> PriceForest:
    return train(rows)


def test_scores_are_those_of_scikit_learn(rows: np.ndarray, forest: PriceForest) -> None:
    ordered = rows[np.lexsort(rows.T[::-1])]
    np.testing.assert_allclose(forest.strangeness(ordered), reference_strangeness(rows), rtol=1e-12)


def test_the_same_rows_in_any_order_train_the_same_model(rows: np.ndarray, forest: PriceForest) -> None:
    assert train(rows[::-1]).version == forest.version
    assert train(rows[:-1]).version != forest.version


def test_a_strange_offer_is_explained_by_what_makes_it_strange(forest: PriceForest) -> None:
    usual = forest.opinion((0.0, 0.3, 5.0, 6.0, 0.2))
    assert usual.score == 0.0
    alone = forest.opinion((-3.0, 0.3, 5.0, 6.0, 0.2))
    assert alone.strangeness > usual.strangeness
    assert alone.reasons[0].startswith(FEATURES["ratio"])
    strange = forest.opinion((-3.0, 0.3, 14.0, 0.5, 0.2))
    assert strange.score > 0.5
    assert {reason.rsplit(" ", 1)[0] for reason in strange.reasons} == {
        FEATURES[name] for name in ("ratio", "sales", "seller_age")
    }
    untold = forest.opinion((-3.0, 0.3, math.nan, math.nan, math.nan))
    assert all("ratio" in reason or "spread" in reason for reason in untold.reasons)


def test_what_a_listing_does_not_tell_is_nan() -> None:
    peers = prices(market(30))
    standing = peers.standing(offer(listing(999, 50)))
    assert standing is not None
    told = features_of(listing(999, 50, sales=9, list_price=100), standing, ORDINARY)
    assert told[0] == pytest.approx(math.log(0.5), abs=0.05)
    assert told[2] == pytest.approx(math.log(10))
    assert math.isnan(told[3])
    assert told[4] == pytest.approx(math.log(2))
    aged = features_of(listing(999, 50, attributes={"shop_opened_on": "2026-03-10"}), standing, ORDINARY)
    assert aged[3] == pytest.approx(math.log1p(10))
    assert math.isnan(aged[2])
    assert math.isnan(aged[4])


def test_it_never_flags_alone(forest: PriceForest) -> None:
    from detectors.price import PriceDetector

    subject = listing(999, 3, sales=100_000)
    context = Context(registry=REGISTRY, as_of=ORDINARY, snapshots={PEERS: prices(market(30)), PRICE_MODEL: forest})
    findings = PriceDetector().detect([Observation(subject)], context)[0]
    assert {finding.fact for finding in findings} == {SECOND_OPINION}  # 30 sellers support no claim of a low price
    assert findings[0].params["sellers"] == 30
    assert not assess(findings, REGISTRY, ORDINARY, subject).flagged
    assert rules().facts[SECOND_OPINION].weight < rules().operating_point("listing") / 2


def test_a_dear_offer_is_nobodys_concern(forest: PriceForest) -> None:
    from detectors.price import PriceDetector

    context = Context(registry=REGISTRY, as_of=ORDINARY, snapshots={PEERS: prices(market(30)), PRICE_MODEL: forest})
    assert PriceDetector().detect([Observation(listing(999, 5000))], context) == [[]]


def test_models_that_are_none_are_refused(forest: PriceForest) -> None:
    good = dict(forest.arrays())
    assert PriceForest.from_arrays(good).version == forest.version
    round_about = good["left"].copy()
    round_about[0] = 0
    broken = [
        {},
        {**good, "left": round_about},
        {**good, "feature": good["feature"] + 9},
        {**good, "length": good["length"][:-1]},
        {**good, "threshold": good["threshold"] * np.nan},
        {**good, "roots": good["roots"] + len(good["feature"])},
        {**good, "medians": good["medians"][:-1]},
        {**good, "medians": np.array(["x"] * len(FEATURES))},
        {**good, "left": good["left"].astype(np.float64)},
    ]
    for arrays in broken:
        with pytest.raises(InputError):
            PriceForest.from_arrays(arrays)


def test_too_few_offers_train_nothing(rows: np.ndarray) -> None:
    with pytest.raises(InputError, match="256"):
        train(rows[:255])
