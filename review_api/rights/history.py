"""What changed under a mark, from version to version, in an order that a person can read."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import AwareDatetime

from models.registry import AuthorisedSeller, Mark, ReferenceGoods, row_digest
from models.rights import MarkRevision, RowsBefore
from models.values import Value

# Fields of a mark in the order of its form.
MARK_FIELDS = (
    "text", "kind", "nice_classes", "similar_groups", "registration_no", "valid_from", "valid_to", "status", "fame",
    "aliases", "origin", "holder", "images",
)  # fmt: skip
GOODS_FIELDS = ("name", "specification", "reference_price", "currency", "images")


class FieldChange(Value):
    """One value before and after, as text; empty where there was none."""

    field: str
    before: str
    after: str


class GoodsChange(Value):
    """Goods that were put in, taken out, or changed."""

    act: str
    goods: ReferenceGoods
    changes: tuple[FieldChange, ...] = ()


class SellerChange(Value):
    """A seller that was put in or taken out."""

    act: str
    seller: AuthorisedSeller


class MarkChange(Value):
    """One version of the registry in which something under the mark changed."""

    number: int
    version: str
    at: AwareDatetime
    by: str
    acting_for: str
    act: str
    fields: tuple[FieldChange, ...] = ()
    goods: tuple[GoodsChange, ...] = ()
    sellers: tuple[SellerChange, ...] = ()


class _Pair(NamedTuple):
    before: RowsBefore
    after: RowsBefore


def changes(revisions: Sequence[MarkRevision]) -> tuple[MarkChange, ...]:
    """Revisions, newest first, as what each changed."""
    earlier = [*(each.rows for each in revisions[1:]), RowsBefore()]
    return tuple(_change(each, _Pair(before, each.rows)) for each, before in zip(revisions, earlier, strict=True))


def _change(revision: MarkRevision, pair: _Pair) -> MarkChange:
    act = "added" if pair.before.mark is None else "removed" if pair.after.mark is None else "changed"
    return MarkChange(
        number=revision.number,
        version=revision.version,
        at=revision.at,
        by=revision.by,
        acting_for=revision.acting_for,
        act=act,
        fields=field_changes(pair.before.mark, pair.after.mark, MARK_FIELDS) if act == "changed" else (),
        goods=_goods(pair),
        sellers=_sellers(pair),
    )


def field_changes(
    before: Mark | ReferenceGoods | None, after: Mark | ReferenceGoods | None, names: Sequence[str]
) -> tuple[FieldChange, ...]:
    """What differs between two rows, in the order of `names`."""
    told = ((name, _shown(getattr(before, name)), _shown(getattr(after, name))) for name in names)
    return tuple(FieldChange(field=name, before=old, after=new) for name, old, new in told if old != new)


def _goods(pair: _Pair) -> tuple[GoodsChange, ...]:
    before = {goods.goods_id: goods for goods in pair.before.goods}
    after = {goods.goods_id: goods for goods in pair.after.goods}
    found = [GoodsChange(act="removed", goods=row) for key, row in before.items() if key not in after]
    for key, row in after.items():
        if key not in before:
            found.append(GoodsChange(act="added", goods=row))
        elif changed := field_changes(before[key], row, GOODS_FIELDS):
            found.append(GoodsChange(act="changed", goods=row, changes=changed))
    return tuple(found)


def _sellers(pair: _Pair) -> tuple[SellerChange, ...]:
    before = {row_digest(each): each for each in pair.before.authorised}
    after = {row_digest(each): each for each in pair.after.authorised}
    gone = [SellerChange(act="removed", seller=row) for key, row in before.items() if key not in after]
    return tuple(gone + [SellerChange(act="added", seller=row) for key, row in after.items() if key not in before])


def _shown(value: object) -> str:
    if value is None:
        return ""
    return "; ".join(map(str, value)) if isinstance(value, tuple) else str(value)
