"""A listing read as one offer among its peers: which mark, which family of goods, in which unit, by which seller.

Owns who is compared with whom. Leaves quantities to `detectors.price.specification`, the statistics to
`detectors.price.peers`. A listing that cannot be read with certainty (two marks, two families, sets, used goods,
deposits, samples) is nobody's peer and is compared with nobody: a wrong peer harms more than a missing one.
"""

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources

from detectors.price.names import compact, stands_alone
from detectors.price.peer_policy import peer_policy
from detectors.price.quantities import read_quantity
from detectors.price.specification import Specification
from detectors.price.units import units
from detectors.price.wording import (
    ACCESSORY,
    FITTING,
    FROM_OPTIONS,
    PART_PAYMENT,
    PLACEHOLDER,
    REFURBISHED,
    SAMPLE,
    SERVICE,
    USED,
    words,
)
from models.registry import MarkKind, Registry
from models.subjects import Listing

SHORTEST = 2
UNTOLD = "piece"  # the price of an offer that tells no quantity
NO_PEER = (USED, REFURBISHED, PART_PAYMENT, PLACEHOLDER, SERVICE, ACCESSORY, SAMPLE, FITTING, FROM_OPTIONS)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PeerOffer:
    """`group` names whom it is compared with; `voice` the seller, or the listing itself where no seller is told.
    `unit_price` is in the group's currency for one of `unit` (`ml`, `g`, a counting word, or the whole offer);
    `mark_ids` are all marks of that sign; `used` is the text that the quantity was read from, `sure` 0..1."""

    group: str
    mark_ids: tuple[str, ...]
    family: str
    unit: str
    unit_price: Decimal
    currency: str
    voice: str
    sure: float
    used: str


@dataclass(frozen=True)
class Families:
    """Words for goods by their first two characters, and words of offers that have no peers."""

    by_start: dict[str, tuple[tuple[str, str], ...]]
    not_compared: re.Pattern[str]

    def find(self, text: str) -> str:
        """The one family that `text` names; empty when it names none, or several. Longer words go first, and words in
        Latin script stand alone."""
        plain, found, place = text.lower(), "", 0
        while place < len(plain) - 1:
            for word, family in self.by_start.get(plain[place : place + 2], ()):
                if plain.startswith(word, place) and _stands_alone(plain, word, place):
                    if found not in ("", family):
                        return ""
                    found = family
                    place += len(word) - 1
                    break
            place += 1
        return found


@cache
def families() -> Families:
    """The shipped words, read once, on first use."""
    text = resources.files("detectors.price").joinpath("data", "families.toml").read_text("utf-8")
    table = tomllib.loads(text)
    by_start: dict[str, list[tuple[str, str]]] = defaultdict(list)
    pairs = [(word, family) for family, spellings in table["families"].items() for word in spellings]
    for word, family in sorted(pairs, key=lambda pair: (-len(pair[0]), pair)):
        by_start[word[:2]].append((word, family))
    not_compared = "|".join(map(re.escape, table["not_compared"]["words"]))
    return Families({start: tuple(words) for start, words in by_start.items()}, re.compile(not_compared))


def _stands_alone(text: str, word: str, place: int) -> bool:
    """A word in Latin script does not begin or end inside another."""
    before, behind = text[max(0, place - 1) : place], text[place + len(word) : place + len(word) + 1]
    return not (_runs_on(before, word[0]) or _runs_on(behind, word[-1]))


def _runs_on(neighbour: str, own: str) -> bool:
    return own.isascii() and own.isalnum() and neighbour.isascii() and neighbour.isalpha()


