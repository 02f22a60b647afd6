"""Labels: goods that are themselves what a mark is put on: hang tags, woven labels, empty boxes, bottle caps.

Owns the finding of such goods in a title. To make or sell them with another's mark is a case of its own (商标法 57(4)),
whatever class paper or plastic is in. A garment sold with its tag on is no such case.
"""

import re
from collections.abc import Iterator
from functools import cache

from detectors.trademark import wording
from detectors.trademark.alphabet import is_han
from detectors.trademark.case import UNDISGUISED, Case
from detectors.trademark.sighting import Sighting
from detectors.trademark.tables import table
from models.findings import Evidence, Stance

REACH = 4  # code points on either side in which words say that the label merely comes with the goods
SHORT = 2  # characters of a name that stands often by chance among others


def mark_on_labels(case: Case) -> Iterator[Evidence]:
    """Labels or packaging that bear the mark are what is offered."""
    best = case.best
    if best.field != "title":
        return
    if any(words in best.text for words in table("labels")["attached"]["anywhere"]):
        return
    sure = case.relation != "same"
    for word in label_goods(best.text):
        apart = word.end <= best.start or best.end <= word.start
        if apart and (sure or word.score == 1) and not _among_characters(best, word):
            yield case.quoted("mark-on-labels", Stance.FOR, word, word.score * best.likeness.score)
            return


def _among_characters(best: Sighting, word: wording.Word) -> bool:
    """Whether a short name stands within a run of other characters, the word for the labels not beside it: 果露 in
    白果露水手提袋."""
    if best.likeness.fact not in UNDISGUISED or not all(map(is_han, best.piece)) or len(best.piece) > SHORT:
        return False
    beside = word.end == best.start or best.end == word.start
    around = best.text[max(0, best.start - 1) : best.start], best.text[best.end : best.end + 1]
    return not beside and all(side and is_han(side) for side in around)


def label_goods(text: str) -> list[wording.Word]:
    """Words of a title that name labels or packaging as the goods, surest first (`score` 1: never said of goods that
    carry them)."""
    words = table("labels")
    found = []
    for kind, score in (("sold_alone", 1.0), ("also_attached", 0.9)):
        for match in _pattern(kind).finditer(text):
            around = text[max(0, match.start() - REACH) : match.start()], text[match.end() : match.end() + REACH]
            sides = zip(("before", "after"), around, strict=True)
            if not any(near in side for place, side in sides for near in words["attached"][place]):
                found.append(wording.Word(match.start(), match.end(), match.group(), score))
    return sorted(found, key=lambda word: (-word.score, word.start))


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    words = sorted(table("labels")[kind]["words"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
