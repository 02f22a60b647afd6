"""Divisions as people name them."""

import pytest

from models.queue.places import division_name


@pytest.mark.parametrize(
    ("code", "name"), [("440000", "广东"), ("440106", "广东 440106"), ("110000", "北京"), ("990000", "990000")]
)
def test_a_division_is_named_by_its_province(code: str, name: str) -> None:
    assert division_name(code) == name
