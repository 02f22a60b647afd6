"""Merging and splitting case leads: leads move between dossiers, each side in a new version, in one transaction."""

from datetime import datetime

from sqlalchemy import Connection, update

from models.case_leads import (
    CaseAct,
    CaseEvent,
    CaseLead,
    CaseStanding,
    merged,
    next_state,
    parted,
    sealed,
    summary_of,
)
from models.errors import InputError
from models.storage import tables
from models.storage.cases import standings, versions
from models.storage.cases.freezing import next_number
from models.storage.cases.moving import close_as_merged, newest, receivers, revised


def split(
    connection: Connection, standing: CaseStanding, lead_ids: tuple[str, ...], *, reason: str, by: str, at: datetime
) -> CaseLead:
    """See the port."""
    where = f"case lead {standing.case_number}"
    next_state(standing.state, standing.result, CaseAct.SPLIT, suspended=standing.suspended, where=where)
    reason = _require_reason(reason)
    dossier = newest(connection, standing)
    going = parted(dossier, lead_ids, reason=reason, by=by, at=at)
    staying = tuple(lead.lead_id for lead in dossier.leads if lead.lead_id not in set(lead_ids))
    number = next_number(connection, standing.organisation_id, at)
    told = {"reason": reason, "other": number, "receivers": receivers(connection, standing)}
    left = parted(dossier, staying, reason=reason, by=by, at=at)
    revised(connection, standing, CaseAct.SPLIT, left, told, by=by, at=at)
    new = sealed(going.model_copy(update={"case_number": number, "version": 1}), at)
    versions.add_first(connection, new)
    _begin(connection, standing, new, reason=reason, by=by, at=at)
    _file_under(connection, standing.organisation_id, lead_ids, number)
    return new


def merge(
    connection: Connection,
    into: CaseStanding,
    others: list[CaseStanding],
    *,
    reason: str,
    by: str,
    at: datetime,
) -> CaseLead:
    """See the port."""
    where = f"case lead {into.case_number}"
    next_state(into.state, into.result, CaseAct.MERGE, suspended=into.suspended, where=where)
    reason = _require_reason(reason)
    if not others:
        raise InputError("a merger needs another case lead", where="others")
    dossiers = [newest(connection, other) for other in others]
    reached = tuple(dict.fromkeys(name for each in [into, *others] for name in receivers(connection, each)))
    for other in others:
        close_as_merged(connection, other, into.case_number, reason=reason, by=by, at=at)
    due = [each.due_on for each in [into, *others] if each.due_on is not None]
    told = {"reason": reason, "other": "、".join(other.case_number for other in others), "receivers": reached}
    whole = merged(newest(connection, into), dossiers, reason=reason, by=by, at=at)
    case_lead = revised(connection, into, CaseAct.MERGE, whole, told, by=by, at=at, due_on=min(due, default=None))
    moved = tuple(lead.lead_id for dossier in dossiers for lead in dossier.leads)
    _file_under(connection, into.organisation_id, moved, into.case_number)
    return case_lead


def _begin(
    connection: Connection, origin: CaseStanding, case_lead: CaseLead, *, reason: str, by: str, at: datetime
) -> None:
    """The standing of what was split off: as its origin stands, with its clock."""
    standing = CaseStanding.model_validate(
        {
            **origin.model_dump(),
            **summary_of(case_lead.dossier),
            "case_number": case_lead.case_number,
            "revision": 0,
            "registered_at": at,
            "changed_at": at,
        }
    )
    standings.add(connection, standing)
    event = CaseEvent(
        organisation_id=origin.organisation_id,
        case_number=case_lead.case_number,
        act=CaseAct.REGISTER,
        by=by,
        at=at,
        after=standing.state,
        version=1,
        revision=0,
        reason=reason,
        other=origin.case_number,
    )
    standings.tell(connection, event)


def _file_under(connection: Connection, organisation_id: str, lead_ids: tuple[str, ...], number: str) -> None:
    table = tables.leads
    moved = (table.c.organisation_id == organisation_id, table.c.lead_id.in_(lead_ids))
    connection.execute(update(table).where(*moved).values(case_number=number))


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise InputError("this needs its reason", where="reason", mend="say why in a sentence")
    return reason.strip()
