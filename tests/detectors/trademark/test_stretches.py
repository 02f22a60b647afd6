"""Stretches know where each begins and how long it is, whatever their sizes."""

import random

import numpy as np
import pytest

from detectors.trademark.stretches import Stretches


@pytest.mark.parametrize("most", [1, 255, 256, 70_000])
@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 100])
def test_every_stretch_is_found(count: int, most: int) -> None:
    dice = random.Random(count)
    sizes = [dice.randint(0, most) for _ in range(count)]
    stretches = Stretches.of(sizes)
    ends = np.cumsum(sizes, dtype=np.int64)
    assert stretches.begins(np.arange(count)).tolist() == (ends - sizes).tolist()
    wanted = [slice(int(end) - size, int(end)) for end, size in zip(ends, sizes, strict=True)]
    assert [stretches.one(number) for number in range(count)] == wanted


def test_short_stretches_take_a_byte_and_a_quarter_each() -> None:
    stretches = Stretches.of([12] * 1600)
    assert stretches.at.nbytes + stretches.size.nbytes <= 1.26 * 1600
