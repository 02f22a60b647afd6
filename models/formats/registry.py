"""marks.csv, goods.csv, authorised.csv, operators.csv, penalties.csv, numbers.csv: reading the registry's files.

Owns: their fields and rules. Each reader returns every good row in file order; the bad ones are in `rejects`. The
columns that a row cannot do without must stand in the header, or the file is refused. Picture paths are relative to the
file that names them and come out as paths that can be opened from here; web addresses stay as they are.
Leaves to others: splitting files (`tables`), value spellings (`cells`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from models.formats import cells
from models.formats.listings import invalid
from models.formats.prices import read_price
from models.formats.reasons import RowFault
from models.formats.rejects import Rejects
from models.formats.tables import Row, read_rows
from models.public_records import NumberRecord
from models.registry import (
    AuthorisedSeller,
    Fame,
    Mark,
    MarkKind,
    MarkStatus,
    Operator,
    Penalty,
    ReferenceGoods,
    Relation,
)
from models.values import Value

Made = TypeVar("Made", bound=Value)


def read_marks(path: Path, rejects: Rejects) -> tuple[Mark, ...]:
    """marks.csv. `mark_id` and `text` must stand in the header; a mark without text needs `images`."""
    return _read(path, rejects, ("mark_id", "text"), "mark_id", _mark)


def read_goods(path: Path, rejects: Rejects) -> tuple[ReferenceGoods, ...]:
    """goods.csv."""
    return _read(path, rejects, ("goods_id", "mark_id"), "goods_id", _goods)


def read_authorised(path: Path, rejects: Rejects) -> tuple[AuthorisedSeller, ...]:
    """authorised.csv. Rows have no id of their own: a seller may stand for several marks, platforms and periods."""
    return _read(path, rejects, ("mark_id", "seller_name"), "", _authorised)


def read_operators(path: Path, rejects: Rejects) -> tuple[Operator, ...]:
    """operators.csv."""
    return _read(path, rejects, ("uscc", "name"), "uscc", _operator)


def read_penalties(path: Path, rejects: Rejects) -> tuple[Penalty, ...]:
    """penalties.csv. One firm may have many; rows have no id of their own."""
    return _read(path, rejects, ("uscc",), "", _penalty)


class _RowReader:
    """What a row's builder may ask: the values, the folder for relative paths, and where remarks go. With
    `pictures_later`, a mark without text is taken before its picture is there."""

    def __init__(self, row: Row, path: Path, rejects: Rejects, *, pictures_later: bool = False) -> None:
        self.values: Mapping[str, Any] = row.values
        self.pictures_later = pictures_later
        self._line = row.line
        self._path = path
        self._rejects = rejects

    def pictures(self) -> tuple[str, ...]:
        return tuple(_located(name, self._path.parent) for name in cells.texts_of(self.values, "images"))

    def amount(self, field: str, currency: str | None = None) -> tuple[Any, str | None]:
        """A price or fine with the currency its text names; one that cannot be read is none, with a remark."""
        value = self.values.get(field)
        if value in (None, ""):
            return None, None
        read = read_price(value, currency=currency)
        if read.problem:
            self._rejects.notice(self._line, read.problem, field=field, file=self._path.name, value=value)
        return read.price, read.currency

    def leftovers(self, kind: type[Value], *more: str) -> dict[str, str]:
        return cells.leftovers(self.values, frozenset(kind.model_fields) | frozenset(more))


def read_numbers(path: Path, rejects: Rejects) -> tuple[NumberRecord, ...]:
    """numbers.csv: patents, licences and certificates as their registers show them. Rows have no id of their own."""
    return _read(path, rejects, ("kind", "number"), "", _number)


def _read(
    path: Path, rejects: Rejects, required: tuple[str, ...], key: str, build: Callable[[_RowReader], Made]
) -> tuple[Made, ...]:
    made: list[Made] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, rejects, required=required):
        try:
            if key:
                name = cells.required(row.values, key)
                first = seen.setdefault(name, row.line)
                if first != row.line:
                    raise RowFault("duplicate", field=key, value=name, first=first)
            made.append(_built(build, _RowReader(row, path, rejects)))
        except RowFault as fault:
            rejects.fault(row.line, fault, raw=row.raw, file=path.name)
    return tuple(made)


def _built(build: Callable[[_RowReader], Made], reader: _RowReader) -> Made:
    try:
        return build(reader)
    except ValidationError as error:
        raise invalid(error) from None


def _mark(reader: _RowReader) -> Mark:
    values = reader.values
    mark = Mark(
        mark_id=cells.required(values, "mark_id"),
        text=cells.text_of(values, "text"),
        holder=cells.text_of(values, "holder"),
        nice_classes=cells.classes_of(values, "nice_classes"),
        kind=MarkKind(cells.choice_of(values, "kind", MarkKind, MarkKind.WORD)),
        aliases=cells.texts_of(values, "aliases"),
        registration_no=cells.text_of(values, "registration_no"),
        similar_groups=cells.texts_of(values, "similar_groups"),
        valid_from=cells.date_of(values, "valid_from"),
        valid_to=cells.date_of(values, "valid_to"),
        status=MarkStatus(cells.choice_of(values, "status", MarkStatus, MarkStatus.REGISTERED)),
        fame=Fame(cells.choice_of(values, "fame", Fame, Fame.ORDINARY)),
        origin=cells.text_of(values, "origin"),
        images=reader.pictures(),
        attributes=reader.leftovers(Mark),
    )
    if not mark.text and not mark.images and not (reader.pictures_later and mark.kind is MarkKind.DEVICE):
        code = "text-required" if reader.pictures_later else "images-required"
        raise RowFault(code, field="text" if reader.pictures_later else "images")
    return mark


def _goods(reader: _RowReader) -> ReferenceGoods:
    values = reader.values
    currency = cells.currency_of(values, "currency")
    price, said = reader.amount("reference_price", currency)
    return ReferenceGoods(
        goods_id=cells.required(values, "goods_id"),
        mark_id=cells.required(values, "mark_id"),
        name=cells.text_of(values, "name"),
        specification=cells.text_of(values, "specification"),
        reference_price=price,
        currency=currency or said,
        images=reader.pictures(),
        attributes=reader.leftovers(ReferenceGoods),
    )


def _authorised(reader: _RowReader) -> AuthorisedSeller:
    values = reader.values
    named = any(cells.text_of(values, field) for field in ("seller_name", "seller_id", "uscc"))
    if not named:  # an authorisation for nobody in particular would be one for everybody
        raise RowFault("missing", field="seller_name")
    return AuthorisedSeller(
        mark_id=cells.required(values, "mark_id"),
        platform=cells.text_of(values, "platform"),
        seller_name=cells.text_of(values, "seller_name"),
        relation=Relation(cells.choice_of(values, "relation", Relation, Relation.AUTHORISED_SELLER)),
        seller_id=cells.text_of(values, "seller_id"),
        uscc=cells.uscc_of(values, "uscc"),
        territory=cells.text_of(values, "territory"),
        valid_from=cells.date_of(values, "valid_from"),
        valid_to=cells.date_of(values, "valid_to"),
        attributes=reader.leftovers(AuthorisedSeller),
    )


def _operator(reader: _RowReader) -> Operator:
    values = reader.values
    cells.required(values, "uscc")
    return Operator(
        uscc=cells.uscc_of(values, "uscc"),
        name=cells.text_of(values, "name"),
        permits=cells.texts_of(values, "permits"),
        status=cells.text_of(values, "status"),
        attributes=reader.leftovers(Operator),
    )


def _penalty(reader: _RowReader) -> Penalty:
    values = reader.values
    cells.required(values, "uscc")
    amount, _ = reader.amount("amount", "CNY")
    return Penalty(
        uscc=cells.uscc_of(values, "uscc"),
        decided_on=cells.date_of(values, "decided_on"),
        authority=cells.text_of(values, "authority"),
        case_no=cells.text_of(values, "case_no"),
        ground=cells.text_of(values, "ground"),
        amount=amount,
        mark_text=cells.text_of(values, "mark_text"),
        attributes=reader.leftovers(Penalty),
    )


def _number(reader: _RowReader) -> NumberRecord:
    values = reader.values
    return NumberRecord(
        kind=cells.required(values, "kind").lower(),
        number=cells.required(values, "number"),
        holder=cells.text_of(values, "holder"),
        product=cells.text_of(values, "product"),
        valid_to=cells.date_of(values, "valid_to"),
        attributes=reader.leftovers(NumberRecord),
    )


class RowShape(NamedTuple):
    """One kind of row: the columns that its header must name, the field that is its id, and its builder."""

    required: tuple[str, ...]
    key: str
    build: Callable[[_RowReader], Mark | ReferenceGoods | AuthorisedSeller]


SHAPES: dict[str, RowShape] = {
    "marks": RowShape(("mark_id", "text"), "mark_id", _mark),
    "goods": RowShape(("goods_id", "mark_id"), "goods_id", _goods),
    "authorised": RowShape(("mark_id", "seller_name"), "", _authorised),
}


def row_of(
    kind: str, values: Mapping[str, Any], *, line: int = 0, rejects: Rejects | None = None
) -> Mark | ReferenceGoods | AuthorisedSeller:
    """One row of a kind from values that a person typed or uploaded; its pictures come later, by themselves. Raises
    `RowFault`."""
    shape, row = SHAPES[kind], Row(line, 0, dict(values), "")
    if shape.key:
        cells.required(values, shape.key)
    reader = _RowReader(row, Path(), rejects if rejects is not None else Rejects(), pictures_later=True)
    try:
        return shape.build(reader)
    except ValidationError as error:
        raise invalid(error) from None


def _located(name: str, folder: Path) -> str:
    """A picture's path as it can be opened from here; web addresses and absolute paths stay."""
    if "://" in name or name.startswith("//") or Path(name).is_absolute():
        return name
    return str(folder / name)
