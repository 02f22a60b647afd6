"""Exports of case leads over the API: made for a receiver, recorded, and fetched again by their number."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from models.case_leads import ExportKind, ExportRecord
from models.explanations import Language
from models.values import Value
from review_api.cases.api import VersionNumber
from review_api.cases.exporting import FORMATS, LONGEST_RECEIVER, Exported, exported, exporter
from review_api.desk import AtDesk, SignedIn
from review_api.exports import JSON_TYPE, XLSX_TYPE
from review_api.inputs import CaseNumber, StorableText
from review_api.problems import answers
from review_api.retrying import KEYED, OnceRoute

router = APIRouter(prefix="/api/v1/case-leads", tags=["case leads"], route_class=OnceRoute)

ExportNumber = Annotated[int, Path(ge=1, le=2**53, description="The export's number", examples=[1])]
InLanguage = Annotated[Language, Query(description="Of headings and sentences")]


class ExportRequest(Value):
    """What to export, of which version, and for whom. An empty receiver is the unit itself."""

    kind: ExportKind = Field(examples=["registration-docx"])
    receiver: Annotated[StorableText, Field(max_length=LONGEST_RECEIVER)] = ""
    language: Language = "zh"
    version: Annotated[int, Field(ge=0, le=10**6, description="0 is the newest")] = 0


@router.post(
    "/{case_number}/exports",
    status_code=HTTPStatus.CREATED,
    summary="Export for a receiver",
    responses=answers(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.NOT_IMPLEMENTED),
    dependencies=KEYED,
)
def made(
    case_number: CaseNumber, asked: ExportRequest, response: Response, at_desk: AtDesk, caller: SignedIn
) -> ExportRecord:
    """Makes the file, keeps it under its SHA-256 and records who took it, when and for whom. 409 for a letter of
    transfer of a dossier with open points, 501 where this machine cannot make PDF."""
    record = (
        exporter(at_desk, caller)
        .export(
            case_number,
            asked.kind,
            receiver=asked.receiver,
            language=asked.language,
            version=asked.version,
        )
        .record
    )
    response.headers["Location"] = f"/api/v1/case-leads/{case_number}/exports/{record.number}"
    return record


@router.get("/{case_number}/exports", summary="Exports so far", responses=answers(HTTPStatus.NOT_FOUND))
def every(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn) -> tuple[ExportRecord, ...]:
    """Newest first: what left, when, by whom, for whom, with the digest of the bytes."""
    return at_desk.store.case_leads.exports(caller.organisation_id, case_number)


@router.get(
    "/{case_number}/exports/{number}",
    summary="An export's file",
    response_class=Response,
    responses={**answers(HTTPStatus.NOT_FOUND), 200: {"content": {"*/*": {}}, "description": "The bytes as they left"}},
)
def one(case_number: CaseNumber, number: ExportNumber, at_desk: AtDesk, caller: SignedIn) -> Response:
    """The very bytes that were exported then."""
    return attachment(exported(at_desk, caller, case_number, number))


@router.get(
    "/{case_number}/dossier.json",
    summary="Export as JSON",
    response_class=Response,
    responses={**answers(HTTPStatus.NOT_FOUND), 200: {"content": {JSON_TYPE: {}}, "description": "Canonical JSON"}},
)
def as_json(case_number: CaseNumber, at_desk: AtDesk, caller: SignedIn, version: VersionNumber = 0) -> Response:
    """Canonical JSON by the published schema; the digest in it can be recomputed by anyone. Recorded as an export for
    the unit's own use."""
    return attachment(exporter(at_desk, caller).export(case_number, ExportKind.JSON, version=version))


@router.get(
    "/{case_number}/dossier.xlsx",
    summary="Export as XLSX",
    response_class=Response,
    responses={**answers(HTTPStatus.NOT_FOUND), 200: {"content": {XLSX_TYPE: {}}, "description": "A workbook"}},
)
def as_xlsx(
    case_number: CaseNumber,
    at_desk: AtDesk,
    caller: SignedIn,
    language: InLanguage = "zh",
    version: VersionNumber = 0,
) -> Response:
    """A workbook for people; no cell is a formula. Recorded as an export for the unit's own use."""
    return attachment(
        exporter(at_desk, caller).export(case_number, ExportKind.XLSX, language=language, version=version)
    )


def attachment(done: Exported) -> Response:
    """A file to keep, named by its case number."""
    media_type, extension, stem = FORMATS[done.record.kind]
    number = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in done.record.case_number)
    headers = {
        "Content-Disposition": f'attachment; filename="{stem}-{number}.{extension}"',
        "Cache-Control": "private, no-store",
    }
    return Response(done.data, media_type=media_type, headers=headers)
