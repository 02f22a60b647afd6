"""Imports as pages: choose a file, read what it would do with every fault by its place, confirm; and the templates."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from models.errors import InputError, JianzhenError, NotFoundError
from models.rights import UploadKind
from review_api.api.rights import UploadId
from review_api.console.pages import pages
from review_api.console.rights_pages import At, told
from review_api.desk import AtDesk, SignedIn
from review_api.exports import XLSX_TYPE
from review_api.inputs import StorableText
from review_api.rights.importing import ImportPreview, confirm, preview_file, shown_again
from review_api.rights.seats import Seat, seat_at
from review_api.rights.templates import CSV_TYPE, template

router = APIRouter(include_in_schema=False)


@router.get("/rights/import")
def import_page(request: Request, at_desk: AtDesk, caller: SignedIn, place: At = "") -> Response:
    """Choose what and which file."""
    return _page(request, seat_at(at_desk, caller, place))


@router.post("/rights/import")
def upload(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    kind: Annotated[UploadKind, Form()],
    file: Annotated[UploadFile, File()],
    place: Annotated[StorableText, Form(max_length=200)] = "",
) -> Response:
    """Read it; then its preview."""
    seat = seat_at(at_desk, caller, place)
    data = file.file.read()
    try:
        if not data:
            raise InputError("请选择文件 / choose a file", where="file")
        made = preview_file(at_desk, caller, seat, kind, file.filename or "", data)
    except JianzhenError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return _page(request, seat, kind=kind, error=error)
    return RedirectResponse(f"/rights/import/{made.upload_id}", status_code=HTTPStatus.SEE_OTHER)


@router.get("/rights/import/{upload_id}")
def preview_page(request: Request, upload_id: UploadId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """What the file would do, as things stand."""
    shown = shown_again(at_desk, caller, upload_id)
    return _page(request, seat_at(at_desk, caller, shown.place_id), kind=shown.kind, preview=shown)


@router.post("/rights/import/{upload_id}")
def confirmed(
    request: Request,
    upload_id: UploadId,
    at_desk: AtDesk,
    caller: SignedIn,
    sha256: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """Import the previewed bytes, and say what was done."""
    try:
        done = confirm(at_desk, caller, upload_id, sha256)
    except JianzhenError as error:
        if isinstance(error, NotFoundError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        shown = shown_again(at_desk, caller, upload_id)
        seat = seat_at(at_desk, caller, shown.place_id)
        return _page(request, seat, kind=shown.kind, preview=shown, error=error)
    return _page(request, seat_at(at_desk, caller, done.place_id), kind=done.kind, done=done)


@router.get("/rights/templates/{template_name}")
def template_file(template_name: StorableText) -> Response:
    """A template to fill in: `marks.xlsx`, `goods.csv` and so on."""
    name, _, suffix = template_name.rpartition(".")
    if name not in set(UploadKind) or suffix not in {"xlsx", "csv"}:
        raise NotFoundError("没有这个模板 / no such template", where=template_name)
    return Response(
        template(UploadKind(name), suffix),
        media_type=XLSX_TYPE if suffix == "xlsx" else CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.{suffix}"', "Cache-Control": "no-store"},
    )


def _page(
    request: Request,
    seat: Seat,
    *,
    kind: UploadKind = UploadKind.MARKS,
    preview: ImportPreview | None = None,
    done: ImportPreview | None = None,
    error: JianzhenError | None = None,
) -> Response:
    return pages(request).render(
        request,
        "right_import.html",
        status=error.status if error else HTTPStatus.OK,
        seat=seat,
        kinds=tuple(UploadKind),
        kind=kind,
        preview=preview,
        done=done,
        told=told(request, error),
    )
