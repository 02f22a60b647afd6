"""Decisions on leads: which a person may take, and the reasons that a dismissal is given for.

A reason is stored as its code, with the officer's own words after a colon, so that it can be read in both languages
and counted. Acceptance is not decided here: it registers a case lead (`review_api.cases`).
"""

from typing import NamedTuple

from models.dismissals import DismissalReason, is_code, own_code, shipped_reasons
from models.errors import ConflictError, InputError
from models.leads import Decision, Disposition, Lead
from review_api.desk import Desk
from review_api.sessions import Visitor

LONGEST_REASON = 2000


class Reason(NamedTuple):
    """A stored reason taken apart."""

    code: str
    text: str


def decide(
    at_desk: Desk,
    caller: Visitor,
    lead_id: str,
    *,
    disposition: Disposition,
    revision: int,
    reason_code: str = "",
    reason: str = "",
    spent_s: int | None = None,
) -> Lead:
    """Record a decision. Raises `InputError` for a dismissal without a reason, `ConflictError` for an acceptance or a
    stale revision, `NotFoundError`."""
    if disposition is Disposition.ACCEPTED:
        raise ConflictError("a lead is accepted by registering a case lead", mend="register a case lead with it")
    text = reason.strip()
    if disposition is Disposition.DISMISSED:
        require_listed(at_desk, caller, reason_code, text)
    decision = Decision(
        disposition=disposition,
        reason=join_reason(reason_code if disposition is Disposition.DISMISSED else "", text),
        decided_by=caller.account.name,
        decided_at=at_desk.clock(),
    )
    return at_desk.store.leads.decide(caller.organisation_id, lead_id, decision, revision=revision, spent_s=spent_s)


def reasons_of(at_desk: Desk, caller: Visitor) -> dict[str, DismissalReason]:
    """The reasons that the caller's organisation may give, by code: the shipped ones, then its own."""
    own = at_desk.store.triage.reasons(caller.organisation_id)
    return shipped_reasons() | {reason.code: reason for reason in own}


def add_reason(at_desk: Desk, caller: Visitor, *, zh: str, en: str, words_needed: bool) -> DismissalReason:
    """Add a reason to the organisation's own. Raises `InputError` for one that is listed already."""
    names = (zh.strip(), en.strip() or zh.strip())
    if names[0] in {reason.zh for reason in reasons_of(at_desk, caller).values()}:
        raise InputError(f"{names[0]!r} is in the list already", where="zh", mend="choose it, or use other words")
    reason = DismissalReason(
        code=own_code(names[0]),
        zh=names[0],
        en=names[1],
        words_needed=words_needed,
        added_by=caller.account.name,
        added_at=at_desk.clock(),
    )
    at_desk.store.triage.add_reason(caller.organisation_id, reason)
    return reason


def require_listed(at_desk: Desk, caller: Visitor, code: str, text: str) -> None:
    """Raises `InputError` for a reason that is not in the list, or that needs words and has none."""
    if not code:
        raise InputError("a dismissal needs its reason", where="reason_code", mend="choose a reason from the list")
    reason = reasons_of(at_desk, caller).get(code)
    if reason is None:
        raise InputError(f"no reason {code!r}", where="reason_code", mend="see /api/v1/dismissal-reasons")
    if reason.words_needed and not text:
        raise InputError(f"the reason {code!r} needs words", where="reason", mend="say why in a sentence")


def join_reason(code: str, text: str) -> str:
    return ": ".join(part for part in (code, text) if part)


def split_reason(stored: str) -> Reason:
    """A stored reason as code and words; the code is empty where the words stand alone."""
    code, colon, text = stored.partition(":")
    if is_code(code):
        return Reason(code, text.strip() if colon else "")
    return Reason("", stored)
