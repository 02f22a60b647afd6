"""The annex (附件清单): every capture, picture and attachment of a dossier by name, SHA-256, source and time."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from models.case_leads.dossier import Dossier
from models.subjects import Listing
from models.values import Value


class AnnexKind(StrEnum):
    CAPTURE = "capture"
    PICTURE = "picture"
    OFFICIAL_PICTURE = "official-picture"
    ATTACHMENT = "attachment"


class AnnexEntry(Value):
    """One line of the annex. An empty hash says that the bytes were not kept."""

    number: int
    kind: AnnexKind
    name: str
    sha256: str = ""
    source: str = ""
    at: datetime | None = None


def annex(dossier: Dossier) -> tuple[AnnexEntry, ...]:
    """Captures in the order of the leads, then their pictures, the holder's, and what officers attached."""
    return tuple(entry.model_copy(update={"number": number}) for number, entry in enumerate(_entries(dossier), start=1))


def _entries(dossier: Dossier) -> Iterator[AnnexEntry]:
    listings = [lead.screening.subject for lead in dossier.leads if isinstance(lead.screening.subject, Listing)]
    for listing in listings:
        if listing.capture_sha256 or listing.url:
            yield AnnexEntry(
                number=0,
                kind=AnnexKind.CAPTURE,
                name=listing.title,
                sha256=listing.capture_sha256,
                source=listing.url,
                at=listing.captured_at,
            )
    shown = {address: listing for listing in listings for address in listing.images}
    for reading in dossier.pictures:
        listing_of = shown.get(reading.address)
        yield AnnexEntry(
            number=0,
            kind=AnnexKind.PICTURE if listing_of else AnnexKind.OFFICIAL_PICTURE,
            name=listing_of.title if listing_of else reading.address.rpartition("/")[2],
            sha256=reading.content_sha256 or "",
            source=reading.address,
            at=listing_of.captured_at if listing_of else None,
        )
    for attached in dossier.attachments:
        yield AnnexEntry(
            number=0,
            kind=AnnexKind.ATTACHMENT,
            name=attached.name,
            sha256=attached.sha256,
            source=attached.source,
            at=attached.at,
        )
