"""The queue's row of a lead: what is filtered, ordered and shown without opening the lead."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.findings import Stance
from models.folding import fold
from models.leads import Disposition, Screening
from models.queue.campaigns import category_of
from models.queue.parties import party_of
from models.queue.places import division_of
from models.storage.lead_traits import marks_of, traits_of
from models.storage.queue.weighing import Weighing
from models.subjects import Listing, ParcelRecord

NOTHING_KNOWN = Weighing()


def lead_row(screening: Screening, *, first_seen: datetime, weighing: Weighing = NOTHING_KNOWN) -> dict[str, Any]:
    """A new lead that stands at this screening. `first_seen` is the time of its earliest flagged screening."""
    key = screening.subject.key
    subject, assessment = screening.subject, screening.assessment
    shown = _listing_words(subject) if isinstance(subject, Listing) else _parcel_words(subject)
    division, category = division_of(subject), category_of(subject)
    text = fold(f"{shown['title']}\n{key.native_id}\n{key.token}")
    marks = [value for _, value in marks_of(screening).values]
    worth = weighing.worth(
        key.kind, assessment.cell, assessment.score, category=category, marks=marks, division=division, text=text
    )
    return {
        "organisation_id": key.organisation_id,
        "lead_id": key.token,
        "screening_key": screening.screening_key,
        "kind": key.kind,
        "platform": key.platform,
        "native_id": key.native_id,
        **shown,
        "score": screening.assessment.score,
        "cell": screening.assessment.cell.value if screening.assessment.cell else None,
        "mark_id": screening.assessment.mark_id,
        "facts": json.dumps(facts_for(screening)),
        "traits_key": traits_of(screening, weighing.place(division)).key,
        "marks_key": marks_of(screening).key,
        "search_text": text,
        "disposition": Disposition.OPEN.value,
        "case_number": "",
        "revision": 0,
        "first_seen": first_seen,
        "last_seen": screening.screened_at,
        "group_id": key.token,
        "group_pinned": 0,
        "party_key": party_of(subject).key,
        "division": division,
        "category": category,
        "worth": worth.alone,
        "reach": 1,
        "value": worth.alone,
    }


def facts_for(screening: Screening) -> Sequence[str]:
    """The facts that speak for the lead, weightiest first, each once."""
    points = {entry.finding_id: entry.points for entry in screening.assessment.contributions}
    speaking = [finding for finding in screening.findings if finding.stance is Stance.FOR]
    speaking.sort(key=lambda finding: (-points.get(finding.finding_id, 0.0), -finding.score))
    return list(dict.fromkeys(finding.fact for finding in speaking))


def _parcel_words(parcel: ParcelRecord) -> dict[str, str]:
    return {"title": parcel.declared_goods, "seller_name": "", "price": "", "currency": "", "picture": ""}


def _listing_words(listing: Listing) -> dict[str, str]:
    return {
        "title": listing.title,
        "seller_name": listing.seller.name,
        "price": "" if listing.price is None else format(listing.price, "f"),
        "currency": listing.currency or "",
        "picture": listing.images[0] if listing.images else "",
    }
