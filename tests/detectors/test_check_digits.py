"""Check digits against examples that the standards themselves and registers publish."""

import pytest

from detectors.check_digits import mod11_10, patent_check, uscc_check


@pytest.mark.parametrize(
    ("digits", "check"), [("201710601862", "3"), ("201510958772", "0"), ("200510096239", "4"), ("95115608", "x")]
)
def test_patents(digits: str, check: str) -> None:
    assert patent_check(digits) == check


def test_licences() -> None:
    assert mod11_10("0794") == "5"  # the example of ISO 7064


def test_credit_codes() -> None:
    assert uscc_check("91350100M000100Y4") == "3"
    with pytest.raises(ValueError, match="substring"):
        uscc_check("91350100M000100I4")


@pytest.mark.parametrize("place", range(12))
def test_one_wrong_digit_is_always_noticed(place: int) -> None:
    digits = "201710601862"
    for other in "0123456789":
        if other != digits[place]:
            wrong = digits[:place] + other + digits[place + 1 :]
            assert patent_check(wrong) != patent_check(digits)
            assert mod11_10(wrong) != mod11_10(digits)
