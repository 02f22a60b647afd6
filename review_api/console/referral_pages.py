"""What rights holders and their agents see: the leads that a unit referred to them, each reduced to their own marks."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.explanations import fact_title
from models.findings import Stance
from review_api.access.referring import mark_words, received, received_one
from review_api.api.referrals import ReferralId
from review_api.console.pages import pages
from review_api.console.views import outward
from review_api.desk import AtDesk, SignedIn
from review_api.wording import sentence

router = APIRouter(include_in_schema=False)


@router.get("/referrals")
def list_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Newest first."""
    return pages(request).render(request, "referrals.html", referrals=received(at_desk, caller))


@router.get("/referrals/{referral_id}")
def referral_page(request: Request, referral_id: ReferralId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One of them: the findings for and against on the holder's marks."""
    referral = received_one(at_desk, caller, referral_id)
    language, marks = pages(request).language(request), mark_words(referral)
    projection = referral.projection
    points = {each.finding_id: each.points for each in projection.contributions}
    told = [
        (
            finding.stance,
            fact_title(finding.fact, language),
            sentence(finding, language, mark=marks.get(finding.mark_id or "", "")),
            points.get(finding.finding_id, 0.0),
        )
        for finding in projection.findings
    ]
    return pages(request).render(
        request,
        "referral.html",
        referral=referral,
        listing=projection.listing,
        link=outward(projection.listing.url),
        speaking_for=[each for each in told if each[0] is Stance.FOR],
        speaking_against=[each for each in told if each[0] is Stance.AGAINST],
    )
