"""Promised dispatch from abroad against the way a parcel took (假海淘).

Owns reading the promise from the listing and the declaration, and holding it against origin, first scans and customs
events. Leaves places to `detectors.parcels.places`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from detectors.parcels.places import Gazetteer, Place, gazetteer, read_data
from models.findings import Evidence, Stance
from models.subjects import Listing, ParcelRecord, RouteEvent

OVERSEAS_CLAIM, CUSTOMS, BONDED = "overseas-claim-domestic-route", "cleared-customs", "bonded-dispatch"


@dataclass(frozen=True)
class Promise:
    """What is promised, by which field, in which words, and how plainly (0..1)."""

    field: str
    words: str
    sure: float


@dataclass(frozen=True)
class Wording:
    """The words of promises as patterns, and how sure each kind is."""

    direct: re.Pattern[str]
    purchase: re.Pattern[str]
    bonded: re.Pattern[str]
    sure: dict[str, float]


@cache
def wording() -> Wording:
    """The shipped words, read once, on first use."""
    table, abroad = read_data("wording.toml"), gazetteer().overseas_names
    return Wording(
        direct=_promising(table["direct"], abroad),
        purchase=_promising(table["purchase"], abroad),
        bonded=re.compile("|".join(map(re.escape, table["bonded"]["words"])), re.IGNORECASE),
        sure=table["sure"],
    )


def dispatch_evidence(parcel: ParcelRecord, listing: Listing | None) -> list[Evidence]:
    """The contradiction, if the promise is plain and nothing of the way lies abroad; then what speaks against it."""
    promise = next(iter(sorted(_promises(parcel, listing), key=lambda one: -one.sure)), None)
    if promise is None:
        return []
    places = gazetteer()
    way = _way(parcel)
    located = [(text, place) for text in way if (place := places.place(text)) is not None]
    if not located or any(place is Place.OVERSEAS for _, place in located):
        return []
    sure = wording().sure["one_place" if len({text for text, _ in located}) == 1 else "more_places"]
    route = " → ".join(dict.fromkeys(text for text, _ in located[:3]))
    found = [
        Evidence(
            fact=OVERSEAS_CLAIM,
            stance=Stance.FOR,
            score=promise.sure * sure,
            field="events" if parcel.events else "origin",
            subject_value=route,
            reference_value=promise.words,
            params=(("promise", promise.words), ("promise_field", promise.field), ("route", route)),
        )
    ]
    return found + list(_answers(parcel, listing, places))


def _answers(parcel: ParcelRecord, listing: Listing | None, places: Gazetteer) -> Iterator[Evidence]:
    cleared = next((event for event in _in_order(parcel) if places.passed_customs(f"{event.code} {event.place}")), None)
    if cleared is not None:
        told = " ".join(part for part in (cleared.place, cleared.code) if part)
        yield Evidence(fact=CUSTOMS, stance=Stance.AGAINST, score=1.0, field="events", subject_value=told)
    for field, text in _texts(parcel, listing):
        bonded = wording().bonded.search(text)
        if bonded is not None:
            yield Evidence(
                fact=BONDED,
                stance=Stance.AGAINST,
                score=1.0,
                field=field,
                subject_value=bonded.group(),
                span=bonded.span() if field == "title" else None,
            )
            return


def _promises(parcel: ParcelRecord, listing: Listing | None) -> Iterator[Promise]:
    words = wording()
    stated = listing.ships_from if listing is not None else ""
    if gazetteer().place(stated) is Place.OVERSEAS and not words.bonded.search(stated):
        yield Promise("ships_from", stated, words.sure["ships_from"])
    for field, text in _texts(parcel, listing):
        for kind, pattern in (("direct", words.direct), ("purchase", words.purchase)):
            found = pattern.search(text)
            if found is not None:
                yield Promise(field, found.group(), words.sure[kind])


def _texts(parcel: ParcelRecord, listing: Listing | None) -> Iterator[tuple[str, str]]:
    if listing is not None:
        yield "title", listing.title
        yield "ships_from", listing.ships_from
        yield "description", listing.description
    yield "declared_goods", parcel.declared_goods


def _way(parcel: ParcelRecord) -> list[str]:
    """Where the parcel was, from acceptance on; the outlet's name only when nothing else is known. The destination is
    no part of it."""
    way = [parcel.origin, *(event.place for event in _in_order(parcel))]
    told = [text for text in way if text]
    return told or [text for text in (parcel.outlet,) if text]


def _in_order(parcel: ParcelRecord) -> list[RouteEvent]:
    return sorted(parcel.events, key=lambda event: event.time)


def _promising(table: dict[str, Any], abroad: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, table["words"]))
    after = "|".join(map(re.escape, table["after_place"]))
    return re.compile(f"{words}|(?:{abroad})(?:{after})", re.IGNORECASE)
