"""Strokes and parts: what is written alike is near, and what shares parts is nearer than what shares none."""

import numpy as np
import pytest

from detectors.trademark.derivation.strokes import Parts, by_parts, by_strokes, written

ACROSS = [(100.0, 500.0), (500.0, 505.0), (900.0, 500.0)]
DOWN = [(500.0, 900.0), (500.0, 500.0), (505.0, 100.0)]
HOOKED = [(500.0, 900.0), (500.0, 100.0), (300.0, 250.0)]
RECORDS = "`\n林:a(木,木)\n沐:a(氵,木)\n森:r3tr(木)\n淼:r3tr(水)\n湫:a(氵,秋)\n秋:a(禾,火)\n"
STROKES = {"木": 4, "氵": 3, "水": 4, "禾": 5, "火": 4, "林": 8, "沐": 7, "秋": 9}


def test_strokes_are_told_by_their_way_and_their_bend() -> None:
    letters = written({"十": [ACROSS, DOWN], "于": [ACROSS, ACROSS, HOOKED], "干": [ACROSS, ACROSS, DOWN]})
    assert len(letters["干"]) == 3
    assert letters["干"][:2] == letters["于"][:2]
    assert letters["干"][2] != letters["于"][2]
    assert letters["十"] == letters["干"][1:]


def test_nearness_by_strokes_is_the_share_left_unchanged_and_none_where_strokes_are_unknown() -> None:
    near = by_strokes(["abc", "abd", "xyz", ""], slice(0, 4))
    assert near[0].tolist() == pytest.approx([1, 2 / 3, 0, 0])
    assert not near[3].any()


def test_parts_are_followed_down_to_small_ones_and_repeated() -> None:
    parts = Parts(RECORDS, STROKES)
    assert parts.of("湫") == ["氵", "禾", "火"]
    assert parts.of("森") == ["木", "木", "木"]
    assert parts.of("木") == ["木"]
    assert parts.of("〇") == ["〇"]


def test_nearness_by_parts_is_the_share_of_strokes_in_parts_that_both_have() -> None:
    signs = ["沐", "林", "森", "淼"]
    near = by_parts(Parts(RECORDS, STROKES).matrices(signs), slice(0, 4))
    assert np.allclose(near, near.T)
    assert np.allclose(np.diag(near), 1)
    assert near[0, 1] == pytest.approx(2 * 4 / (7 + 8))
    assert near[1, 2] == pytest.approx(2 * 8 / (8 + 12))
    assert near[2, 3] == 0
