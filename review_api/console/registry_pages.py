"""The registry as pages: its version and marks, and one mark with all that is registered under it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from review_api.api.registry import MarkId, find_marks, mark_detail
from review_api.console.pages import pages
from review_api.desk import AtDesk, SignedIn

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 100
LONGEST_TEXT = 128


@router.get("/registry")
def registry_page(request: Request, at_desk: AtDesk, caller: SignedIn, text: str = "", after: str = "") -> Response:
    """The current version and its marks."""
    registry = at_desk.registries.current(at_desk.store.registry, caller.organisation_id)
    wanted = text.strip()[:LONGEST_TEXT]
    return pages(request).render(
        request,
        "registry.html",
        registry=registry,
        found=find_marks(registry, text=wanted, after=after[:LONGEST_TEXT], limit=PAGE_SIZE),
        text=wanted,
        after=after,
        goods_count={mark_id: len(rows) for mark_id, rows in registry.goods_by_mark.items()},
        authorised_count={mark_id: len(rows) for mark_id, rows in registry.authorised_by_mark.items()},
    )


@router.get("/registry/marks/{mark_id:path}")
def mark_page(request: Request, mark_id: MarkId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One mark, its goods, sellers and official pictures."""
    return pages(request).render(request, "mark.html", detail=mark_detail(at_desk, caller, mark_id))
