"""Decisions on leads: which a person may take, and the reasons that a dismissal is given for.

A reason is stored as its code, with the officer's own words after a colon, so that it can be read in both languages
and counted. Acceptance is not decided here: it registers a case lead (`review_api.cases`).
"""

from enum import StrEnum
from typing import NamedTuple

from models.errors import ConflictError, InputError
from models.leads import Decision, Disposition, Lead
from review_api.desk import Desk
from review_api.sessions import Visitor

LONGEST_REASON = 2000


class DismissalReason(StrEnum):
    """Why a lead is dismissed (排除理由); the exceptions of 商标法 59 and of trade practice, and plain mistakes."""

    AUTHORISED = "authorised"
    DESCRIPTIVE_USE = "descriptive-use"
    REFERENTIAL_USE = "referential-use"
    SECOND_HAND = "second-hand"
    MARKS_DIFFER = "marks-differ"
    GOODS_UNRELATED = "goods-unrelated"
    MARK_NOT_IN_FORCE = "mark-not-in-force"
    PRICE_EXPLAINED = "price-explained"
    PICTURE_LICENSED = "picture-licensed"
    DUPLICATE = "duplicate"
    READING_ERROR = "reading-error"
    OTHER = "other"


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
    reason_code: DismissalReason | None = None,
    reason: str = "",
) -> Lead:
    """Record a decision. Raises `InputError` for a dismissal without a reason, `ConflictError` for an acceptance or a
    stale revision, `NotFoundError`."""
    if disposition is Disposition.ACCEPTED:
        raise ConflictError("a lead is accepted by registering a case lead", mend="register a case lead with it")
    text = reason.strip()
    if disposition is Disposition.DISMISSED and reason_code is None:
        raise InputError("a dismissal needs its reason", where="reason_code", mend="choose a reason from the list")
    if reason_code is DismissalReason.OTHER and not text:
        raise InputError("the reason 'other' needs words", where="reason", mend="say why in a sentence")
    decision = Decision(
        disposition=disposition,
        reason=join_reason(reason_code if disposition is Disposition.DISMISSED else None, text),
        decided_by=caller.account.name,
        decided_at=at_desk.clock(),
    )
    return at_desk.store.leads.decide(caller.organisation_id, lead_id, decision, revision=revision)


def join_reason(code: DismissalReason | None, text: str) -> str:
    return ": ".join(part for part in (code.value if code else "", text) if part)


def split_reason(stored: str) -> Reason:
    """A stored reason as code and words; the code is empty where the words stand alone."""
    code, colon, text = stored.partition(":")
    if code in set(DismissalReason):
        return Reason(code, text.strip() if colon else "")
    return Reason("", stored)
