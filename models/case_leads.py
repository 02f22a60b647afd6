"""Case leads (案件线索): the frozen dossier registered when an officer accepts leads, and the digest that proves it."""

from pydantic import AwareDatetime

from models.identity import LOCAL, sha256_of
from models.leads import Lead
from models.pictures import PictureReading
from models.registry import AuthorisedSeller, Mark, ReferenceGoods
from models.values import Value

SCHEMA_VERSION = 1


class Dossier(Value):
    """Everything as it stood at acceptance: leads with findings for and against, the marks and goods they name and
    the sellers authorised for those marks as the registry had them at the screening, the pictures with their hashes.
    Nothing in it is looked up again later."""

    schema_version: int = SCHEMA_VERSION
    case_number: str
    organisation_id: str = LOCAL
    accepted_by: str
    accepted_at: AwareDatetime
    note: str = ""
    leads: tuple[Lead, ...]
    marks: tuple[Mark, ...] = ()
    goods: tuple[ReferenceGoods, ...] = ()
    authorised: tuple[AuthorisedSeller, ...] = ()
    pictures: tuple[PictureReading, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical dossier, in hex: equal digests, equal dossiers."""
        return sha256_of(self.model_dump(mode="json"))


class CaseLead(Value):
    """A registered case lead: its number (`年度-序号`, unique within the organisation), its dossier and digest."""

    organisation_id: str = LOCAL
    case_number: str
    dossier: Dossier
    dossier_digest: str
    registered_at: AwareDatetime
