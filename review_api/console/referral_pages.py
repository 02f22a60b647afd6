"""What rights holders and their agents see: the leads that a unit referred to them, each reduced to their own marks."""

from http import HTTPStatus
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.errors import JianzhenError
from models.explanations import fact_title
from models.findings import Stance
from models.referrals import Referral
from models.verification import Opinion, ReferralAnswer
from review_api.access.referring import mark_words, received, received_one
from review_api.api.referrals import ReferralId
from review_api.console.pages import pages
from review_api.console.rights_pages import told
from review_api.console.views import outward
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.rights.answering import answers_on, newest_feedback, newest_opinion
from review_api.sessions import Visitor
from review_api.wording import sentence

router = APIRouter(include_in_schema=False)


@router.get("/referrals")
def list_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Newest first, with what was answered and what is overdue."""
    referrals, at = received(at_desk, caller), at_desk.clock()
    answers = answers_on(at_desk, referrals)
    return pages(request).render(
        request,
        "referrals.html",
        lines=[
            ReferralLineView(
                each,
                opinion := newest_opinion(answers.get(each.referral_id, ())),
                newest_feedback(answers.get(each.referral_id, ())),
                opinion is None and each.overdue(at),
            )
            for each in referrals
        ],
    )


class ReferralLineView(NamedTuple):
    """A referral in the list: what was said, what was told back, whether its answer is late."""

    referral: Referral
    opinion: ReferralAnswer | None
    feedback: ReferralAnswer | None
    overdue: bool


@router.get("/referrals/{referral_id}")
def referral_page(request: Request, referral_id: ReferralId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """One of them: the findings for and against on the holder's marks, and the answer to give."""
    return referral_view(request, at_desk, caller, referral_id)


def referral_view(
    request: Request,
    at_desk: Desk,
    caller: Visitor,
    referral_id: str,
    *,
    error: JianzhenError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """The page of a referral; after an answer that was refused, with the reason and what was typed."""
    referral = received_one(at_desk, caller, referral_id)
    language, marks = pages(request).language(request), mark_words(referral)
    projection = referral.projection
    answers = answers_on(at_desk, (referral,)).get(referral_id, ())
    points = {each.finding_id: each.points for each in projection.contributions}
    said = [
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
        status=error.status if error else HTTPStatus.OK,
        referral=referral,
        listing=projection.listing,
        link=outward(projection.listing.url),
        speaking_for=[each for each in said if each[0] is Stance.FOR],
        speaking_against=[each for each in said if each[0] is Stance.AGAINST],
        answers=answers,
        opinions=tuple(Opinion),
        overdue=newest_opinion(answers) is None and referral.overdue(at_desk.clock()),
        typed=typed or {},
        told=told(request, error),
    )
