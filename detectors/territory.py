"""Territory: whether a place lies in the part of the country for which a seller was authorised.

Owns the reading of contract words (华东, 江浙沪, 浙江省, 全国) and of places of dispatch as provinces, by their numbers
in GB/T 2260; 0 is everywhere outside mainland customs. What follows from a place outside is for
`detectors.authorisation`.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from detectors.parcels.places import Place, gazetteer, read_data

ABROAD = 0


def covers(territory: str, place: str) -> bool | None:
    """Whether goods from `place` come from within `territory`; None where either names nothing that is known here, or
    where both lie abroad."""
    granted, found = provinces(territory), provinces(place)
    if not granted or not found or granted == found == {ABROAD}:
        return None
    return not granted.isdisjoint(found)


@lru_cache(maxsize=1 << 12)
def provinces(text: str) -> frozenset[int]:
    """The provinces that a text names, as numbers; `ABROAD` beside them for places abroad; empty is unknown."""
    known = _named()
    found = {number for word in _pattern().findall(text.casefold()) for number in known[word]}
    if gazetteer().place(text) is Place.OVERSEAS:
        found.add(ABROAD)
    return frozenset(found)


@cache
def _regions() -> dict[str, Any]:
    return tomllib.loads(resources.files("detectors").joinpath("data", "regions.toml").read_text("utf-8"))


@cache
def _named() -> dict[str, tuple[int, ...]]:
    table: dict[str, dict[str, Any]] = read_data("divisions.toml")["provinces"]
    named: dict[str, tuple[int, ...]] = {}
    for name, province in table.items():
        for word in (name, *province["divisions"].split()):
            named[word] = (*named.get(word, ()), province["code"])
    named |= {word: tuple(numbers) for word, numbers in _regions()["regions"].items()}
    named |= dict.fromkeys(_regions()["whole"], tuple(province["code"] for province in table.values()))
    return named


@cache
def _pattern() -> re.Pattern[str]:
    """Longest words first; Latin ones only whole."""
    words = sorted(_named(), key=lambda word: (-len(word), word))
    return re.compile("|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in words))
