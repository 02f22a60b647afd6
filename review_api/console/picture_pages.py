"""Searching the registry with a picture (以图查图): the form, and what was found, side by side with the picture."""

import base64
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response

from models.pictures import PictureSearch
from review_api.api.pictures import content_type
from review_api.console.copies import side
from review_api.console.pages import pages
from review_api.desk import AtDesk, SignedIn
from review_api.headers import SECURITY_HEADERS

router = APIRouter(include_in_schema=False)

SHOWN = 20
LARGEST_SHOWN = 4 * 1024 * 1024
# The picture that was asked with is kept nowhere, so the page carries it. No other page may show such pictures.
CARRIES_A_PICTURE = {"Content-Security-Policy": SECURITY_HEADERS["Content-Security-Policy"] + "; img-src 'self' data:"}


@router.get("/registry/pictures")
def form(request: Request, caller: SignedIn) -> Response:
    """The form alone."""
    return pages(request).render(request, "picture_search.html", search=None, asked="", marks={}, side=side)


@router.post("/registry/pictures")
def found(request: Request, at_desk: AtDesk, caller: SignedIn, file: Annotated[UploadFile, File()]) -> Response:
    """The nearest official pictures. Nothing of the picture that was asked with is kept."""
    data = file.file.read()
    search = at_desk.screening.search_pictures(caller.organisation_id, data, top=SHOWN)
    registry = at_desk.registries.current(at_desk.store.registry, caller.organisation_id)
    response = pages(request).render(
        request,
        "picture_search.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if search.reading.failure else HTTPStatus.OK,
        search=search,
        asked=_carried(data, search),
        marks=registry.mark_by_id,
        side=side,
    )
    response.headers.update(CARRIES_A_PICTURE)
    return response


def _carried(data: bytes, search: PictureSearch) -> str:
    """The picture as an address that holds it; empty for one that was not read or is too large to carry."""
    kind = content_type(data)
    if search.reading.failure or not kind or len(data) > LARGEST_SHOWN:
        return ""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
