"""Pictures of characters: like ones are near, whatever stands beside them."""

import numpy as np
from PIL import Image, ImageDraw

from detectors.trademark.derivation.pictures import blurred, gradients, nearness, unit, views

BARS = ((10, "across"), (12, "across"), (40, "across"), (10, "down"), (40, "down"))


def bar(place: int, way: str) -> Image.Image:
    picture = Image.new("L", (64, 64))
    box = (4, place, 60, place + 6) if way == "across" else (place, 4, place + 6, 60)
    ImageDraw.Draw(picture).rectangle(box, fill=255)
    ImageDraw.Draw(picture).rectangle((0, 0, 63, 63), outline=255)
    return picture


def test_every_view_is_cut_from_the_picture_and_fitted_to_its_ink() -> None:
    seen = dict(views(bar(10, "across")))
    assert set(seen) == {"whole", "right 0.3", "under 0.3", "right 0.4", "under 0.4"}
    assert seen["right 0.4"].size == (38, 64)
    assert seen["under 0.3"].size == (64, 45)


def test_descriptions_tell_place_and_direction() -> None:
    pictures = [bar(*one) for one in BARS]
    for describe in (blurred, gradients):
        rows = describe(pictures)
        apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)
        assert not np.diag(apart).any()
        assert apart[0, 1] < apart[0, 2]
        assert apart[0, 1] < apart[0, 3]
        lengths = np.linalg.norm(unit(rows), axis=1)
        assert np.allclose(lengths, 1, atol=1e-5)


def test_nearness_is_the_best_view_between_nought_and_one() -> None:
    whole = unit(np.random.default_rng(1).normal(size=(1200, 16)).astype(np.float32))
    described = {view: whole[::-1].copy() for view in ("right 0.3", "right 0.4", "under 0.3", "under 0.4")}
    near = nearness({"whole": whole, **described}, slice(0, 1200))
    assert near.min() >= 0
    assert near.max() <= 1
    assert np.allclose(np.diag(near), 1, atol=1e-4)
