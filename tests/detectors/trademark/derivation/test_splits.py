"""Characters taken apart: which of the decomposition data's records are kept, and the shipped table of them."""

from detectors.trademark.derivation.splits import splits
from detectors.trademark.tables import put_together

RECORDS = """妈:a(女,马)
林:ra(木)
李:d(木,子)
泽:a(氵,37071)
街:a(彳,圭,亍)
龘:a(龍,龖)
傅:a(亻,尃)
仔:a(亻,子)
broken line
"""


def test_two_parts_that_can_be_typed_are_kept() -> None:
    assert list(splits(RECORDS)) == ["妈女马", "林木木", "李木子", "仔亻子"]


def test_the_shipped_table_reads_parts_as_drawn_and_as_typed() -> None:
    wholes = put_together()
    assert (wholes["女马"], wholes["木木"], wholes["亻子"], wholes["人子"]) == ("妈", "林", "仔", "仔")
    assert len(wholes) > 5_000
    assert all(len(pair) == 2 and len(whole) == 1 and whole not in pair for pair, whole in wholes.items())
