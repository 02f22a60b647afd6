"""What an officer does on a case lead's page: move it on, amend, answer, split, merge, export. Each form carries the
revision that the page showed."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from models.case_leads import Amendment, Answer, Attachment, CaseAct, CaseOperator, CaseResult, ExportKind, Ground, Move
from models.errors import InputError
from models.explanations import Language
from review_api.cases.api import MOST_LEADS
from review_api.cases.exporting import LONGEST_RECEIVER, exported, exporter
from review_api.cases.figures import estimate_lines
from review_api.cases.files import attachment
from review_api.cases.rights import require_rights
from review_api.console.pages import pages
from review_api.desk import AtDesk, Desk, SignedIn
from review_api.inputs import CaseNumber, StorableText
from review_api.sessions import Visitor

router = APIRouter(include_in_schema=False)

FormRevision = Annotated[int, Form(ge=0, le=2**31 - 1)]
Reason = Annotated[StorableText, Form(max_length=2000)]
Name = Annotated[StorableText, Form(max_length=200)]
ExportNumber = Annotated[int, Path(ge=1, le=2**53)]
Column = Annotated[list[Annotated[StorableText, Form(max_length=2000)]], Form(max_length=1000)]
LARGEST_ATTACHMENT = 10 * 1024 * 1024


@router.post("/case-leads/{case_number}/move")
def move(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    act: Annotated[CaseAct, Form()],
    revision: FormRevision,
    reason: Reason = "",
    receiver: Name = "",
    result: Annotated[CaseResult | None, Form()] = None,
    ground: Annotated[Ground | None, Form()] = None,
) -> Response:
    """Move it on; then its page again."""
    if act is CaseAct.HAND_OVER:
        require_rights(at_desk, caller, case_number)
    asked = Move(act=act, reason=reason, receiver=receiver, result=result, ground=ground)
    at_desk.store.case_leads.move(
        caller.organisation_id, case_number, asked, revision=revision, by=caller.account.name, at=at_desk.clock()
    )
    return _page(case_number)


@router.post("/case-leads/{case_number}/amend")
def amend(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    reason: Reason,
    note: Annotated[StorableText | None, Form(max_length=4000)] = None,
    second_officer: Annotated[StorableText | None, Form(max_length=200)] = None,
    reasoning: Annotated[StorableText | None, Form(max_length=10_000)] = None,
    operator_name: Name = "",
    operator_uscc: Annotated[StorableText, Form(max_length=18)] = "",
    operator_basis: Reason = "",
) -> Response:
    """A new version; then its page."""
    operator = CaseOperator(name=operator_name.strip(), uscc=operator_uscc.strip(), basis=operator_basis.strip())
    amendment = Amendment(
        reason=_said(reason), note=note, second_officer=second_officer, reasoning=reasoning, operator=operator
    )
    return _amended(at_desk, caller, case_number, amendment, revision)


@router.post("/case-leads/{case_number}/estimate")
def estimate(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    reason: Reason,
    lead: Column,
    goods: Column,
    currency: Column,
    low: Column,
    middle: Column,
    high: Column,
    words: Column,
) -> Response:
    """The officer's own figures, line by line, as a new version: those lines that hold a figure."""
    columns = (lead, goods, currency, low, middle, high, words)
    lines = estimate_lines(columns)
    return _amended(at_desk, caller, case_number, Amendment(reason=_said(reason), estimate=lines), revision)


@router.post("/case-leads/{case_number}/attachments")
def attach(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    reason: Reason,
    file: Annotated[UploadFile, File()],
    name: Name = "",
    source: Annotated[StorableText, Form(max_length=500)] = "",
) -> Response:
    """A file, kept here under its SHA-256 and named by it in the next version."""
    at_desk.store.case_leads.standing(caller.organisation_id, case_number)
    data = file.file.read(LARGEST_ATTACHMENT + 1)
    if not data or len(data) > LARGEST_ATTACHMENT:
        raise InputError("a file has at least one byte and at most 10 MiB", where="file", mend="choose a file")
    called = name.strip() or (file.filename or "").strip()[:200] or "attachment"
    attached = Attachment(name=called, sha256=at_desk.objects.put(data), source=source.strip(), at=at_desk.clock())
    return _amended(at_desk, caller, case_number, Amendment(reason=_said(reason), attachments=(attached,)), revision)


