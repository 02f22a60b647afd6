"""Batches as pages: the list, a new one, and the one page on which a batch is mended, checked, signed and sent."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from models.case_leads import CaseState
from models.case_leads.keeping import CaseQuery
from models.liaison import Batch, BatchState, LetterKind, declaration, kinds_of, mappings
from models.organisations import OrganisationKind
from models.referrals import Referral
from models.subjects import Listing
from review_api.access.referring import received
from review_api.console.pages import pages
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.exports.documents import missing_for_pdf
from review_api.inputs import StorableText
from review_api.liaison.api import BatchId, FileKind, as_download
from review_api.liaison.drafting import mapping_for
from review_api.liaison.files import FILE_TYPES, batch_file
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

MOST_CASES = 100


@router.get("/batches")
def list_page(
    request: Request,
    at_desk: AtDesk,
    caller: SignedIn,
    state: BatchState | None = None,
    after: Annotated[StorableText, Query(max_length=64)] = "",
) -> Response:
    """The organisation's own batches of one state or of all, newest first."""
    page = at_desk.store.liaison.find(
        caller.organisation_id, state=state, after=after, limit=at_desk.settings.page_size
    )
    progress = {
        letter.letter.batch_id: standing for letter, standing in at_desk.store.liaison.overview(caller.organisation_id)
    }
    return pages(request).render(
        request,
        "batches.html",
        page=page,
        progress=progress,
        counts={each: page.counts.get(each, 0) for each in BatchState},
        every=sum(page.counts.values()),
        state=state,
        after=after,
    )


@router.get("/batches/new")
def new_page(request: Request, at_desk: AtDesk, caller: SignedIn) -> Response:
    """To whom, what kind of letter, and from what it is filled."""
    kinds = kinds_of(caller.organisation.kind)
    is_unit = caller.organisation.is_unit
    powers = at_desk.store.organisations.powers_of(caller.organisation_id, at=at_desk.clock())
    return pages(request).render(
        request,
        "batch_new.html",
        kinds=kinds,
        platforms=at_desk.store.organisations.platforms(),
        mappings=tuple(mappings(at_desk.settings.platform_mappings).values()),
        referrals=() if is_unit else _referred(at_desk, caller),
        cases=_cases(at_desk, caller) if is_unit else (),
        powers=powers if caller.organisation.kind is OrganisationKind.AGENT else (),
    )


@router.get("/batches/{batch_id}")
def batch_page(request: Request, batch_id: BatchId, at_desk: AtDesk, caller: SignedIn) -> Response:
    """What it says, what it lacks, what is to be checked, and the next step."""
    batch = at_desk.store.liaison.get(caller.organisation_id, batch_id)
    mapping = mapping_for(at_desk, batch)
    found = batch.preview(mapping, at=at_desk.clock())
    language = pages(request).language(request)
    return pages(request).render(
        request,
        "batch.html",
        batch=batch,
        body=batch.body,
        mapping=mapping,
        mappings=tuple(mappings(at_desk.settings.platform_mappings).values()),
        preview=found,
        lacks_of={row: [each for each in found.lacks if each.row == row] for row in {each.row for each in found.lacks}},
        checked={each.doubt_id: each for each in batch.checked},
        editable=batch.state in {BatchState.DRAFT, BatchState.SIGNED} and caller.may("POST /batches/{batch_id}/rows"),
        is_notice=batch.body.kind is LetterKind.NOTICE,
        is_agent=batch.sender_kind is OrganisationKind.AGENT,
        declaration=declaration(language),
        documents=_purposes(batch),
        events=tuple(reversed(at_desk.store.liaison.events(caller.organisation_id, batch_id))),
        file_kinds=tuple(kind for kind in FILE_TYPES if kind != "pdf" or not missing_for_pdf()),
        pdf_missing=missing_for_pdf(),
    )


@router.get("/batches/{batch_id}/files/{kind}")
def batch_download(request: Request, batch_id: BatchId, kind: FileKind, at_desk: AtDesk, caller: SignedIn) -> Response:
    """A file of a signed batch, recorded."""
    return as_download(batch_file(at_desk, caller, batch_id, kind, pages(request).language(request)))


def _referred(at_desk: Desk, caller: Visitor) -> tuple[Referral, ...]:
    return tuple(each for each in received(at_desk, caller) if isinstance(each.projection.listing, Listing))


def _cases(at_desk: Desk, caller: Visitor) -> tuple[tuple[str, str], ...]:
    """Case leads that a letter may rest on: numbers, and whom they are on."""
    page = at_desk.store.case_leads.find(caller.organisation_id, CaseQuery(limit=MOST_CASES))
    return tuple((each.case_number, each.operator) for each in page.cases if each.state is not CaseState.CLOSED)


def _purposes(batch: Batch) -> tuple[str, ...]:
    """What a document may be added as; the words are the console's."""
    if batch.body.kind is not LetterKind.NOTICE:
        return ("evidence",)
    agent = ("warrant",) if batch.sender_kind is OrganisationKind.AGENT else ()
    return ("evidence", "certificate", "identity", *agent)
