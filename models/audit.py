"""The audit trail (审计记录): who did what, on which thing, when, from which address. Entries are only ever added."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from models.values import Value

# Whose rows are those that belong to no organisation, such as sign-ins with a name that nobody has; no organisation
# can have this id.
NOBODY = "-"


class Act(StrEnum):
    """What is written down."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    LOCKED_OUT = "locked-out"
    SIGNED_OUT = "signed-out"
    PERSON_ADDED = "person-added"
    PERSON_CHANGED = "person-changed"
    KEY_ADDED = "key-added"
    KEY_REVOKED = "key-revoked"
    ORGANISATION_ADDED = "organisation-added"
    EMPOWERED = "empowered"
    DECIDED = "decided"
    GROUPED = "grouped"
    REGISTERED = "registered"
    CASE_MOVED = "case-moved"
    CASE_CHANGED = "case-changed"
    OUTCOME_RECORDED = "outcome-recorded"
    EXPORTED = "exported"
    REFERRED = "referred"
    BATCH_MADE = "batch-made"
    BATCH_CHANGED = "batch-changed"
    BATCH_SIGNED = "batch-signed"
    BATCH_SENT = "batch-sent"
    BATCH_WITHDRAWN = "batch-withdrawn"
    ANSWERS_TAKEN = "answers-taken"
    STATEMENT_TOLD = "statement-told"
    STATEMENT_ANSWERED = "statement-answered"
    POINT_SET = "point-set"
    REASON_ADDED = "reason-added"
    REGISTRY_CHANGED = "registry-changed"
    PLACE_GIVEN = "place-given"
    MARK_CHECKED = "mark-checked"
    ANSWERED = "answered"
    FED_BACK = "fed-back"
    RECORDED = "recorded"
    CLAIMED = "claimed"
    RELEASED = "released"
    ASSIGNED = "assigned"
    BULK_ACTED = "bulk-acted"
    BULK_UNDONE = "bulk-undone"
    CAMPAIGN_CHANGED = "campaign-changed"
    STATEMENT_RECORDED = "statement-recorded"
    LETTERS_REPLAYED = "letters-replayed"
    ARCHIVE_CHANGED = "archive-changed"


class AuditEntry(Value):
    """One act. `actor` is an account's name, `key:` and a key's name, or `command` for the command line; `about` names
    the thing; `address` is where the request came from, empty for the command line."""

    organisation_id: str
    at: AwareDatetime
    actor: str
    act: Act
    about: str = ""
    address: str = ""
    details: dict[str, str] = Field(default_factory=dict)


class NumberedEntry(Value):
    """An entry with its number in the organisation's trail, which begins at 1 and has no gaps."""

    number: int
    entry: AuditEntry
