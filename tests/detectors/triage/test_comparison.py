"""Comparing rules on a stock: gained, lost, why, and by mark; nothing is detected again."""

from datetime import UTC, datetime

from detectors.triage import assess, overridden, rules
from detectors.triage.comparison import compare
from models.findings import Finding
from models.leads import Screening
from models.registry import Mark, Registry
from models.subjects import Listing

AT = datetime(2026, 3, 1, tzinfo=UTC)
REGISTRY = Registry(marks=(Mark(mark_id="M1", text="晴川"), Mark(mark_id="M2", text="云朵鹿")))


def told(fact: str, score: float, mark: str = "M1") -> Finding:
    return Finding(
        finding_id=f"{fact}-{mark}", detector="d", version="1", mark_id=mark, stance=rules().facts[fact].stance,
        score=score, fact=fact, field="title", params={"goods_relation": "same"},
    )  # fmt: skip


def screened(number: int, *findings: Finding, registry: str = REGISTRY.version) -> Screening:
    listing = Listing(listing_id=str(number), platform="集市", title=f"第{number}款")
    return Screening(
        screening_key=str(number), observation_id=str(number), subject=listing, registry_version=registry,
        rules_version="r", context_version="c", assessment=assess(findings, REGISTRY, AT, listing), findings=findings,
        screened_at=AT,
    )  # fmt: skip


STOCK = [
    screened(1, told("similar-shape", 0.9)),  # stays
    screened(2, told("price-far-below", 0.9)),  # 10.8: lost when prices weigh less
    screened(3, told("identical-mark", 1.0, "M2"), told("plain-resale", 1.0, "M2")),  # gained when names weigh more
    screened(4, told("second-hand", 1.0)),
    screened(5, told("similar-shape", 0.9), registry="gone"),
]
NEW = overridden({"own.toml": "[price-far-below]\nweight = 6\n\n[identical-mark]\nweight = 12.5\n"})


def registry_at(version: str) -> Registry:
    return REGISTRY if version == REGISTRY.version else Registry()


def test_what_would_be_gained_and_lost_and_why() -> None:
    stock = [(each, each.assessment.flagged) for each in STOCK]
    found = compare(stock, registry_at, NEW, organisation_id="local", rules_version="r", by="li", at=AT)
    assert (found.subjects, found.leads, found.unweighed) == (5, 3, 1)
    assert (found.gained_count, found.lost_count) == (1, 1)
    (gained,), (lost,) = found.gained, found.lost
    assert (gained.title, gained.mark_id, gained.score, gained.new_score) == ("第3款", "M2", 3.0, 10.5)
    assert gained.because == (("identical-mark", 5.0, 12.5),)
    assert (lost.title, lost.mark_id) == ("第2款", "M1")
    assert lost.because == (("price-far-below", 10.796875, 5.40625),)
    assert [(each.mark_id, each.gained, each.lost) for each in found.marks] == [("M1", 0, 1), ("M2", 1, 0)]
    assert (found.rules_version, found.new_version) == ("r", NEW.version)


def test_the_same_rules_change_nothing() -> None:
    stock = [(each, each.assessment.flagged) for each in STOCK]
    found = compare(stock, registry_at, rules(), organisation_id="local", rules_version="r", by="li", at=AT)
    assert (found.gained_count, found.lost_count, found.marks) == (0, 0, ())


def test_another_operating_point_is_compared_too() -> None:
    stock = [(each, each.assessment.flagged) for each in STOCK]
    strict = rules().with_points({"listing": 12.0})
    found = compare(stock, registry_at, strict, organisation_id="local", rules_version="r", by="li", at=AT)
    assert (found.gained_count, found.lost_count) == (0, 1)
    assert found.lost[0].because == ()
