"""listings.jsonl / listings.csv: reading and writing `Listing`.

Owns: the contract's fields, which fault refuses a row (no id, platform or title; an id given twice) and which is only
remarked on (a price like 面议, an unreadable sales figure: kept as an attribute). A column map renames a platform's own
columns first.
Leaves to others: splitting files (`tables`), value spellings (`cells`, `prices`).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from models.formats import cells
from models.formats.prices import read_count, read_price
from models.formats.reasons import RowFault
from models.formats.rejects import Rejects
from models.formats.tables import Row, read_rows
from models.identity import LOCAL, digest
from models.moments import Moment
from models.subjects import Listing, Seller
from models.values import Value

# What a listing file may name. Tenancy is never taken from a file: those names would be plain attributes.
FIELDS = frozenset(Listing.model_fields) - {"organisation_id", "zone_assumed", "source"}
TEXTS = ("url", "description", "category", "brand", "sku", "gtin", "ships_from", "capture_sha256")


class ColumnMap(Value):
    """How a platform's own columns become the contract's.

    `rename` maps a contract name (`seller.name`) to the file's column or dotted JSON path; `constants` gives values
    that the file leaves out; `id_from` builds a listing id from these contract fields when the file has none.
    """

    rename: dict[str, str] = Field(default_factory=dict, description="contract name -> the file's column or JSON path")
    constants: dict[str, str] = Field(default_factory=dict, description="contract name -> value for every row")
    id_from: tuple[str, ...] = Field(default=(), description="fields that make up the id where the file has none")


class PlacedListing(NamedTuple):
    """A listing with its row's line number and the byte offset behind it."""

    line: int
    end: int
    listing: Listing


def read_listings(
    path: Path,
    rejects: Rejects,
    *,
    intake_at: datetime,
    organisation_id: str = LOCAL,
    columns: ColumnMap | None = None,
    source: str = "",
) -> Iterator[Listing]:
    """Listings in file order, one at a time. `intake_at` stands in for a missing `captured_at`. Raises `FileRejected`
    before the first row when the file cannot be read at all."""
    placed = read_placed(
        path, rejects, intake_at=intake_at, organisation_id=organisation_id, columns=columns, source=source
    )
    return (entry.listing for entry in placed)


def read_placed(
    path: Path,
    rejects: Rejects,
    *,
    intake_at: datetime,
    organisation_id: str = LOCAL,
    columns: ColumnMap | None = None,
    source: str = "",
    after_line: int = 0,
) -> Iterator[PlacedListing]:
    """The same with each row's place. Rows up to `after_line` are read for their ids only: they were taken before."""
    required = tuple(columns.rename.values()) if columns else ("listing_id", "platform", "title")
    seen: dict[str, int] = {}
    for row in read_rows(path, rejects, required=required):
        try:
            values = _mapped(row.values, columns) if columns else row.values
            listing_id = cells.required(values, "listing_id")
            first = seen.setdefault(listing_id, row.line)
            if first != row.line:
                raise RowFault("duplicate", field="listing_id", value=listing_id, first=first)
            if row.line <= after_line:
                continue
            reader = _ListingReader(row, values, rejects, path.name)
            yield PlacedListing(row.line, row.end, reader.listing(intake_at, organisation_id, source))
        except RowFault as fault:
            rejects.fault(row.line, fault, raw=row.raw, file=path.name)


def _mapped(values: Mapping[str, Any], columns: ColumnMap) -> dict[str, Any]:
    """The row under the contract's names; columns that no rule names stay as they are."""
    used = set(columns.rename.values())
    mapped: dict[str, Any] = {name: value for name, value in values.items() if name not in used}
    for name, column in columns.rename.items():
        value = _at(values, column)
        if value not in (None, ""):
            _put(mapped, name, value)
    for name, constant in columns.constants.items():
        if _at(mapped, name) in (None, ""):
            _put(mapped, name, constant)
    if columns.id_from and not mapped.get("listing_id"):
        mapped["listing_id"] = digest(*(str(_at(mapped, name) or "") for name in columns.id_from))[:24]
    return mapped


def _at(values: Mapping[str, Any], path: str) -> Any:
    if path in values:
        return values[path]
    head, _, tail = path.partition(".")
    branch = values.get(head)
    return _at(branch, tail) if tail and isinstance(branch, Mapping) else None


def _put(values: dict[str, Any], path: str, value: Any) -> None:
    head, _, tail = path.partition(".")
    if not tail:
        values[head] = value
        return
    branch = values.get(head)
    values[head] = {**branch, tail: value} if isinstance(branch, dict) else {tail: value}


