"""Ports: what the layers above need of storage, objects and scoring, as Protocols with one contract suite each.

Every method that touches an organisation's things takes `organisation_id`, and what belongs to another organisation
does not exist: it is left out of lists and raises `NotFoundError` when named. Those of access are in `models.access`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import Field

from models.access import AccountStore, AuditStore, KeyStore, OrganisationStore, ReferralStore
from models.archiving import ArchiveStore
from models.case_leads.keeping import CaseLeadStore
from models.dead_letters import DeadLetterStore
from models.dismissals import DismissalReason
from models.events import OutboxStore
from models.groups import GroupAlarm, GroupDecision, Sketch
from models.leads import Cell, DeadLetter, Decision, Disposition, Lead, Outcome, PastScreening, Screening
from models.liaison.keeping import LiaisonStore
from models.mark_checks import MarkCheckStore
from models.market import MarketStore
from models.pictures import PictureReading
from models.policy import CaseOutcome, OperatingPoint, RulesComparison, SettledLead
from models.queue.campaigns import Campaign
from models.queue.keeping import BulkStore, CampaignStore, ClaimStore, OrderStore, PartyStore, SearchStore, ViewStore
from models.queue.places import Place
from models.registry_store import RegistryStore as RegistryStore
from models.rescreenings import RescreeningStore
from models.retries import RetryStore
from models.rights import RightsStore
from models.subjects import Listing, ParcelRecord
from models.values import Value
from models.verification import VerificationStore

Twins = Callable[[Sketch, Sketch], bool]


class ScreeningStore(Protocol):
    """The ledger of screenings: the effect side of the worker."""

    def record(self, screenings: Sequence[Screening], dead_letters: Sequence[DeadLetter] = ()) -> None:
        """Write all of it in one transaction, durable on return. What is already there (same screening key; same
        topic, partition, offset) is left as it is: handling a message twice changes nothing. A flagged screening
        creates the subject's lead or moves it to the newer screening, which makes a new revision; decisions stay. A
        screening that is no longer flagged updates an existing lead and creates none. Raises `TransientFault` when
        the server is away."""

    def record_again(self, screenings: Sequence[Screening]) -> tuple[Screening, ...]:
        """As `record`, for stored subjects that were read back and screened: only those count whose newest state is
        still the one that was screened, and these are returned. A state that arrived meanwhile stays the newest."""

    def outcomes(self, organisation_id: str) -> dict[Outcome, int]:
        """How many subjects ended how: by each subject's newest screening, and the dead letters."""

    def dead_letters(self, organisation_id: str, *, limit: int = 100) -> tuple[DeadLetter, ...]:
        """Newest first."""

    def listing(self, organisation_id: str, platform: str, listing_id: str) -> Listing | None:
        """The newest stored state of a listing; an empty platform matches any when the id is unique."""

    def listings(self, organisation_id: str, listing_ids: Iterable[str]) -> dict[str, Listing]:
        """The newest stored state of each listing whose id is stored and unique, on whichever platform."""

    def recent_listings(self, organisation_id: str, *, limit: int) -> tuple[Listing, ...]:
        """The listings that were screened last, newest first, each in its newest stored state."""

    def parcels_awaiting(
        self, organisation_id: str, listing_ids: Iterable[str]
    ) -> tuple[tuple[ParcelRecord, datetime], ...]:
        """Parcels that name one of these listings and were screened without it: newest states, and when screened."""

    def save_readings(self, organisation_id: str, readings: Sequence[PictureReading]) -> None:
        """Keep picture readings by (address, content hash, level)."""

    def readings(self, organisation_id: str, addresses: Iterable[str]) -> dict[str, PictureReading]:
        """The newest reading of each address that has one."""

    def holds_picture(self, organisation_id: str, content_sha256: str) -> bool:
        """Whether any reading of this organisation, of a subject's picture or an official one and of whatever age,
        has that content hash: only then may its people see the bytes."""


@dataclass(frozen=True)
class LeadQuery:
    """What the queue is asked for. Empty fields do not filter; `text` is looked for in titles and ids."""

    disposition: Disposition | None = None
    kind: str = ""
    platform: str = ""
    mark_id: str = ""
    cell: Cell | None = None
    detector: str = ""
    minimum_score: float | None = None
    text: str = ""
    group_id: str = ""
    place: Place | None = None
    captured: bool | None = None
    category: str = ""
    any_mark: tuple[str, ...] = ()  # on one of these marks: those of a holder
    campaign: Campaign | None = None
    party_key: str = ""
    seen_since: datetime | None = None  # first seen at or after
    held_by: str = ""  # claimed by this account's name at `at`
    unheld: bool = False  # claimed by nobody at `at`
    at: datetime | None = None
    grouped: bool = False  # of each group only the lead that comes first
    order: str = "score"  # score | newest | value
    after: str = ""  # the cursor of the page before
    limit: int = 50


