"""A lead's page: everything for and against in one place, and what an officer may do with it."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from models.case_leads import MONITORING, sources
from models.errors import InputError
from models.explanations import Language
from models.findings import Stance
from models.leads import TRANSITIONS, Disposition, Lead
from models.pictures import PictureReading, ReferencePicture
from models.price_pictures import PriceCurve
from models.queue.bulk import Chosen
from models.queue.campaigns import category_of
from models.queue.places import division_of
from models.queue.statements import StatementForm
from models.queue.worth import reach, worth_of
from models.subjects import Listing, ParcelRecord
from models.verification import ANSWER_DAYS, LONGEST_ANSWER_DAYS
from review_api import turns
from review_api.access import trail
from review_api.access.referring import holders_of, refer_lead
from review_api.api.leads import flips
from review_api.api.operators import card_of
from review_api.cases.registration import LONGEST_DETAIL, LONGEST_NOTE, register
from review_api.console.charts import Histogram
from review_api.console.copies import copies_of
from review_api.console.filters import Filters
from review_api.console.formats import figure
from review_api.console.pages import pages
from review_api.console.queue import desk_context, to_lead
from review_api.console.texts import Texts
from review_api.console.verification_forms import verification_of
from review_api.console.views import NO_PICTURE, LeadView, lead_view
from review_api.decisions import LONGEST_REASON, decide
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import LeadId, StorableText
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

MOST_OFFICIAL_PICTURES = 6
MOST_EARLIER_PRICES = 30

FormRevision = Annotated[int, Form(ge=0, le=2**31 - 1)]


@router.get("/leads/{lead_id}")
def lead_page(request: Request, lead_id: LeadId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The page of a listing's lead, or of a parcel's."""
    lead = at_desk.store.leads.get(caller.organisation_id, lead_id)
    language = pages(request).language(request)
    official = official_pictures(at_desk, caller, lead)
    filters = Filters.read(request.query_params)
    group = at_desk.store.groups.of_lead(caller.organisation_id, lead_id)
    view = live_view(at_desk, caller, lead, language, priced=True)
    return pages(request).render(
        request,
        "lead.html",
        view=view,
        plot=price_plot(view.curve, Texts(language)) if view.curve else None,
        official=[picture for picture in official if picture.reading.content_sha256][:MOST_OFFICIAL_PICTURES],
        copies=copies_of(at_desk, caller, lead, official),
        group=group,
        related=_related_listing(at_desk, caller, lead),
        holders=holders_of(at_desk, caller, lead) if isinstance(lead.screening.subject, Listing) else (),
        referrals=at_desk.store.referrals.of_lead(caller.organisation_id, lead_id),
        verification=verification_of(at_desk, caller, lead),
        allowed=TRANSITIONS[lead.disposition],
        sources=tuple(sources().values()),
        place=filters.place_query,
        statement_forms=tuple(StatementForm),
        registered=request.query_params.get("registered", "")[:64],
        **beside(at_desk, caller, lead),
        **worth_context(at_desk, caller, lead, group.size),
        **desk_context(at_desk, caller),
    )


@router.post("/leads/{lead_id}/decision")
def decision(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    disposition: Annotated[Disposition, Form()],
    revision: FormRevision,
    reason_code: Annotated[StorableText, Form(max_length=64)] = "",
    reason: Annotated[StorableText, Form(max_length=LONGEST_REASON)] = "",
    opened: Annotated[StorableText, Form(max_length=12)] = "",
) -> Response:
    """Dismiss, ask for more, or reopen; then the page again, with the way back to the same place of the queue. A
    dismissal can be undone for a while, as one of many can."""
    if disposition is Disposition.DISMISSED:
        chosen = (Chosen(lead_id=lead_id, revision=revision),)
        spent = turns.spent(opened, at_desk.clock())
        turns.dismiss_many(at_desk, caller, chosen, reason_code=reason_code, reason=reason, spent_s=spent)
    else:
        decide(at_desk, caller, lead_id, disposition=disposition, revision=revision, reason=reason)
    trail.detail(request, disposition=disposition)
    place = Filters.read(request.query_params).place_query
    return RedirectResponse(f"/leads/{lead_id}?{place}", status_code=HTTPStatus.SEE_OTHER)


@router.post("/leads/{lead_id}/acceptance")
def acceptance(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    note: Annotated[StorableText, Form(max_length=LONGEST_NOTE)] = "",
    source: Annotated[StorableText, Form(max_length=64)] = MONITORING,
    source_detail: Annotated[StorableText, Form(max_length=LONGEST_DETAIL)] = "",
    checked: Annotated[str, Form(max_length=8)] = "",
    then: Annotated[StorableText, Form(max_length=4000)] = "",
) -> Response:
    """Register a case lead of this one lead, once the officer has said that the counter-reasons were checked; then its
    page, or the lead that follows where the form names one."""
    require_checked(checked)
    case_lead = register(at_desk, caller, {lead_id: revision}, note=note, source=source, source_detail=source_detail)
    trail.detail(request, case_number=case_lead.case_number)
    following = to_lead(then)
    if following is not None:
        following.headers["Location"] += f"&registered={case_lead.case_number}"
        return following
    return RedirectResponse(f"/case-leads/{case_lead.case_number}", status_code=HTTPStatus.SEE_OTHER)


