"""A holder's own marks as pages: the list, one mark, its history, and the forms to fill in. Changes are made by
`review_api.console.rights_forms`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from models.errors import JianzhenError
from models.mark_checks import standing_of
from models.registry import Fame, Mark, MarkKind, MarkStatus, Relation, row_digest
from models.rights import RowsBefore
from review_api.api.pictures import HEADERS, content_type
from review_api.api.rights import OwnMark
from review_api.console.error_words import in_language
from review_api.console.pages import pages
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import ContentHash, StorableText
from review_api.rights.finding import Found
from review_api.rights.history import changes
from review_api.rights.pictures import own_picture, pictures_of
from review_api.rights.seats import Seat, seat_at, seat_with, seats
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 500
At = Annotated[StorableText, Query(max_length=200)]


@router.get("/rights")
def list_page(request: Request, at_desk: AtDesk, caller: SignedIn, place: At = "", text: At = "") -> Response:
    """The marks of one place, with whether an officer has checked each."""
    every = seats(at_desk, caller)
    if not every:
        return pages(request).render(request, "rights.html", seats=(), seat=None)
    seat = seat_at(at_desk, caller, place)
    newest = seat.store.mark_checks.newest(seat.unit_id)
    wanted, at = text.strip().casefold(), at_desk.clock()
    found = [mark for mark in seat.marks() if not wanted or wanted in _searched(mark)]
    registry = seat.registry()
    return pages(request).render(
        request,
        "rights.html",
        seats=every,
        seat=seat,
        text=text.strip(),
        total=len(found),
        lines=[
            (
                mark,
                standing_of(mark, newest.get(mark.mark_id), at),
                len(registry.goods_by_mark.get(mark.mark_id, ())),
                len(registry.authorised_by_mark.get(mark.mark_id, ())),
            )
            for mark in found[:MOST_SHOWN]
        ],
    )


@router.get("/rights/new")
def new_page(request: Request, at_desk: AtDesk, caller: SignedIn, place: At = "") -> Response:
    """The form of a new mark."""
    return form_page(request, seat_at(at_desk, caller, place), {})


@router.get("/rights/pictures/{right_sha256}")
def picture(right_sha256: ContentHash, at_desk: AtDesk, caller: SignedIn) -> Response:
    """An official picture of one's own marks."""
    data = own_picture(at_desk, seats(at_desk, caller), right_sha256)
    return Response(data, media_type=content_type(data) or "application/octet-stream", headers=HEADERS)


@router.get("/rights/marks/{own_mark:path}/edit")
def edit_page(request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The form of a mark that stands."""
    seat = seat_with(at_desk, caller, own_mark)
    rows = seat.rows(own_mark)
    return form_page(request, seat, form_values(rows.mark), rows=rows)


@router.get("/rights/marks/{own_mark:path}/history")
def history_page(request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn) -> Response:
    """What changed, when, and who changed it."""
    seat = seat_with(at_desk, caller, own_mark)
    found = changes(seat.store.registry.history(seat.unit_id, own_mark))
    return pages(request).render(request, "right_history.html", mark=seat.rows(own_mark).mark, changes=found, own=True)


@router.get("/rights/marks/{own_mark:path}")
def mark_page(request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One mark with everything that stands under it."""
    return right_page(request, at_desk, caller, own_mark)


def right_page(
    request: Request,
    at_desk: Desk,
    caller: Visitor,
    mark_id: str,
    *,
    error: JianzhenError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page of a mark; after a change that was refused, with the reason and what was typed."""
    seat = seat_with(at_desk, caller, mark_id)
    rows = seat.rows(mark_id)
    checks = seat.store.mark_checks.of_mark(seat.unit_id, mark_id)
    return pages(request).render(
        request,
        "right.html",
        status=error.status if error else HTTPStatus.OK,
        seat=seat,
        rows=rows,
        mark=rows.mark,
        state=rows.state,
        standing=standing_of(rows.mark, checks[0] if checks else None, at_desk.clock()),
        check=checks[0] if checks else None,
        pictures=pictures_of(seat, mark_id),
        sellers=[(row_digest(each), each) for each in rows.authorised],
        relations=tuple(Relation),
        uploads=at_desk.decoder is not None,
        told=told(request, error),
        typed=typed or {},
    )


def form_page(
    request: Request,
    seat: Seat,
    values: Mapping[str, str],
    *,
    rows: RowsBefore | None = None,
    error: JianzhenError | None = None,
    found: Found | None = None,
) -> Response:
    """The form of a mark: new without `rows`; with what was typed, why it was refused, and what it would find."""
    return pages(request).render(
        request,
        "right_form.html",
        status=error.status if error else HTTPStatus.OK,
        seat=seat,
        mark=rows.mark if rows else None,
        state=values.get("state") or (rows.state if rows else ""),
        values=values,
        kinds=tuple(MarkKind),
        statuses=tuple(MarkStatus),
        fames=tuple(Fame),
        told=told(request, error),
        where=error.where if error else "",
        found=found,
    )


def told(request: Request, error: JianzhenError | None) -> dict[str, str] | None:
    """An error in the reader's language."""
    if error is None:
        return None
    language = pages(request).language(request)
    return {
        "what": in_language(error.what, language),
        "where": error.where,
        "mend": in_language(error.mend, language),
    }


def form_values(mark: Mark | None) -> dict[str, Any]:
    """A mark as the texts of its form."""
    if mark is None:
        return {}
    lists = ("nice_classes", "similar_groups", "aliases")
    return {
        **{name: ("; ").join(map(str, getattr(mark, name))) for name in lists},
        **{name: getattr(mark, name) for name in ("text", "registration_no", "origin")},
        **{name: str(getattr(mark, name).value) for name in ("kind", "status", "fame")},
        "valid_from": mark.valid_from.isoformat() if mark.valid_from else "",
        "valid_to": mark.valid_to.isoformat() if mark.valid_to else "",
    }


def _searched(mark: Mark) -> str:
    return "\n".join((mark.text, mark.mark_id, mark.registration_no, *mark.aliases)).casefold()
