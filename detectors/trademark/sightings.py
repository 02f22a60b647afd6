"""Sightings: the marks seen in a batch of listings, each with where and how near.

Owns the way from texts to judged sightings: which fields are read, which candidates are worth judging, and which
sighting of a mark in a field is the best. What speaks against them is for `detectors.trademark.counter`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detectors.trademark import goods
from detectors.trademark.alphabet import is_han
from detectors.trademark.candidates import Candidates, candidates
from detectors.trademark.comparators import compare
from detectors.trademark.disguises import folded
from detectors.trademark.fields import PICTURE, Text, texts_of
from detectors.trademark.fields import texts as texts_in
from detectors.trademark.heads import OF_WHOLE_HEADS, is_head, seen_at_heads
from detectors.trademark.index import MarkIndex
from detectors.trademark.lexicon import is_chinese_word, stands_free
from detectors.trademark.names import Spelling
from detectors.trademark.readings import Readings, read
from detectors.trademark.sieve import reach
from detectors.trademark.sighting import Sighting
from detectors.trademark.spellings import reread, spelled
from detectors.trademark.wording import is_word
from models.subjects import Listing

U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FLOOR = 0.65  # less near than this is not told

# Where names stand counts. What opens the title of goods of the mark's own class is meant as a name: of its distance
# only this share remains, and little more of one that stands between whole words. A short name that is only near,
# inside a run of characters, is mostly chance.
LEADING, FREE = 0.72, 0.73
INSIDE = {2: 0.8, 3: 0.93}
SURELY = 0.85  # behind signs from here on, wherever it stands
LETTERS_LEAD_FROM = 4  # names of letters shorter than this gain nothing by leading
MISSPELT = frozenset({"added", "dropped", "replaced", "shape", "order", "letters", "two", "word"})
CHANGED_WITHIN = 0.85  # a name of which one part is changed and another is known by itself, from here on
# In a shop's name, a description and a picture only what is as near as this is told: shops are named after streets,
# surnames and lucky words, descriptions are long, and a picture is not always read right.
ASIDE = ("seller.name", "description", "url", PICTURE)
ASIDE_FLOOR = 0.85
# Told of goods of the mark's own class alone, and of these only where they open the text.
LEADING_ALONE = ("initials",)
PLAIN = ("identical-mark", "alias-mark", "known-name")  # told of a title, a brand and a shop, not of a description
OWN_CLASS_ALONE = ("initials", "slang", "backwards", "pinyin-mixed")
OWN_CLASS_SPELLINGS = (Spelling.INITIALS, Spelling.SLANG)  # a likeness to these has one of those tricks, or is none
# On goods of unrelated classes a name that is only near is told from here on, and a short one not at all.
UNRELATED_FLOOR = 0.85
SHORT = 3


def sightings(
    listings: Sequence[Listing], index: MarkIndex, printed: Sequence[Sequence[str]] = ()
) -> list[list[Sighting]]:
    """For each listing the best sighting of each mark in each field, nearest first, then by mark and field, in pictures
    last. `printed` has for each listing the texts in its pictures."""
    said = printed or [()] * len(listings)
    texts = [
        (number, text)
        for number, (listing, more) in enumerate(zip(listings, said, strict=True))
        for text in texts_of(listing, more)
    ]
    readings = read([text.read for _, text in texts])
    found = candidates(readings, index)
    listing_of = np.array([number for number, _ in texts], dtype=np.int64)[readings.text[found.start]]
    goods_of, near_to = _classes(listings, listing_of)
    marks = index.classes[index.owner[found.name]]
    own = (goods_of & marks) != 0
    unrelated = (goods_of != 0) & (marks != 0) & (near_to & marks == 0)
    kept = found.exact | ~unrelated | (found.end - found.start > SHORT)
    kept &= own | ~np.isin(index.spelling[found.name], OWN_CLASS_SPELLINGS)
    found, own, unrelated = found.only(kept), own[kept], unrelated[kept]
    aside = np.array([text.field in ASIDE for _, text in texts], dtype=np.bool_)[readings.text[found.start]]
    kept = reach(readings, found, index) >= _least(own_class=own, other_class=unrelated & ~found.exact, aside=aside)
    rows = zip(own[kept].tolist(), unrelated[kept].tolist(), strict=True)
    weighed_ones = []
    for (own_class, other_class), judged in zip(rows, _judged(texts, readings, found.only(kept), index), strict=True):
        weighed = None if judged is None else _weighed(judged[1], own_class=own_class, other_class=other_class)
        if judged is not None and weighed is not None:
            weighed_ones.append((judged[0], weighed))
    named = {number for number, sighting in weighed_ones if sighting.likeness.fact in PLAIN}
    weighed_ones += [
        (number, sighting)
        for number, sighting in _at_heads(listings, texts, readings, index)
        if number not in named or sighting.likeness.trick in OF_WHOLE_HEADS
    ]
    best: list[dict[tuple[str, str], Sighting]] = [{} for _ in listings]
    for number, weighed in _but_quoted(weighed_ones):
        key = (weighed.mark_id, weighed.field)
        held = best[number].get(key)
        if held is None or _tells_more(weighed, held):
            best[number][key] = weighed
    return [sorted(by.values(), key=_order) for by in best]


def _at_heads(
    listings: Sequence[Listing], texts: Sequence[tuple[int, Text]], readings: Readings, index: MarkIndex
) -> Iterator[tuple[int, Sighting]]:
    """What the heads of texts are faintly like, among the marks of the goods' own classes. On a page that names a mark
    plainly the head is something else."""
    classes = np.array([goods.listing_classes(listings[number]) for number, _ in texts], dtype=np.uint64)
    for text_number, start, end, name_number, name, likeness in seen_at_heads(texts, classes, readings, index):
        number, text = texts[text_number]
        mark_id = index.mark_id(int(index.owner[np.array([name_number])][0]))
        yield number, Sighting(mark_id, text.field, text.text, start, end, name, likeness)


def _but_quoted(found: Sequence[tuple[int, Sighting]]) -> Iterator[tuple[int, Sighting]]:
    """Without the marks that descriptions name plainly, nor what such a name is near to with a neighbour taken in."""
    quoted: dict[tuple[int, str], list[Sighting]] = {}
    for number, sighting in found:
        if _quoted(sighting):
            quoted.setdefault((number, sighting.mark_id), []).append(sighting)
    for number, sighting in found:
        names = quoted.get((number, sighting.mark_id), ()) if sighting.field == "description" else ()
        if not any(name.start < sighting.end and sighting.start < name.end for name in names):
            yield number, sighting


def _quoted(sighting: Sighting) -> bool:
    return sighting.likeness.fact in PLAIN and sighting.field == "description"


def seen(text: str, index: MarkIndex) -> list[Sighting]:
    """Everything in one text that is near to a name of the index, unweighed."""
    texts = [(0, one) for one in texts_in("", text)]
    readings = read([one.read for _, one in texts])
    judged = _judged(texts, readings, candidates(readings, index), index)
    return [one[1] for one in judged if one is not None]


def _classes(listings: Sequence[Listing], asked: Ints) -> tuple[U64, U64]:
    """For each listing asked for its goods' classes as bits, and every class similar to one of them."""
    numbers, inverse = np.unique(asked, return_inverse=True)
    own = [goods.listing_classes(listings[number]) for number in numbers.tolist()]
    near = [goods.classes_near(mask) for mask in own]
    return np.array(own, dtype=np.uint64)[inverse], np.array(near, dtype=np.uint64)[inverse]


