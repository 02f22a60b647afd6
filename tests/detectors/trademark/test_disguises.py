"""The same letters: what was done to hide them, and what people write so without hiding anything."""

import pytest

from detectors.trademark.disguises import same_letters
from detectors.trademark.sightings import FLOOR


def told(piece: str, name: str) -> str:
    likeness = same_letters(piece, name)
    return likeness.fact if likeness is not None and likeness.score >= FLOOR else ""


@pytest.mark.parametrize(
    ("piece", "name"),
    [
        ("KESTR/ELLO", "KESTRELLO"),
        ("kestr.ello", "KESTRELLO"),
        ("K_ESTRELLO", "Kestrello"),
        ("V·oqui", "Voqui"),
        ("KESTRELLO Vo/qui", "KESTRELLO Voqui"),
        ("KESTRELL\u0323O", "KESTRELLO"),
        ("KESTRẸLLO", "KESTRELLO"),
        ("KESTR\u0336ELLO", "KESTRELLO"),
        ("\u1e3eIVELLA", "MIVELLA"),
        ("云*师傅", "云师傅"),
    ],
)
def test_what_is_put_within_a_word_or_under_a_letter_hides_it(piece: str, name: str) -> None:
    assert told(piece, name) == "disguised-mark"


@pytest.mark.parametrize(
    ("piece", "name"),
    [
        ("MILK/SHOP", "MILKSHOP"),  # two words
        ("Kestr.Ello", "KESTRELLO"),  # a compound
        ("VEL.KORA", "VelKora"),
        ("V.Oquil", "VOQUIL"),  # an initial
        ("KESTR-ELLO", "KESTRELLO"),
        ("KESTR ELLO", "KESTRELLO"),
        ("kestrel.lo", "KESTRELLO"),  # an address of the web
        ("MI/VE", "MIVE"),  # items of a list
        ("KESTRÉLLO", "KESTRELLO"),  # as names of Europe are spelled
        ("Kęstrello", "KESTRELLO"),
        ("Chenlǎo", "CHENLAO"),  # the tones of pinyin
        ("Phởlan", "Phởlan"),
        ("Pholan", "Phởlan"),
        ("石 川", "石川"),
    ],
)
def test_what_honest_sellers_write_hides_nothing(piece: str, name: str) -> None:
    assert told(piece, name) in ("identical-mark", "")