@router.post("/leads/{lead_id}/referral")
def referral(
    request: Request,
    lead_id: LeadId,
    at_desk: AtDesk,
    caller: SignedIn,
    holder: Annotated[StorableText, Form(min_length=1, max_length=64)],
    answer_days: Annotated[int, Form(ge=1, le=LONGEST_ANSWER_DAYS)] = ANSWER_DAYS,
) -> Response:
    """Hand a rights holder its part of the lead; then the page again."""
    refer_lead(at_desk, caller, lead_id, holder, answer_days=answer_days)
    trail.detail(request, holder=holder)
    place = Filters.read(request.query_params).place_query
    return RedirectResponse(f"/leads/{lead_id}?{place}", status_code=HTTPStatus.SEE_OTHER)


def require_checked(checked: str) -> None:
    """Raises `InputError` unless the officer said that the counter-reasons were checked."""
    if checked != "yes":
        raise InputError("the counter-reasons were not confirmed as checked", where="checked", mend="tick the box")


def price_plot(curve: PriceCurve, texts: Texts) -> Histogram:
    """The price among other sellers, as it is drawn."""
    edges = (*(bar.low for bar in curve.bars), curve.bars[-1].high)
    return Histogram(
        edges=edges,
        counts=tuple(bar.sellers for bar in curve.bars),
        labels=tuple(figure(edge) for edge in edges),
        here=curve.own,
        here_label=texts("plot.own", price=figure(curve.own)),
        middle=curve.median,
        middle_label=texts("plot.median", price=figure(curve.median)),
    )


def beside(at_desk: Desk, caller: Visitor, lead: Lead) -> dict[str, Any]:
    """What stands beside a lead: whose turn it is, whom it is on, what the party said, how it was screened, what it
    asked on earlier days."""
    store, organisation_id, lead_id = at_desk.store, caller.organisation_id, lead.lead_id
    party = store.parties.of_lead(organisation_id, lead_id)
    subject = lead.screening.subject
    earlier = store.market.earlier_prices([subject]) if isinstance(subject, Listing) else {}
    return {
        "claim": store.claims.of_leads(organisation_id, [lead_id], at=at_desk.clock()).get(lead_id),
        "card": card_of(at_desk, caller, party, leads=False) if party else None,
        "statements": store.campaigns.statements(organisation_id, lead_id),
        "screenings": store.leads.screenings(organisation_id, lead_id),
        "earlier": tuple(reversed(earlier.get(lead_id, ())))[:MOST_EARLIER_PRICES],
    }


def worth_context(at_desk: Desk, caller: Visitor, lead: Lead, size: int) -> dict[str, Any]:
    """The parts of the lead's value, as they are now."""
    subject, assessment = lead.screening.subject, lead.screening.assessment
    rates, at = at_desk.store.order.rates(caller.organisation_id), at_desk.clock()
    title = subject.title if isinstance(subject, Listing) else subject.declared_goods
    marks = {each.mark_id for each in lead.screening.findings if each.stance is Stance.FOR and each.mark_id}
    named = any(
        each.runs(at)
        and each.names(category=category_of(subject), marks=marks, division=division_of(subject), text=title)
        for each in at_desk.store.campaigns.all(caller.organisation_id)
    )
    kind = subject.key.kind
    worth = worth_of(kind, assessment.cell, assessment.score, rates, in_campaign=named)
    return {
        "worth": worth,
        "reach": reach(size),
        "hourly_value": worth.value(size) * 60,
        "strand": rates.strand(kind, assessment.cell),
    }


def live_view(at_desk: Desk, caller: Visitor, lead: Lead, language: Language, *, priced: bool = False) -> LeadView:
    """The lead as it stands, against the registry of its screening; `priced` has its price compared now."""
    subject = lead.screening.subject
    registry = at_desk.registries.at_version(
        at_desk.store.registry, caller.organisation_id, lead.screening.registry_version
    )
    return lead_view(
        lead,
        language,
        marks=registry.mark_by_id,
        goods=(row for mark_id in _mark_ids(lead) for row in registry.goods_by_mark.get(mark_id, ())),
        readings=_own_readings(at_desk, caller, lead),
        official={picture.reading.address: picture.reading for picture in official_pictures(at_desk, caller, lead)},
        flips=flips(at_desk, lead),
        price=(
            at_desk.screening.price_picture(subject, _mark_ids(lead)[:1])
            if priced and isinstance(subject, Listing)
            else NO_PICTURE
        ),
    )


def official_pictures(at_desk: Desk, caller: Visitor, lead: Lead) -> tuple[ReferencePicture, ...]:
    """The official pictures of the marks that the lead is about."""
    return at_desk.registries.official_pictures(at_desk.store.registry, caller.organisation_id, _mark_ids(lead))


def _own_readings(at_desk: Desk, caller: Visitor, lead: Lead) -> dict[str, PictureReading]:
    """The readings of the page's own pictures, by address."""
    subject = lead.screening.subject
    shown = subject.images if isinstance(subject, Listing) else ()
    return at_desk.store.screenings.readings(caller.organisation_id, shown)


def _mark_ids(lead: Lead) -> list[str]:
    """The lead's own mark first, then those that findings name."""
    named = [lead.screening.assessment.mark_id, *(finding.mark_id for finding in lead.screening.findings)]
    return list(dict.fromkeys(mark_id for mark_id in named if mark_id))


def _related_listing(at_desk: Desk, caller: Visitor, lead: Lead) -> Listing | None:
    """The listing that a parcel carries, where it is known."""
    subject = lead.screening.subject
    if not isinstance(subject, ParcelRecord) or not subject.listing_id:
        return None
    return at_desk.store.screenings.listing(caller.organisation_id, "", subject.listing_id)
