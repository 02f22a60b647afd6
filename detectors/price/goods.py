"""Which reference goods a listing offers: marks found in its title, then the goods of each by the words of their names.

Owns the index over marks that have priced goods, and the match with how sure it is. Leaves quantities to
`detectors.price.quantities` and prices to `detectors.price.comparison`. Looking up a title costs the length of the
title, not the size of the registry.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial

from detectors.price.names import compact, is_grade, name_words, stands_alone
from detectors.price.quantities import is_set, read_quantity, read_reference
from detectors.price.specification import Specification
from models.registry import Mark, ReferenceGoods, Registry
from models.subjects import Listing

Size = tuple[str, Decimal]
HELD_MARKS = 4096  # marks whose goods are kept ready; the rest are prepared again when met
SHORTEST = 2  # a mark of one character is found in too much
ENOUGH = 0.3  # the covered share of a goods name from which a title is taken to offer these goods


@dataclass(frozen=True)
class Entry:
    """Reference goods made ready: the weight of the words of the name beyond the mark, the quantity of a piece, and
    whether it is a set of several pieces."""

    goods: ReferenceGoods
    weight: float
    specification: Specification
    is_set: bool = False


@dataclass(frozen=True)
class Shelf:
    """The priced goods of one mark, by the words of their names and by their sizes."""

    entries: tuple[Entry, ...]
    by_word: dict[str, tuple[tuple[int, float], ...]]
    by_size: dict[Size, tuple[int, ...]]


@dataclass(frozen=True)
class Offer:
    """A listing read as an offer of these goods. `coverage` is the share of the name's words that the title has,
    `same_size` whether one package holds the same; `quantity` is what the price buys; `named_at` is where the title
    first names the mark (its length when it does not)."""

    mark: Mark
    entry: Entry
    coverage: float
    same_size: bool
    quantity: Specification
    named_at: int


class GoodsIndex:
    """The marks of one registry version that have priced goods, by their texts and aliases."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._owners: dict[str, list[str]] = {}
        self._lengths: dict[str, set[int]] = {}
        for mark_id, goods in registry.goods_by_mark.items():
            mark = registry.mark_by_id.get(mark_id)
            if mark is not None and any(_is_priced(one) for one in goods):
                for text in (mark.text, *mark.aliases):
                    self._add(compact(text)[0], mark_id)
        # A cache over a method would hold `self`, and the registry with it, for ever.
        self._shelf = lru_cache(maxsize=HELD_MARKS)(partial(_fill, registry))

    def offers(self, listing: Listing, also: Collection[str] = ()) -> list[Offer]:
        """For each mark named in the title or as the brand, and each of `also`, whose name may stand there in
        disguise: its goods that the title offers best; by mark id."""
        found = self._marks(listing.title)
        for mark_id in also:
            if mark_id in self._registry.mark_by_id:
                found.setdefault(mark_id, [])
        for mark_id in self._marks(listing.brand) if listing.brand else ():
            found.setdefault(mark_id, [])
        if not found:
            return []
        words = {word for word, _ in name_words(listing.title)}
        offers = (self._offer(mark_id, listing, words, found[mark_id]) for mark_id in sorted(found))
        return [offer for offer in offers if offer is not None]

    def prepared(self) -> int:
        """How many marks' goods are held ready now."""
        return self._shelf.cache_info().currsize

    def _add(self, key: str, mark_id: str) -> None:
        if len(key) < SHORTEST:
            return
        owners = self._owners.setdefault(key, [])
        if mark_id not in owners:
            owners.append(mark_id)
        self._lengths.setdefault(key[:SHORTEST], set()).add(len(key))

    def _marks(self, text: str) -> dict[str, list[tuple[int, int]]]:
        plain, places = compact(text)
        found: dict[str, list[tuple[int, int]]] = {}
        for start in range(len(plain) - SHORTEST + 1):
            for length in self._lengths.get(plain[start : start + SHORTEST], ()):
                end = start + length
                owners = self._owners.get(plain[start:end]) if end <= len(plain) else None
                if owners and stands_alone(text, places[start], places[end - 1]):
                    for mark_id in owners:
                        found.setdefault(mark_id, []).append((places[start], places[end - 1] + 1))
        return found

    def _offer(self, mark_id: str, listing: Listing, words: set[str], spans: list[tuple[int, int]]) -> Offer | None:
        shelf = self._shelf(mark_id)
        quantity = read_quantity(listing, spans)
        size = _size(quantity)
        covered: dict[int, float] = dict.fromkeys(shelf.by_size.get(size, ()), 0.0) if size else {}
        named: set[int] = set()
        for word in words:
            for place, weight in shelf.by_word.get(word, ()):
                covered[place] = covered.get(place, 0.0) + weight
                if not is_grade(word):
                    named.add(place)
        offers = (
            Offer(
                self._registry.mark_by_id[mark_id],
                shelf.entries[place],
                _share(shelf.entries[place], weight, named=place in named),
                size is not None and place in shelf.by_size.get(size, ()),
                quantity,
                min((start for start, _ in spans), default=len(listing.title)),
            )
            for place, weight in covered.items()
        )
        fitting = [offer for offer in offers if offer.same_size or offer.coverage >= ENOUGH]
        return min(fitting, key=_preference, default=None)


def _fill(registry: Registry, mark_id: str) -> Shelf:
    mark = registry.mark_by_id[mark_id]
    entries: list[Entry] = []
    by_word: dict[str, list[tuple[int, float]]] = {}
    by_size: dict[Size, list[int]] = {}
    for goods in registry.goods_by_mark.get(mark_id, ()):
        if not _is_priced(goods):
            continue
        specification = read_reference(goods)
        words = dict(name_words(_plain_name(goods, mark, specification)))
        for word, weight in words.items():
            by_word.setdefault(word, []).append((len(entries), weight))
        size = _size(specification)
        if size is not None:
            by_size.setdefault(size, []).append(len(entries))
        entries.append(Entry(goods, sum(words.values()), specification, is_set(goods)))
    return Shelf(
        tuple(entries),
        {word: tuple(places) for word, places in by_word.items()},
        {size: tuple(places) for size, places in by_size.items()},
    )


def _is_priced(goods: ReferenceGoods) -> bool:
    return bool(goods.reference_price) and goods.currency is not None


def _share(entry: Entry, covered: float, *, named: bool) -> float:
    """The covered share of the goods' name; a name that tells nothing beyond the mark is just enough covered by it."""
    if not entry.weight:
        return ENOUGH
    return covered / entry.weight if named else 0.0


def _preference(offer: Offer) -> tuple[float, bool, str]:
    return (-offer.coverage, not offer.same_size, offer.entry.goods.goods_id)


def _size(specification: Specification) -> Size | None:
    """What one package holds, when that is told."""
    content = specification.content
    return (content[0], content[1] / specification.packs) if content and specification.packs else None


def _plain_name(goods: ReferenceGoods, mark: Mark, specification: Specification) -> str:
    """The name without mark, aliases, quantity and words of the holder's own name: what tells these goods from the
    mark's others."""
    name = goods.name
    for text in sorted((mark.text, *mark.aliases), key=len, reverse=True):
        if text:
            name = re.sub(re.escape(text), " ", name, flags=re.IGNORECASE)
    for text in (goods.specification, *(part.strip() for part in specification.used.split("+"))):
        if text:
            name = name.replace(text, " ")
    return " ".join(word for word in name.split() if word not in mark.holder)
