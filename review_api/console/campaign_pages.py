"""Campaigns (专项行动) as a page: what runs and what is to come, and the forms by which a supervisor changes them."""

import re
from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from models.errors import InputError
from models.ports import LeadQuery
from review_api.api.campaigns import CampaignId, CampaignRequest, keep_campaign
from review_api.console.pages import pages
from review_api.desk import AtDesk, SignedIn
from review_api.inputs import StorableText
from review_api.wording import mark_texts

router = APIRouter(include_in_schema=False)

Lines = Annotated[StorableText, Form(max_length=5000)]
SEPARATORS = re.compile(r"[;；\n,，]")


@router.get("/campaigns")
def campaigns(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """Every campaign with how many leads it names."""
    found = at_desk.store.campaigns.all(caller.organisation_id)
    at = at_desk.clock()
    counts = {
        each.campaign_id: at_desk.store.leads.find(caller.organisation_id, LeadQuery(campaign=each, limit=1))
        for each in found
        if each.runs(at)
    }
    return pages(request).render(
        request,
        "campaigns.html",
        campaigns=found,
        running={each.campaign_id for each in found if each.runs(at)},
        counts={name: (page.total, page.more) for name, page in counts.items()},
        marks=mark_texts(at_desk.registries.current(at_desk.store.registry, caller.organisation_id)),
    )


@router.post("/campaigns")
def add(
    at_desk: AtDesk,
    caller: SignedIn,
    name: Annotated[StorableText, Form(min_length=1, max_length=100, pattern=r"\S")],
    starts_on: Annotated[date, Form()],
    ends_on: Annotated[date, Form()],
    categories: Lines = "",
    marks: Lines = "",
    regions: Lines = "",
    words: Lines = "",
) -> Response:
    """Add one; then the page again. Lists are divided by commas, semicolons or lines."""
    asked = _asked(name, starts_on, ends_on, categories, marks, regions, words)
    keep_campaign(at_desk, caller, asked, campaign_id=uuid4().hex, revision=0)
    return RedirectResponse("/campaigns", status_code=HTTPStatus.SEE_OTHER)


@router.post("/campaigns/{campaign_id}")
def change(
    campaign_id: CampaignId,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: Annotated[int, Form(ge=0, le=2**31 - 1)],
    name: Annotated[StorableText, Form(min_length=1, max_length=100, pattern=r"\S")],
    starts_on: Annotated[date, Form()],
    ends_on: Annotated[date, Form()],
    categories: Lines = "",
    marks: Lines = "",
    regions: Lines = "",
    words: Lines = "",
) -> Response:
    """Change one on the state that was seen; then the page again."""
    at_desk.store.campaigns.get(caller.organisation_id, campaign_id)
    asked = _asked(name, starts_on, ends_on, categories, marks, regions, words)
    keep_campaign(at_desk, caller, asked, campaign_id=campaign_id, revision=revision)
    return RedirectResponse("/campaigns", status_code=HTTPStatus.SEE_OTHER)


def _asked(
    name: str, starts_on: date, ends_on: date, categories: str, marks: str, regions: str, words: str
) -> CampaignRequest:
    """The form as a request. Raises `InputError` that names the field."""
    try:
        return CampaignRequest(
            name=name.strip(),
            starts_on=starts_on,
            ends_on=ends_on,
            categories=_list(categories),
            mark_ids=_list(marks),
            regions=_list(regions),
            words=_list(words),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "ends_on"
        raise InputError(first["msg"], where=where, mend="correct the field and send it again") from None


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.strip() for entry in SEPARATORS.split(text) if entry.strip()))
