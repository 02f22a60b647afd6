"""Which characters the shape table tells of: those in use in mainland China, and the traditional ones beside them.

All of GB 2312 (6,763), of the Table of General Standard Chinese Characters (通用规范汉字表, 8,105) and of Big5's
frequent level (5,401), and the traditional forms of GB 2312, as far as they lie in Unicode's basic plane.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from detectors.trademark.derivation.inputs import Inputs

FIRST, LAST = 0x3400, 0x9FFF  # the ideographs of the basic plane, extension A included


@dataclass(frozen=True)
class Characters:
    """The signs in the order of their code points, and which are written in one of the two scripts alone."""

    signs: tuple[str, ...]
    simplified: frozenset[str]
    traditional: frozenset[str]


def characters(inputs: Inputs) -> Characters:
    """The table's characters. A character is traditional when it has a simplified form other than itself."""
    forms = inputs.unihan("unihan-variants", "kTraditionalVariant")
    simpler = inputs.unihan("unihan-variants", "kSimplifiedVariant")
    island = set(_cells("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]))
    standard = set(inputs.unihan("unihan-mappings", "kTGH"))
    elder = {form for sign in mainland() for form in _signs(forms.get(sign, ""))}
    known = mainland() | island | standard | elder
    signs = tuple(sorted(sign for sign in known if FIRST <= ord(sign) <= LAST))
    return Characters(
        signs,
        frozenset(sign for sign in signs if sign in forms and sign not in _signs(forms[sign])),
        frozenset(sign for sign in signs if sign in simpler and sign not in _signs(simpler[sign])),
    )


def mainland() -> set[str]:
    """The characters of GB 2312."""
    return set(_cells("gb2312", range(0xB0, 0xF8), [*range(0xA1, 0xFF)]))


@cache
def common_signs() -> frozenset[str]:
    """The characters of GB 2312's first level, the commonest."""
    return frozenset(_cells("gb2312", range(0xB0, 0xD8), [*range(0xA1, 0xFF)]))


def _cells(encoding: str, rows: range, cells: list[int]) -> Iterator[str]:
    for row in rows:
        for cell in cells:
            yield from bytes((row, cell)).decode(encoding, "ignore")


def _signs(codes: str) -> list[str]:
    return [chr(int(code.partition("<")[0][2:], 16)) for code in codes.split()]
