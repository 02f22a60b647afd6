"""JSON export: the frozen dossier as canonical JSON, with a digest that anyone can recompute.

The document, format `jianzhen.case-lead/1`:

    format, case_number, organisation_id, registered_at
    dossier_digest   SHA-256 over the canonical JSON of the dossier, in hex
    dossier          as `models.case_leads.Dossier`, with its own schema_version
    explanations     finding id -> title and sentence, each in zh and en; for reading only, not part of the digest
    disclaimer       zh and en

Canonical JSON is RFC 8259 with keys sorted, no spaces, UTF-8; what no UTF-8 text can hold (half a surrogate pair) is
written as its escape. Nothing is lost: control characters are escaped as JSON asks.
"""

import json
from typing import Any

from models.case_leads import CaseLead
from models.errors import InputError
from models.identity import canonical_json, sha256_of
from review_api.exports.texts import export_texts
from review_api.wording import explanations

FORMAT = "jianzhen.case-lead/1"
JSON_TYPE = "application/json"


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
        "dossier": dossier.model_dump(mode="json"),
        "explanations": {finding_id: words.model_dump() for finding_id, words in told.items()},
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
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"not a document of format {FORMAT}")
    return bool(sha256_of(document.get("dossier")) == document.get("dossier_digest"))
