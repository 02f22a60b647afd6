"""Twins: the rule by which two listings offer the same goods. Slow and obvious; the proposal's arrays answer the same.

Two listings are twins when they are of one goods key (same kind, same leading mark) and either
- their titles are near-equal (Jaccard index of character pairs of the folded title at least 0.6, both long enough to
  tell anything) and name the same figures: sizes and model numbers tell goods of one brand apart; or
- their titles are related (0.35) and one picture of each is the same (64-bit perceptual hashes at most 6 bits apart).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.groups import Sketch
from models.pictures import PictureReading
from models.subjects import Listing

NEAR_EQUAL = 0.6
RELATED = 0.35
LONG_ENOUGH = 8  # character pairs
PICTURE_BITS = 6
PICTURES = 4  # of a listing, from the first
PICTURE_HASH = "phash-64"
QUALITY = 50  # pictures below it (blank, blurred) look alike without being alike
FIGURES = re.compile(r"\d+")
NOISE = re.compile(r"[\W_]+")


class Entry(NamedTuple):
    """What is looked at: the title as `folded`, pictures as 64-bit hashes."""

    lead_id: str
    goods_key: str
    title: str
    pictures: tuple[int, ...] = ()


def folded(title: str) -> str:
    """The title as it is compared: width and case set aside, letters and digits only."""
    return NOISE.sub("", unicodedata.normalize("NFKC", title).casefold())


def goods_key(listing: Listing, mark_id: str | None) -> str:
    """The family in which twins are looked for."""
    return f"{listing.key.kind}:{mark_id or ''}"


def entry_of(lead_id: str, listing: Listing, mark_id: str | None, readings: Iterable[PictureReading] = ()) -> Entry:
    """A listing's entry; pictures that were not read, or tell nothing, are left out."""
    hashes = (each.hashes.get(PICTURE_HASH, "") for each in readings if not each.failure and each.quality >= QUALITY)
    told = [int(text, 16) for text in hashes if text]
    kept = tuple(dict.fromkeys(value for value in told if 8 <= value.bit_count() <= 56))
    return Entry(lead_id, goods_key(listing, mark_id), folded(listing.title), kept[:PICTURES])


def are_twins(one: Entry, other: Entry) -> bool:
    """Whether the two offer the same goods."""
    if one.goods_key != other.goods_key:
        return False
    mine, theirs = pairs(one.title), pairs(other.title)
    likeness = len(mine & theirs) / max(1, len(mine | theirs))
    long_enough = min(len(mine), len(theirs)) >= LONG_ENOUGH
    if likeness >= NEAR_EQUAL and long_enough and figures(one.title) == figures(other.title):
        return True
    return likeness >= RELATED and same_picture(one.pictures, other.pictures)


def twin_sketches(one: Sketch, other: Sketch) -> bool:
    """The same of stored sketches."""
    return are_twins(_entry(one), _entry(other))


def pairs(title: str) -> frozenset[str]:
    """The character pairs of a folded title."""
    return frozenset(title[place : place + 2] for place in range(len(title) - 1))


def figures(title: str) -> list[str]:
    """The numbers in a folded title, sorted."""
    return sorted(FIGURES.findall(title))


def same_picture(mine: Sequence[int], theirs: Sequence[int]) -> bool:
    return any((one ^ other).bit_count() <= PICTURE_BITS for one in mine for other in theirs)


def _entry(sketch: Sketch) -> Entry:
    return Entry(sketch.lead_id, sketch.goods_key, sketch.title, tuple(int(value, 16) for value in sketch.pictures))
