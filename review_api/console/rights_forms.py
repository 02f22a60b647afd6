"""What a holder changes on its pages. A change that is refused shows the page again, with the reason and what was
typed; nothing that was typed is lost."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from models.errors import InputError, JianzhenError, NotFoundError
from models.formats.registry import row_of
from models.registry import AuthorisedSeller, Mark, ReferenceGoods
from models.rights import RowsBefore
from review_api.api.rights import OwnMark
from review_api.console.rights_pages import form_page, right_page
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import StorableText
from review_api.rights.changing import (
    Change,
    add_mark,
    edit,
    new_id,
    with_goods,
    with_mark,
    with_seller,
    without_goods,
    without_mark,
    without_seller,
)
from review_api.rights.files import Brought
from review_api.rights.finding import try_mark
from review_api.rights.pictures import add_picture, remove_picture
from review_api.rights.seats import seat_at, seat_with
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

Typed = Annotated[StorableText, Form(max_length=2000)]
Named = Annotated[StorableText, Form(max_length=300)]
State = Annotated[StorableText, Form(max_length=64)]


class MarkForm:
    """The fields of a mark, as typed."""

    def __init__(
        self,
        text: Typed = "",
        kind: Named = "word",
        nice_classes: Typed = "",
        similar_groups: Typed = "",
        aliases: Typed = "",
        registration_no: Named = "",
        valid_from: Named = "",
        valid_to: Named = "",
        status: Named = "registered",
        fame: Named = "ordinary",
        origin: Named = "",
    ) -> None:
        self.values = {name: str(value).strip() for name, value in locals().items() if name != "self"}

    def mark(self, mark_id: str) -> Mark:
        """Raises `InputError` that names the field."""
        made = row_of("marks", {"mark_id": mark_id, **{name: value for name, value in self.values.items() if value}})
        if not isinstance(made, Mark):
            raise InputError("this is no mark", where="text")
        if made.valid_from and made.valid_to and made.valid_from > made.valid_to:
            raise InputError("有效期止早于有效期起 / the term ends before it begins", where="valid_to")
        return made


AsMark = Annotated[MarkForm, Depends()]


@router.post("/rights/new")
def add(request: Request, form: AsMark, at_desk: AtDesk, caller: SignedIn, place: Named = "") -> Response:
    """Register a mark; then its page, where pictures, goods and sellers are added."""
    seat = seat_at(at_desk, caller, place)
    try:
        rows = add_mark(at_desk, caller, seat, form.mark(new_id(seat)))
    except JianzhenError as error:
        refused = error
        return _again(refused, lambda: form_page(request, seat, form.values, error=refused))
    return _page(rows.mark.mark_id if rows.mark else "")


@router.post("/rights/preview")
def preview(
    request: Request,
    form: AsMark,
    at_desk: AtDesk,
    caller: SignedIn,
    place: Named = "",
    own_mark: Named = "",
    state: State = "",
) -> Response:
    """The form again, with what the mark would find as it stands in the form. Nothing is saved."""
    seat = seat_with(at_desk, caller, own_mark, place) if own_mark else seat_at(at_desk, caller, place)
    rows = seat.rows(own_mark) if own_mark else None
    values = {**form.values, "state": state}
    try:
        draft = form.mark(own_mark or "draft")
        found = try_mark(seat, at_desk.screening, rows or RowsBefore(), draft)
    except InputError as error:
        refused = error
        return _again(refused, lambda: form_page(request, seat, values, rows=rows, error=refused))
    return form_page(request, seat, values, rows=rows, found=found)


@router.post("/rights/marks/{own_mark:path}/pictures")
def upload_picture(
    request: Request,
    own_mark: OwnMark,
    at_desk: AtDesk,
    caller: SignedIn,
    picture: Annotated[UploadFile, File()],
    state: State = "",
    goods_id: Named = "",
) -> Response:
    """Decoded in a limited process; only what is a picture is kept."""
    brought = Brought(picture.filename or "picture", picture.file.read())

    def kept() -> None:
        seat = seat_with(at_desk, caller, own_mark)
        add_picture(at_desk, caller, seat, own_mark, state, brought, goods_id=goods_id)

    return _changed(request, at_desk, caller, own_mark, kept, place="#pictures")


@router.post("/rights/marks/{own_mark:path}/pictures/removal")
def drop_picture(
    request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn, address: Named, state: State = ""
) -> Response:
    """It is compared no longer."""

    def dropped() -> None:
        remove_picture(at_desk, caller, seat_with(at_desk, caller, own_mark), own_mark, state, address)

    return _changed(request, at_desk, caller, own_mark, dropped, place="#pictures")


@router.post("/rights/marks/{own_mark:path}/goods")
def save_goods(
    request: Request,
    own_mark: OwnMark,
    at_desk: AtDesk,
    caller: SignedIn,
    state: State = "",
    goods_id: Named = "",
    name: Named = "",
    specification: Named = "",
    reference_price: Named = "",
    currency: Named = "CNY",
) -> Response:
    """Goods put in, or changed where their number is given."""
    typed = {"name": name, "specification": specification, "reference_price": reference_price, "currency": currency}

    def change() -> Change:
        number = goods_id.strip() or new_id(seat_with(at_desk, caller, own_mark))
        if not name.strip():
            raise InputError("请填写商品名称 / name the goods", where="name")
        made = _row("goods", {**typed, "goods_id": number, "mark_id": own_mark})
        if not isinstance(made, ReferenceGoods) or (reference_price.strip() and made.reference_price is None):
            raise InputError(
                "参考价无法读取，请只写数字 / the price cannot be read; write a number", where="reference_price"
            )
        return with_goods(made)

    return _edited(request, at_desk, caller, own_mark, state, change, typed={**typed, "form": "goods"}, place="#goods")


@router.post("/rights/marks/{own_mark:path}/goods/removal")
def drop_goods(
    request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn, goods_id: Named, state: State = ""
) -> Response:
    """Goods taken out."""
    return _edited(request, at_desk, caller, own_mark, state, lambda: without_goods(goods_id), place="#goods")


@router.post("/rights/marks/{own_mark:path}/sellers")
def save_seller(
    request: Request,
    own_mark: OwnMark,
    at_desk: AtDesk,
    caller: SignedIn,
    state: State = "",
    instead_of: Named = "",
    relation: Named = "authorised_seller",
    platform: Named = "",
    seller_name: Named = "",
    seller_id: Named = "",
    uscc: Named = "",
    territory: Named = "",
    valid_from: Named = "",
    valid_to: Named = "",
) -> Response:
    """A licensee or authorised seller put in, or in the place of the row that `instead_of` names."""
    typed = {
        "relation": relation, "platform": platform, "seller_name": seller_name, "seller_id": seller_id, "uscc": uscc,
        "territory": territory, "valid_from": valid_from, "valid_to": valid_to,
    }  # fmt: skip

    def change() -> Change:
        made = _row("authorised", {**typed, "mark_id": own_mark})
        if not isinstance(made, AuthorisedSeller):
            raise InputError("this is no seller", where="seller_name")
        if made.valid_from and made.valid_to and made.valid_from > made.valid_to:
            raise InputError("授权期止早于授权期起 / the authorisation ends before it begins", where="valid_to")
        return with_seller(made, instead_of)

    told = {**typed, "form": "sellers"}
    return _edited(request, at_desk, caller, own_mark, state, change, typed=told, place="#sellers")


@router.post("/rights/marks/{own_mark:path}/sellers/removal")
def drop_seller(
    request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn, seller: Named, state: State = ""
) -> Response:
    """An authorisation taken out."""
    return _edited(request, at_desk, caller, own_mark, state, lambda: without_seller(seller), place="#sellers")


@router.post("/rights/marks/{own_mark:path}/removal")
def drop_mark(
    request: Request, own_mark: OwnMark, at_desk: AtDesk, caller: SignedIn, state: State = "", sure: Named = ""
) -> Response:
    """The mark taken out with all that stands under it; then the list."""

    def change() -> Change:
        if sure != "yes":
            raise InputError("请勾选确认后再移除 / tick the box to take the mark out", where="sure")
        return without_mark

    refused = _edited(request, at_desk, caller, own_mark, state, change)
    return refused if refused.status_code >= 400 else RedirectResponse("/rights", status_code=HTTPStatus.SEE_OTHER)


@router.post("/rights/marks/{own_mark:path}")
def save(
    request: Request, own_mark: OwnMark, form: AsMark, at_desk: AtDesk, caller: SignedIn, state: State = ""
) -> Response:
    """The mark changed; then its page."""
    seat = seat_with(at_desk, caller, own_mark)
    try:
        edit(at_desk, caller, seat, own_mark, state, with_mark(form.mark(own_mark)))
    except JianzhenError as error:
        refused = error
        values = {**form.values, "state": state}
        return _again(refused, lambda: form_page(request, seat, values, rows=seat.rows(own_mark), error=refused))
    return _page(own_mark)


def _row(kind: str, values: dict[str, str]) -> Any:
    return row_of(kind, {name: value.strip() for name, value in values.items() if value.strip()})


def _edited(
    request: Request,
    at_desk: Desk,
    caller: Visitor,
    mark_id: str,
    state: str,
    change: Callable[[], Change],
    *,
    typed: dict[str, str] | None = None,
    place: str = "",
) -> Response:
    def made() -> None:
        seat = seat_with(at_desk, caller, mark_id)
        edit(at_desk, caller, seat, mark_id, state, change())

    return _changed(request, at_desk, caller, mark_id, made, typed=typed, place=place)


def _changed(
    request: Request,
    at_desk: Desk,
    caller: Visitor,
    mark_id: str,
    make: Callable[[], None],
    *,
    typed: dict[str, str] | None = None,
    place: str = "",
) -> Response:
    seat_with(at_desk, caller, mark_id)
    try:
        make()
    except JianzhenError as error:
        refused = error
        return _again(refused, lambda: right_page(request, at_desk, caller, mark_id, error=refused, typed=typed))
    return _page(mark_id, place)


def _again(error: JianzhenError, page: Callable[[], Response]) -> Response:
    """The page again for what a person can mend there; everything else is for the error page."""
    if isinstance(error, NotFoundError) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    return page()


def _page(mark_id: str, place: str = "") -> Response:
    return RedirectResponse(f"/rights/marks/{quote(mark_id)}{place}", status_code=HTTPStatus.SEE_OTHER)
