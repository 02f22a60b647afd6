"""Differences in words: what was put in place of what, as an officer would say it.

Owns the filling of `data/tricks.toml`. How near a difference leaves a name is for `detectors.trademark.comparators`,
which notes it as `帅→师`, several as `帅→师, 博→傅`, an element added as `+大` and one left out as `-鹿`.
"""

from detectors.trademark.disguises import Likeness
from detectors.trademark.tables import table

INSTEAD = {"zh": ("“{}”代替“{}”", "、"), "en": ("“{}” for “{}”", ", ")}


def in_words(near: Likeness) -> dict[str, str]:
    """The difference in `zh` and `en`; empty where there is none."""
    words: dict[str, str] = table("tricks")[near.trick]
    return {language: words[language].replace("{changes}", _changes(near.detail, language)) for language in INSTEAD}


def _changes(detail: str, language: str) -> str:
    instead, between = INSTEAD[language]
    pairs = [pair.split("→") for pair in detail.split(", ")]
    if all(len(pair) == 2 for pair in pairs):
        return between.join(instead.format(*map(_shown, pair)) for pair in pairs)
    return f"“{_shown(detail.removeprefix('+').removeprefix('-'))}”"


def _shown(element: str) -> str:
    """A letter alone is shown as a capital: an l is easily read as an I."""
    return element.upper() if len(element) == 1 and element.isascii() else element
