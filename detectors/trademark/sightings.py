"""Sightings: the marks seen in a batch of listings, each with where and how near.

Owns the way from texts to judged sightings: which fields are read, which candidates are worth judging, and which
sighting of a mark in a field is the best. What speaks against them is for `detectors.trademark.counter`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from detectors.trademark import goods
from detectors.trademark.alphabet import is_han
from detectors.trademark.candidates import Candidates, candidates
from detectors.trademark.comparators import compare
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.index import MarkIndex
from detectors.trademark.names import Spelling
from detectors.trademark.readings import Readings, read
from detectors.trademark.sieve import reach
from detectors.trademark.tables import table
from detectors.trademark.wording import is_word
from models.subjects import Listing

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

INITIALS = 0.72  # initials alone are near only where they open the title of goods of the mark's class
FLOOR = 0.65  # less near than this is not told
FIELDS = ("title", "brand", "seller.name")

# Where names stand counts. What opens the title of goods of the mark's own class is meant as a name: of its distance
# only this share remains. A short name that is only near, inside a run of characters, is mostly chance.
LEADING = 0.72
INSIDE = {2: 0.8, 3: 0.93}
# In a shop's name only what is as near as this is told: shops are named after streets, surnames and lucky words.
SELLER_FLOOR = 0.85
# On goods of unrelated classes a name that is only near is told from here on, and a short one not at all.
UNRELATED_FLOOR = 0.85
SHORT = 3


@dataclass(frozen=True)
class Sighting:
    """One mark seen in one field. `mark_id` names it; `name` is the spelling that was met."""

    mark_id: str
    field: str
    text: str
    start: int
    end: int
    name: str
    likeness: Likeness

    @property
    def piece(self) -> str:
        return self.text[self.start : self.end]


def sightings(listings: Sequence[Listing], index: MarkIndex) -> list[list[Sighting]]:
    """For each listing the best sighting of each mark in each field, nearest first, then by mark and field."""
    texts = [(number, field, text) for number, listing in enumerate(listings) for field, text in _texts(listing)]
    readings = read([text for _, _, text in texts])
    found = candidates(readings, index)
    listing_of = np.array([number for number, _, _ in texts], dtype=np.int64)[readings.text[found.start]]
    goods_of, near_to = _classes(listings, listing_of)
    marks = index.classes[index.owner[found.name]]
    unrelated = (goods_of != 0) & (marks != 0) & (near_to & marks == 0)
    short = found.end - found.start <= SHORT
    kept = found.exact | ~unrelated | ~short
    fields = np.array([field == "seller.name" for _, field, _ in texts], dtype=np.bool_)[readings.text[found.start]]
    least = _least(own_class=(goods_of & marks) != 0, other_class=unrelated & ~found.exact, seller=fields)
    kept &= reach(readings, found, index) >= least
    rows = zip(((goods_of & marks) != 0)[kept].tolist(), unrelated[kept].tolist(), strict=True)
    best: list[dict[tuple[str, str], Sighting]] = [{} for _ in listings]
    for (own_class, other_class), judged in zip(rows, _judged(texts, readings, found.only(kept), index), strict=True):
        if judged is None:
            continue
        number, sighting = judged
        weighed = _weighed(sighting, own_class=own_class, other_class=other_class)
        if weighed is None:
            continue
        key = (weighed.mark_id, weighed.field)
        held = best[number].get(key)
        if held is None or _rank(weighed) < _rank(held):
            best[number][key] = weighed
    return [sorted(by.values(), key=lambda one: (*_rank(one), one.mark_id, one.field)) for by in best]


def seen(text: str, index: MarkIndex) -> list[Sighting]:
    """Everything in one text that is near to a name of the index, unweighed."""
    readings = read([text])
    judged = _judged([(0, "", text)], readings, candidates(readings, index), index)
    return [one[1] for one in judged if one is not None]


def _classes(listings: Sequence[Listing], asked: Ints) -> tuple[U64, U64]:
    """For each listing asked for its goods' classes as bits, and every class similar to one of them."""
    numbers, inverse = np.unique(asked, return_inverse=True)
    own = [goods.listing_classes(listings[number]) for number in numbers.tolist()]
    near = [goods.classes_near(mask) for mask in own]
    return np.array(own, dtype=np.uint64)[inverse], np.array(near, dtype=np.uint64)[inverse]


