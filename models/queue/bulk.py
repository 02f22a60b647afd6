"""Acts on many leads at once (批量处置): dismissed for one reason, or given to one officer; and taken back as a whole.

Acceptance is not among them: it is one operator at a time, with what speaks against in sight. An act is undone exactly
or not at all: within its time, and only while nobody has acted on any of its leads since.
"""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from models.identity import LOCAL
from models.leads import Disposition
from models.queue.claims import Claim
from models.values import Value

UNDONE = "undone"
"""The reason that a decision carries when an act was taken back."""


class BulkKind(StrEnum):
    DISMISS = "dismiss"
    ASSIGN = "assign"


class BulkLead(Value):
    """One lead of an act: as it was, and the revision that the act left it at."""

    lead_id: str
    disposition: Disposition
    revision: int = Field(description="The revision after the act")
    claim: Claim | None = None
    claim_after: Claim | None = None


class BulkAct(Value):
    """What was done to these leads together. `undone_at` is set once it was taken back."""

    organisation_id: str = LOCAL
    act_id: str
    kind: BulkKind
    leads: tuple[BulkLead, ...]
    reason: str = ""
    officer: str = ""
    by: str
    at: AwareDatetime
    undo_until: AwareDatetime
    undone_by: str = ""
    undone_at: AwareDatetime | None = None


class Undoing(Value):
    """That an act was taken back."""

    act_id: str
    by: str
    at: AwareDatetime


class Chosen(Value):
    """A lead chosen for an act, at the revision that was seen; `group_size` more than one takes its whole group of
    twins with it, as long as that is still of the size that was seen."""

    lead_id: str
    revision: int
    group_size: int = 1
