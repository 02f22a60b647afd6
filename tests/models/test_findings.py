"""Findings: what names one, and that equal facts have equal names."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from models.findings import Evidence, Stance, signed
from models.subjects import Listing

LISTING = Listing(listing_id="item-1", platform="taobao", title="睛川护手霜")
EVIDENCE = Evidence(
    fact="similar-shape",
    stance=Stance.FOR,
    score=0.9,
    field="title",
    mark_id="m-1",
    reference_value="晴川",
    span=(0, 2),
)


@pytest.mark.parametrize(
    "fields",
    [
        {"fact": "x"},
        {"field": "brand"},
        {"mark_id": "m-2"},
        {"span": (0, 3)},
        {"goods_id": "g"},
        {"reference_value": "江"},
    ],
    ids=str,
)
def test_another_fact_is_another_finding(fields: dict[str, Any]) -> None:
    first = signed(EVIDENCE, LISTING, detector="trademark", version="1")
    assert (
        signed(replace(EVIDENCE, **fields), LISTING, detector="trademark", version="1").finding_id != first.finding_id
    )


def test_the_same_fact_of_another_subject_detector_or_version_is_another_finding() -> None:
    other = LISTING.model_copy(update={"title": "睛川"})
    names = {
        signed(EVIDENCE, subject, detector=detector, version=version).finding_id
        for subject, detector, version in [
            (LISTING, "trademark", "1"),
            (other, "trademark", "1"),
            (LISTING, "wording", "1"),
            (LISTING, "trademark", "2"),
        ]
    }
    assert len(names) == 4


def test_a_score_is_rounded_and_does_not_name_the_finding() -> None:
    finding = signed(replace(EVIDENCE, score=0.12345678), LISTING, detector="trademark", version="1")
    assert finding.score == 0.123457
    assert finding.finding_id == signed(EVIDENCE, LISTING, detector="trademark", version="1").finding_id


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_outside_its_range_is_refused(score: float) -> None:
    with pytest.raises(ValidationError):
        signed(replace(EVIDENCE, score=score), LISTING, detector="trademark", version="1")
