"""Acts on many leads: one transaction each, written down with what every lead was before, so that it can be undone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, update

from models.errors import ConflictError, InputError, NotFoundError
from models.leads import Decision, Disposition
from models.queue.bulk import UNDONE, BulkAct, BulkKind, BulkLead, Chosen, Undoing
from models.queue.claims import Claim
from models.queue.parties import WAITING
from models.storage import journal
from models.storage.engine import pages, reading, writing
from models.storage.leads import change_dispositions, note_decisions
from models.storage.queue import claims, standing
from models.storage.tables import leads

MOST = 2_000


class SqlBulkStore:
    """Implements `models.queue.keeping.BulkStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def dismiss(
        self,
        organisation_id: str,
        chosen: Sequence[Chosen],
        *,
        reason: str,
        by: str,
        at: datetime,
        undo_until: datetime,
        spent_s: int | None = None,
    ) -> BulkAct:
        """See the port."""
        if not reason.strip():
            raise InputError("a dismissal carries its reason", where="reason", mend="choose one from the list")
        decision = Decision(disposition=Disposition.DISMISSED, reason=reason, decided_by=by, decided_at=at)
        with writing(self._engine) as connection:
            rows = _chosen(connection, organisation_id, chosen)
            before = claims.live(connection, organisation_id, list(rows), at=at)
            with standing.kept(connection, organisation_id, rows, at=at):
                seen = {lead_id: row.revision for lead_id, row in rows.items()}
                change_dispositions(connection, organisation_id, seen, decision, spent_s=spent_s)
            done = tuple(
                BulkLead(
                    lead_id=lead_id,
                    disposition=Disposition(row.disposition),
                    revision=row.revision + 1,
                    claim=before.get(lead_id),
                )
                for lead_id, row in rows.items()
            )
            act = BulkAct(
                organisation_id=organisation_id, act_id=uuid4().hex, kind=BulkKind.DISMISS, leads=done, reason=reason,
                by=by, at=at, undo_until=undo_until,
            )  # fmt: skip
            _keep(connection, act)
        return act

    def assign(
        self,
        organisation_id: str,
        chosen: Sequence[Chosen],
        *,
        officer: str,
        expires_at: datetime,
        by: str,
        at: datetime,
        undo_until: datetime,
    ) -> BulkAct:
        """See the port."""
        with writing(self._engine) as connection:
            rows = _chosen(connection, organisation_id, chosen)
            before = claims.live(connection, organisation_id, list(rows), at=at)
            done = []
            for lead_id, row in rows.items():
                given = Claim(
                    organisation_id=organisation_id, lead_id=lead_id, holder=officer, claimed_at=at,
                    expires_at=expires_at, assigned_by=by,
                )  # fmt: skip
                claims.put(connection, given)
                done.append(
                    BulkLead(
                        lead_id=lead_id,
                        disposition=Disposition(row.disposition),
                        revision=row.revision,
                        claim=before.get(lead_id),
                        claim_after=given,
                    )
                )
            act = BulkAct(
                organisation_id=organisation_id, act_id=uuid4().hex, kind=BulkKind.ASSIGN, leads=tuple(done),
                officer=officer, by=by, at=at, undo_until=undo_until,
            )  # fmt: skip
            _keep(connection, act)
        return act

    def undo(self, organisation_id: str, act_id: str, *, by: str, at: datetime, anyones: bool = False) -> BulkAct:
        """See the port."""
        with writing(self._engine) as connection:
            act = _act(connection, organisation_id, act_id)
            if act is None or not (anyones or act.by == by):
                raise NotFoundError(f"no act {act_id!r}", mend="it may be another's")
            # Numbering an entry locks: of two who undo the same act the second finds the first's entry.
            undoing = Undoing(act_id=act_id, by=by, at=at)
            journal.append(connection, organisation_id, journal.BULK_UNDONE, undoing, about=act_id, at=at)
            if len(journal.entries(connection, organisation_id, journal.BULK_UNDONE, Undoing, about=act_id)) > 1:
                raise ConflictError("the act was taken back already", where=f"act {act_id}")
            if at >= act.undo_until:
                raise ConflictError(
                    "the time in which the act can be taken back is over",
                    where=f"act {act_id}",
                    mend="reopen the leads one by one",
                )
            with standing.kept(connection, organisation_id, [lead.lead_id for lead in act.leads], at=at):
                _restore(connection, act, by=by, at=at)
        return act.model_copy(update={"undone_by": by, "undone_at": at})

    def acts(self, organisation_id: str, *, by: str = "", limit: int = 20) -> tuple[BulkAct, ...]:
        """See the port."""
        with reading(self._engine) as connection:
            found = journal.entries(connection, organisation_id, journal.BULK_ACTS, BulkAct, limit=10 * limit)
            undone = journal.entries(connection, organisation_id, journal.BULK_UNDONE, Undoing, limit=10 * limit)
        taken_back = {entry.act_id: entry for _, entry in undone}
        return tuple(_with(act, taken_back.get(act.act_id)) for _, act in found if by in ("", act.by))[:limit]


def _chosen(connection: Connection, organisation_id: str, chosen: Sequence[Chosen]) -> dict[str, Row[Any]]:
    """The leads of an act, by id in one order: those that were named, and the twins of those that stand for a group.
    Raises what the port says."""
    if not chosen:
        raise InputError("no lead was chosen", where="leads", mend="choose at least one")
    named = {each.lead_id: each for each in chosen}
    rows = {row.lead_id: row for row in _rows(connection, organisation_id, leads.c.lead_id, sorted(named))}
    for lead_id, each in named.items():
        if lead_id not in rows:
            raise NotFoundError(f"no lead {lead_id!r}", mend="it may belong to another organisation")
        if rows[lead_id].revision != each.revision:
            raise _changed(lead_id, f"it is at revision {rows[lead_id].revision}, not {each.revision}")
    groups = {rows[lead_id].group_id: each for lead_id, each in named.items() if each.group_size > 1}
    members = _rows(connection, organisation_id, leads.c.group_id, sorted(groups))
    for group_id, each in groups.items():
        size = sum(row.group_id == group_id for row in members)
        if size != each.group_size:
            raise _changed(each.lead_id, f"its group has {size} leads, not {each.group_size}")
    waiting = {disposition.value for disposition in WAITING}
    rows |= {row.lead_id: row for row in members if row.disposition in waiting}
    if len(rows) > MOST:
        raise InputError(f"{len(rows)} leads at once are too many", where="leads", mend=f"at most {MOST}")
    return dict(sorted(rows.items()))


def _rows(
    connection: Connection, organisation_id: str, column: ColumnElement[Any], values: Sequence[str]
) -> list[Row[Any]]:
    query = select(leads.c.lead_id, leads.c.group_id, leads.c.disposition, leads.c.revision).where(
        leads.c.organisation_id == organisation_id
    )
    query = query.order_by(leads.c.lead_id).with_for_update()
    found: list[Row[Any]] = []
    for page in pages(values):
        found.extend(connection.execute(query.where(column.in_(page))))
    return found


def _restore(connection: Connection, act: BulkAct, *, by: str, at: datetime) -> None:
    """Every lead as it was before the act. Raises `ConflictError` when one is no longer as the act left it."""
    lead_ids = [lead.lead_id for lead in act.leads]
    rows = {row.lead_id: row for row in _rows(connection, act.organisation_id, leads.c.lead_id, lead_ids)}
    held = claims.live(connection, act.organisation_id, lead_ids, at=at)
    for lead in act.leads:
        row = rows[lead.lead_id]
        dismissed = act.kind is BulkKind.DISMISS
        left_as = Disposition.DISMISSED if dismissed else lead.disposition
        if (row.revision, row.disposition) != (lead.revision, left_as) or held.get(lead.lead_id) != lead.claim_after:
            raise _changed(lead.lead_id, "somebody acted on it since")
        if dismissed:
            this = (leads.c.organisation_id == act.organisation_id, leads.c.lead_id == lead.lead_id)
            back = {"disposition": lead.disposition.value, "revision": lead.revision + 1}
            connection.execute(update(leads).where(*this).values(**back))
            decision = Decision(disposition=lead.disposition, reason=UNDONE, decided_by=by, decided_at=at)
            made = [(lead.lead_id, lead.revision + 1, decision)]
            note_decisions(connection, act.organisation_id, made, undoes=True)
        if lead.claim is not None:
            claims.put(connection, lead.claim)
        else:
            claims.drop(connection, act.organisation_id, lead.lead_id)


def _changed(lead_id: str, why: str) -> ConflictError:
    return ConflictError(
        f"a lead was changed meanwhile: {why}; nothing was done",
        where=f"lead {lead_id}",
        mend="load the queue again and choose anew",
    )


def _keep(connection: Connection, act: BulkAct) -> None:
    journal.append(connection, act.organisation_id, journal.BULK_ACTS, act, about=act.act_id, at=act.at)


def _act(connection: Connection, organisation_id: str, act_id: str) -> BulkAct | None:
    found = journal.entries(connection, organisation_id, journal.BULK_ACTS, BulkAct, about=act_id)
    return found[0][1] if found else None


def _with(act: BulkAct, undoing: Undoing | None) -> BulkAct:
    return act.model_copy(update={"undone_by": undoing.by, "undone_at": undoing.at}) if undoing else act
