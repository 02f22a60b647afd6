"""Copies as a lead's page shows them: the page's picture and the official one side by side, with what fits drawn on.

Owns which findings are shown so. How one picture lies over another is told by the screening port.
"""

from dataclasses import dataclass

from models.findings import Finding
from models.leads import Lead
from models.pictures import PictureLaid, PictureReading, ReferencePicture
from models.registry import Mark
from review_api.desk import Desk
from review_api.sessions import Visitor

FACTS = frozenset(
    {
        "copied-official-picture",
        "copied-official-picture-part",
        "similar-official-picture",
        "official-picture-authorised",
        "official-picture-common",
    }
)
MOST_SHOWN = 6


@dataclass(frozen=True)
class Side:
    """One picture of a pair. `width` and `height` are 1 where they are not known."""

    sha256: str
    address: str
    width: int
    height: int


@dataclass(frozen=True)
class CopyPair:
    """A finding with both of its pictures; `laid` where what fits can be drawn."""

    finding: Finding
    mark: Mark | None
    shown: Side
    official: Side
    laid: PictureLaid | None


def copies_of(
    at_desk: Desk, caller: Visitor, lead: Lead, official: tuple[ReferencePicture, ...]
) -> tuple[CopyPair, ...]:
    """The lead's findings on pictures whose both sides are kept, the strongest first."""
    findings = [finding for finding in lead.screening.findings if finding.fact in FACTS]
    findings.sort(key=lambda finding: (-finding.score, finding.finding_id))
    named = [finding.subject_value for finding in findings]
    read = at_desk.store.screenings.readings(caller.organisation_id, named) if named else {}
    registered = {(one.mark_id, one.goods_id, one.reading.address): one.reading for one in official}
    version = lead.screening.registry_version
    marks = at_desk.registries.at_version(at_desk.store.registry, caller.organisation_id, version).mark_by_id
    pairs = []
    for finding in findings[:MOST_SHOWN]:
        shown = read.get(finding.subject_value)
        key = (finding.mark_id or "", finding.goods_id or "", finding.reference_value)
        reference = registered.get(key)
        if shown is None or reference is None or not shown.content_sha256 or not reference.content_sha256:
            continue
        laid = at_desk.screening.lay(finding, shown, reference)
        pairs.append(CopyPair(finding, marks.get(finding.mark_id or ""), side(shown), side(reference), laid))
    return tuple(pairs)


def side(reading: PictureReading) -> Side:
    """A reading as one side of a pair."""
    return Side(reading.content_sha256 or "", reading.address, max(1, reading.width), max(1, reading.height))