class LeadSummary(Value):
    """One line of the queue."""

    lead_id: str
    kind: str
    platform: str
    native_id: str
    title: str
    seller_name: str = ""
    price: str = ""
    currency: str = ""
    score: float
    cell: Cell | None = None
    mark_id: str | None = None
    mark_text: str = ""
    facts: tuple[str, ...] = ()
    disposition: Disposition
    last_seen: datetime
    picture: str = ""
    group_id: str = ""
    group_size: int = 1
    revision: int = 0
    first_seen: datetime | None = None
    place: Place = Place.UNKNOWN
    division: str = ""
    category: str = ""
    party_key: str = ""
    value: float = Field(default=0.0, description="Leads that a minute on it is expected to yield (docs/queue.md)")


COUNTED_TO = 10_000


@dataclass(frozen=True)
class LeadPage:
    """A page of the queue, the cursor of the next one (empty at the end), and the count of all that match; `more` says
    that there are more than were counted (`COUNTED_TO`)."""

    leads: tuple[LeadSummary, ...]
    next_cursor: str
    total: int
    more: bool = False


class FacetCount(Value):
    """How many leads have one value of a field; `label` is the mark's text for marks, otherwise empty."""

    value: str
    label: str = ""
    count: int


@dataclass(frozen=True)
class LeadFacets:
    """The values that occur and how often, most frequent first (then by value). Each field is counted under every
    other filter of the query but its own, so that a person sees what choosing another value would give."""

    dispositions: tuple[FacetCount, ...] = ()
    kinds: tuple[FacetCount, ...] = ()
    platforms: tuple[FacetCount, ...] = ()
    marks: tuple[FacetCount, ...] = ()
    cells: tuple[FacetCount, ...] = ()
    places: tuple[FacetCount, ...] = ()
    captured: tuple[FacetCount, ...] = ()
    categories: tuple[FacetCount, ...] = ()


class LeadStore(Protocol):
    """Leads as people see and decide them."""

    def find(self, organisation_id: str, query: LeadQuery) -> LeadPage: ...

    def facets(self, organisation_id: str, query: LeadQuery) -> LeadFacets:
        """Counts for the queue's filters; `order`, `after` and `limit` are ignored."""

    def get(self, organisation_id: str, lead_id: str) -> Lead:
        """One lead with its newest screening and every decision. Raises `NotFoundError`."""

    def screenings(self, organisation_id: str, lead_id: str, *, limit: int = 20) -> tuple[PastScreening, ...]:
        """How the lead's subject was screened, newest first; nothing for a lead that is not there."""

    def decide(
        self, organisation_id: str, lead_id: str, decision: Decision, *, revision: int, spent_s: int | None = None
    ) -> Lead:
        """Record a decision other than acceptance, which ends a claim on the lead; `spent_s` is how long it took from
        opening the lead, where that is known. Raises `ConflictError` when `revision` is stale,
        `models.leads.TRANSITIONS` forbids it, or another's claim is live."""


class LeadGroup(Value):
    """Leads on the same goods (关联线索组). `members` are the first of them, best score first, `size` counts all;
    `settled` says that a person split or merged it, `decisions` how, newest first."""

    group_id: str
    size: int
    settled: bool = False
    members: tuple[LeadSummary, ...]
    decisions: tuple[GroupDecision, ...] = ()


class GroupStore(Protocol):
    """Groups of twins: proposed by likeness, settled by people."""

    def place(
        self, organisation_id: str, sketches: Sequence[Sketch], twins: Twins, *, at: datetime
    ) -> tuple[GroupAlarm, ...]:
        """Put these leads into the groups of their twins. A sketch that is stored already changes nothing, a lead that
        a person placed stays, and what is no lead is left out. A group that would become a chain or overfull is
        not joined: that is an alarm, which is kept and returned."""

    def repropose(
        self, organisation_id: str, groups: Sequence[Sequence[str]], alarms: Sequence[GroupAlarm], *, at: datetime
    ) -> int:
        """Make the groups these, where no person settled otherwise; leads in none stand alone. How many leads moved."""

    def sketches(self, organisation_id: str) -> tuple[Sketch, ...]:
        """Every stored sketch, by lead id."""

    def of_lead(self, organisation_id: str, lead_id: str, *, limit: int = 50) -> LeadGroup:
        """The group that a lead is in, alone perhaps. Raises `NotFoundError`."""

    def split(self, organisation_id: str, lead_ids: Sequence[str], *, by: str, at: datetime, reason: str = "") -> str:
        """Take these leads out of their common group into one of their own; returns its id. No later proposal brings
        them back. Raises `NotFoundError`, and `InputError` for leads of several groups or all of one."""

    def merge(
        self, organisation_id: str, lead_id: str, other_id: str, *, by: str, at: datetime, reason: str = ""
    ) -> str:
        """Make the groups of these two leads one; returns its id. No later proposal parts them. Raises `NotFoundError`,
        and `InputError` when they are in one already."""

    def alarms(self, organisation_id: str, *, limit: int = 50) -> tuple[GroupAlarm, ...]:
        """Newest first."""


