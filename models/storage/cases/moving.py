"""Acts on one case lead: moving it from state to state, and amending its dossier into a new version."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from models.case_leads import (
    CLOSING_RESULTS,
    NEEDS_REASON,
    Amendment,
    CaseAct,
    CaseEvent,
    CaseLead,
    CaseResult,
    CaseStanding,
    Dossier,
    ExportRecord,
    Move,
    amended,
    next_state,
    open_points,
    resumed_due,
    sealed,
    summary_of,
    suspension_rule,
)
from models.errors import ConflictError, InputError
from models.events import Decided
from models.law import calendar
from models.moments import SHANGHAI
from models.policy import CaseOutcome
from models.storage import journal, outbox
from models.storage.cases import standings, versions
from models.storage.liaison import batches

# Acts that change what a dossier holds are made by methods of their own.
OWN_WAYS = frozenset({CaseAct.REGISTER, CaseAct.AMEND, CaseAct.SPLIT, CaseAct.MERGE, CaseAct.MERGE_AWAY})


# What a standing says once its clock is no longer suspended.
RUNS_AGAIN: dict[str, Any] = {"suspended_on": None, "ground": None}


def move(connection: Connection, standing: CaseStanding, asked: Move, *, by: str, at: datetime) -> CaseStanding:
    """See the port."""
    where = f"case lead {standing.case_number}"
    if asked.act in OWN_WAYS:
        raise InputError(f"{asked.act} is not done by moving", where="act")
    after = next_state(standing.state, standing.result, asked.act, suspended=standing.suspended, where=where)
    _require_words(asked)
    changes: dict[str, Any] = {"state": after}
    event: dict[str, Any] = {"reason": asked.reason.strip()}
    if asked.act is CaseAct.HAND_OVER:
        _require_settled(connection, standing, where)
        event["receiver"] = asked.receiver.strip()
    elif asked.act is CaseAct.EXTEND:
        changes |= {"due_on": _extended(connection, standing, where), "extended": True}
        event["due_on"] = changes["due_on"]
    elif asked.act is CaseAct.SUSPEND:
        changes |= _suspended(standing, asked, at, where)
        event["ground"] = asked.ground
    elif asked.act is CaseAct.RESUME:
        changes |= {"due_on": _resumed(standing, at), **RUNS_AGAIN}
        event["due_on"] = changes["due_on"]
    elif asked.act is CaseAct.CLOSE:
        changes["result"] = event["result"] = asked.result
    elif asked.act is CaseAct.WITHDRAW:
        changes |= {"result": CaseResult.WITHDRAWN, **RUNS_AGAIN}
        event["result"] = CaseResult.WITHDRAWN
        event["receivers"] = _taken_back(connection, standing, asked, by=by, at=at)
    elif asked.act in {CaseAct.FILE, CaseAct.NOT_FILE}:
        _tell_outcome(connection, standing, asked, by=by, at=at)
    moved = _changed(connection, standing, asked.act, changes, event, by=by, at=at)
    if asked.act is CaseAct.WITHDRAW:
        _tell_withdrawal(connection, moved, event["receivers"], by=by, at=at)
    return moved


def amend(connection: Connection, standing: CaseStanding, amendment: Amendment, *, by: str, at: datetime) -> CaseLead:
    """See the port."""
    where = f"case lead {standing.case_number}"
    next_state(standing.state, standing.result, CaseAct.AMEND, suspended=standing.suspended, where=where)
    dossier = amended(newest(connection, standing), amendment, by=by, at=at)
    event = {"reason": amendment.reason.strip(), "receivers": receivers(connection, standing)}
    return revised(connection, standing, CaseAct.AMEND, dossier, event, by=by, at=at)


def revised(
    connection: Connection,
    standing: CaseStanding,
    act: CaseAct,
    dossier: Dossier,
    event: dict[str, Any],
    *,
    by: str,
    at: datetime,
    **changes: Any,
) -> CaseLead:
    """Keep the next version of the dossier and the act that made it."""
    case_lead = sealed(dossier, standing.registered_at)
    versions.add_next(connection, case_lead)
    state = next_state(standing.state, standing.result, act, suspended=standing.suspended)
    _changed(connection, standing, act, {"state": state, **summary_of(dossier), **changes}, event, by=by, at=at)
    return case_lead


def close_as_merged(
    connection: Connection, standing: CaseStanding, into: str, *, reason: str, by: str, at: datetime
) -> None:
    """Close a case lead whose leads went into another."""
    where = f"case lead {standing.case_number}"
    after = next_state(standing.state, standing.result, CaseAct.MERGE_AWAY, suspended=standing.suspended, where=where)
    changes = {"state": after, "result": CaseResult.MERGED, "successor": into}
    event = {
        "reason": reason,
        "result": CaseResult.MERGED,
        "other": into,
        "receivers": receivers(connection, standing),
    }
    _changed(connection, standing, CaseAct.MERGE_AWAY, changes, event, by=by, at=at)


def newest(connection: Connection, standing: CaseStanding) -> Dossier:
    """Its newest dossier, verified."""
    return versions.read_version(connection, standing.organisation_id, standing.case_number, standing.version).dossier


def receivers(connection: Connection, standing: CaseStanding) -> tuple[str, ...]:
    """Everybody to whom something of this case lead was exported or handed over, first come first."""
    organisation_id, number = standing.organisation_id, standing.case_number
    sent = journal.entries(connection, organisation_id, journal.CASE_EXPORTS, ExportRecord, about=number, limit=10**9)
    acts = journal.entries(connection, organisation_id, journal.CASE_EVENTS, CaseEvent, about=number, limit=10**9)
    told = [(entry.at, entry.receiver) for _, entry in sent] + [(entry.at, entry.receiver) for _, entry in acts]
    inherited = [(entry.at, name) for _, entry in acts if entry.act is CaseAct.MERGE for name in entry.receivers]
    letters = [
        (batch.made_at, name)
        for batch in batches.of_case(connection, organisation_id, number)
        for name in batches.receivers(connection, batch)
    ]
    return _distinct(name for _, name in sorted([*told, *inherited, *letters], key=lambda pair: pair[0]))


def _suspended(standing: CaseStanding, asked: Move, at: datetime, where: str) -> dict[str, Any]:
    """Raises `ConflictError` where no rule of the day of registration lets it be suspended."""
    if asked.ground is None:
        raise InputError("a suspension names its ground", where="ground", mend="choose what it waits for")
    suspension_rule(standing.registered_at.astimezone(SHANGHAI).date(), where=where)
    return {"suspended_on": at.astimezone(SHANGHAI).date(), "ground": asked.ground}


def _resumed(standing: CaseStanding, at: datetime) -> date | None:
    if standing.due_on is None or standing.suspended_on is None:
        return standing.due_on
    return resumed_due(standing.due_on, standing.suspended_on, at)


def _taken_back(
    connection: Connection, standing: CaseStanding, asked: Move, *, by: str, at: datetime
) -> tuple[str, ...]:
    """Everybody who has to be told of a withdrawal; letters to platforms that rest on the case lead go with it."""
    told = receivers(connection, standing)
    batches.take_back_of_case(
        connection, standing.organisation_id, standing.case_number, reason=asked.reason, by=by, at=at
    )
    return told


def _tell_withdrawal(
    connection: Connection, standing: CaseStanding, receivers: tuple[str, ...], *, by: str, at: datetime
) -> None:
    """Others hear of it when the transaction is committed."""
    told = Decided(
        organisation_id=standing.organisation_id,
        at=at,
        act="withdraw",
        case_number=standing.case_number,
        revision=standing.revision,
        withdrawn_leads=tuple(lead.lead_id for lead in newest(connection, standing).leads),
        receivers=receivers,
        by=by,
    )
    outbox.tell(connection, [told])


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _changed(
    connection: Connection,
    standing: CaseStanding,
    act: CaseAct,
    changes: dict[str, Any],
    event: dict[str, Any],
    *,
    by: str,
    at: datetime,
) -> CaseStanding:
    after = CaseStanding.model_validate(
        standing.model_dump() | {"revision": standing.revision + 1, "changed_at": at} | changes
    )
    told = CaseEvent(
        organisation_id=standing.organisation_id,
        case_number=standing.case_number,
        act=act,
        by=by,
        at=at,
        before=standing.state,
        after=after.state,
        version=after.version,
        revision=after.revision,
        **event,
    )
    return standings.change(connection, standing, after, told)


def _require_words(asked: Move) -> None:
    if asked.act in NEEDS_REASON and not asked.reason.strip():
        raise InputError(f"{asked.act} needs its reason", where="reason", mend="say why in a sentence")
    if asked.act is CaseAct.HAND_OVER and not asked.receiver.strip():
        raise InputError("a hand-over names its receiver", where="receiver", mend="name the authority")
    if (asked.act is CaseAct.CLOSE) != (asked.result is not None):
        raise InputError("closing, and nothing else, has a result", where="result")
    if asked.act is CaseAct.CLOSE and asked.result not in CLOSING_RESULTS:
        raise InputError(f"a case lead is not closed as {asked.result}", where="result")


def _require_settled(connection: Connection, standing: CaseStanding, where: str) -> None:
    missing = open_points(newest(connection, standing))
    if missing:
        raise ConflictError(
            f"the dossier is not ready to be handed over: {', '.join(missing)}",
            where=where,
            mend="amend it: name a second officer, answer strong counter-evidence, say why the shops are one operator",
        )


def _extended(connection: Connection, standing: CaseStanding, where: str) -> date:
    """The day on which it is due after the one extension that the law of its day allows."""
    dossier = newest(connection, standing)
    clock = dossier.clock
    rule = next((each for each in dossier.law_of_its_day if clock and each.rule_id == clock.rule_id), None)
    if standing.due_on is None or rule is None or not rule.extension_days or standing.extended:
        raise ConflictError("the time for verification cannot be extended", where=where, mend="it may be so only once")
    return calendar().after(standing.due_on, rule.extension_days)


def _tell_outcome(connection: Connection, standing: CaseStanding, asked: Move, *, by: str, at: datetime) -> None:
    """Filing is an outcome too: what weights are learned from."""
    outcome = CaseOutcome(
        organisation_id=standing.organisation_id,
        case_number=standing.case_number,
        filed=asked.act is CaseAct.FILE,
        reason=asked.reason.strip(),
        decided_by=by,
        decided_at=at,
    )
    journal.append(connection, standing.organisation_id, journal.OUTCOMES, outcome, about=standing.case_number, at=at)
