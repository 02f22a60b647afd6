"""The port of case leads: what is asked of whatever keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from models.case_leads.dossier import CaseLead
from models.case_leads.records import Amendment, CaseEvent, CaseStanding, CaseVersion, ExportRecord, Move
from models.case_leads.sources import MONITORING
from models.case_leads.states import CaseState


@dataclass(frozen=True)
class CaseQuery:
    """Which page of the list: newest first, of one state or of all; `after` is the cursor of the page before."""

    state: CaseState | None = None
    after: str = ""
    limit: int = 50


CASES_COUNTED_TO = 10_000


@dataclass(frozen=True)
class CasePage:
    """A page, the cursor of the next one (empty at the end), how many match, and how many there are in each state, each
    counted up to `CASES_COUNTED_TO`; `more` names the states that have more."""

    cases: tuple[CaseStanding, ...]
    next_cursor: str
    total: int
    counts: dict[CaseState, int]
    more: frozenset[CaseState] = frozenset()


class CaseLeadStore(Protocol):
    """Registered dossiers: every version written once and never changed. Every change names the revision that was
    read, and is made whole or not at all. Raises `NotFoundError` for what is not there, `ConflictError` for a stale
    revision and for an act that `models.case_leads.CASE_TRANSITIONS` does not name in the case lead's state."""

    def register(
        self,
        organisation_id: str,
        revisions: dict[str, int],
        *,
        by: str,
        at: datetime,
        note: str = "",
        source: str = MONITORING,
        source_detail: str = "",
    ) -> CaseLead:
        """Accept these leads (id -> revision seen), number and freeze their dossier and start its clock: all of it or
        nothing. What is frozen is what was seen: a lead that was screened again since has another revision. Raises
        `ConflictError` for a stale revision, a lead that cannot be accepted, leads on different operators, or one on
        a mark that is not in force (pending, lapsed, disputed: nothing of it is exported), `NotFoundError`, and
        `InputError` when `revisions` is empty or the source unknown."""

    def get(self, organisation_id: str, case_number: str, *, version: int = 0) -> CaseLead:
        """That version of it, the newest when none is named; its digest is verified. Raises `NotFoundError`, and
        `JianzhenError` when the stored dossier was changed."""

    def all(self, organisation_id: str) -> tuple[CaseLead, ...]:
        """The newest version of each, newest registration first."""

    def find(self, organisation_id: str, query: CaseQuery) -> CasePage:
        """A page of the list. Raises `InputError` for a cursor that is not one of ours."""

    def standing(self, organisation_id: str, case_number: str) -> CaseStanding:
        """Where it stands now."""

    def versions(self, organisation_id: str, case_number: str) -> tuple[CaseVersion, ...]:
        """Oldest first."""

    def events(self, organisation_id: str, case_number: str) -> tuple[CaseEvent, ...]:
        """Every act on it, newest first."""

    def move(
        self, organisation_id: str, case_number: str, move: Move, *, revision: int, by: str, at: datetime
    ) -> CaseStanding:
        """Change where it stands. A hand-over needs its receiver and a dossier with no open points, a withdrawal
        tells every receiver. Raises `InputError` for an act without what it needs."""

    def amend(
        self, organisation_id: str, case_number: str, amendment: Amendment, *, revision: int, by: str, at: datetime
    ) -> CaseLead:
        """A new version; earlier ones stay as they are."""

    def split(
        self,
        organisation_id: str,
        case_number: str,
        lead_ids: tuple[str, ...],
        *,
        reason: str,
        revision: int,
        by: str,
        at: datetime,
    ) -> CaseLead:
        """These leads become a case lead of their own, which is returned; both keep the day of acceptance."""

    def merge(
        self, organisation_id: str, into: str, revisions: dict[str, int], *, reason: str, by: str, at: datetime
    ) -> CaseLead:
        """Everything of the others goes into `into` as a new version; the others close as merged. `revisions` names
        all of them with the revision seen. The earliest day on which any of them is due holds."""

    def record_export(self, organisation_id: str, record: ExportRecord) -> ExportRecord:
        """Keep it; returns it with its number."""

    def exports(self, organisation_id: str, case_number: str) -> tuple[ExportRecord, ...]:
        """Newest first."""
