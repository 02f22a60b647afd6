"""Counting the queue: how many leads each value of a filter would give, and how many match in all.

Where nothing but counted filters narrows the query, the tallies answer, however many leads there are; otherwise leads
are counted along an index. Totals are counted up to a bound: nobody reads past it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, func, select

from models.ports import COUNTED_TO, FacetCount, LeadFacets, LeadQuery
from models.storage import lead_traits, tables
from models.storage.narrowing import column, matching, on_mark, plain, uncounted
from models.storage.queue import standing
from models.storage.summaries import mark_texts

COUNTED = ("disposition", "kind", "platform", "cell", "place", "captured")
leads = tables.leads


def facets(connection: Connection, organisation_id: str, query: LeadQuery) -> LeadFacets:
    """Every field's counts."""
    counts = _count_traits(connection, organisation_id, query)
    told = {
        field: _most_frequent(FacetCount(value=value, count=count) for value, count in found.items())
        for field, found in counts.items()
    }
    return LeadFacets(
        dispositions=told["disposition"],
        kinds=told["kind"],
        platforms=told["platform"],
        marks=_count_marks(connection, organisation_id, query),
        cells=told["cell"],
        places=told["place"],
        captured=told["captured"],
        categories=_count_categories(connection, organisation_id, query),
    )


def total(connection: Connection, organisation_id: str, query: LeadQuery) -> tuple[int, bool]:
    """How many match (cards where they are grouped), up to the bound, and whether there are more."""
    if not query.grouped and plain(query) and not query.mark_id and not query.category:
        counts = standing.counts(connection, organisation_id, standing.TRAITS)
        combinations = lead_traits.known(connection, organisation_id, {key for _, key in counts})
        asked = lead_traits.wanted(query)
        found = sum(
            count
            for (disposition, key), count in counts.items()
            if (query.disposition is None or disposition == query.disposition.value)
            and all(value in combinations[key].get(field, ()) for field, value in asked.items())
        )
        return found, False
    one = leads.c.group_id if query.grouped else leads.c.lead_id
    matched = matching(select(one), organisation_id, query)
    bounded = (matched.distinct() if query.grouped else matched).limit(COUNTED_TO + 1).subquery()
    found = connection.execute(select(func.count()).select_from(bounded)).scalar_one()
    return min(found, COUNTED_TO), found > COUNTED_TO


def _count_traits(connection: Connection, organisation_id: str, query: LeadQuery) -> dict[str, Counter[str]]:
    """Field -> value -> leads, each field under every other filter but its own: leads are counted by disposition and
    combination of traits, of which there are few, and those are added up here."""
    found = _by_traits(connection, organisation_id, query)
    combinations = lead_traits.known(connection, organisation_id, {key for _, key in found})
    asked = lead_traits.wanted(query) | ({"disposition": query.disposition.value} if query.disposition else {})
    counts: dict[str, Counter[str]] = {field: Counter() for field in COUNTED}
    for (disposition, key), count in found.items():
        traits = {**combinations[key], "disposition": frozenset({disposition})}
        missed = [field for field, value in asked.items() if value not in traits.get(field, ())]
        for field in COUNTED:
            if missed in ([], [field]):
                counts[field].update(dict.fromkeys(traits.get(field, ()), count))
    return counts


def _by_traits(connection: Connection, organisation_id: str, query: LeadQuery) -> Mapping[tuple[str, str], int]:
    if plain(query) and not query.mark_id and not query.category:
        return standing.counts(connection, organisation_id, standing.TRAITS)
    named = (column("disposition", query), column("traits_key", query))
    counting = uncounted(select(*named, func.count()).group_by(*named), organisation_id, query)
    if query.mark_id:
        counting = counting.where(on_mark(organisation_id, query))
    if query.category:
        counting = counting.where(leads.c.category == query.category)
    return {(row[0], row[1]): row[2] for row in connection.execute(counting)}


def _count_marks(connection: Connection, organisation_id: str, query: LeadQuery) -> tuple[FacetCount, ...]:
    """Marks under every filter but the mark."""
    counts = _by_value(connection, organisation_id, replace(query, mark_id=""), standing.MARK)
    rows = [(mark_id, count) for mark_id, count in counts.items() if count]
    texts = mark_texts(connection, organisation_id, [mark_id for mark_id, _ in rows])
    return _most_frequent(
        FacetCount(value=mark_id, label=texts.get(mark_id, ""), count=count) for mark_id, count in rows
    )


def _count_categories(connection: Connection, organisation_id: str, query: LeadQuery) -> tuple[FacetCount, ...]:
    found = _by_value(connection, organisation_id, replace(query, category=""), standing.CATEGORY)
    return _most_frequent(FacetCount(value=value, count=count) for value, count in found.items() if value)


def _by_value(connection: Connection, organisation_id: str, query: LeadQuery, field: str) -> Mapping[str, int]:
    """Mark, or category -> leads."""
    found: Counter[str] = Counter()
    if plain(query) and not lead_traits.wanted(query) and not query.mark_id and not query.category:
        wanted = query.disposition.value if query.disposition else None
        for (disposition, value), count in standing.counts(connection, organisation_id, field).items():
            if wanted in (None, disposition):
                found[value] += count
        return found
    key = column("marks_key" if field == standing.MARK else "category", query)
    counting = matching(select(key, func.count()).select_from(leads).group_by(key), organisation_id, query)
    counted = {row[0]: row[1] for row in connection.execute(counting)}
    if field != standing.MARK:
        return counted
    combinations = lead_traits.known(connection, organisation_id, counted)
    for key, count in counted.items():
        found.update(dict.fromkeys(combinations.get(key, {}).get(lead_traits.MARKS, ()), count))
    return found


def _most_frequent(counts: Iterable[FacetCount]) -> tuple[FacetCount, ...]:
    return tuple(sorted(counts, key=lambda entry: (-entry.count, entry.value)))
