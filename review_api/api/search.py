"""Search: leads, operators, shops and marks by their words, Chinese in pieces of any length."""

from typing import Annotated

from fastapi import APIRouter, Query

from models.queue.search import LONGEST_QUERY, SearchHit, SearchKind
from models.values import Value
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import StorableText
from review_api.problems import answers

router = APIRouter(prefix="/api/v1", tags=["search"])


class Found(Value):
    """Hits of each kind, best first."""

    leads: tuple[SearchHit, ...] = ()
    operators: tuple[SearchHit, ...] = ()
    shops: tuple[SearchHit, ...] = ()
    marks: tuple[SearchHit, ...] = ()


@router.get("/search", summary="Search", responses=answers())
def search(
    at_desk: AtDesk,
    caller: SignedIn,
    q: Annotated[StorableText, Query(min_length=1, max_length=LONGEST_QUERY, description="The words")],
    kind: Annotated[SearchKind | None, Query(description="Only this kind")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Found:
    """The caller's organisation alone. Each hit names the field that matched and the stretches in it."""
    kinds = (kind,) if kind else tuple(SearchKind)
    found = at_desk.store.search.search(caller.organisation_id, q, kinds=kinds, limit=limit)
    return Found(
        leads=found.get(SearchKind.LEAD, ()),
        operators=found.get(SearchKind.OPERATOR, ()),
        shops=found.get(SearchKind.SHOP, ()),
        marks=found.get(SearchKind.MARK, ()),
    )
