"""JSON export: one version of a dossier as canonical JSON, with a digest that anyone can recompute.

The document, format `jianzhen.case-lead/2`, is described by `data/case-lead.schema.json` (JSON Schema 2020-12):

    format, case_number, organisation_id, registered_at
    dossier_digest   SHA-256 over the canonical JSON of the dossier, in hex
    dossier          as `models.case_leads.Dossier`, in its own schema_version
    explanations     finding id -> title and sentence, each in zh and en; for reading only, not part of the digest
    annex            captures, pictures and attachments by name, SHA-256, source and time; reckoned from the dossier
    estimate         the sums by currency, and what they are worth in words
    disclaimer       zh and en

Canonical JSON is RFC 8259 with keys sorted, no spaces, UTF-8; what no UTF-8 text can hold (half a surrogate pair) is
written as its escape. Nothing is lost: control characters are escaped as JSON asks. Format 1 had no `annex` and no
`estimate`; it is still verified.
"""

import json
from importlib import resources
from typing import Any, Literal

from pydantic import AwareDatetime

from models.case_leads import LABEL, AnnexEntry, CaseLead, Dossier, EstimateTotal, annex
from models.errors import InputError
from models.identity import canonical_json, sha256_of
from models.pictures import Sha256
from models.values import Value
from review_api.exports.texts import export_texts
from review_api.wording import Explanation, Words, explanations

FORMAT: Literal["jianzhen.case-lead/2"] = "jianzhen.case-lead/2"
VERIFIED = (FORMAT, "jianzhen.case-lead/1")
JSON_TYPE = "application/json"
SCHEMA_ID = "https://jianzhen.example/schemas/case-lead-2.json"


class EstimateInWords(Value):
    """The sums of the estimate, with what they are worth."""

    label: Words
    totals: tuple[EstimateTotal, ...]


class ExportDocument(Value):
    """A case lead for programs."""

    format: Literal["jianzhen.case-lead/2"]
    case_number: str
    organisation_id: str
    registered_at: AwareDatetime
    dossier_digest: Sha256
    dossier: Dossier
    explanations: dict[str, Explanation]
    annex: tuple[AnnexEntry, ...]
    estimate: EstimateInWords
    disclaimer: Words


def write_json(case_lead: CaseLead) -> bytes:
    """The document's bytes; equal case leads give equal bytes under one catalogue."""
    dossier = case_lead.dossier
    marks = {mark.mark_id: mark.text for mark in dossier.marks}
    told = explanations((finding for lead in dossier.leads for finding in lead.screening.findings), marks)
    document = {
        "format": FORMAT,
        "case_number": case_lead.case_number,
        "organisation_id": case_lead.organisation_id,
        "registered_at": case_lead.registered_at.isoformat(),
        "dossier_digest": case_lead.dossier_digest,
        "dossier": dossier.words,
        "explanations": {finding_id: words.model_dump() for finding_id, words in told.items()},
        "annex": [entry.model_dump(mode="json") for entry in annex(dossier)],
        "estimate": {
            "label": dict(LABEL),
            "totals": [total.model_dump(mode="json") for total in dossier.estimate.totals],
        },
        "disclaimer": export_texts()["disclaimer"],
    }
    return canonical_json(document)


def verify_json(data: bytes) -> bool:
    """Whether the dossier in an exported document still has the digest it was registered with. Raises `InputError`
    for anything that is no such document."""
    try:
        document: Any = json.loads(data)
    except ValueError:
        raise InputError("not a JSON document") from None
    if not isinstance(document, dict) or document.get("format") not in VERIFIED:
        raise InputError(f"not a document of format {FORMAT}")
    return bool(sha256_of(document.get("dossier")) == document.get("dossier_digest"))


def schema() -> dict[str, Any]:
    """The JSON Schema of the document, as it is shipped."""
    text = resources.files("review_api.exports").joinpath("data", "case-lead.schema.json").read_text("utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped


def derived_schema() -> dict[str, Any]:
    """The same from the code: the shipped one must equal it."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return head | ExportDocument.model_json_schema()
