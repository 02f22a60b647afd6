"""A holder's own marks over the API: read, changed with If-Match, tried out, imported. For rights holders and the
agents that act for them; whatever else a unit's registry holds does not exist here."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from models.errors import InputError
from models.formats.registry import row_of
from models.pictures import ReferencePicture
from models.registry import AuthorisedSeller, Fame, Mark, MarkKind, MarkStatus, ReferenceGoods
from models.rights import RowsBefore, UploadKind
from models.subjects import NiceClass
from models.values import Value
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import IfMatch, StorableText, required_state
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute
from review_api.rights.changing import Change, add_mark, edit, new_id, with_mark, without_mark
from review_api.rights.files import Brought
from review_api.rights.finding import Found, try_mark
from review_api.rights.history import MarkChange, changes
from review_api.rights.importing import ImportPreview, confirm, preview_file, shown_again
from review_api.rights.pictures import add_picture, pictures_of, remove_picture
from review_api.rights.seats import Seat, seat_at, seat_with, seats

router = APIRouter(prefix="/api/v1/rights", tags=["rights"], route_class=OnceRoute)

MOST_LISTED = 2000

OwnMark = Annotated[StorableText, Path(min_length=1, max_length=128, description="The number of one's own mark")]
UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", examples=["0" * 32])]
PlaceId = Annotated[
    StorableText, Query(max_length=200, alias="place", description="Unit and holder, as /rights lists them")
]
Text = Annotated[StorableText, Field(max_length=200)]
Texts = Annotated[tuple[Text, ...], Field(max_length=100)]
EDITS = answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class PlaceLine(Value):
    """Where the caller keeps whose marks."""

    place: str
    unit_name: str
    holder_name: str
    marks: tuple[Mark, ...]


class MarkWords(Value):
    """What a holder says of a mark."""

    text: Text = ""
    kind: MarkKind = MarkKind.WORD
    nice_classes: Annotated[tuple[NiceClass, ...], Field(max_length=45)] = ()
    similar_groups: Texts = ()
    aliases: Texts = ()
    registration_no: Text = ""
    valid_from: date | None = None
    valid_to: date | None = None
    status: MarkStatus = MarkStatus.REGISTERED
    fame: Fame = Fame.ORDINARY
    origin: Text = ""

    def mark(self, mark_id: str) -> Mark:
        """Raises `InputError` for a mark that cannot be one."""
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise InputError("有效期止早于有效期起 / the term ends before it begins", where="valid_to")
        row_of("marks", {"mark_id": mark_id, "text": self.text, "kind": self.kind.value})
        return Mark(mark_id=mark_id, **self.model_dump(exclude={"mark_id"}))


class NewMark(MarkWords):
    """A new mark; without a number it is given one."""

    mark_id: Annotated[StorableText, Field(max_length=128)] = ""


class OwnMarkDetail(Value):
    """A mark with all that stands under it. `state` is its ETag: send it as If-Match with a change."""

    place: str
    state: str
    rows: RowsBefore
    pictures: tuple[ReferencePicture, ...]


class GoodsRows(Value):
    goods: Annotated[tuple[ReferenceGoods, ...], Field(max_length=MOST_LISTED)] = ()


class SellerRows(Value):
    authorised: Annotated[tuple[AuthorisedSeller, ...], Field(max_length=MOST_LISTED)] = ()


class Confirmation(Value):
    """The SHA-256 that the preview named."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]


@router.get("", summary="Where one keeps whose marks", responses=answers(HTTPStatus.FORBIDDEN))
def places(at_desk: AtDesk, caller: SignedIn) -> tuple[PlaceLine, ...]:
    """Every place that units have given, with the marks that stand there."""
    return tuple(
        PlaceLine(
            place=seat.place.place_id,
            unit_name=seat.place.unit_name,
            holder_name=seat.place.holder_name,
            marks=seat.marks(),
        )
        for seat in seats(at_desk, caller)
    )


