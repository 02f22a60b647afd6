"""The ports of scoring and of reading pictures, as the review API is allowed to use them. Those of storage are
`models.ports`."""

from collections.abc import Collection, Sequence
from typing import Protocol

from models.findings import Finding
from models.leads import Flip, Screening
from models.pictures import PictureLaid, PictureReading, PictureSearch
from models.policy import RulesInUse
from models.price_pictures import PricePicture
from models.registry import Registry
from models.subjects import AnySubject, Listing


class PicturePort(Protocol):
    """Decoding, as the review API is allowed to use it: in a limited process of its own."""

    def read(self, address: str, data: bytes) -> PictureReading:
        """Read one picture; one that is no picture, or too large, yields a reading with a `failure`."""


class ScreeningPort(Protocol):
    """Scoring, as the review API is allowed to see it."""

    def preview(self, organisation_id: str, subjects: Sequence[AnySubject]) -> tuple[Screening, ...]:
        """Screen without storing."""

    def find_with(self, organisation_id: str, draft: Registry, listings: Sequence[Listing]) -> tuple[Screening, ...]:
        """Screen stored listings against a registry that is only thought of, without storing."""

    def what_would_flip(self, screening: Screening) -> tuple[Flip, ...]: ...

    def price_picture(self, listing: Listing, marks: Collection[str] = ()) -> PricePicture:
        """The listing's price beside other sellers, and reference goods of the marks that its title names and of
        `marks`, as they are known now."""

    def rules_in_use(self, organisation_id: str) -> RulesInUse:
        """What weighs findings for this organisation now."""

    def search_pictures(self, organisation_id: str, data: bytes, *, top: int) -> PictureSearch:
        """The registry's official pictures nearest to the picture of these bytes, of which nothing is kept. One that
        cannot be read has a reading that says why."""

    def lay(self, finding: Finding, reading: PictureReading, reference: PictureReading) -> PictureLaid | None:
        """How the official picture that a finding names lies over the picture it was found on; None where either was
        not read so far."""
