"""Turns and acts on many, in the name of whoever is signed in: claims, assignments, and what is done to many leads and
taken back. The time that each lasts is a setting."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from models.errors import ForbiddenError, InputError
from models.moments import SHANGHAI
from models.organisations import Role
from models.ports import LeadQuery
from models.queue.bulk import BulkAct, Chosen
from models.queue.claims import Claim
from models.queue.views import Capacity
from review_api.decisions import join_reason, require_listed
from review_api.desk import Desk
from review_api.sessions import Visitor

DECIDING = frozenset({Role.OFFICER, Role.SUPERVISOR})
LONGEST_SPENT_S = 4 * 3600


def claim(at_desk: Desk, caller: Visitor, lead_id: str, *, revision: int | None = None) -> Claim:
    """Take the lead, or hold it longer. Raises `ConflictError`, `NotFoundError`."""
    at = at_desk.clock()
    wanted = Claim(
        organisation_id=caller.organisation_id,
        lead_id=lead_id,
        holder=caller.account.name,
        claimed_at=at,
        expires_at=at + timedelta(minutes=at_desk.settings.claim_minutes),
    )
    return at_desk.store.claims.claim(caller.organisation_id, wanted, revision=revision)


def claim_next(at_desk: Desk, caller: Visitor, query: LeadQuery, *, count: int = 1) -> tuple[Claim, ...]:
    """Take the first leads of the query that nobody holds; fewer, or none, when no more are free."""
    at = at_desk.clock()
    wanted = Claim(
        organisation_id=caller.organisation_id,
        lead_id="",
        holder=caller.account.name,
        claimed_at=at,
        expires_at=at + timedelta(minutes=at_desk.settings.claim_minutes),
    )
    return at_desk.store.claims.claim_next(caller.organisation_id, query, wanted, limit=count)


def release(at_desk: Desk, caller: Visitor, lead_id: str) -> None:
    """Give the lead back; a supervisor gives back anybody's."""
    at_desk.store.claims.release(
        caller.organisation_id, lead_id, by=caller.account.name, at=at_desk.clock(), anyones=heads(caller)
    )


def assign(at_desk: Desk, caller: Visitor, lead_id: str, officer: str, *, revision: int | None = None) -> Claim:
    """Give the lead to an officer of the organisation. Raises `NotFoundError`, and `InputError` for anybody else."""
    at_desk.store.parties.of_lead(caller.organisation_id, lead_id)
    at = at_desk.clock()
    given = Claim(
        organisation_id=caller.organisation_id,
        lead_id=lead_id,
        holder=_officer(at_desk, caller, officer),
        claimed_at=at,
        expires_at=at + timedelta(hours=at_desk.settings.assignment_hours),
        assigned_by=caller.account.name,
    )
    return at_desk.store.claims.assign(caller.organisation_id, given, revision=revision)


def officers(at_desk: Desk, caller: Visitor) -> dict[str, str]:
    """Whom leads may be given to: account name -> the name shown."""
    return {
        account.name: account.display_name or account.name
        for account in at_desk.store.accounts.all(caller.organisation_id)
        if account.active and not DECIDING.isdisjoint(account.roles)
    }


def dismiss_many(
    at_desk: Desk,
    caller: Visitor,
    chosen: Sequence[Chosen],
    *,
    reason_code: str,
    reason: str,
    spent_s: int | None = None,
) -> BulkAct:
    """Dismiss all of them for one reason, or none."""
    text = reason.strip()
    require_listed(at_desk, caller, reason_code, text)
    at = at_desk.clock()
    return at_desk.store.bulk.dismiss(
        caller.organisation_id,
        chosen,
        reason=join_reason(reason_code, text),
        by=caller.account.name,
        at=at,
        undo_until=at + timedelta(minutes=at_desk.settings.undo_minutes),
        spent_s=spent_s,
    )


def assign_many(at_desk: Desk, caller: Visitor, chosen: Sequence[Chosen], *, officer: str) -> BulkAct:
    """Give all of them to one officer, or none. Others than oneself are given leads by a supervisor."""
    if officer != caller.account.name and not heads(caller):
        raise ForbiddenError("a supervisor gives leads to others", mend="claim them for yourself, or ask one")
    at = at_desk.clock()
    return at_desk.store.bulk.assign(
        caller.organisation_id,
        chosen,
        officer=_officer(at_desk, caller, officer),
        expires_at=at + timedelta(hours=at_desk.settings.assignment_hours),
        by=caller.account.name,
        at=at,
        undo_until=at + timedelta(minutes=at_desk.settings.undo_minutes),
    )


def undo(at_desk: Desk, caller: Visitor, act_id: str) -> BulkAct:
    """Take an act back: one's own, or for a supervisor anybody's."""
    return at_desk.store.bulk.undo(
        caller.organisation_id, act_id, by=caller.account.name, at=at_desk.clock(), anyones=heads(caller)
    )


def last_act(at_desk: Desk, caller: Visitor) -> BulkAct | None:
    """The caller's newest act, while it can be taken back."""
    found = at_desk.store.bulk.acts(caller.organisation_id, by=caller.account.name, limit=1)
    return found[0] if found and found[0].undone_at is None and at_desk.clock() < found[0].undo_until else None


def capacity(at_desk: Desk, caller: Visitor) -> Capacity:
    """The caller's day: how many leads it holds, and how many are done (since midnight in Shanghai)."""
    midnight = at_desk.clock().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return at_desk.store.views.capacity(
        caller.organisation_id, caller.account.account_id, caller.account.name, since=midnight
    )


def heads(caller: Visitor) -> bool:
    """Whether the caller is a supervisor."""
    return Role.SUPERVISOR in caller.account.roles


def spent(opened: str, at: datetime) -> int | None:
    """Seconds since a page was opened, as its form tells; nothing for what cannot be."""
    if not opened.isascii() or not opened.isdigit() or len(opened) > 12:
        return None
    seconds = int(at.timestamp()) - int(opened)
    return seconds if 0 <= seconds <= LONGEST_SPENT_S else None


def _officer(at_desk: Desk, caller: Visitor, name: str) -> str:
    if name not in officers(at_desk, caller):
        raise InputError(
            f"{name!r} is no officer of the organisation", where="officer", mend="choose one from the list"
        )
    return name
