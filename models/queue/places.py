"""Places (辖区): the administrative division that a subject shows, and whether it lies in a unit's regions.

A credit code carries the division of the authority that registered the firm (GB 32100, places 3 to 8); without one the
first province that the seller's place, or the place it ships from, names. A text is read no finer than its province.
"""

import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib import resources

from models.subjects import AnySubject, Listing

CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}([1-9][0-9]{5})[0-9A-HJ-NPQRTUWXY]{10}")


class Place(StrEnum):
    """Where a lead lies as seen from a unit: inside its regions, outside, or it cannot be told."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


def division_of(subject: AnySubject) -> str:
    """The division code (GB/T 2260, six digits, zeros where it is not known finer); empty when nothing shows one."""
    if isinstance(subject, Listing):
        code, texts = subject.seller.uscc, (subject.seller.location, subject.ships_from)
    else:
        code, texts = subject.sender_uscc, (subject.origin, subject.outlet)
    found = CREDIT_CODE.fullmatch(code.strip().upper())
    if found and found.group(1)[:2] in provinces().values():
        return found.group(1)
    return next((f"{number}0000" for text in texts if (number := _province(text))), "")


def place_of(division: str, regions: Sequence[str]) -> Place:
    """Whether a division lies in one of these regions. A province alone says nothing of a city within it."""
    known = reach_of(division)
    if not known or not regions:
        return Place.UNKNOWN
    asked = [reach_of(region) for region in regions]
    if any(known.startswith(region) for region in asked):
        return Place.INSIDE
    return Place.UNKNOWN if any(region.startswith(known) for region in asked) else Place.OUTSIDE


def division_name(code: str) -> str:
    """A division as people name it: the short name of its province, and the code where it is finer than that."""
    province = next((name for name, number in provinces().items() if code.startswith(number)), "")
    if not province:
        return code
    return province if code.endswith("0000") else f"{province} {code}"


@cache
def provinces() -> dict[str, str]:
    """Province by short name: its number."""
    text = resources.files("models.queue").joinpath("data", "provinces.toml").read_text("utf-8")
    return {name: str(number) for name, number in tomllib.loads(text)["provinces"].items()}


def _province(text: str) -> str:
    """The number of the province that is named first; "" for none."""
    places = [(text.find(name), number) for name, number in provinces().items() if name in text]
    return min(places)[1] if places else ""


def reach_of(division: str) -> str:
    """The digits that say something: 330000 is a province, 331000 a prefecture, 331082 a county."""
    return re.sub(r"(00)+$", "", division)
