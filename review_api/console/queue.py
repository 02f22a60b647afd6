"""The queue: leads in a dense table, with filters that live in the address and a cursor for the next page."""

import re
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.leads import Disposition
from models.ports import FacetCount, LeadFacets, LeadPage, LeadQuery
from models.queue.bulk import BulkKind, Chosen
from models.queue.campaigns import Campaign
from models.queue.views import MOST_CAPACITY
from review_api import turns
from review_api.access import trail
from review_api.api.desk_views import ViewId, ViewRequest, remove_view, save_view
from review_api.api.leads import marks_held
from review_api.api.turns import MOST_CHOSEN, ActId
from review_api.console import filters as allowed
from review_api.console.filters import ALL, TABS, Filters
from review_api.console.pages import pages
from review_api.decisions import LONGEST_REASON, reasons_of
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

LEAD_ADDRESS = re.compile(r"(/leads/[0-9a-f]{32})\??(.*)")
ACCEPTABLE = frozenset({Disposition.OPEN, Disposition.MORE_INFORMATION})
ChosenField = Annotated[str, Form(pattern=r"^[0-9a-f]{32}:[0-9]{1,10}:[0-9]{1,5}$")]


@router.get("/leads")
def queue(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The page."""
    filters = Filters.read(request.query_params)
    campaigns = at_desk.store.campaigns.all(caller.organisation_id)
    query = asked_of(at_desk, caller, filters, campaigns)
    page = at_desk.store.leads.find(caller.organisation_id, query)
    facets = at_desk.store.leads.facets(caller.organisation_id, query)
    return pages(request).render(
        request,
        "queue.html",
        filters=filters,
        page=page,
        tabs=_tabs(facets),
        facets=facets,
        platforms=_with_chosen(facets.platforms, filters.platform),
        marks=_with_chosen(facets.marks, filters.mark),
        cells=_with_chosen(facets.cells, filters.cell),
        categories=_with_chosen(facets.categories, filters.category),
        holders=holders_known(at_desk, caller),
        campaigns=campaigns,
        allowed=allowed,
        thumbs=thumbs(at_desk, caller, page),
        claims=at_desk.store.claims.of_leads(
            caller.organisation_id, [lead.lead_id for lead in page.leads], at=query.at or at_desk.clock()
        ),
        acceptable=ACCEPTABLE,
        party=_party(at_desk, caller, filters),
        **desk_context(at_desk, caller),
    )


@router.post("/leads/chosen")
def chosen_ones(lead: Annotated[list[ChosenField], Form(max_length=MOST_CHOSEN)] = []) -> Response:  # noqa: B006 - FastAPI copies it
    """On to the page that registers the chosen leads, each with its counter-reasons open."""
    named = [("lead", entry.partition(":")[0]) for entry in lead]
    return RedirectResponse(f"/case-leads/new?{urlencode(named)}", status_code=HTTPStatus.SEE_OTHER)


@router.post("/leads/bulk")
def bulk(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    act: Annotated[BulkKind, Form()],
    lead: Annotated[list[ChosenField], Form(max_length=MOST_CHOSEN)],
    reason_code: Annotated[StorableText, Form(max_length=64)] = "",
    reason: Annotated[StorableText, Form(max_length=LONGEST_REASON)] = "",
    officer: Annotated[StorableText, Form(max_length=128)] = "",
    place: Annotated[StorableText, Form(max_length=4000)] = "",
    then: Annotated[StorableText, Form(max_length=4000)] = "",
    opened: Annotated[StorableText, Form(max_length=12)] = "",
) -> Response:
    """Dismiss or assign the chosen leads, each `id:revision:size of its group`; then the queue again, or the lead that
    follows. `opened` tells when the page of a single one was opened."""
    chosen = [_chosen(entry) for entry in lead]
    if act is BulkKind.ASSIGN:
        done = turns.assign_many(at_desk, caller, chosen, officer=officer)
    else:
        spent = turns.spent(opened, at_desk.clock()) if len(chosen) == 1 and then else None
        done = turns.dismiss_many(at_desk, caller, chosen, reason_code=reason_code, reason=reason, spent_s=spent)
    trail.detail(request, done=act, leads=str(len(done.leads)))
    return to_lead(then) or to_queue(place)


@router.post("/leads/next")
def claim_next(
    at_desk: AtDesk, caller: SignedIn, place: Annotated[StorableText, Form(max_length=4000)] = ""
) -> Response:
    """Claim the first lead of these filters that nobody holds, and on to its page; where none is free, the queue says
    so."""
    filters = replace(_read(place), after="")
    query = asked_of(at_desk, caller, filters, at_desk.store.campaigns.all(caller.organisation_id))
    for taken in turns.claim_next(at_desk, caller, query):
        return RedirectResponse(f"/leads/{taken.lead_id}?{filters.place_query}", status_code=HTTPStatus.SEE_OTHER)
    return RedirectResponse(filters.address(turn="free"), status_code=HTTPStatus.SEE_OTHER)


@router.post("/leads/undo/{act_id}")
def undo(
    act_id: ActId, at_desk: AtDesk, caller: SignedIn, place: Annotated[StorableText, Form(max_length=4000)] = ""
) -> Response:
    """Take an act back; then the queue again."""
    turns.undo(at_desk, caller, act_id)
    return to_queue(place)


@router.post("/leads/views")
def save(
    at_desk: AtDesk,
    caller: SignedIn,
    name: Annotated[StorableText, Form(min_length=1, max_length=60, pattern=r"\S")],
    place: Annotated[StorableText, Form(max_length=4000)] = "",
    shared: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Keep these filters under a name; then the queue again."""
    kept = _read(place).kept
    save_view(at_desk, caller, ViewRequest(name=name, filters=kept[:2000], shared=shared == "yes"))
    return to_queue(place)


@router.post("/leads/views/{view_id}/removal")
def remove(
    view_id: ViewId, at_desk: AtDesk, caller: SignedIn, place: Annotated[StorableText, Form(max_length=4000)] = ""
) -> Response:
    """Keep a view no longer; then the queue again."""
    remove_view(at_desk, caller, view_id)
    return to_queue(place)


@router.post("/leads/capacity")
def set_capacity(
    at_desk: AtDesk,
    caller: SignedIn,
    leads: Annotated[int, Form(ge=1, le=MOST_CAPACITY)],
    place: Annotated[StorableText, Form(max_length=4000)] = "",
) -> Response:
    """How many leads the caller means to decide on a day; then the queue again."""
    at_desk.store.views.set_capacity(caller.organisation_id, caller.account.account_id, leads)
    return to_queue(place)


def asked_of(at_desk: Desk, caller: Visitor, filters: Filters, campaigns: tuple[Campaign, ...]) -> LeadQuery:
    """The store's question for these filters."""
    return filters.query(
        at_desk.settings.page_size,
        at=at_desk.clock(),
        name=caller.account.name,
        marks=marks_held(at_desk, caller, filters.holder) if filters.holder else (),
        campaign=next((each for each in campaigns if each.campaign_id == filters.campaign), None),
    )


def desk_context(at_desk: Desk, caller: Visitor) -> dict[str, Any]:
    """What the pages of the queue have in common: the day's capacity, views, reasons, officers, what can be undone."""
    decides = caller.may("POST /leads/bulk")
    return {
        "capacity": turns.capacity(at_desk, caller),
        "views": at_desk.store.views.offered(caller.organisation_id, caller.account.account_id),
        "reasons": reasons_of(at_desk, caller),
        "officers": turns.officers(at_desk, caller) if decides else {},
        "undoable": turns.last_act(at_desk, caller) if decides else None,
        "heads": turns.heads(caller),
        "has_regions": bool(caller.organisation.regions),
        "opened": int(at_desk.clock().timestamp()),
    }


def holders_known(at_desk: Desk, caller: Visitor) -> list[str]:
    """The rights holders of the registry."""
    registry = at_desk.registries.current(at_desk.store.registry, caller.organisation_id)
    return sorted({mark.holder for mark in registry.marks if mark.holder})


def thumbs(at_desk: Desk, caller: Visitor, page: LeadPage) -> dict[str, str]:
    """Lead id -> content hash of its first picture, where that was read."""
    readings = at_desk.store.screenings.readings(
        caller.organisation_id, {lead.picture for lead in page.leads if lead.picture}
    )
    return {
        lead.lead_id: readings[lead.picture].content_sha256 or "" for lead in page.leads if lead.picture in readings
    }


def to_queue(place: str) -> Response:
    """The queue at these filters: nothing but filters is taken from a form."""
    return RedirectResponse(f"/leads?{_read(place).place_query}", status_code=HTTPStatus.SEE_OTHER)


def to_lead(then: str) -> Response | None:
    """The lead that a form names as the one to go on with: nothing but its id and filters is taken from the form."""
    named = LEAD_ADDRESS.fullmatch(then)
    if named is None:
        return None
    return RedirectResponse(f"{named.group(1)}?{_read(named.group(2)).place_query}", status_code=HTTPStatus.SEE_OTHER)


def _read(place: str) -> Filters:
    return Filters.read(dict(parse_qsl(place)))


def _chosen(entry: str) -> Chosen:
    lead_id, revision, size = entry.split(":")
    return Chosen(lead_id=lead_id, revision=int(revision), group_size=max(1, int(size)))


def _party(at_desk: Desk, caller: Visitor, filters: Filters) -> str:
    """The name of the operator whose leads are shown."""
    if not filters.operator:
        return ""
    party = at_desk.store.parties.get(caller.organisation_id, filters.operator)
    return party.name or party.uscc


def _tabs(facets: LeadFacets) -> dict[str, int]:
    counts = {facet.value: facet.count for facet in facets.dispositions}
    return {tab: sum(counts.values()) if tab == ALL else counts.get(tab, 0) for tab in TABS}


def _with_chosen(facets: tuple[FacetCount, ...], chosen: str) -> tuple[FacetCount, ...]:
    """The choices, with the chosen one among them even where it matches nothing."""
    if not chosen or any(facet.value == chosen for facet in facets):
        return facets
    return (*facets, FacetCount(value=chosen, count=0))
