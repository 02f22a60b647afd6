"""Goods: which classes and similar groups a listing's goods fall in, and how they relate to a mark's.

Owns the reading of Nice classes and similar groups (类似群) off a stated class, a category path or a title. A
reference, not a verdict (商标民事纠纷解释 12): what the relation is worth is for `detectors.triage`. The words are in
`data/classes.csv`: a row without a class is no goods and keeps the words inside it from being read (包 in 包邮).
"""

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from detectors.trademark.tables import class_mask, rows, similar_classes, table
from models.registry import Mark
from models.subjects import Listing

READ = 400  # code points of a text that are read for goods
LATIN = frozenset(string.ascii_lowercase + string.digits)
# A text speaks for the classes that have at least this share of the votes of the strongest. A word votes with its
# length, and the last word of goods, which in Chinese names the thing, with this much more.
SHARE = 0.5
HEAD = 1.5
# In a category path the last part that names goods says most: its words vote with so much more.
LEAF = 3.0
PARTS = re.compile(r"[/>|›»＞→-]")
# Beside other words these vote with half: words that are well known as marks (苹果 on a telephone), services, which
# titles of goods name as places of use (酒店, 旅游, 美容院), and words that the table sets aside, since they name a
# material or a use (陶瓷, 宠物).
ASIDE = 0.5
SERVICES = 35
# What these lead in is a gift, or goods that the thing is made for: it votes with a quarter, never as the last word.
LED = 0.25
LEADS = ("送", "赠", "赠送", "适用于", "适用", "适合", "兼容", "for ", "with ", "fits ", "w/ ")
# A word that touches the next word of goods describes it: 金属|签字笔, phone|case. It votes with this much.
BEFORE_ANOTHER = 0.5


@dataclass(frozen=True)
class Goods:
    """A word's classes as bits, its similar groups where they are certain, and whether it votes aside."""

    classes: int
    groups: frozenset[str]
    aside: bool = False


def listing_classes(listing: Listing) -> int:
    """The classes of the listing's goods as bits 1..45: the stated class alone where there is one, else those of the
    words of its category, else those of its title. 0 is unknown."""
    return stated(listing) or classes_of(listing.title)


def listing_groups(listing: Listing) -> frozenset[str]:
    """The similar groups that its category and its title speak for, of its classes; empty is unknown."""
    classes = listing_classes(listing)
    found = _read(listing.category, path=True).groups | _read(listing.title).groups
    return frozenset(group for group in found if classes >> int(group[:2]) & 1)


def stated(listing: Listing) -> int:
    """The classes that class and category of the listing tell, without its title, as bits."""
    if listing.nice_class is not None:
        return class_mask((listing.nice_class,))
    return _read(listing.category, path=True).classes


def relation_to(classes: int, groups: frozenset[str], mark: Mark) -> str:
    """How goods of these classes and groups relate to the mark's. Goods of one class whose groups are known on both
    sides and differ are similar: groups tell apart what a class holds together."""
    told = relation(classes, class_mask(mark.nice_classes))
    registered = {group[:4] for group in mark.similar_groups}
    if told == "same" and groups and registered and groups.isdisjoint(registered):
        own = {int(group[:2]) for group in registered if group[:2].isdigit()}
        return "similar" if all(int(group[:2]) in own for group in groups) else told
    return told


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


def classes_of(words: str) -> int:
    """The classes that the words of a text speak for, as bits; 0 is unknown."""
    return _read(words).classes


def without_goods(text: str) -> str:
    """The text without its words of goods."""
    folded = text.casefold()
    kept, last = "", 0
    for start, end in _found(folded):
        if not _table()[folded[start:end]].classes:
            continue
        kept, last = kept + folded[last:start], end
    return kept + folded[last:]


@lru_cache(maxsize=1 << 14)
def _read(words: str, path: bool = False) -> Goods:
    """What a text speaks for: its words vote, the longest at each place, and the strongest classes are kept."""
    text = unicodedata.normalize("NFKC", words[:READ]).casefold()
    known = _table()
    found = [(start, end) for start, end in _found(text) if known[text[start:end]].classes]
    if not found:
        return Goods(0, frozenset())
    leaf = _leaf(text, found[-1][0]) if path else len(text)
    votes: dict[int, float] = {}
    for place, (start, end) in enumerate(found):
        word = text[start:end]
        weight = _weight(word) * (LEAF if start >= leaf else 1.0)
        if text.endswith(LEADS, 0, start):
            weight *= LED
        elif place == len(found) - 1:
            weight *= HEAD
        elif found[place + 1][0] - end <= text.startswith(" ", end) * word.isascii():
            weight *= BEFORE_ANOTHER
        aside = known[word].aside or word in _marks()
        for number in _numbers(known[word].classes):
            votes[number] = votes.get(number, 0.0) + weight * (ASIDE if aside or number >= SERVICES else 1.0)
    strongest = max(votes.values())
    classes = class_mask(tuple(number for number, count in votes.items() if count >= SHARE * strongest))
    groups = frozenset[str]().union(*(known[text[start:end]].groups for start, end in found))
    return Goods(classes, frozenset(group for group in groups if classes >> int(group[:2]) & 1))


def _leaf(path: str, last: int) -> int:
    """Where the part of a category path begins that holds the place of its last word of goods."""
    return max((sign.end() for sign in PARTS.finditer(path, 0, last)), default=len(path))


def _weight(word: str) -> float:
    return len(word) / 3 if word.isascii() else float(len(word))


@lru_cache(maxsize=1 << 10)
def _numbers(classes: int) -> tuple[int, ...]:
    return tuple(number for number in range(1, 46) if classes >> number & 1)


@cache
def _marks() -> frozenset[str]:
    """Everyday words that are also well known as marks."""
    return frozenset(table("words")["common"]["words"])


@cache
def _table() -> dict[str, Goods]:
    return {
        word: Goods(
            class_mask(tuple(map(int, filter(None, numbers.split(";"))))),
            frozenset(filter(None, groups.split(";"))),
            says == "aside",
        )
        for word, numbers, groups, says in rows("classes")
    }


def _found(text: str) -> list[tuple[int, int]]:
    """The words of the table in a folded text, the longest at each place, as ranges; Latin words only whole."""
    lengths, known = _lengths(), _table()
    found = []
    free = 0  # where the last word ended
    pairs = list(map(str.__add__, text, text[1:] + " "))
    for place in [place for place, pair in enumerate(pairs) if pair in lengths or pair[0] in lengths]:
        if place < free:
            continue
        for length in lengths.get(pairs[place]) or (1,):
            word = text[place : place + length]
            if word in known and (not word.isascii() or _stands_alone(text, place, place + length)):
                free = place + length
                found.append((place, free))
                break
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter or digit touches the stretch."""
    return text[start - 1 : start] not in LATIN and text[end : end + 1] not in LATIN


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """For each two first characters the lengths of the words that begin with them, longest first; a word of one
    character stands under that alone."""
    lengths: dict[str, set[int]] = {}
    for word in _table():
        lengths.setdefault(word[:2], set()).add(len(word))
    for start, known in lengths.items():
        if start[0] in lengths:
            known.add(1)
    return {start: tuple(sorted(known, reverse=True)) for start, known in lengths.items()}
