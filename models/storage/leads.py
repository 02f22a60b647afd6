"""Leads as people see and decide them: the queue with its filters, one lead whole, and decisions.

A mark or a detector filters by findings that speak *for*: a lead is on a mark when something speaks for it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, insert, literal_column, select, update

from models.errors import ConflictError, InputError, NotFoundError
from models.leads import TRANSITIONS, Decision, Disposition, Lead
from models.ports import FacetCount, LeadFacets, LeadPage, LeadQuery
from models.storage import lead_cards, lead_traits, tables
from models.storage.engine import pages, reading, writing
from models.storage.lead_rows import fold
from models.storage.ledger import load_screenings
from models.storage.paging import after_cursor, cursor_of, ordering
from models.storage.summaries import mark_texts, summaries

LONGEST_PAGE = 500
COUNTED = ("disposition", "kind", "platform", "cell")


class SqlLeadStore:
    """Implements `models.ports.LeadStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, organisation_id: str, query: LeadQuery) -> LeadPage:
        """See the port. At most 500 leads a page. Raises `InputError` for a cursor that is not one of ours."""
        if not 1 <= query.limit <= LONGEST_PAGE:
            raise InputError(f"a page has 1 to {LONGEST_PAGE} leads, not {query.limit}", where="limit")
        table = tables.leads
        counted = func.count(table.c.group_id.distinct()) if query.grouped else func.count()
        counting = _matching(select(counted).select_from(table), organisation_id, query)
        narrowed = _ordered(organisation_id, query)
        with reading(self._engine) as connection:
            total = connection.execute(counting).scalar_one()
            if query.grouped:
                places = lead_cards.firsts(connection, narrowed, ordering(query), query.limit + 1)
                mine = (table.c.organisation_id == organisation_id, table.c.lead_id.in_(places))
                found = {row.lead_id: row for row in connection.execute(select(table).where(*mine))}
                rows: Sequence[Any] = [found[lead_id] for lead_id in places]
            else:
                ids = narrowed(select(table.c.lead_id)).limit(query.limit + 1).subquery()
                joined = (table.c.organisation_id == organisation_id) & (table.c.lead_id == ids.c.lead_id)
                rows = connection.execute(select(table).join(ids, joined).order_by(*ordering(query))).all()
            shown = summaries(connection, organisation_id, rows[: query.limit])
        more = len(rows) > query.limit
        return LeadPage(leads=shown, next_cursor=cursor_of(rows[query.limit - 1], query) if more else "", total=total)

    def facets(self, organisation_id: str, query: LeadQuery) -> LeadFacets:
        """See the port."""
        with reading(self._engine) as connection:
            counts = _count_traits(connection, organisation_id, query)
            marks = _count_marks(connection, organisation_id, query)
        told = {
            field: _most_frequent(FacetCount(value=value, count=count) for value, count in found.items())
            for field, found in counts.items()
        }
        return LeadFacets(
            dispositions=told["disposition"],
            kinds=told["kind"],
            platforms=told["platform"],
            marks=marks,
            cells=told["cell"],
        )

    def get(self, organisation_id: str, lead_id: str) -> Lead:
        """See the port."""
        with reading(self._engine) as connection:
            return load_leads(connection, organisation_id, [lead_id])[lead_id]

    def decide(self, organisation_id: str, lead_id: str, decision: Decision, *, revision: int) -> Lead:
        """See the port. Raises `InputError` for a dismissal without a reason."""
        if decision.disposition is Disposition.ACCEPTED:
            raise ConflictError("a lead is accepted by registering a case lead", where=f"lead {lead_id}")
        if decision.disposition is Disposition.DISMISSED and not decision.reason.strip():
            raise InputError("a dismissal carries its reason", where="reason", mend="say why in one sentence")
        with writing(self._engine) as connection:
            change_disposition(connection, organisation_id, lead_id, decision, revision=revision)
            return load_leads(connection, organisation_id, [lead_id])[lead_id]


def change_disposition(
    connection: Connection,
    organisation_id: str,
    lead_id: str,
    decision: Decision,
    *,
    revision: int,
    case_number: str = "",
) -> None:
    """Move one lead and write the decision down. The row is claimed by its revision: of several who saw the same
    state, one succeeds. Raises `NotFoundError`, `ConflictError`."""
    table = tables.leads
    allowed = [state.value for state, following in TRANSITIONS.items() if decision.disposition in following]
    this = (table.c.organisation_id == organisation_id, table.c.lead_id == lead_id)
    claim = (
        update(table)
        .where(*this, table.c.revision == revision, table.c.disposition.in_(allowed))
        .values(disposition=decision.disposition.value, revision=revision + 1, case_number=case_number)
    )
    if connection.execute(claim).rowcount == 0:
        raise _refusal(connection, organisation_id, lead_id, decision, revision)
    connection.execute(
        insert(tables.decisions).values(
            organisation_id=organisation_id,
            lead_id=lead_id,
            revision=revision + 1,
            disposition=decision.disposition.value,
            reason=decision.reason,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
        )
    )


def load_leads(connection: Connection, organisation_id: str, lead_ids: Sequence[str]) -> dict[str, Lead]:
    """Whole leads. Raises `NotFoundError` when one is missing."""
    table = tables.leads
    query = select(table).where(table.c.organisation_id == organisation_id)
    rows = [row for page in pages(lead_ids) for row in connection.execute(query.where(table.c.lead_id.in_(page)))]
    found = {row.lead_id: row for row in rows}
    for lead_id in lead_ids:
        if lead_id not in found:
            raise NotFoundError(f"no lead {lead_id!r}", mend="it may belong to another organisation")
    screenings = load_screenings(connection, organisation_id, [row.screening_key for row in rows])
    decided = _decisions(connection, organisation_id, list(found))
    return {
        lead_id: Lead(
            organisation_id=organisation_id,
            lead_id=lead_id,
            screening=screenings[found[lead_id].screening_key],
            disposition=Disposition(found[lead_id].disposition),
            decisions=tuple(decided.get(lead_id, ())),
            case_number=found[lead_id].case_number,
            revision=found[lead_id].revision,
            first_seen=found[lead_id].first_seen,
            last_seen=found[lead_id].last_seen,
        )
        for lead_id in lead_ids
    }


def _refusal(
    connection: Connection, organisation_id: str, lead_id: str, decision: Decision, revision: int
) -> NotFoundError | ConflictError:
    """Why a decision found nothing to change."""
    lead = load_leads(connection, organisation_id, [lead_id])[lead_id]  # raises NotFoundError
    if lead.revision != revision:
        decided = select(func.max(tables.decisions.c.revision)).where(
            tables.decisions.c.organisation_id == organisation_id, tables.decisions.c.lead_id == lead_id
        )
        by_a_person = (connection.execute(decided).scalar_one() or 0) > revision
        return ConflictError(
            f"{'somebody decided' if by_a_person else 'the lead was screened again'} meanwhile: "
            f"it is at revision {lead.revision}, not {revision}",
            where=f"lead {lead_id}",
            mend="load the lead again and decide on what it shows now",
        )
    return ConflictError(
        f"a lead that is {lead.disposition} cannot become {decision.disposition}", where=f"lead {lead_id}"
    )


def _decisions(connection: Connection, organisation_id: str, lead_ids: Sequence[str]) -> dict[str, list[Decision]]:
    table = tables.decisions
    query = select(table).where(table.c.organisation_id == organisation_id).order_by(table.c.lead_id, table.c.revision)
    found: dict[str, list[Decision]] = {}
    for page in pages(lead_ids):
        for row in connection.execute(query.where(table.c.lead_id.in_(page))):
            decision = Decision(
                disposition=Disposition(row.disposition),
                reason=row.reason,
                decided_by=row.decided_by,
                decided_at=row.decided_at,
            )
            found.setdefault(row.lead_id, []).append(decision)
    return found


def _matching(statement: Select[Any], organisation_id: str, query: LeadQuery) -> Select[Any]:
    """The statement narrowed by every filter of the query."""
    statement = _narrowed(statement, organisation_id, query)
    statement = statement.where(*lead_traits.having_traits(organisation_id, query))
    if query.mark_id:
        statement = statement.where(_on_mark(organisation_id, query))
    if query.disposition:
        statement = statement.where(_column("disposition", query) == query.disposition.value)
    return statement


def _ordered(organisation_id: str, query: LeadQuery) -> lead_cards.Ordered:
    """What narrows a statement to the query, in its order from its cursor on, or with `from_start` to all of it."""

    def narrowed(statement: Select[Any], *, from_start: bool = False) -> Select[Any]:
        matching = _matching(statement, organisation_id, query)
        return matching if from_start else after_cursor(matching, query).order_by(*ordering(query))

    return narrowed


def _narrowed(statement: Select[Any], organisation_id: str, query: LeadQuery) -> Select[Any]:
    """The statement narrowed by the filters that are not counted by: score and text."""
    table = tables.leads
    statement = statement.where(_column("organisation_id", query) == organisation_id)
    if query.group_id:
        statement = statement.where(table.c.group_id == query.group_id)
    if query.minimum_score is not None:
        statement = statement.where(table.c.score >= query.minimum_score)
    if query.text.strip():
        statement = statement.where(table.c.search_text.contains(fold(query.text.strip()), autoescape=True))
    return statement


def _column(name: str, query: LeadQuery) -> ColumnElement[Any]:
    """A column of leads. Where words are looked for, every row is read anyway: the column stands in an expression then,
    so that SQLite reads the table in its own order instead of row by row along an index."""
    column: ColumnElement[Any] = tables.leads.c[name]
    return func.coalesce(column, literal_column("''")) if query.text.strip() else column


def _on_mark(organisation_id: str, query: LeadQuery) -> ColumnElement[bool]:
    return tables.leads.c.marks_key.in_(lead_traits.having(organisation_id, lead_traits.MARKS, query.mark_id))


def _count_traits(connection: Connection, organisation_id: str, query: LeadQuery) -> dict[str, Counter[str]]:
    """Field -> value -> leads, each field under every other filter but its own: leads are counted by disposition and
    combination of traits, of which there are few, and those are added up here."""
    named = (_column("disposition", query), _column("traits_key", query))
    counting = select(*named, func.count()).group_by(*named)
    counting = _narrowed(counting, organisation_id, query)
    if query.mark_id:
        counting = counting.where(_on_mark(organisation_id, query))
    combinations = lead_traits.load_traits(connection, organisation_id)
    asked = lead_traits.wanted(query) | ({"disposition": query.disposition.value} if query.disposition else {})
    counts: dict[str, Counter[str]] = {field: Counter() for field in COUNTED}
    for disposition, key, count in connection.execute(counting):
        traits = combinations[key] | {"disposition": {disposition}}
        missed = [field for field, value in asked.items() if value not in traits.get(field, ())]
        for field in COUNTED:
            if missed in ([], [field]):
                counts[field].update(dict.fromkeys(traits.get(field, ()), count))
    return counts


def _count_marks(connection: Connection, organisation_id: str, query: LeadQuery) -> tuple[FacetCount, ...]:
    """Marks under every filter but the mark: leads by combination of marks first, then each mark's combinations."""
    leads, traits = tables.leads, tables.lead_traits
    key = _column("marks_key", query)
    grouped = select(key.label("marks_key"), func.count().label("leads")).select_from(leads).group_by(key)
    held = _matching(grouped, organisation_id, replace(query, mark_id=""))
    on_marks = select(traits.c.combination_key, traits.c.value).where(
        traits.c.organisation_id == organisation_id, traits.c.field == lead_traits.MARKS
    )
    counts: Counter[str] = Counter()
    leads_of = {row[0]: row[1] for row in connection.execute(held)}
    for key, mark_id in connection.execute(on_marks):
        counts[mark_id] += leads_of.get(key, 0)
    rows = [(mark_id, count) for mark_id, count in counts.items() if count]
    texts = mark_texts(connection, organisation_id, [mark_id for mark_id, _ in rows])
    return _most_frequent(
        FacetCount(value=mark_id, label=texts.get(mark_id, ""), count=count) for mark_id, count in rows
    )


def _most_frequent(counts: Iterable[FacetCount]) -> tuple[FacetCount, ...]:
    return tuple(sorted(counts, key=lambda entry: (-entry.count, entry.value)))