class _ListingReader:
    """Reads one row; what cannot be read but may be missing is set aside as an attribute with a remark."""

    def __init__(self, row: Row, values: Mapping[str, Any], rejects: Rejects, file: str) -> None:
        self._line = row.line
        self._values = values
        self._rejects = rejects
        self._file = file
        self._attributes = cells.leftovers(values, FIELDS)

    def listing(self, intake_at: datetime, organisation_id: str, source: str) -> Listing:
        values = self._values
        platform, title = cells.required(values, "platform"), cells.required(values, "title")
        currency = self._lenient("currency", cells.currency_of)
        price, said = self._price("price", currency)
        list_price, _ = self._price("list_price", currency)
        moment = self._moment()
        seller = self._seller()
        try:
            return Listing(
                organisation_id=organisation_id,
                listing_id=cells.required(values, "listing_id"),
                platform=platform,
                title=title,
                price=price,
                currency=currency or (said if price is not None else None),
                list_price=list_price,
                sales=self._counted("sales"),
                nice_class=self._nice_class(),
                availability=cells.availability_word(cells.text_of(values, "availability")),
                condition=self._condition(),
                seller=seller,
                images=cells.texts_of(values, "images"),
                captured_at=moment.at if moment else intake_at,
                zone_assumed=bool(moment and moment.assumed_zone),
                attributes=self._attributes,
                source=source,
                **{name: cells.text_of(values, name) for name in TEXTS},
            )
        except ValidationError as error:
            raise invalid(error) from None

    def _set_aside(self, field: str, value: object, code: str = "value-set-aside") -> None:
        self._attributes[field] = str(value)
        self._rejects.notice(self._line, code, field=field, file=self._file, value=value)

    def _lenient(self, field: str, read: Any) -> Any:
        try:
            return read(self._values, field)
        except RowFault:
            self._set_aside(field, self._values.get(field))
            return None

    def _price(self, field: str, currency: str | None) -> tuple[Any, str | None]:
        value = self._values.get(field)
        if value in (None, ""):
            return None, None
        read = read_price(value, currency=currency)
        if read.problem:
            kept = "price_range" if read.problem == "price-range" else field
            self._attributes[kept] = str(value)
            self._rejects.notice(self._line, read.problem, field=field, file=self._file, value=value)
        return read.price, read.currency

    def _counted(self, field: str) -> int | None:
        value = self._values.get(field)
        if value in (None, ""):
            return None
        count = read_count(value)
        if count is None:
            self._set_aside(field, value)
        elif not isinstance(value, (int, float)) and not str(value).strip().isdecimal():
            self._attributes["sales_text"] = str(value)
        return count

    def _nice_class(self) -> int | None:
        try:
            classes = cells.classes_of(self._values, "nice_class")
        except RowFault:
            classes = ()
        if len(classes) == 1:
            return classes[0]
        if self._values.get("nice_class") not in (None, "", []):
            self._set_aside("nice_class", self._values.get("nice_class"))
        return None

    def _condition(self) -> Any:
        text = cells.text_of(self._values, "condition")
        word = cells.condition_word(text) if text else None
        if text and word is None:
            self._set_aside("condition", text)
        return word

    def _moment(self) -> Moment | None:
        try:
            return cells.moment_of(self._values, "captured_at")
        except RowFault:
            self._set_aside("captured_at", self._values.get("captured_at"), "time-from-intake")
            return None

    def _seller(self) -> Seller:
        value = self._values.get("seller")
        if value in (None, "", {}):
            return Seller()
        if isinstance(value, str):
            return Seller(name=value.strip())
        if not isinstance(value, Mapping):
            raise RowFault("bad-value", field="seller", value=value, detail="应为 {id, name, uscc, location}")
        for name in value.keys() - Seller.model_fields.keys():
            self._attributes[f"seller.{name}"] = str(value[name])
        try:
            uscc = cells.uscc_of(value, "uscc")
        except RowFault:
            uscc = ""
            self._set_aside("seller.uscc", value.get("uscc"))
        plain = {name: cells.text_of(value, name) for name in ("id", "name", "location")}
        return Seller(uscc=uscc, **plain)


def invalid(error: ValidationError) -> RowFault:
    """A value that the vocabulary refuses, as a fault of its field."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    return RowFault("bad-value", field=field, value=first.get("input", ""), detail=first["msg"])


def listing_line(listing: Listing) -> dict[str, Any]:
    """One line of listings.jsonl: the contract's names in their order, without what is unset."""
    data = listing.content(without=frozenset({"organisation_id", "source", "zone_assumed"}))
    if "seller" in data:
        data["seller"] = {name: value for name, value in data["seller"].items() if value}
    return {name: value for name, value in data.items() if value not in ({}, None)}