def _judged(
    texts: Sequence[tuple[int, str, str]], readings: Readings, found: Candidates, index: MarkIndex
) -> Iterator[tuple[int, Sighting] | None]:
    """Each candidate as a sighting with its listing's number, or None where the comparators find nothing."""
    place = readings.text[found.start].tolist()
    start, end = readings.start[found.start].tolist(), readings.end[found.end - 1].tolist()
    spelling, owner = index.spelling[found.name].tolist(), index.owner[found.name].tolist()
    for row, name_number in enumerate(found.name.tolist()):
        number, field, text = texts[place[row]]
        name, piece = index.name(name_number), text[start[row] : end[row]]
        likeness = compare(piece, name)
        if likeness is not None and spelling[row] != Spelling.TEXT:
            likeness = _spelled(likeness, Spelling(spelling[row]), piece)
        if likeness is None:
            yield None
        else:
            yield number, Sighting(index.mark_id(owner[row]), field, text, start[row], end[row], name, likeness)


def _spelled(likeness: Likeness, spelling: Spelling, piece: str) -> Likeness | None:
    """What the likeness to a spelling is worth as likeness to the mark."""
    if spelling is Spelling.TEXT:
        return likeness
    if spelling is Spelling.ALIAS:
        return replace(likeness, fact="alias-mark") if likeness.fact == "identical-mark" else likeness
    if not likeness.same:
        return None
    if spelling is Spelling.INITIALS:
        return Likeness(INITIALS, "similar-spelling", "initials", piece) if piece.isupper() else None
    if spelling is Spelling.PINYIN:
        return Likeness(0.9 * likeness.score, "pinyin-spelling", "pinyin", likeness.detail)
    return Likeness(0.93 * likeness.score, "split-character", "split", likeness.detail)


def _texts(listing: Listing) -> list[tuple[str, str]]:
    texts = [("title", listing.title), ("brand", listing.brand), ("seller.name", proper_name(listing.seller.name))]
    return [(field, text) for field, text in texts if text]


def proper_name(seller: str) -> str:
    """A seller's name without the legal form and trade words at its end (傍名牌 is judged by what is left)."""
    endings = _endings()
    changed = seller.casefold().endswith(endings)
    while changed:
        changed = False
        for ending in endings:
            if len(seller) > len(ending) and seller.casefold().endswith(ending):
                seller, changed = seller[: -len(ending)].rstrip(), True
    return seller


@cache
def _endings() -> tuple[str, ...]:
    return tuple(table("words")["seller_forms"]["endings"])


def _weighed(sighting: Sighting, *, own_class: bool, other_class: bool) -> Sighting | None:
    """The sighting with its score set for where it stands, or None when too little is left."""
    likeness = sighting.likeness
    score = likeness.score
    characters = sum(map(is_han, sighting.piece))
    if not likeness.same and (characters or likeness.trick == "initials"):
        if own_class and _leads(sighting) and not _shares_a_word_alone(sighting):
            if likeness.trick != "initials":
                score = 1 - (1 - score) * LEADING
        elif likeness.trick == "initials":
            return None
        elif sighting.start and is_han(sighting.text[sighting.start - 1]):
            score *= INSIDE.get(characters, 1.0)
    floor = SELLER_FLOOR if sighting.field == "seller.name" else FLOOR
    if other_class and not likeness.same:
        floor = UNRELATED_FLOOR
    if score < floor:
        return None
    if score == likeness.score:
        return sighting
    return replace(sighting, likeness=replace(likeness, score=score))


def _least(*, own_class: Flags, other_class: Flags, seller: Flags) -> npt.NDArray[np.float64]:
    """The likeness from which on `_weighed` may tell a sighting, wherever in its text it stands."""
    floor = np.where(seller, SELLER_FLOOR, FLOOR)
    floor = np.where(other_class, np.maximum(UNRELATED_FLOOR, 0.0), floor)
    return np.where(own_class, 1 - (1 - floor) / LEADING, floor)


def _leads(sighting: Sighting) -> bool:
    """Whether nothing but signs and words of praise stands before."""
    return not _praise().sub("", sighting.text[: sighting.start])


def _shares_a_word_alone(sighting: Sighting) -> bool:
    """Whether all that is kept of the name is an everyday word: what told it apart is what was replaced."""
    if sighting.likeness.trick != "replaced":
        return False
    kept = "".join(
        one for one, other in zip(folded(sighting.piece), folded(sighting.name), strict=True) if one == other
    )
    return is_word(kept)


@cache
def _praise() -> re.Pattern[str]:
    words = sorted(table("words")["praise"]["words"], key=len, reverse=True)
    return re.compile(rf"\W+|_|20\d\d年?|{'|'.join(map(re.escape, words))}")


def _rank(sighting: Sighting) -> tuple[float, int, int, str]:
    return (-sighting.likeness.score, sighting.start - sighting.end, sighting.start, sighting.name)
