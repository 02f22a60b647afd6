"""Terms as rows: written with what they name, and looked up rarest first."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from models.errors import InputError
from models.identity import digest
from models.leads import Screening
from models.queue.parties import party_of
from models.queue.search import (
    SearchEntry,
    SearchHit,
    SearchKind,
    Term,
    hit_of,
    place_in_list,
    terms_asked,
    terms_of,
)
from models.registry import Mark
from models.storage import counters
from models.storage.engine import pages, reading
from models.storage.queue_tables import search_entries as entries
from models.storage.queue_tables import search_terms as terms
from models.subjects import Listing

RANKED = 200
"""How many things of a kind are ranked: of more that match, the newest."""
COMMON = 5_000
"""Terms are told apart by how rare they are up to this count."""
LAST = "\U0010ffff"
LONGEST_FIELD = 400


class SqlSearchStore:
    """Implements `models.queue.keeping.SearchStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def search(
        self, organisation_id: str, text: str, *, kinds: Sequence[SearchKind] = tuple(SearchKind), limit: int = 20
    ) -> Mapping[SearchKind, tuple[SearchHit, ...]]:
        """See the port."""
        asked = terms_asked(text)
        if not asked:
            raise InputError("there is no word to look for", where="q", mend="write at least one character or letter")
        with reading(self._engine) as connection:
            return {kind: _hits(connection, organisation_id, kind, text, asked)[:limit] for kind in kinds}


def keep(connection: Connection, organisation_id: str, found: Iterable[SearchEntry]) -> None:
    """Have these things found by what their fields say now; what is found so already is left as it is. Whoever has
    something to change is alone in doing so until the transaction ends."""
    wanted = {(entry.kind.value, entry.thing_id): entry for entry in found}
    by_kind: dict[str, list[str]] = {}
    for kind, thing_id in sorted(wanted):
        by_kind.setdefault(kind, []).append(thing_id)
    known = {kind: _held(connection, organisation_id, kind, named) for kind, named in by_kind.items()}
    if all(name in known[kind] and _same(known[kind][name], entry) for (kind, name), entry in wanted.items()):
        return
    counters.advance(connection, organisation_id, counters.SEARCH, by=0)
    for kind, named in by_kind.items():
        held = _held(connection, organisation_id, kind, named)
        changed = [name for name in named if name in held and not _same(held[name], wanted[kind, name])]
        for name in changed:
            _change(connection, organisation_id, held[name], wanted[kind, name])
        _add(connection, organisation_id, [wanted[kind, name] for name in named if name not in held])


def forget(connection: Connection, organisation_id: str, kind: SearchKind, thing_ids: Sequence[str]) -> None:
    """These are found no longer."""
    for row in _held(connection, organisation_id, kind.value, thing_ids).values():
        _forget_terms(connection, organisation_id, row)
        this = (entries.c.organisation_id == organisation_id, entries.c.number == row.number)
        connection.execute(delete(entries).where(*this))


def named(connection: Connection, organisation_id: str, kind: SearchKind) -> Sequence[str]:
    """The ids of every thing of a kind that is found."""
    query = select(entries.c.thing_id).where(entries.c.organisation_id == organisation_id, entries.c.kind == kind.value)
    return connection.execute(query).scalars().all()


def entries_of(screening: Screening) -> list[SearchEntry]:
    """A lead, its party and its shop, as they are looked for."""
    subject = screening.subject
    party = party_of(subject)
    if isinstance(subject, Listing):
        shown = {"title": subject.title, "seller": subject.seller.name, "brand": subject.brand}
        place, shop = subject.platform, subject.seller.name
    else:
        shown, place, shop = {"title": subject.declared_goods}, subject.carrier, ""
    lead = {**shown, "native_id": subject.key.native_id, "platform": subject.key.platform}
    found = [SearchEntry(SearchKind.LEAD, subject.key.token, _short(lead), party.key)]
    if party.uscc:
        named = {"name": party.name or party.uscc, "uscc": party.uscc}
        found.append(SearchEntry(SearchKind.OPERATOR, party.key, _short(named), party.key))
    if shop:
        named = {"name": shop, "platform": place}
        found.append(SearchEntry(SearchKind.SHOP, digest("shop", place, shop), _short(named), party.key))
    return found


def entry_of_mark(mark: Mark) -> SearchEntry:
    """A mark as it is looked for."""
    told = {
        "text": mark.text or mark.mark_id,
        "aliases": " ; ".join(mark.aliases),
        "holder": mark.holder,
        "registration_no": mark.registration_no,
        "mark_id": mark.mark_id,
    }
    return SearchEntry(SearchKind.MARK, mark.mark_id, _short(told))


def _short(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: text[:LONGEST_FIELD].replace("\x00", "") for name, text in fields.items() if text}


def _hits(
    connection: Connection, organisation_id: str, kind: SearchKind, text: str, asked: Sequence[Term]
) -> tuple[SearchHit, ...]:
    numbers = _numbers(connection, organisation_id, kind, asked)
    if not numbers:
        return ()
    query = select(entries).where(entries.c.organisation_id == organisation_id, entries.c.number.in_(numbers))
    found = [(hit_of(_entry(row), text), row.number) for row in connection.execute(query)]
    return tuple(hit for hit, number in sorted(found, key=lambda each: place_in_list(*each)))


def _numbers(connection: Connection, organisation_id: str, kind: SearchKind, asked: Sequence[Term]) -> list[int]:
    """Things that have every term, the newest: those of the rarest term, of which each other is asked."""
    rarities = []
    for place, term in enumerate(asked):
        some = select(terms.c.number).where(*_with(organisation_id, kind, term)).limit(COMMON).subquery()
        count = connection.execute(select(func.count()).select_from(some)).scalar_one()
        if not count:
            return []
        rarities.append((count, place))
    first, *others = [asked[place] for _, place in sorted(rarities)]
    query = select(terms.c.number).where(*_with(organisation_id, kind, first))
    for other in others:
        beside = terms.alias()
        same = (beside.c.organisation_id == organisation_id, beside.c.number == terms.c.number)
        query = query.where(select(beside.c.number).where(*same, *_is(beside, kind, other)).exists())
    if first.open:
        query = query.distinct()
    return list(connection.execute(query.order_by(terms.c.number.desc()).limit(RANKED)).scalars())


def _with(organisation_id: str, kind: SearchKind, term: Term) -> tuple[ColumnElement[bool], ...]:
    return (terms.c.organisation_id == organisation_id, *_is(terms, kind, term))


def _is(table: Any, kind: SearchKind, term: Term) -> tuple[ColumnElement[bool], ...]:
    named = table.c.kind == kind.value
    if term.open:
        return named, table.c.term >= term.text, table.c.term < term.text + LAST
    return named, table.c.term == term.text


def _held(connection: Connection, organisation_id: str, kind: str, thing_ids: Sequence[str]) -> dict[str, Row[Any]]:
    query = select(entries).where(entries.c.organisation_id == organisation_id, entries.c.kind == kind)
    found: dict[str, Row[Any]] = {}
    for page in pages(thing_ids):
        found.update((row.thing_id, row) for row in connection.execute(query.where(entries.c.thing_id.in_(page))))
    return found


def _add(connection: Connection, organisation_id: str, found: Sequence[SearchEntry]) -> None:
    if not found:
        return
    last = counters.advance(connection, organisation_id, counters.SEARCH, by=len(found))
    numbered = list(enumerate(found, last - len(found) + 1))
    rows = [
        {
            "organisation_id": organisation_id, "number": number, "kind": entry.kind.value, "thing_id": entry.thing_id,
            "about": entry.about, "fields": json.dumps(entry.fields, ensure_ascii=False),
        }
        for number, entry in numbered
    ]  # fmt: skip
    connection.execute(insert(entries), rows)
    _add_terms(connection, organisation_id, numbered)


def _add_terms(connection: Connection, organisation_id: str, numbered: Iterable[tuple[int, SearchEntry]]) -> None:
    rows = [
        {"organisation_id": organisation_id, "kind": entry.kind.value, "term": term, "number": number}
        for number, entry in numbered
        for term in sorted(terms_of(list(entry.fields.values())))
    ]
    if rows:
        connection.execute(insert(terms), rows)


def _change(connection: Connection, organisation_id: str, row: Row[Any], entry: SearchEntry) -> None:
    _forget_terms(connection, organisation_id, row)
    this = (entries.c.organisation_id == organisation_id, entries.c.number == row.number)
    new = {"about": entry.about, "fields": json.dumps(entry.fields, ensure_ascii=False)}
    connection.execute(update(entries).where(*this).values(**new))
    _add_terms(connection, organisation_id, [(row.number, entry)])


def _forget_terms(connection: Connection, organisation_id: str, row: Row[Any]) -> None:
    held = sorted(terms_of(list(json.loads(row.fields).values())))
    this = (terms.c.organisation_id == organisation_id, terms.c.kind == row.kind, terms.c.number == row.number)
    for page in pages(held):
        connection.execute(delete(terms).where(*this, terms.c.term.in_(page)))


def _same(row: Row[Any], entry: SearchEntry) -> bool:
    return bool(json.loads(row.fields) == dict(entry.fields) and row.about == entry.about)


def _entry(row: Row[Any]) -> SearchEntry:
    return SearchEntry(SearchKind(row.kind), row.thing_id, json.loads(row.fields), row.about)