def _judged(
    texts: Sequence[tuple[int, Text]], readings: Readings, found: Candidates, index: MarkIndex
) -> Iterator[tuple[int, Sighting] | None]:
    """Each candidate as a sighting with its listing's number, or None where the comparators find nothing."""
    place = readings.text[found.start].tolist()
    start, end = readings.start[found.start].tolist(), readings.end[found.end - 1].tolist()
    spelling, owner = index.spelling[found.name].tolist(), index.owner[found.name].tolist()
    for row, name_number in enumerate(found.name.tolist()):
        number, text = texts[place[row]]
        name, piece = index.name(name_number), text.read[start[row] : end[row]]
        likeness = compare(piece, name)
        if likeness is not None and spelling[row] != Spelling.TEXT:
            likeness = spelled(likeness, Spelling(spelling[row]), piece)
        if likeness is not None and text.again is not None:
            likeness = reread(likeness, text, start[row], end[row])
        if likeness is None:
            yield None
        else:
            first, last = text.stretch(start[row], end[row])
            yield number, Sighting(index.mark_id(owner[row]), text.field, text.text, first, last, name, likeness)


def _weighed(sighting: Sighting, *, own_class: bool, other_class: bool) -> Sighting | None:
    """The sighting with its score set for where it stands, or None when too little is left."""
    likeness = sighting.likeness
    if likeness.trick in OWN_CLASS_ALONE and not own_class:
        return None
    if likeness.trick in LEADING_ALONE or (likeness.trick == "slang" and is_chinese_word(sighting.piece)):
        return sighting if _leads(sighting) else None
    floor = ASIDE_FLOOR if sighting.field in ASIDE else FLOOR
    if other_class and not likeness.same:
        floor = UNRELATED_FLOOR
    if 1 - (1 - likeness.score) * LEADING < floor:
        return None  # wherever it stood
    score = _where_it_stands(sighting, own_class=own_class)
    if score < floor:
        return None
    if score == likeness.score:
        return sighting
    return replace(sighting, likeness=replace(likeness, score=score))


