"""Leads as people see and decide them: the queue with its filters, one lead whole, and decisions.

A mark or a detector filters by findings that speak *for*: a lead is on a mark when something speaks for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, tuple_, update

from models.dismissals import reason_code
from models.errors import ConflictError, InputError, NotFoundError
from models.events import Decided
from models.leads import TRANSITIONS, Assessment, Decision, Disposition, Lead, PastScreening
from models.ports import LeadFacets, LeadPage, LeadQuery
from models.storage import lead_cards, lead_counts, outbox, tables
from models.storage.engine import pages, reading, writing
from models.storage.ledger import NOTHING_FOUND, load_screenings
from models.storage.narrowing import ordered
from models.storage.paging import cursor_of, ordering
from models.storage.queue import claims, standing
from models.storage.summaries import summaries

LONGEST_PAGE = 500


class SqlLeadStore:
    """Implements `models.ports.LeadStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, organisation_id: str, query: LeadQuery) -> LeadPage:
        """See the port. At most 500 leads a page. Raises `InputError` for a cursor that is not one of ours."""
        if not 1 <= query.limit <= LONGEST_PAGE:
            raise InputError(f"a page has 1 to {LONGEST_PAGE} leads, not {query.limit}", where="limit")
        table = tables.leads
        narrowed = ordered(organisation_id, query)
        with reading(self._engine) as connection:
            total, uncounted = lead_counts.total(connection, organisation_id, query)
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
        cursor = cursor_of(rows[query.limit - 1], query) if more else ""
        return LeadPage(leads=shown, next_cursor=cursor, total=total, more=uncounted)

    def facets(self, organisation_id: str, query: LeadQuery) -> LeadFacets:
        """See the port."""
        with reading(self._engine) as connection:
            return lead_counts.facets(connection, organisation_id, query)

    def get(self, organisation_id: str, lead_id: str) -> Lead:
        """See the port."""
        with reading(self._engine) as connection:
            return load_leads(connection, organisation_id, [lead_id])[lead_id]

    def screenings(self, organisation_id: str, lead_id: str, *, limit: int = 20) -> tuple[PastScreening, ...]:
        """See the port."""
        table = tables.screenings
        query = (
            select(table)
            .where(table.c.organisation_id == organisation_id, table.c.subject_token == lead_id)
            .order_by(table.c.screened_at.desc(), table.c.screening_key)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        told = [Assessment.model_validate_json(row.assessment) if row.assessment else NOTHING_FOUND for row in rows]
        return tuple(
            PastScreening(
                screened_at=row.screened_at,
                score=assessment.score,
                flagged=assessment.flagged,
                rules_version=row.rules_version,
                registry_version=row.registry_version,
            )
            for row, assessment in zip(rows, told, strict=True)
        )

    def decide(
        self, organisation_id: str, lead_id: str, decision: Decision, *, revision: int, spent_s: int | None = None
    ) -> Lead:
        """See the port. Raises `InputError` for a dismissal without a reason."""
        if decision.disposition is Disposition.ACCEPTED:
            raise ConflictError("a lead is accepted by registering a case lead", where=f"lead {lead_id}")
        if decision.disposition is Disposition.DISMISSED and not decision.reason.strip():
            raise InputError("a dismissal carries its reason", where="reason", mend="say why in one sentence")
        at = decision.decided_at
        with writing(self._engine) as connection, standing.kept(connection, organisation_id, [lead_id], at=at):
            change_dispositions(connection, organisation_id, {lead_id: revision}, decision, spent_s=spent_s)
            return load_leads(connection, organisation_id, [lead_id])[lead_id]


def change_dispositions(
    connection: Connection,
    organisation_id: str,
    revisions: Mapping[str, int],
    decision: Decision,
    *,
    case_number: str = "",
    spent_s: int | None = None,
) -> None:
    """Move these leads, all or none, and write the decision on each down, inside `standing.kept`. A row is claimed by
    its revision: of several who saw the same state, one succeeds; the turn that somebody else has is respected, and
    one's own ends. Raises `NotFoundError`, `ConflictError`."""
    table = tables.leads
    allowed = [state.value for state, following in TRANSITIONS.items() if decision.disposition in following]
    moved: set[str] = set()
    for page in pages(list(revisions.items())):
        taking = (
            update(table)
            .where(
                table.c.organisation_id == organisation_id,
                tuple_(table.c.lead_id, table.c.revision).in_(page),
                table.c.disposition.in_(allowed),
            )
            .values(disposition=decision.disposition.value, revision=table.c.revision + 1, case_number=case_number)
        )
        moved.update(connection.execute(taking.returning(table.c.lead_id)).scalars())
    for lead_id, revision in revisions.items():
        if lead_id not in moved:
            raise _refusal(connection, organisation_id, lead_id, decision, revision)
    claims.end(connection, organisation_id, list(revisions), by=decision.decided_by, at=decision.decided_at)
    made = [(lead_id, revision + 1, decision) for lead_id, revision in revisions.items()]
    note_decisions(connection, organisation_id, made, spent_s=spent_s, case_number=case_number)


def note_decisions(
    connection: Connection,
    organisation_id: str,
    made: Sequence[tuple[str, int, Decision]],
    *,
    spent_s: int | None = None,
    case_number: str = "",
    undoes: bool = False,
) -> None:
    """Write decisions down, each with its lead and the revision that it made, and tell them to others."""
    rows = [
        {
            "organisation_id": organisation_id,
            "lead_id": lead_id,
            "revision": revision,
            "disposition": decision.disposition.value,
            "reason": decision.reason,
            "decided_by": decision.decided_by,
            "decided_at": decision.decided_at,
            "spent_s": spent_s,
        }
        for lead_id, revision, decision in made
    ]
    if rows:
        connection.execute(insert(tables.decisions), rows)
    told = [
        Decided(
            organisation_id=organisation_id,
            at=decision.decided_at,
            act="undo" if undoes else "decide",
            lead_id=lead_id,
            disposition=decision.disposition,
            reason_code=reason_code(decision.reason),
            revision=revision,
            case_number=case_number,
            by=decision.decided_by,
        )
        for lead_id, revision, decision in made
    ]
    outbox.tell(connection, told)


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
