"""The rights-holder registry: marks, goods with reference prices, licensees and authorised sellers, as one snapshot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, TypeVar

from pydantic import Field

from models.identity import digest
from models.moments import SHANGHAI
from models.subjects import Amount, Currency, NiceClass, Uscc
from models.values import Value


class MarkKind(StrEnum):
    WORD = "word"
    DEVICE = "device"
    COMBINED = "combined"
    GI = "gi"


class MarkStatus(StrEnum):
    """Only a registered mark within its dates can lead to anything that is exported."""

    REGISTERED = "registered"
    PENDING = "pending"
    LAPSED = "lapsed"
    DISPUTED = "disputed"


class Fame(StrEnum):
    WELL_KNOWN = "well_known"
    TIME_HONOURED = "time_honoured"
    ORDINARY = "ordinary"


class Mark(Value):
    """A trademark or geographical indication (商标). An empty class list is unknown, never unrelated."""

    mark_id: Annotated[str, Field(min_length=1, max_length=128)]
    text: str = ""
    holder: str = ""
    nice_classes: tuple[NiceClass, ...] = ()
    kind: MarkKind = MarkKind.WORD
    aliases: tuple[str, ...] = ()
    registration_no: str = ""
    similar_groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    status: MarkStatus = MarkStatus.REGISTERED
    fame: Fame = Fame.ORDINARY
    origin: str = ""
    images: tuple[str, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)

    def in_force(self, at: datetime) -> bool:
        """Registered, and `at` (any zone) falls within its dates, Shanghai days, both ends included."""
        return self.status is MarkStatus.REGISTERED and within(self.valid_from, self.valid_to, at)


class ReferenceGoods(Value):
    """The holder's goods (参照商品): what genuine goods look like and cost."""

    goods_id: Annotated[str, Field(min_length=1, max_length=128)]
    mark_id: Annotated[str, Field(min_length=1)]
    name: str = ""
    specification: str = ""
    reference_price: Amount | None = None
    currency: Currency | None = None
    images: tuple[str, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)


class Relation(StrEnum):
    LICENSEE = "licensee"
    AUTHORISED_SELLER = "authorised_seller"


class AuthorisedSeller(Value):
    """Who may sell the goods or use the mark. An empty platform means every platform."""

    mark_id: Annotated[str, Field(min_length=1)]
    platform: str = ""
    seller_name: str = ""
    relation: Relation = Relation.AUTHORISED_SELLER
    seller_id: str = ""
    uscc: Uscc = ""
    territory: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: dict[str, str] = Field(default_factory=dict)


class Operator(Value):
    """A known firm or sole trader (经营主体) as public registers show it."""

    uscc: Annotated[Uscc, Field(min_length=1)]
    name: str = ""
    permits: tuple[str, ...] = ()
    status: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)


class Penalty(Value):
    """One published administrative penalty (行政处罚). `amount` is the fine in CNY; `mark_text` the mark it names."""

    uscc: Annotated[Uscc, Field(min_length=1)]
    decided_on: date | None = None
    authority: str = ""
    case_no: str = ""
    ground: str = ""
    amount: Amount | None = None
    mark_text: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)


def within(start: date | None, end: date | None, at: datetime) -> bool:
    """Whether the Shanghai day of `at` lies in [start, end]; an open end is unbounded."""
    day = at.astimezone(SHANGHAI).date()
    return (start is None or start <= day) and (end is None or day <= end)


@dataclass(frozen=True)
class Registry:
    """One immutable state of an organisation's registry. Pictures of marks and goods are named, not held."""

    marks: tuple[Mark, ...] = ()
    goods: tuple[ReferenceGoods, ...] = ()
    authorised: tuple[AuthorisedSeller, ...] = ()
    chained_version: str = ""

    @cached_property
    def version(self) -> str:
        """The id of the committed change set where there is one, otherwise the digest of the canonical rows."""
        return self.chained_version or rows_digest([*self.marks, *self.goods, *self.authorised])

    @cached_property
    def mark_by_id(self) -> dict[str, Mark]:
        return {mark.mark_id: mark for mark in self.marks}

    @cached_property
    def goods_by_mark(self) -> dict[str, tuple[ReferenceGoods, ...]]:
        return _grouped(self.goods)

    @cached_property
    def authorised_by_mark(self) -> dict[str, tuple[AuthorisedSeller, ...]]:
        return _grouped(self.authorised)


def row_digest(row: Value) -> str:
    """Names one row by its kind and content."""
    return digest(type(row).__name__, row.content())


def rows_digest(rows: Iterable[Value]) -> str:
    """Names a set of rows whatever their order; the same row twice is one."""
    return digest(sorted({row_digest(row) for row in rows}))


Row = TypeVar("Row", ReferenceGoods, AuthorisedSeller)


def _grouped(rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.mark_id, []).append(row)
    return {mark_id: tuple(members) for mark_id, members in groups.items()}
