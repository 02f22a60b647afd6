"""Goods: which classes and similar groups a listing's goods fall in, and how they relate to a mark's.

Owns the reading of Nice classes and similar groups (类似群) off a stated class, a category path or a title. A
reference, not a verdict (商标民事纠纷解释 12): what the relation is worth is for `detectors.triage`.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache

from detectors.trademark.tables import class_mask, rows, similar_classes, table
from models.registry import Mark
from models.subjects import Listing

READ = 400  # code points of a text that are read for goods
# A text speaks for the classes that have at least this share of the votes of the strongest. A word votes with its
# length, and the last word of goods, which in Chinese names the thing, with this much more.
SHARE = 0.5
HEAD = 1.5
# Beside other words these vote with half: words that are well known as marks (苹果 on a telephone), and services, which
# titles of goods name as places of use (酒店, 旅游, 美容院).
ASIDE = 0.5
SERVICES = 35


@dataclass(frozen=True)
class Goods:
    """A word's classes as bits, and its similar groups where they are certain."""

    classes: int
    groups: frozenset[str]


def listing_classes(listing: Listing) -> int:
    """The classes of the listing's goods as bits 1..45: the stated class alone where there is one, else those of the
    words of its category, else those of its title. 0 is unknown."""
    return stated(listing) or classes_of(listing.title)


def listing_groups(listing: Listing) -> frozenset[str]:
    """The similar groups that its category and its title speak for, of its classes; empty is unknown."""
    classes = listing_classes(listing)
    found = _read(listing.category).groups | _read(listing.title).groups
    return frozenset(group for group in found if classes >> int(group[:2]) & 1)


def stated(listing: Listing) -> int:
    """The classes that class and category of the listing tell, without its title, as bits."""
    if listing.nice_class is not None:
        return class_mask((listing.nice_class,))
    return classes_of(listing.category)


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
        kept, last = kept + folded[last:start], end
    return kept + folded[last:]


@lru_cache(maxsize=1 << 14)
def _read(words: str) -> Goods:
    """What a text speaks for: its words vote, the longest at each place, and the strongest classes are kept."""
    text = unicodedata.normalize("NFKC", words[:READ]).casefold()
    found = [text[start:end] for start, end in _found(text)]
    votes: Counter[int] = Counter()
    for place, word in enumerate(found):
        weight = _weight(word) * (HEAD if place == len(found) - 1 else 1.0)
        for number in _numbers(_table()[word].classes):
            aside = number >= SERVICES or word in _marks()
            votes[number] += weight * (ASIDE if aside else 1.0)  # type: ignore[assignment]
    if not votes:
        return Goods(0, frozenset())
    strongest = max(votes.values())
    classes = class_mask(tuple(number for number, count in votes.items() if count >= SHARE * strongest))
    groups = {group for word in found for group in _table()[word].groups if classes >> int(group[:2]) & 1}
    return Goods(classes, frozenset(groups))


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
        word: Goods(class_mask(tuple(map(int, numbers.split(";")))), frozenset(filter(None, groups.split(";"))))
        for word, numbers, groups in rows("classes")
    }


def _found(text: str) -> list[tuple[int, int]]:
    """The words of goods in a folded text, the longest at each place, as ranges; Latin words only whole."""
    lengths, known = _lengths(), _table()
    found = []
    place = 0
    while place < len(text):
        for length in lengths.get(text[place], ()):
            word = text[place : place + length]
            if word in known and (not word.isascii() or _stands_alone(text, place, place + length)):
                found.append((place, place + length))
                place += length - 1
                break
        place += 1
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter or digit touches the stretch."""
    touching = text[start - 1 : start] + text[end : end + 1]
    return not any(character.isascii() and character.isalnum() for character in touching)


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """For each first character the lengths of the words that begin with it, longest first."""
    lengths: dict[str, set[int]] = {}
    for word in _table():
        lengths.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(known, reverse=True)) for first, known in lengths.items()}
