"""Official pictures of a holder's marks: uploaded, listed and taken out. Screening takes them with its next batch."""

from models.errors import InputError, NotFoundError
from models.pictures import PictureReading, ReferencePicture
from models.rights import RowsBefore
from review_api.desk import Desk
from review_api.rights.changing import Change, edit
from review_api.rights.files import Brought, read_picture
from review_api.rights.seats import Seat
from review_api.sessions import Visitor

MOST_PICTURES = 30


def add_picture(
    at_desk: Desk, caller: Visitor, seat: Seat, mark_id: str, state: str, brought: Brought, *, goods_id: str = ""
) -> RowsBefore:
    """Decode the picture, keep it, and name it under the mark, or under goods of it. Raises `InputError`."""
    seat.rows(mark_id)
    reading = read_picture(at_desk, brought, "")
    address = f"upload:{reading.content_sha256}"
    rows = edit(at_desk, caller, seat, mark_id, state, _with_picture(address, goods_id))
    found = PictureReading.model_validate({**reading.model_dump(), "address": address})
    picture = ReferencePicture(mark_id=mark_id, goods_id=goods_id, reading=found)
    seat.store.registry.save_reference_pictures(seat.unit_id, [picture])
    return rows


def remove_picture(at_desk: Desk, caller: Visitor, seat: Seat, mark_id: str, state: str, address: str) -> RowsBefore:
    """It is no official picture of the mark any longer. Raises `NotFoundError`."""
    before = seat.rows(mark_id)
    rows = edit(at_desk, caller, seat, mark_id, state, _without_picture(address))
    owners = ["", *(goods.goods_id for goods in before.goods)]
    gone = [
        ReferencePicture(mark_id=mark_id, goods_id=goods_id, reading=PictureReading(address=address))
        for goods_id in owners
    ]
    seat.store.registry.drop_reference_pictures(seat.unit_id, gone)
    return rows


def pictures_of(seat: Seat, mark_id: str) -> tuple[ReferencePicture, ...]:
    """The official pictures of one of the holder's marks, as read."""
    seat.rows(mark_id)
    return seat.registries.official_pictures(seat.store.registry, seat.unit_id, [mark_id])


def own_picture(at_desk: Desk, seats: tuple[Seat, ...], content_sha256: str) -> bytes:
    """The bytes of an official picture of any of the caller's marks. Raises `NotFoundError`."""
    for seat in seats:
        own = [mark.mark_id for mark in seat.marks()]
        shown = seat.registries.official_pictures(seat.store.registry, seat.unit_id, own)
        if any(picture.reading.content_sha256 == content_sha256 for picture in shown):
            return at_desk.objects.get(content_sha256)
    raise NotFoundError("没有这张图片 / no such picture", where=content_sha256)


def _with_picture(address: str, goods_id: str) -> Change:
    def change(rows: RowsBefore) -> RowsBefore:
        if goods_id:
            known = [goods.goods_id for goods in rows.goods]
            if goods_id not in known:
                raise NotFoundError("没有这件商品 / no such goods", where=goods_id)
            goods = tuple(
                each.model_copy(update={"images": _added(each.images, address)}) if each.goods_id == goods_id else each
                for each in rows.goods
            )
            return rows.model_copy(update={"goods": goods})
        images = _added(rows.mark.images if rows.mark else (), address)
        return rows.model_copy(update={"mark": rows.mark.model_copy(update={"images": images}) if rows.mark else None})

    return change


def _added(images: tuple[str, ...], address: str) -> tuple[str, ...]:
    if address in images:
        return images
    if len(images) >= MOST_PICTURES:
        raise InputError(f"最多 {MOST_PICTURES} 张图片 / at most {MOST_PICTURES} pictures", where="picture")
    return (*images, address)


def _without_picture(address: str) -> Change:
    def change(rows: RowsBefore) -> RowsBefore:
        images = rows.mark.images if rows.mark else ()
        if address not in {*images, *(name for goods in rows.goods for name in goods.images)}:
            raise NotFoundError("没有这张图片 / no such picture", where=address)
        kept = {"images": tuple(name for name in images if name != address)}
        mark = rows.mark.model_copy(update=kept) if rows.mark else None
        goods = tuple(
            each.model_copy(update={"images": tuple(name for name in each.images if name != address)})
            for each in rows.goods
        )
        return rows.model_copy(update={"mark": mark, "goods": goods})

    return change
