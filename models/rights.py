"""A rights holder's own part of a unit's registry: the place it has there, its uploads, and the history of a mark.

A unit gives a holder a place; the holder's editor, and an agent within its power of attorney, then keep the holder's
marks there, and nothing else of it. Owns these values and their port; how rows are changed lies with
`review_api.rights`, what a registry is with `models.registry`.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime, Field

from models.organisations import holder_key
from models.pictures import Sha256
from models.registry import AuthorisedSeller, Mark, ReferenceGoods, Registry, rows_digest
from models.values import Value


class Place(Value):
    """A holder's place in a unit's registry: its marks are those that stand under `holder_name`."""

    unit_id: str
    unit_name: str
    holder_id: str
    holder_name: str = Field(min_length=1)
    given_by: str
    given_at: AwareDatetime

    @property
    def place_id(self) -> str:
        """Names it in addresses and forms."""
        return f"{self.unit_id}:{self.holder_id}"

    def holds(self, mark: Mark) -> bool:
        """Whether the mark is this holder's; width and case of the name do not matter."""
        return holder_key(mark.holder) == holder_key(self.holder_name)


class UploadKind(StrEnum):
    """The files of the contract that a holder may bring."""

    MARKS = "marks"
    GOODS = "goods"
    AUTHORISED = "authorised"


class RegistryUpload(Value):
    """A file as it was previewed. Only these bytes may be confirmed, and only while the holder's rows are still those
    that the preview was made against (`state`)."""

    organisation_id: str
    upload_id: str
    place_id: str
    kind: UploadKind
    file_name: str
    sha256: Sha256
    state: str
    by: str
    at: AwareDatetime


class RowsBefore(Value):
    """What is registered under one mark at one moment."""

    mark: Mark | None = None
    goods: tuple[ReferenceGoods, ...] = ()
    authorised: tuple[AuthorisedSeller, ...] = ()

    @property
    def state(self) -> str:
        """Names all of it: what an edit says it was based on."""
        return rows_digest([*([self.mark] if self.mark else []), *self.goods, *self.authorised])


class MarkRevision(Value):
    """One version of the registry in which something under a mark changed: who made it, when, and what stood then."""

    number: int
    version: str
    at: AwareDatetime
    by: str
    acting_for: str
    rows: RowsBefore


class RightsStore(Protocol):
    """Places and uploads. A holder sees the places it was given, an agent those of holders it acts for."""

    def give_place(self, place: Place) -> None:
        """The same unit and holder again replaces."""

    def places(self, holder_id: str) -> tuple[Place, ...]:
        """The places of a holder, by unit."""

    def places_of_unit(self, unit_id: str) -> tuple[Place, ...]:
        """Whom a unit has given a place, by holder."""

    def keep_upload(self, upload: RegistryUpload) -> None: ...

    def upload(self, organisation_id: str, upload_id: str) -> RegistryUpload:
        """Raises `NotFoundError`."""

    def take_upload(self, organisation_id: str, upload_id: str, *, at: datetime) -> None:
        """It is confirmed. Raises `ConflictError` when it was before."""


def rows_of(registry: Registry, mark_id: str) -> RowsBefore:
    """Everything that the registry holds under a mark."""
    return RowsBefore(
        mark=registry.mark_by_id.get(mark_id),
        goods=registry.goods_by_mark.get(mark_id, ()),
        authorised=registry.authorised_by_mark.get(mark_id, ()),
    )


def state_of(rows: Sequence[RowsBefore]) -> str:
    """Names the rows of several marks together."""
    return rows_digest(
        row for each in rows for row in (*([each.mark] if each.mark else []), *each.goods, *each.authorised)
    )