class TriageStore(Protocol):
    """What an organisation settles about triage, every entry kept."""

    def points(self, organisation_id: str) -> dict[str, float]:
        """The operating points that were set, by kind of subject. One cheap query, made by workers before batches."""

    def set_point(self, organisation_id: str, point: OperatingPoint) -> None:
        """From now on this point holds for its kind."""

    def points_set(self, organisation_id: str) -> tuple[OperatingPoint, ...]:
        """Every point ever set, newest first."""

    def record_outcome(self, organisation_id: str, outcome: CaseOutcome) -> None:
        """Say what became of a case lead. Raises `NotFoundError`."""

    def outcomes(self, organisation_id: str, case_number: str) -> tuple[CaseOutcome, ...]:
        """What was said of a case lead, newest first."""

    def reasons(self, organisation_id: str) -> tuple[DismissalReason, ...]:
        """The organisation's own reasons to dismiss a lead, oldest first."""

    def add_reason(self, organisation_id: str, reason: DismissalReason) -> None:
        """Add one; the same code again replaces its words."""

    def settled(self, organisation_id: str) -> Iterator[SettledLead]:
        """Leads with a verdict, by lead id: dismissed ones, and those of cases with an outcome."""

    def standing(self, organisation_id: str) -> Iterator[tuple[Screening, bool]]:
        """The newest screening of every subject that something was found on, and whether it is a lead; by token."""

    def save_comparison(self, organisation_id: str, comparison: RulesComparison) -> int:
        """Keep it; returns its number."""

    def comparisons(self, organisation_id: str, *, limit: int = 20) -> tuple[tuple[int, RulesComparison], ...]:
        """Newest first, each with its number."""


class Store(Protocol):
    """One database, its faces."""

    @property
    def registry(self) -> RegistryStore: ...
    @property
    def screenings(self) -> ScreeningStore: ...
    @property
    def leads(self) -> LeadStore: ...
    @property
    def groups(self) -> GroupStore: ...
    @property
    def triage(self) -> TriageStore: ...
    @property
    def case_leads(self) -> CaseLeadStore: ...
    @property
    def retries(self) -> RetryStore: ...
    @property
    def accounts(self) -> AccountStore: ...
    @property
    def market(self) -> MarketStore: ...
    @property
    def organisations(self) -> OrganisationStore: ...
    @property
    def keys(self) -> KeyStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def referrals(self) -> ReferralStore: ...
    @property
    def claims(self) -> ClaimStore: ...
    @property
    def bulk(self) -> BulkStore: ...
    @property
    def parties(self) -> PartyStore: ...
    @property
    def views(self) -> ViewStore: ...
    @property
    def campaigns(self) -> CampaignStore: ...
    @property
    def order(self) -> OrderStore: ...
    @property
    def search(self) -> SearchStore: ...
    @property
    def liaison(self) -> LiaisonStore: ...
    @property
    def rights(self) -> RightsStore: ...
    @property
    def mark_checks(self) -> MarkCheckStore: ...
    @property
    def verification(self) -> VerificationStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def dead_letters(self) -> DeadLetterStore: ...
    @property
    def rescreenings(self) -> RescreeningStore: ...
    @property
    def archive(self) -> ArchiveStore: ...

    def acting_for(self, organisation_id: str) -> "Store":
        """The same database as one organisation may see it: where the database has walls of its own, every
        transaction is held to that organisation's rows. Given back with the store it was made from."""

    def ping(self) -> None:
        """Raises `TransientFault` when the database does not answer or is not migrated to this version."""

    def close(self) -> None:
        """Give back every connection. The store is not used again."""


class ObjectStore(Protocol):
    """Bytes by their SHA-256: captures and pictures. Reading verifies; a changed byte raises."""

    def put(self, data: bytes) -> str:
        """Keep the bytes, durable on return; returns their SHA-256 in hex. The same bytes again change nothing."""

    def get(self, sha256: str) -> bytes:
        """Raises `NotFoundError`, and `JianzhenError` when the bytes no longer have that hash."""

    def has(self, sha256: str) -> bool: ...
