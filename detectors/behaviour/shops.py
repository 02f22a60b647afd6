"""Shops: what all listings of a shop say together, as an immutable snapshot that the caller builds.

Owns counting, in any order and with the same result: how many listings, what they sold, whose well-known marks they
name, what was taken down. Leaves what is unusual to `detectors.behaviour.conduct`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from detectors.behaviour.policy import moment
from detectors.wording.lines import folded
from models.identity import digest
from models.registry import Fame, Mark, Registry
from models.subjects import Listing

SHOPS = "shops"  # the name of the snapshot in a context
REMOVED = "Discontinued"
MARKS_AT_MOST, REMOVED_AT_MOST = 200, 5000
SHORTEST_LATIN = 4


@dataclass(frozen=True)
class Shop:
    """One shop. `famous` are the marks that its titles name, `opened` and the moments of `removed` are ISO 8601;
    `removed` maps the digest of a title to the id and the moment of the listing that was taken down."""

    listings: int = 0
    sales: int = 0
    named: int = 0
    famous: tuple[str, ...] = ()
    opened: str = ""
    removed: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ShopTable:
    """Every shop by its key."""

    shops: dict[str, Shop]

    @cached_property
    def version(self) -> str:
        return digest(self.to_bytes().decode("utf-8"))

    def of(self, listing: Listing) -> Shop | None:
        """The listing's shop; None where the page names none or it was not counted."""
        return self.shops.get(shop_key(listing))

    def to_bytes(self) -> bytes:
        """The table as JSON, in one order."""
        rows = {key: vars(shop) for key, shop in sorted(self.shops.items())}
        return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")

    @classmethod
    def from_bytes(cls, data: bytes) -> "ShopTable":
        rows = json.loads(data)
        return cls({key: _shop(row) for key, row in rows.items()})


def _shop(row: dict[str, Any]) -> Shop:
    removed = {title: (one, at) for title, (one, at) in row["removed"].items()}
    return Shop(row["listings"], row["sales"], row["named"], tuple(row["famous"]), row["opened"], removed)


def shop_key(listing: Listing) -> str:
    """Names the shop of a listing: its id on its platform, otherwise its name; "" where the page states neither."""
    seller = listing.seller
    name = seller.id.strip() or folded(seller.name)
    return digest(listing.platform.casefold(), bool(seller.id.strip()), name) if name else ""


def title_digest(listing: Listing) -> str:
    return digest(folded(listing.title))[:16]


class ShopCounts:
    """Counts listings into shops. Each listing is given once, in any order."""

    def __init__(self, registry: Registry) -> None:
        self._names = FamousNames(registry)
        self._listings: dict[str, int] = defaultdict(int)
        self._sales: dict[str, int] = defaultdict(int)
        self._named: dict[str, int] = defaultdict(int)
        self._famous: dict[str, set[str]] = defaultdict(set)
        self._opened: dict[str, datetime] = {}
        self._removed: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)

    def add(self, listing: Listing) -> None:
        key = shop_key(listing)
        if not key:
            return
        self._listings[key] += 1
        self._sales[key] += listing.sales or 0
        marks = self._names.named(listing)
        self._named[key] += bool(marks)
        self._famous[key] |= marks
        opened = moment(listing, "opened")
        if opened is not None:
            self._opened[key] = min(opened, self._opened.get(key, opened))
        if listing.availability == REMOVED:
            at = listing.captured_at.isoformat() if listing.captured_at else ""
            title = title_digest(listing)
            known = self._removed[key].get(title)
            entry = (listing.listing_id, at)
            self._removed[key][title] = entry if known is None else min(known, entry, key=lambda each: each[::-1])

    def watching(self, listings: Iterable[Listing]) -> Iterator[Listing]:
        """The listings as they pass by, each counted."""
        for listing in listings:
            self.add(listing)
            yield listing

    def table(self) -> ShopTable:
        """What was counted so far."""
        return ShopTable({key: self._shop(key) for key in self._listings})

    def _shop(self, key: str) -> Shop:
        opened = self._opened.get(key)
        return Shop(
            listings=self._listings[key],
            sales=self._sales[key],
            named=self._named[key],
            famous=tuple(sorted(self._famous[key])[:MARKS_AT_MOST]),
            opened=opened.isoformat() if opened else "",
            removed=dict(sorted(self._removed[key].items())[:REMOVED_AT_MOST]),
        )


class FamousNames:
    """The well-known and time-honoured marks of a registry, to be looked for in titles as they are registered."""

    def __init__(self, registry: Registry) -> None:
        self._by_start: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for mark in registry.marks:
            if mark.fame is not Fame.ORDINARY:
                for name in sorted(_names(mark)):
                    self._by_start[name[:2]].append((name, mark.mark_id))

    def named(self, listing: Listing) -> set[str]:
        """The marks whose names the title or the brand has."""
        if not self._by_start:
            return set()
        text = folded(listing.title) + " " + folded(listing.brand)
        found = set()
        for place in range(len(text) - 1):
            for name, mark_id in self._by_start.get(text[place : place + 2], ()):
                if text.startswith(name, place):
                    found.add(mark_id)
        return found


def _names(mark: Mark) -> set[str]:
    names = {folded(text) for text in (mark.text, *mark.aliases)}
    return {name for name in names if len(name) >= (SHORTEST_LATIN if name.isascii() else 2)}
