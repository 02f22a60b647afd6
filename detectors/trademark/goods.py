"""Goods: which classes a listing's goods fall in, and how they relate to a mark's.

Owns the reading of classes off a stated Nice class, a category path or a title. A reference, not a verdict: what the
relation is worth is for `detectors.triage`.
"""

import re
import unicodedata
from functools import cache, lru_cache

from detectors.trademark.tables import class_mask, rows, similar_classes
from models.subjects import Listing


def listing_classes(listing: Listing) -> int:
    """The classes of the listing's goods as bits 1..45: the stated class alone where there is one, else those of the
    words of its category, else those of its title. 0 is unknown."""
    if listing.nice_class is not None:
        return class_mask((listing.nice_class,))
    return classes_of(listing.category) or classes_of(listing.title)


def relation(goods: int, mark: int) -> str:
    """`same`, `similar`, `unrelated`, or `unknown` where either side is 0; both as bits."""
    if not goods or not mark:
        return "unknown"
    if goods & mark:
        return "same"
    return "similar" if classes_near(goods) & mark else "unrelated"


@lru_cache(maxsize=1 << 12)
def classes_near(goods: int) -> int:
    """Every class similar to one of these, themselves included; all as bits."""
    near = similar_classes()
    mask = 0
    for number in range(1, 46):
        if goods >> number & 1:
            mask |= near[number]
    return mask


@lru_cache(maxsize=1 << 14)
def classes_of(words: str) -> int:
    """The classes that the words of a text speak for, as bits."""
    mask = 0
    for found in _class_words().finditer(unicodedata.normalize("NFKC", words).casefold()):
        mask |= _classes()[found.group()]
    return mask


@cache
def _classes() -> dict[str, int]:
    return {word: class_mask(tuple(map(int, numbers.split(";")))) for word, numbers in rows("classes")}


@cache
def _class_words() -> re.Pattern[str]:
    """Longest words first; Latin words only whole."""
    words = sorted(_classes(), key=lambda word: (-len(word), word))
    return re.compile("|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in words))