@router.post("/case-leads/{case_number}/answers")
def answer(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    reason: Reason,
    finding: Annotated[list[Annotated[str, Form(max_length=64)]], Form(max_length=1000)],
    words: Annotated[list[Annotated[StorableText, Form(max_length=2000)]], Form(max_length=1000)],
) -> Response:
    """Answers to counter-evidence, as a new version: those fields that hold words other than before."""
    if len(finding) != len(words):
        raise InputError("answers and findings do not match", where="words", mend="load the page again")
    dossier = at_desk.store.case_leads.get(caller.organisation_id, case_number).dossier
    before = {each.finding_id: each.words for each in dossier.answers}
    given = tuple(
        Answer(finding_id=finding_id, words=text)
        for finding_id, text in zip(finding, words, strict=True)
        if text.strip() and text.strip() != before.get(finding_id)
    )
    if not given:
        raise InputError("no answer was given", where="words", mend="write an answer, then save")
    return _amended(at_desk, caller, case_number, Amendment(reason=_said(reason), answers=given), revision)


@router.post("/case-leads/{case_number}/split")
def split(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    reason: Reason,
    lead: Annotated[list[Annotated[str, Form(max_length=32)]], Form(max_length=MOST_LEADS)] = [],  # noqa: B006
) -> Response:
    """The chosen leads leave; then the page of the new case lead."""
    new = at_desk.store.case_leads.split(
        caller.organisation_id,
        case_number,
        tuple(lead),
        reason=reason,
        revision=revision,
        by=caller.account.name,
        at=at_desk.clock(),
    )
    return _page(new.case_number)


@router.post("/case-leads/{case_number}/merge")
def merge(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    revision: FormRevision,
    reason: Reason,
    other: Annotated[StorableText, Form(min_length=1, max_length=64)],
) -> Response:
    """Another case lead comes into this one as it stands now; then the page again."""
    cases = at_desk.store.case_leads
    number = other.strip()
    theirs = cases.standing(caller.organisation_id, number)
    cases.merge(
        caller.organisation_id,
        case_number,
        {case_number: revision, number: theirs.revision} if number != case_number else {case_number: revision},
        reason=reason,
        by=caller.account.name,
        at=at_desk.clock(),
    )
    return _page(case_number)


@router.post("/case-leads/{case_number}/exports")
def make_export(
    request: Request,
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    kind: Annotated[ExportKind, Form()],
    receiver: Annotated[StorableText, Form(max_length=LONGEST_RECEIVER)] = "",
) -> Response:
    """Make and record an export; then the page, where it can be fetched."""
    exporter(at_desk, caller).export(case_number, kind, receiver=receiver, language=pages(request).language(request))
    return _page(case_number, "#exports")


@router.get("/case-leads/{case_number}/exports/{number}")
def fetch_export(case_number: CaseNumber, number: ExportNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The bytes of an earlier export."""
    return attachment(exported(at_desk, caller, case_number, number))


@router.get("/case-leads/{case_number}/dossier.json")
def case_json(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The dossier for programs, recorded as taken for the unit's own use."""
    return attachment(exporter(at_desk, caller).export(case_number, ExportKind.JSON))


@router.get("/case-leads/{case_number}/dossier.xlsx")
def case_xlsx(request: Request, case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The dossier as a workbook in the console's language, recorded as taken for the unit's own use."""
    language: Language = pages(request).language(request)
    return attachment(exporter(at_desk, caller).export(case_number, ExportKind.XLSX, language=language))


def _amended(at_desk: Desk, caller: Visitor, case_number: str, amendment: Amendment, revision: int) -> Response:
    at_desk.store.case_leads.amend(
        caller.organisation_id, case_number, amendment, revision=revision, by=caller.account.name, at=at_desk.clock()
    )
    return _page(case_number)


def _said(reason: str) -> str:
    if not reason.strip():
        raise InputError("this needs its reason", where="reason", mend="say why in a sentence")
    return reason


def _page(case_number: str, place: str = "") -> Response:
    return RedirectResponse(f"/case-leads/{case_number}{place}", status_code=HTTPStatus.SEE_OTHER)
