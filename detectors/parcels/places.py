"""Places: whether a scan, an origin or a promise names a place in the country or abroad.

Owns the reading of division names, division codes and country words. 香港, 澳门 and 台湾 count as abroad here because
goods from there pass customs. Leaves conclusions to `detectors.parcels.dispatch`.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

CODE = re.compile(r"(?<!\d)(?P<province>[1-8]\d)\d{4}(?:\d{6})?(?!\d)")
COUNTRY = re.compile(r"[A-Z]{2}")


class Place(StrEnum):
    """Which side of mainland customs a place lies on."""

    DOMESTIC = "domestic"
    OVERSEAS = "overseas"


@dataclass(frozen=True)
class Gazetteer:
    """The words for places, as patterns, and the province numbers of division codes."""

    overseas: re.Pattern[str]
    domestic: re.Pattern[str]
    provinces: frozenset[int]
    customs: re.Pattern[str]
    overseas_names: str

    def place(self, text: str) -> Place | None:
        """Where `text` lies; abroad wins, for a route names its carrier's home too. None when it names no place."""
        stripped = text.strip()
        if COUNTRY.fullmatch(stripped):
            return Place.DOMESTIC if stripped == "CN" else Place.OVERSEAS
        if self.overseas.search(text):
            return Place.OVERSEAS
        code = CODE.search(text)
        if code is not None and code["province"] in ("71", "81", "82"):
            return Place.OVERSEAS
        if self.domestic.search(text) or (code is not None and int(code["province"]) in self.provinces):
            return Place.DOMESTIC
        return None

    def passed_customs(self, text: str) -> bool:
        return bool(self.customs.search(text))


def read_data(name: str) -> dict[str, Any]:
    """One of the detector's tables."""
    return tomllib.loads(resources.files("detectors.parcels").joinpath("data", name).read_text("utf-8"))


@cache
def gazetteer() -> Gazetteer:
    """The shipped places, read once, on first use."""
    divisions, places = read_data("divisions.toml"), read_data("places.toml")
    named = [*divisions["provinces"], *divisions["towns"]["names"].split()]
    for province in divisions["provinces"].values():
        named += province["divisions"].split()
    endings, short = ("|".join(divisions["endings"][kind]) for kind in ("names", "short"))
    ended = f"[\u4e00-\u9fff]{{2,}}(?:{endings})|[\u4e00-\u9fff](?:{short})"
    abroad = _alternatives([*places["overseas"]["names"].split(), *places["overseas"]["general"]])
    return Gazetteer(
        overseas=_pattern(f"(?:{abroad})(?!族)", places["overseas"]["latin"]),
        domestic=_pattern(f"{_alternatives(named)}|{ended}", divisions["towns"]["latin"]),
        provinces=frozenset(province["code"] for province in divisions["provinces"].values()),
        customs=re.compile(_alternatives(places["customs"]["words"]), re.IGNORECASE),
        overseas_names=abroad,
    )


def _pattern(names: str, latin: str) -> re.Pattern[str]:
    words = "|".join(r"\s+".join(word.split("_")) for word in latin.split())
    return re.compile(f"{names}|(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)


def _alternatives(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name)))
