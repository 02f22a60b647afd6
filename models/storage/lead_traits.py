"""What the queue filters and counts by, kept once for every combination that occurs among an organisation's leads.

A lead names two combinations: its traits (kind, platform, cell, the detectors that speak for it, whether it lies in the
unit's regions, whether its page was captured) and its marks
(those for which something speaks). Leads are many and combinations few, so counting is one walk along a narrow index,
and a filter is a short list of combinations. Combinations are only ever added.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Pool, ScalarSelect, func, select

from models.findings import Stance
from models.identity import digest
from models.leads import Screening
from models.ports import LeadQuery
from models.queue.places import Place, division_of
from models.storage import tables
from models.storage.engine import add_missing, pages
from models.subjects import Listing

MARKS = "mark_id"
_HELD: WeakKeyDictionary[Pool, dict[str, dict[str, Mapping[str, frozenset[str]]]]] = WeakKeyDictionary()
TRAITS = ("kind", "platform", "cell", "detector", "place", "captured")


@dataclass(frozen=True)
class Combination:
    """Values of fields, such as (("kind", "listing"), ("platform", "jd")), sorted; named by their digest."""

    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return digest(self.values)

    def rows(self, organisation_id: str) -> list[dict[str, Any]]:
        key = self.key
        return [
            {
                "organisation_id": organisation_id,
                "combination_key": key,
                "field": field,
                "value_key": digest(value),
                "value": value,
            }
            for field, value in self.values
        ]


def traits_of(screening: Screening, place: Place) -> Combination:
    """What the queue filters by."""
    key, cell = screening.subject.key, screening.assessment.cell
    captured = isinstance(screening.subject, Listing) and bool(screening.subject.capture_sha256)
    values = {("kind", key.kind), ("platform", key.platform), ("place", place.value)}
    values |= {("captured", "yes" if captured else "no")}
    values |= {("cell", cell.value)} if cell else set()
    values |= {("detector", each.detector) for each in screening.findings if each.stance is Stance.FOR}
    return Combination(tuple(sorted(values)))


def marks_of(screening: Screening) -> Combination:
    """The marks for which something speaks."""
    speaking = {each.mark_id for each in screening.findings if each.stance is Stance.FOR and each.mark_id}
    return Combination(tuple(sorted((MARKS, mark_id) for mark_id in speaking)))


def keep(
    connection: Connection,
    organisation_id: str,
    screenings: Iterable[Screening],
    place_of: Callable[[str], Place] = lambda division: Place.UNKNOWN,
) -> None:
    """Have the combinations of these leads at hand; in one order for every worker."""
    found = {
        each
        for screening in screenings
        for each in (traits_of(screening, place_of(division_of(screening.subject))), marks_of(screening))
    }
    add(connection, organisation_id, found)


def add(connection: Connection, organisation_id: str, found: Iterable[Combination]) -> None:
    """Keep these combinations."""
    rows = [row for each in found for row in each.rows(organisation_id)]
    rows.sort(key=lambda row: (row["field"], row["value_key"], row["combination_key"]))
    add_missing(connection, tables.lead_traits, rows)


def having(organisation_id: str, field: str, *values: str) -> ScalarSelect[Any]:
    """The combinations that hold one of these values, for an IN."""
    table = tables.lead_traits
    named = select(table.c.combination_key).where(
        table.c.organisation_id == organisation_id,
        table.c.field == field,
        table.c.value_key.in_([digest(value) for value in values]),
    )
    return named.scalar_subquery()


def wanted(query: LeadQuery) -> dict[str, str]:
    """The query's filters by traits, those that are set."""
    asked = {
        "kind": query.kind,
        "platform": query.platform,
        "cell": query.cell.value if query.cell else "",
        "detector": query.detector,
        "place": query.place.value if query.place else "",
        "captured": "" if query.captured is None else ("yes" if query.captured else "no"),
    }
    return {field: value for field, value in asked.items() if value}


def having_traits(organisation_id: str, query: LeadQuery) -> list[ColumnElement[bool]]:
    """Conditions on leads. The column stands in an expression so that SQLite walks the index of the order, where most
    leads match, instead of collecting and sorting them."""
    column = func.coalesce(tables.leads.c.traits_key, "")
    return [column.in_(having(organisation_id, field, value)) for field, value in wanted(query).items()]


def known(
    connection: Connection, organisation_id: str, keys: Iterable[str]
) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """What these combinations hold: key -> field -> values; nothing for those that hold nothing. A combination never
    changes, so each process reads it once."""
    held = _HELD.setdefault(connection.engine.pool, {}).setdefault(organisation_id, {})
    missing = sorted({key for key in keys if key not in held})
    table = tables.lead_traits
    query = select(table.c.combination_key, table.c.field, table.c.value).where(
        table.c.organisation_id == organisation_id
    )
    for page in pages(missing):
        found: dict[str, dict[str, set[str]]] = {key: {} for key in page}
        for key, field, value in connection.execute(query.where(table.c.combination_key.in_(page))):
            found[key].setdefault(field, set()).add(value)
        # One that is not there yet may be added by whoever is writing now.
        held.update(
            (key, {name: frozenset(each) for name, each in held_by.items()})
            for key, held_by in found.items()
            if held_by
        )
    return held
