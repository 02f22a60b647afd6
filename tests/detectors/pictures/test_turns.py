"""Quarter turns of hashes, against hashes of pictures that are really turned."""

import imagehash
import numpy as np
import pytest

from detectors.pictures.matching import PDQ, RADII
from detectors.pictures.pdq import pdq
from detectors.pictures.turns import QUARTERS, turned
from tests.streams.pictures.drawings import drawing


def bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("quarters", QUARTERS)
def test_a_turned_hash_is_nearly_the_hash_of_the_turned_picture(quarters: int) -> None:
    apart = []
    for seed in range(40):
        picture = drawing(seed).resize((300, 240))
        really = picture.rotate(90 * quarters, expand=True)
        upright, there = pdq(np.asarray(picture)).hex, pdq(np.asarray(really)).hex
        apart.append(bits(turned(upright, quarters), there))
        assert bits(upright, there) > 60
        assert bits(turned(str(imagehash.phash(picture)), quarters), str(imagehash.phash(really))) <= 24
    assert sum(each <= RADII[PDQ] for each in apart) >= 38


@pytest.mark.parametrize("quarters", QUARTERS)
def test_turning_back_gives_the_same_hash(quarters: int) -> None:
    upright = pdq(np.asarray(drawing(3))).hex
    assert turned(turned(upright, quarters), 4 - quarters) == upright