class PeerReader:
    """Reads listings against the names of one registry version. Costs the length of the title, not of the registry."""

    def __init__(self, registry: Registry) -> None:
        owners: dict[str, set[str]] = defaultdict(set)
        for mark in registry.marks:
            if mark.kind is not MarkKind.GI:
                for text in (mark.text, *mark.aliases):
                    key = compact(text)[0]
                    if _names(key):
                        owners[key].add(mark.mark_id)
        signs = {mark.mark_id: compact(mark.text)[0] for mark in registry.marks}
        # Marks of one sign (registered class by class) and aliases that lead to them are one name for prices.
        self._owners = {key: tuple(sorted(ids)) for key, ids in owners.items()}
        self._sign = {key: min(signs[mark_id] for mark_id in ids) for key, ids in self._owners.items()}
        self._by_sign: dict[str, set[str]] = defaultdict(set)
        for key, sign in self._sign.items():
            self._by_sign[sign].update(self._owners[key])
        self._lengths: dict[str, set[int]] = defaultdict(set)
        for key in self._owners:
            self._lengths[key[:SHORTEST]].add(len(key))

    def read(self, listing: Listing) -> PeerOffer | None:
        """The listing among its peers; None without a price, or when any part of the reading is in doubt."""
        if not listing.price or not listing.currency or listing.condition in ("used", "refurbished"):
            return None
        sign, spans = self._named(listing)
        if not sign:
            return None
        table = families()
        family = table.find(listing.title) or table.find(listing.category)
        if (
            not family
            or table.not_compared.search(listing.title.lower())
            or _has_no_peer(listing.title, listing.category)
        ):
            return None
        quantity = read_quantity(listing, spans)
        unit, amount, size = _unit(quantity)
        if not amount or quantity.sure < peer_policy().least_sure:
            return None
        return PeerOffer(
            group="|".join((sign, family, size, listing.currency)),
            mark_ids=tuple(sorted(self._by_sign[sign])),
            family=family,
            unit=unit,
            unit_price=listing.price / amount,
            currency=listing.currency,
            voice=voice_of(listing),
            sure=quantity.sure,
            used=quantity.used,
        )

    def _named(self, listing: Listing) -> tuple[str, list[Span]]:
        """The one sign that the listing goes by, and where its title says it. A stated brand decides."""
        found = self._mentions(listing.title)
        if listing.brand:
            sign = self._sign.get(compact(listing.brand)[0], "")
            return sign, [span for named, span in found if named == sign]
        signs = {sign for sign, _ in found}
        return (signs.pop(), [span for _, span in found]) if len(signs) == 1 else ("", [])

    def _mentions(self, text: str) -> list[tuple[str, Span]]:
        """Names in `text`, longest first where they overlap (a name inside another is not said)."""
        plain, places = compact(text)
        found: list[tuple[int, int]] = []
        for start in range(len(plain) - SHORTEST + 1):
            for length in self._lengths.get(plain[start : start + SHORTEST], ()):
                end = start + length
                named = end <= len(plain) and plain[start:end] in self._owners
                if named and stands_alone(text, places[start], places[end - 1]):
                    found.append((start, end))
        found.sort(key=lambda span: (span[0] - span[1], span[0]))
        kept: list[tuple[int, int]] = []
        for start, end in found:
            if all(end <= other_start or other_end <= start for other_start, other_end in kept):
                kept.append((start, end))
        return [(self._sign[plain[start:end]], (places[start], places[end - 1] + 1)) for start, end in sorted(kept)]


def _names(key: str) -> bool:
    """Whether a text that says this names a mark: digits are sizes and shades, two letters are anything."""
    return len(key) >= (3 if key.isascii() else SHORTEST) and not key.isdigit()


def voice_of(listing: Listing) -> str:
    """Who speaks: the operator's code, else the shop; a listing that tells neither speaks for itself. One seller is one
    voice among peers, however many listings it has."""
    seller = listing.seller
    if seller.uscc:
        return f"operator|{seller.uscc}"
    if seller.id or seller.name:
        return f"shop|{listing.platform}|{seller.id or seller.name}"
    return f"listing|{listing.key.token}"


@lru_cache(maxsize=65536)  # titles come again: `scan` reads a file twice, shops are crawled daily
def _has_no_peer(title: str, category: str) -> bool:
    table = words()
    return any(table.find(kind, title) for kind in NO_PEER) or any(
        category and table.find(kind, category) for kind in (USED, ACCESSORY, SERVICE)
    )


def _unit(quantity: Specification) -> tuple[str, Decimal, str]:
    """The unit, how many of it are bought, and the name of goods of about that size: prices by the ml fall with the
    size of the package, so that packages are compared within a factor of four."""
    if quantity.content is not None:
        unit, amount = quantity.content
        size = amount / quantity.packs if quantity.packs else Decimal(0)
        if size <= 0:
            return unit, Decimal(0), unit
        band = 0
        while size >= 4 and band < 12:
            size, band = size / 4, band + 1
        return unit, amount, f"{unit}{4**band}"
    told = [(unit, amount) for unit, amount in quantity.amounts if unit]
    if not told:
        count = quantity.amount("") or Decimal(1)
        return UNTOLD, count, UNTOLD
    level = min(units().level(unit) for unit, _ in told)
    unit, amount = next(pair for pair in told if units().level(pair[0]) == level)
    return unit, amount, unit
