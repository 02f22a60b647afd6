"""The page of search: hits of every kind with where they matched."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.queue.search import LONGEST_QUERY, SearchHit, SearchKind, terms_asked
from review_api.console.marking import Stretch
from review_api.console.pages import pages
from review_api.desk import AtDesk, SignedIn

router = APIRouter(include_in_schema=False)

SHOWN, SHOWN_OF_ONE = 8, 50


@router.get("/search")
def search(request: Request, at_desk: AtDesk, caller: SignedIn, q: str = "", kind: str = "") -> Response:
    """What was found; without a word nothing is looked for."""
    asked = q.strip()[:LONGEST_QUERY].replace("\x00", "").encode("utf-8", "ignore").decode()
    only = SearchKind(kind) if kind in set(SearchKind) else None
    found: dict[SearchKind, tuple[SearchHit, ...]] = {}
    if terms_asked(asked):
        kinds = (only,) if only else tuple(SearchKind)
        limit = SHOWN_OF_ONE if only else SHOWN
        found = dict(at_desk.store.search.search(caller.organisation_id, asked, kinds=kinds, limit=limit))
    return pages(request).render(
        request, "search.html", asked=asked, only=only, found=found, any=any(found.values()), shown=SHOWN, pieces=pieces
    )


def pieces(hit: SearchHit) -> list[Stretch]:
    """The field's text in pieces, those that matched marked."""
    told: list[Stretch] = []
    end = 0
    for start, stop in hit.spans:
        if start > end:
            told.append(Stretch(hit.text[end:start], marked=False))
        told.append(Stretch(hit.text[start:stop], marked=True))
        end = stop
    if end < len(hit.text):
        told.append(Stretch(hit.text[end:], marked=False))
    return told
