"""Changing a holder's rows: each edit names the state that it was made on, and becomes a version of the registry with
who made it and in whose name. What somebody else changed in other rows meanwhile is kept."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from models.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from models.formats.reasons import RowFault
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry, row_digest
from models.rights import RowsBefore, rows_of
from review_api.desk import Desk
from review_api.rights.seats import Seat
from review_api.sessions import Visitor

TRIES = 8
MOST_UNDER_A_MARK = 2000

Change = Callable[[RowsBefore], RowsBefore]


def new_id(seat: Seat) -> str:
    """A number for a row that its holder gave none."""
    return f"{seat.place.holder_id}-{uuid4().hex[:10]}"


def add_mark(at_desk: Desk, caller: Visitor, seat: Seat, mark: Mark) -> RowsBefore:
    """A new mark under the holder's name. Raises `ConflictError` for a number that is taken, `ForbiddenError` for an
    agent whose power is limited to certain marks."""
    if seat.only is not None and mark.mark_id not in seat.only:
        raise ForbiddenError(
            "委托书限于指定商标，不能新增商标 / the power of attorney is for certain marks and adds none",
            mend="由权利人登记 / the holder registers it",
        )
    own = mark.model_copy(update={"holder": seat.place.holder_name})

    def made(registry: Registry) -> Registry:
        if mark.mark_id in registry.mark_by_id:
            raise ConflictError(
                "这个编号已被占用 / this number is taken", where=mark.mark_id, mend="换一个 / use another"
            )
        return replaced(registry, {mark.mark_id: RowsBefore(mark=own)})

    return rows_of(commit(at_desk, caller, seat, made), mark.mark_id)


def edit(at_desk: Desk, caller: Visitor, seat: Seat, mark_id: str, state: str, change: Change) -> RowsBefore:
    """Change what stands under one mark. Raises `NotFoundError`, and `ConflictError` where `state` is not what stands
    now. `*` as state is any."""

    def made(registry: Registry) -> Registry:
        rows = rows_of(registry, mark_id)
        if not seat.owns(rows.mark):
            raise NotFoundError("没有这件商标 / no such mark", where=mark_id)
        if state not in (rows.state, "*"):
            raise ConflictError(
                "打开页面后这件商标已被他人修改，您的修改没有保存 / "
                "somebody else changed this mark after you opened it; your change was not saved",
                where=mark_id,
                mend="重新打开后再改 / load it again and make the change again",
            )
        new = change(rows)
        _check(registry, seat, mark_id, new)
        return replaced(registry, {mark_id: new})

    return rows_of(commit(at_desk, caller, seat, made), mark_id)


def with_mark(mark: Mark) -> Change:
    """Other values of the mark itself: its number, holder, pictures and what else was imported with it stay."""

    def change(rows: RowsBefore) -> RowsBefore:
        before = rows.mark or mark
        kept = {"mark_id": before.mark_id, "holder": before.holder, "images": before.images}
        attributes = {**before.attributes, **mark.attributes}
        return rows.model_copy(update={"mark": mark.model_copy(update={**kept, "attributes": attributes})})

    return change


def without_mark(rows: RowsBefore) -> RowsBefore:
    """Take the mark out, with its goods and sellers."""
    return RowsBefore()


def with_goods(goods: ReferenceGoods) -> Change:
    """Put goods in, or in the place of those of the same number; their pictures stay."""

    def change(rows: RowsBefore) -> RowsBefore:
        before = next((each for each in rows.goods if each.goods_id == goods.goods_id), None)
        new = goods.model_copy(update={"images": before.images, "attributes": before.attributes}) if before else goods
        return rows.model_copy(update={"goods": (*(g for g in rows.goods if g.goods_id != goods.goods_id), new)})

    return change


def without_goods(goods_id: str) -> Change:
    def change(rows: RowsBefore) -> RowsBefore:
        kept = tuple(each for each in rows.goods if each.goods_id != goods_id)
        if len(kept) == len(rows.goods):
            raise NotFoundError("没有这件商品 / no such goods", where=goods_id)
        return rows.model_copy(update={"goods": kept})

    return change


def with_seller(seller: AuthorisedSeller, instead_of: str = "") -> Change:
    """Put a seller in; `instead_of` names the row that it replaces."""

    def change(rows: RowsBefore) -> RowsBefore:
        kept = without_seller(instead_of)(rows).authorised if instead_of else rows.authorised
        same = any(row_digest(each) == row_digest(seller) for each in kept)
        return rows.model_copy(update={"authorised": kept if same else (*kept, seller)})

    return change


def without_seller(name: str) -> Change:
    def change(rows: RowsBefore) -> RowsBefore:
        kept = tuple(each for each in rows.authorised if row_digest(each) != name)
        if len(kept) == len(rows.authorised):
            raise NotFoundError("没有这个授权 / no such authorisation", where=name)
        return rows.model_copy(update={"authorised": kept})

    return change


def commit(at_desk: Desk, caller: Visitor, seat: Seat, make: Callable[[Registry], Registry]) -> Registry:
    """Make the change on the newest version, again where another version came between."""
    store = seat.store.registry
    for _ in range(TRIES):
        current = seat.registry()
        made = make(current)
        try:
            store.commit(
                seat.unit_id,
                made,
                at=at_desk.clock(),
                by=caller.account.name,
                acting_for=caller.organisation.name,
                expected=current.chained_version,
            )
        except ConflictError:
            continue
        return seat.registry()
    raise ConflictError(
        "权利库正被频繁修改 / the registry is being changed all the time", mend="请稍后再试 / try again in a moment"
    )


def replaced(registry: Registry, rows: dict[str, RowsBefore]) -> Registry:
    """The registry with other rows under these marks."""
    return replace(
        registry,
        marks=(*_others(registry.marks, rows), *(each.mark for each in rows.values() if each.mark)),
        goods=(*_others(registry.goods, rows), *(goods for each in rows.values() for goods in each.goods)),
        authorised=(*_others(registry.authorised, rows), *(one for each in rows.values() for one in each.authorised)),
        chained_version="",
    )


def _others(kept: Iterable[Mark | ReferenceGoods | AuthorisedSeller], rows: dict[str, RowsBefore]) -> tuple[Any, ...]:
    return tuple(row for row in kept if row.mark_id not in rows)


def _check(registry: Registry, seat: Seat, mark_id: str, new: RowsBefore) -> None:
    """Raises `InputError` for goods whose number stands under another mark, and for too many rows."""
    taken = {goods.goods_id for goods in registry.goods if goods.mark_id != mark_id}
    for goods in new.goods:
        if goods.goods_id in taken:
            raise RowFault("taken", field="goods_id", value=goods.goods_id)
    if len(new.goods) + len(new.authorised) > MOST_UNDER_A_MARK:
        raise InputError(
            f"一件商标下最多 {MOST_UNDER_A_MARK} 行 / at most {MOST_UNDER_A_MARK} rows under one mark", where=mark_id
        )
