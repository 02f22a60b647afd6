"""The screener: order, kinds, versions, and that a batch's shape changes nothing."""

import random

import pytest

from models.findings import Observation
from models.subjects import AnySubject, ParcelRecord
from streams.screening import Screener, build_context
from tests.streams.screening.workbench import NOON, REGISTRY, Tripwire, WordDetector, listings

CONTEXT = build_context(REGISTRY, as_of=NOON)
SUBJECTS: list[AnySubject] = [*listings(40, hit_every=4), ParcelRecord(parcel_token="t", carrier="c")]


def test_screenings_keep_the_order_and_only_fitting_kinds_are_asked() -> None:
    screenings = Screener((WordDetector(),)).screen([Observation(each) for each in SUBJECTS], CONTEXT, at=NOON)
    assert [screening.subject for screening in screenings] == SUBJECTS
    assert [bool(screening.findings) for screening in screenings] == [n % 4 == 0 for n in range(40)] + [False]
    assert screenings[0].assessment.flagged
    assert screenings[0].registry_version == REGISTRY.version


@pytest.mark.parametrize("size", [1, 7, 41])
def test_a_batch_of_another_shape_gives_the_same_screenings(size: int) -> None:
    screener = Screener((WordDetector(), Tripwire()))
    observations = [Observation(each) for each in SUBJECTS]
    whole = {each.screening_key: each for each in screener.screen(observations, CONTEXT, at=NOON)}
    random.Random(size).shuffle(observations)
    parts = [observations[start : start + size] for start in range(0, len(observations), size)]
    again = [screening for part in parts for screening in screener.screen(part, CONTEXT, at=NOON)]
    assert {each.screening_key: each for each in again} == whole


def test_the_key_changes_with_rules_and_with_context() -> None:
    def key(*detectors: object, as_of: object = NOON) -> str:
        context = build_context(REGISTRY, as_of=as_of)  # type: ignore[arg-type]
        return Screener(detectors).screen([Observation(SUBJECTS[0])], context, at=NOON)[0].screening_key  # type: ignore[arg-type]

    assert key(WordDetector()) == key(WordDetector())
    assert key(WordDetector()) != key(WordDetector(), Tripwire())
    assert key(WordDetector()) != key(WordDetector(), as_of=NOON.replace(day=2))