@router.post("/marks", status_code=HTTPStatus.CREATED, summary="Register a mark", responses=EDITS, dependencies=KEYED)
def added(asked: NewMark, response: Response, at_desk: AtDesk, caller: SignedIn, place: PlaceId = "") -> OwnMarkDetail:
    """Under the holder's own name. 409 for a number that is taken."""
    seat = seat_at(at_desk, caller, place)
    mark = asked.mark(asked.mark_id.strip() or new_id(seat))
    return _detail(seat, add_mark(at_desk, caller, seat, mark), response)


@router.get("/marks/{own_mark:path}/history", summary="What changed, and who changed it", responses=EDITS)
def history(own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn) -> tuple[MarkChange, ...]:
    """Newest first, by version of the registry."""
    seat = seat_with(at_desk, caller, own_mark)
    return changes(seat.store.registry.history(seat.unit_id, own_mark))


@router.put("/marks/{own_mark:path}/goods", summary="Goods of a mark", responses=EDITS, dependencies=KEYED)
def goods(
    own_mark: OwnMark, asked: GoodsRows, response: Response, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> OwnMarkDetail:
    """Exactly these goods stand under the mark from now on."""
    own = tuple(each.model_copy(update={"mark_id": own_mark}) for each in asked.goods)
    return _edited(at_desk, caller, own_mark, if_match, response, _only(goods=own))


@router.put("/marks/{own_mark:path}/sellers", summary="Who may sell", responses=EDITS, dependencies=KEYED)
def sellers(
    own_mark: OwnMark,
    asked: SellerRows,
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> OwnMarkDetail:
    """Exactly these licensees and authorised sellers stand under the mark from now on."""
    own = tuple(each.model_copy(update={"mark_id": own_mark}) for each in asked.authorised)
    for each in own:
        row_of("authorised", each.model_dump(mode="json", exclude={"attributes"}, exclude_none=True))
    return _edited(at_desk, caller, own_mark, if_match, response, _only(authorised=own))


@router.post(
    "/marks/{own_mark:path}/pictures",
    status_code=HTTPStatus.CREATED,
    summary="Add an official picture",
    responses={**EDITS, **answers(HTTPStatus.NOT_IMPLEMENTED)},
    dependencies=KEYED,
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}, "required": True}},
)
async def picture(
    own_mark: OwnMark, request: Request, response: Response, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> OwnMarkDetail:
    """The body is the picture: PNG, JPEG, WebP or GIF."""
    data, state = await request.body(), required_state(if_match)

    def kept() -> OwnMarkDetail:
        seat = seat_with(at_desk, caller, own_mark)
        return _detail(seat, add_picture(at_desk, caller, seat, own_mark, state, Brought("body", data)), response)

    return await run_in_threadpool(kept)


@router.delete(
    "/marks/{own_mark:path}/pictures", summary="Take an official picture out", responses=EDITS, dependencies=KEYED
)
def no_picture(
    own_mark: OwnMark,
    address: Annotated[StorableText, Query(min_length=1, max_length=500, description="Its name among `images`")],
    response: Response,
    at_desk: AtDesk,
    caller: SignedIn,
    if_match: IfMatch = None,
) -> OwnMarkDetail:
    """It is compared no longer; dossiers that show it keep it."""
    seat = seat_with(at_desk, caller, own_mark)
    return _detail(seat, remove_picture(at_desk, caller, seat, own_mark, required_state(if_match), address), response)


@router.get("/marks/{own_mark:path}", summary="One's own mark", responses=EDITS)
def one(own_mark: OwnMark, response: Response, at_desk: AtDesk, caller: SignedIn) -> OwnMarkDetail:
    """With its goods, sellers and official pictures. The ETag names all of it but the pictures' readings."""
    seat = seat_with(at_desk, caller, own_mark)
    return _detail(seat, seat.rows(own_mark), response)


@router.put("/marks/{own_mark:path}", summary="Change a mark", responses=EDITS, dependencies=KEYED)
def changed(
    own_mark: OwnMark, asked: MarkWords, response: Response, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None
) -> OwnMarkDetail:
    """Number, holder and pictures stay. A unit's officer checks a changed mark again before anything leaves."""
    return _edited(at_desk, caller, own_mark, if_match, response, with_mark(asked.mark(own_mark)))


@router.delete(
    "/marks/{own_mark:path}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Take a mark out",
    responses=EDITS,
    dependencies=KEYED,
)
def removed(own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn, if_match: IfMatch = None) -> None:
    """With its goods and sellers. Earlier versions of the registry keep it."""
    seat = seat_with(at_desk, caller, own_mark)
    edit(at_desk, caller, seat, own_mark, required_state(if_match), without_mark)


@router.post(
    "/preview", summary="What would this mark find?", responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
)
def tried(asked: NewMark, at_desk: AtDesk, caller: SignedIn, place: PlaceId = "") -> Found:
    """A mark that is only thought of, on the listings that were screened last: a count, titles, warnings. Nothing is
    kept. With the number of a mark that stands, its goods and sellers are used."""
    seat = seat_at(at_desk, caller, place)
    stands = seat.owns(seat.registry().mark_by_id.get(asked.mark_id))
    rows = seat.rows(asked.mark_id) if stands else RowsBefore()
    return try_mark(seat, at_desk.screening, rows, asked.mark(asked.mark_id or "draft"))


@router.post(
    "/imports",
    status_code=HTTPStatus.CREATED,
    summary="Preview a file",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
    dependencies=KEYED,
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}, "required": True}},
)
async def previewed(
    request: Request,
    kind: Annotated[UploadKind, Query()],
    name: Annotated[StorableText, Query(min_length=1, max_length=200, description="The file's name: .csv or .xlsx")],
    at_desk: AtDesk,
    caller: SignedIn,
    place: PlaceId = "",
) -> ImportPreview:
    """The body is the file. Answers with every fault by row and column, and with what would be added and changed;
    nothing is changed yet."""
    data = await request.body()
    return await run_in_threadpool(
        lambda: preview_file(at_desk, caller, seat_at(at_desk, caller, place), kind, name, data)
    )


