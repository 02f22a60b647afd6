"""Where a batch's rows come from: leads that were referred to a holder, or a unit's case lead. What a page showed is
copied, what speaks against comes along as something to be checked, and nothing is judged here."""

from collections.abc import Iterable, Mapping

from models.case_leads import Dossier
from models.errors import InputError
from models.findings import Finding, Stance
from models.liaison import BatchRow, Caution, Document, NoticeMark
from models.pictures import PictureReading
from models.referrals import Referral
from models.registry import Mark
from models.subjects import Listing
from review_api.wording import sentence

CAPTURE = {"zh": "页面采集", "en": "capture"}
LONGEST_WORDS = 1000


def rows_of_referrals(referrals: Iterable[Referral], platform: str) -> tuple[BatchRow, ...]:
    """One row for each referred lead on this platform."""
    return tuple(
        _row(
            each.projection.listing,
            each.projection.findings,
            {mark.mark_id: mark.text for mark in each.projection.marks},
            mark_id=each.projection.marks[0].mark_id if each.projection.marks else "",
            lead_id=each.lead_id,
        )
        for each in referrals
        if each.projection.listing.platform == platform
    )


def rows_of_case(dossier: Dossier, platform: str) -> tuple[BatchRow, ...]:
    """One row for each listing of a case lead on this platform. Raises `InputError` where it has none there."""
    marks = {mark.mark_id: mark.text for mark in dossier.marks}
    readings = {reading.address: reading for reading in dossier.pictures}
    rows = tuple(
        _row(
            lead.screening.subject,
            lead.screening.findings,
            marks,
            mark_id=lead.screening.assessment.mark_id or "",
            lead_id=lead.lead_id,
            readings=readings,
        )
        for lead in dossier.leads
        if isinstance(lead.screening.subject, Listing) and lead.screening.subject.platform == platform
    )
    if not rows:
        raise InputError(
            f"case lead {dossier.case_number} has no listing on {platform}", where="platform", mend="choose another"
        )
    return rows


def marks_of(marks: Iterable[Mark], rows: Iterable[BatchRow]) -> tuple[NoticeMark, ...]:
    """The marks that these rows name, with their rights status as the registry had it."""
    named = {row.mark_id for row in rows}
    found = {mark.mark_id: mark for mark in marks if mark.mark_id in named}
    return tuple(
        NoticeMark(
            mark_id=mark.mark_id,
            text=mark.text[:200],
            registration_no=mark.registration_no[:200],
            nice_classes=mark.nice_classes,
            holder=mark.holder[:200],
            status=mark.status,
            valid_from=mark.valid_from,
            valid_to=mark.valid_to,
        )
        for mark in found.values()
    )


def _row(
    listing: Listing,
    findings: tuple[Finding, ...],
    marks: Mapping[str, str],
    *,
    mark_id: str,
    lead_id: str,
    readings: Mapping[str, PictureReading] | None = None,
) -> BatchRow:
    told = [each for each in findings if each.stance is Stance.FOR]
    against = [each for each in findings if each.stance is Stance.AGAINST]
    words = "".join(sentence(each, "zh", mark=marks.get(each.mark_id or "", "")) for each in told)
    return BatchRow(
        item_id=listing.listing_id,
        url=listing.url[:2000],
        platform=listing.platform,
        title=listing.title[:2000],
        seller=listing.seller.name[:200],
        price=listing.price,
        currency=listing.currency,
        mark_id=mark_id,
        words=words[:LONGEST_WORDS],
        evidence=tuple(_evidence(listing, readings or {})),
        captured_at=listing.captured_at,
        lead_id=lead_id,
        cautions=tuple(_caution(each, marks.get(each.mark_id or "", "")) for each in against),
    )


def _evidence(listing: Listing, readings: Mapping[str, PictureReading]) -> Iterable[Document]:
    if listing.capture_sha256:
        yield Document(
            name=CAPTURE["zh"], sha256=listing.capture_sha256, source=listing.url[:500], at=listing.captured_at
        )
    for number, address in enumerate(listing.images, start=1):
        reading = readings.get(address)
        if reading is not None and reading.content_sha256:
            yield Document(
                name=f"页面图片 {number}", sha256=reading.content_sha256, source=address[:500], at=listing.captured_at
            )


def _caution(finding: Finding, mark: str) -> Caution:
    return Caution(
        code=finding.fact, zh=sentence(finding, "zh", mark=mark)[:4000], en=sentence(finding, "en", mark=mark)[:4000]
    )
