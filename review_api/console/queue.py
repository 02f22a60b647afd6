"""The queue: leads in a dense table, with filters that live in the address and a cursor for the next page."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.leads import Cell, Disposition
from models.ports import FacetCount, LeadFacets, LeadPage, LeadQuery
from review_api.console.pages import pages
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

ALL = "all"
TABS = ("open", "more-information", "accepted", "dismissed", ALL)
KINDS = ("listing", "parcel")
DETECTORS = ("trademark", "price", "wording", "behaviour", "pictures", "parcels")
ORDERS = ("score", "newest")
GROUPED = ("no",)
CELLS = tuple(cell.value for cell in Cell)
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Filters:
    """What the address asks for. Nonsense is left out rather than refused: an address is edited by hand."""

    disposition: str = Disposition.OPEN.value
    kind: str = ""
    platform: str = ""
    mark: str = ""
    cell: str = ""
    detector: str = ""
    minimum: str = ""
    text: str = ""
    grouped: str = ""  # twins are one card unless it says "no"
    group: str = ""
    order: str = "score"
    after: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        def one_of(name: str, allowed: tuple[str, ...], default: str = "") -> str:
            value = asked.get(name, "")
            return value if value in allowed else default

        def words(name: str) -> str:
            return asked.get(name, "").strip()[:LONGEST_TEXT].replace("\x00", "")

        return cls(
            disposition=one_of("disposition", TABS, Disposition.OPEN.value),
            kind=one_of("kind", KINDS),
            platform=words("platform"),
            mark=words("mark"),
            cell=one_of("cell", CELLS),
            detector=one_of("detector", DETECTORS),
            minimum=_number(asked.get("minimum", "")),
            text=words("text"),
            grouped=one_of("grouped", GROUPED),
            group=words("group"),
            order=one_of("order", ORDERS, "score"),
            after=asked.get("after", "")[:400],
        )

    def query(self, limit: int) -> LeadQuery:
        """The store's question."""
        return LeadQuery(
            disposition=None if self.disposition == ALL else Disposition(self.disposition),
            kind=self.kind,
            platform=self.platform,
            mark_id=self.mark,
            cell=Cell(self.cell) if self.cell else None,
            detector=self.detector,
            minimum_score=float(self.minimum) if self.minimum else None,
            text=self.text,
            group_id=self.group,
            grouped=self.as_cards,
            order=self.order,
            after=self.after,
            limit=limit,
        )

    def address(self, **changes: str) -> str:
        """The queue's address with these changes; a change of filter begins at the first page."""
        asked = {**vars(self), "after": "", **changes}
        return f"/leads?{urlencode({name: value for name, value in asked.items() if value})}"

    @property
    def place(self) -> str:
        """These filters and this page as the query of an address: a lead opened here leads back here."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab and the order narrows the list."""
        asked = (self.kind, self.platform, self.mark, self.cell, self.detector, self.minimum, self.text, self.group)
        return any(asked)

    @property
    def as_cards(self) -> bool:
        """Whether twins are one card; the members of one group are shown each."""
        return not self.grouped and not self.group


@router.get("/leads")
def queue(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The page."""
    filters = Filters.read(request.query_params)
    query = filters.query(at_desk.settings.page_size)
    page = at_desk.store.leads.find(caller.organisation_id, query)
    facets = at_desk.store.leads.facets(caller.organisation_id, query)
    return pages(request).render(
        request,
        "queue.html",
        filters=filters,
        page=page,
        tabs=_tabs(facets),
        platforms=_with_chosen(facets.platforms, filters.platform),
        marks=_with_chosen(facets.marks, filters.mark),
        cells=_with_chosen(facets.cells, filters.cell),
        kinds=KINDS,
        detectors=DETECTORS,
        orders=ORDERS,
        thumbs=thumbs(at_desk, caller, page),
        acceptable={Disposition.OPEN, Disposition.MORE_INFORMATION},
    )


def thumbs(at_desk: Desk, caller: Visitor, page: LeadPage) -> dict[str, str]:
    """Lead id -> content hash of its first picture, where that was read."""
    readings = at_desk.store.screenings.readings(
        caller.organisation_id, {lead.picture for lead in page.leads if lead.picture}
    )
    return {
        lead.lead_id: readings[lead.picture].content_sha256 or "" for lead in page.leads if lead.picture in readings
    }


def _tabs(facets: LeadFacets) -> dict[str, int]:
    counts = {facet.value: facet.count for facet in facets.dispositions}
    return {tab: sum(counts.values()) if tab == ALL else counts.get(tab, 0) for tab in TABS}


def _with_chosen(facets: tuple[FacetCount, ...], chosen: str) -> tuple[FacetCount, ...]:
    """The choices, with the chosen one among them even where it matches nothing."""
    if not chosen or any(facet.value == chosen for facet in facets):
        return facets
    return (*facets, FacetCount(value=chosen, count=0))


def _number(text: str) -> str:
    try:
        return text.strip() if math.isfinite(float(text)) else ""
    except ValueError:
        return ""