def _where_it_stands(sighting: Sighting, *, own_class: bool) -> float:
    """The score of a sighting set for its place: as a name stands, or inside a run of characters."""
    likeness, score = sighting.likeness, sighting.likeness.score
    characters = sum(map(is_han, sighting.piece))
    inside = sighting.start > 0 and is_han(sighting.text[sighting.start - 1])
    if likeness.trick == "slang":
        return score * INSIDE.get(characters, 1.0) if inside and len(sighting.piece) < SHORT else score
    if likeness.trick == "separator" and own_class and score < SURELY and _leads(sighting) and not _goes_on(sighting):
        return 1 - (1 - score) * LEADING
    letters = likeness.trick in MISSPELT and len(sighting.name) >= LETTERS_LEAD_FROM
    if likeness.same or not (characters or letters):
        return score
    if own_class and not _shares_a_word_alone(sighting):
        if _leads(sighting):
            return 1 - (1 - score) * LEADING
        if _stands_free(sighting):
            return 1 - (1 - score) * FREE
    return score * INSIDE.get(characters, 1.0) if inside else score


def _least(*, own_class: Flags, other_class: Flags, aside: Flags) -> npt.NDArray[np.float64]:
    """The likeness from which on `_weighed` may tell a sighting, wherever in its text it stands."""
    floor = np.where(aside, ASIDE_FLOOR, FLOOR)
    floor = np.where(other_class, np.maximum(UNRELATED_FLOOR, 0.0), floor)
    return np.where(own_class, 1 - (1 - floor) / LEADING, floor)


def _leads(sighting: Sighting) -> bool:
    """Whether nothing but signs and words of praise stands before."""
    return is_head(sighting.text, sighting.start)


def _stands_free(sighting: Sighting) -> bool:
    """Whether characters within a run stand between whole words, as names do."""
    return is_han(sighting.piece[0]) and stands_free(sighting.text, sighting.start, sighting.end)


def _shares_a_word_alone(sighting: Sighting) -> bool:
    """Whether all that is kept of the name is an everyday word: what told it apart is what was replaced."""
    if sighting.likeness.trick != "replaced":
        return False
    kept = "".join(
        one for one, other in zip(folded(sighting.piece), folded(sighting.name), strict=True) if one == other
    )
    return is_word(kept)


def _goes_on(sighting: Sighting) -> bool:
    """Whether a sign of the stretch follows it too: more items of one list."""
    return sighting.text[sighting.end : sighting.end + 1] in {sign for sign in sighting.piece if not sign.isalnum()}


def _tells_more(one: Sighting, other: Sighting) -> bool:
    """Which of two sights of one mark is told: what explains the other, or else the nearer."""
    return _explains(one, other) or (not _explains(other, one) and _rank(one) < _rank(other))


def _explains(one: Sighting, other: Sighting) -> bool:
    """Whether what the other sees is but a part of this: 晴川 within 晴晴川川, unless that is a word said twice; a part
    of the name that is known by itself, beside another part that was changed; what is read within a longer head; or the
    mark behind signs with a neighbour taken in."""
    if one.end <= other.start or other.end <= one.start:
        return False
    if one.likeness.trick == "repeated":
        inside = one.start < other.start and other.end < one.end
        return inside and other.likeness.fact in PLAIN and not is_chinese_word(one.name)
    if one.likeness.trick in OF_WHOLE_HEADS:
        return one.start <= other.start and other.end <= one.end
    if not one.likeness.same and other.likeness.fact in PLAIN:
        longer = one.start <= other.start and other.end <= one.end and len(one.name) > len(other.name)
        return longer and one.likeness.score >= CHANGED_WITHIN
    if not one.likeness.same or other.likeness.same or other.likeness.trick == "repeated":
        return False
    return one.likeness.score >= SURELY or (other.start <= one.start and one.end <= other.end)


def _order(sighting: Sighting) -> tuple[object, ...]:
    score, *rest = _rank(sighting)
    return score, sighting.field == PICTURE, *rest, sighting.mark_id, sighting.field


def _rank(sighting: Sighting) -> tuple[float, int, int, str]:
    return (-sighting.likeness.score, sighting.start - sighting.end, sighting.start, sighting.name)
