"""The queue by operator, and one operator's page: whom leads are on, and what public records say of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from models.ports import LeadPage
from models.queue.keeping import PartyQuery
from models.queue.places import Place
from review_api.api.operators import PartyKey, card_of
from review_api.console.pages import pages
from review_api.console.queue import desk_context, thumbs
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import StorableText

router = APIRouter(include_in_schema=False)


@router.get("/operators")
def operators(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    place: str = "",
    text: Annotated[StorableText, Query(max_length=100)] = "",
    waiting: str = "",
    after: Annotated[StorableText, Query(max_length=400)] = "",
) -> Response:
    """Operators by what a minute on them is expected to yield. What is not understood of the address is left out."""
    asked = Place(place) if place in set(Place) else None
    every = waiting == "no"
    query = PartyQuery(place=asked, text=text.strip(), waiting=not every, after=after, limit=at_desk.settings.page_size)
    return pages(request).render(
        request,
        "operators.html",
        page=at_desk.store.parties.find(caller.organisation_id, query),
        place=asked.value if asked else "",
        text=text,
        every=every,
        after=after,
        **desk_context(at_desk, caller),
    )


@router.get("/operators/{party_key}")
def operator(request: Request, party_key: PartyKey, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One operator: shops, leads, permits, earlier penalties."""
    card = card_of(at_desk, caller, at_desk.store.parties.get(caller.organisation_id, party_key))
    listed = LeadPage(card.leads, "", len(card.leads))
    return pages(request).render(request, "operator.html", card=card, thumbs=thumbs(at_desk, caller, listed))
