"""Ports of the queue: claims, acts on many, parties, views, campaigns, statements, the order, search; as Protocols.

As in `models.ports`, what belongs to another organisation does not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from models.queue.bulk import BulkAct, Chosen
from models.queue.campaigns import Campaign
from models.queue.claims import Claim
from models.queue.parties import Party
from models.queue.places import Place
from models.queue.search import SearchHit, SearchKind
from models.queue.statements import Statement
from models.queue.views import Capacity, SavedView
from models.queue.worth import QueueRates

if TYPE_CHECKING:
    from models.ports import LeadQuery


class ClaimStore(Protocol):
    """Whose turn a lead is."""

    def claim(self, organisation_id: str, claim: Claim, *, revision: int | None = None) -> Claim:
        """Take the lead, or keep it longer. Of several who ask at once one gets it; the others get `ConflictError`,
        as does everybody while another's claim is live, and for a stale `revision` where one is given. Raises
        `NotFoundError`."""

    def claim_next(
        self, organisation_id: str, query: "LeadQuery", claim: Claim, *, limit: int = 1
    ) -> tuple[Claim, ...]:
        """Take the first leads of the query that wait for somebody and that nobody holds, in its order; `claim` says
        who takes them until when, its lead is left open. Of several who ask at once each gets others, and none waits
        for another: a lead that somebody is at just now is passed over. Fewer than `limit`, or none, when no more are
        free. Raises `InputError` for a limit outside 1 to 50, and for leads that wait for nobody."""

    def assign(self, organisation_id: str, claim: Claim, *, revision: int | None = None) -> Claim:
        """Give the lead to somebody, whoever holds it. Raises `NotFoundError`, `ConflictError` as above."""

    def release(self, organisation_id: str, lead_id: str, *, by: str, at: datetime, anyones: bool = False) -> None:
        """Give the lead back; with `anyones` whoever holds it. Raises `NotFoundError`, and `ConflictError` when
        nobody, or somebody else, holds it."""

    def of_leads(self, organisation_id: str, lead_ids: Sequence[str], *, at: datetime) -> dict[str, Claim]:
        """The live claims on these leads, by lead id."""


class BulkStore(Protocol):
    """Acts on many leads: all of them or none."""

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
        """Raises `ConflictError` and changes nothing when one lead was changed since it was seen, is held by another
        or cannot be dismissed, or a group grew; `NotFoundError`. `spent_s` is how long each took, where it is known."""

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
        """Give these leads to an officer. Raises as `dismiss`."""

    def undo(self, organisation_id: str, act_id: str, *, by: str, at: datetime, anyones: bool = False) -> BulkAct:
        """Take the act back: every lead as it was, or `ConflictError` when its time is over, it was taken back already,
        or somebody acted on one of its leads since. Raises `NotFoundError`, for another's act too unless `anyones`."""

    def acts(self, organisation_id: str, *, by: str = "", limit: int = 20) -> tuple[BulkAct, ...]:
        """Newest first, of one person or of all."""


@dataclass(frozen=True)
class PartyQuery:
    """What the queue by operator is asked for."""

    place: Place | None = None
    text: str = ""
    waiting: bool = True  # only parties with leads that are open or wait for more
    after: str = ""
    limit: int = 50


@dataclass(frozen=True)
class PartyPage:
    """A page of parties, the cursor of the next one, and the count of all that match, up to a bound."""

    parties: tuple[Party, ...]
    next_cursor: str
    total: int
    more: bool = False


class PartyStore(Protocol):
    """Whom leads are on."""

    def find(self, organisation_id: str, query: PartyQuery) -> PartyPage:
        """Best value first."""

    def get(self, organisation_id: str, party_key: str) -> Party:
        """Raises `NotFoundError`."""

    def of_lead(self, organisation_id: str, lead_id: str) -> Party | None:
        """Whom a lead is on; nobody where its page shows nobody. Raises `NotFoundError`."""

    def shops(self, organisation_id: str, party_key: str, *, limit: int = 50) -> tuple[tuple[str, str, int], ...]:
        """The party's shops: platform, name, leads; most leads first."""


class ViewStore(Protocol):
    """What a person keeps of the queue."""

    def save(self, view: SavedView) -> SavedView:
        """Keep it; the same owner's view of the same name is replaced. Raises `ConflictError` past 100 of one owner."""

    def offered(self, organisation_id: str, owner: str) -> tuple[SavedView, ...]:
        """A person's own by name, then those that others share."""

    def remove(self, organisation_id: str, view_id: str, *, owner: str, shared_too: bool = False) -> None:
        """Offer it no longer; a second time changes nothing. Raises `NotFoundError` for one that is another's, unless
        it is shared and `shared_too`."""

    def capacity(self, organisation_id: str, account_id: str, name: str, *, since: datetime) -> Capacity:
        """How many leads a person means to decide on a day, and how many distinct ones were decided since then."""

    def set_capacity(self, organisation_id: str, account_id: str, leads: int) -> None: ...


class CampaignStore(Protocol):
    """Campaigns and statements: kept with every change."""

    def all(self, organisation_id: str) -> tuple[Campaign, ...]:
        """As they stand, the one that ends last first."""

    def get(self, organisation_id: str, campaign_id: str) -> Campaign:
        """Raises `NotFoundError`."""

    def save(self, organisation_id: str, campaign: Campaign) -> Campaign:
        """Add one (revision 0 of an id that is not there), or change it: raises `ConflictError` unless its revision is
        the one that stands. Returns it with the next revision."""

    def add_statement(self, organisation_id: str, statement: Statement, *, revision: int | None = None) -> None:
        """Raises `NotFoundError` for a lead that is not there, `ConflictError` for a stale revision."""

    def statements(self, organisation_id: str, lead_id: str) -> tuple[Statement, ...]:
        """Newest first."""


class OrderStore(Protocol):
    """The order by what a minute is expected to yield."""

    def rates(self, organisation_id: str) -> QueueRates:
        """The rates in use."""

    def weigh(self, organisation_id: str, *, at: datetime) -> tuple[QueueRates, int]:
        """Measure the rates anew and put every lead in its place by them, by the organisation's regions and by the
        campaigns that run; how many leads moved. Safe while others work."""


class SearchStore(Protocol):
    """Where words are found."""

    def search(
        self, organisation_id: str, text: str, *, kinds: Sequence[SearchKind] = tuple(SearchKind), limit: int = 20
    ) -> Mapping[SearchKind, tuple[SearchHit, ...]]:
        """Hits of each kind, best first. Where very many match, the newest are ranked. Raises `InputError` for a text
        without a word."""