@router.get("/imports/{upload_id}", summary="A preview again", responses=answers(HTTPStatus.NOT_FOUND))
def upload(upload_id: UploadId, at_desk: AtDesk, caller: SignedIn) -> ImportPreview:
    """As it would be today."""
    return shown_again(at_desk, caller, upload_id)


@router.post(
    "/imports/{upload_id}/confirmation", summary="Import what was previewed", responses=EDITS, dependencies=KEYED
)
def confirmed(upload_id: UploadId, asked: Confirmation, at_desk: AtDesk, caller: SignedIn) -> ImportPreview:
    """Rows with faults are left out. 409 for other bytes, for a stale preview, and for one that was confirmed."""
    return confirm(at_desk, caller, upload_id, asked.sha256)


def _edited(
    at_desk: AtDesk, caller: SignedIn, mark_id: str, if_match: str | None, response: Response, change: Change
) -> OwnMarkDetail:
    seat = seat_with(at_desk, caller, mark_id)
    return _detail(seat, edit(at_desk, caller, seat, mark_id, required_state(if_match), change), response)


def _only(**rows: object) -> Change:
    return lambda before: before.model_copy(update=rows)


def _detail(seat: Seat, rows: RowsBefore, response: Response) -> OwnMarkDetail:
    response.headers["ETag"] = f'"{rows.state}"'
    mark_id = rows.mark.mark_id if rows.mark else ""
    return OwnMarkDetail(
        place=seat.place.place_id, state=rows.state, rows=rows, pictures=pictures_of(seat, mark_id) if mark_id else ()
    )
