"""Links of the API's document: which answer names the thing that another operation asks for in its path. Programs that
read the document, and the generated tests, follow them from one call to the next.

One table names the sources; every operation with such a name in its path is a target.
"""

from typing import Any, NamedTuple


class Source(NamedTuple):
    """An answer in which a thing is named: the call, the status, and where in the body."""

    call: str
    status: str
    pointer: str


# The name in a path, and the answers that tell one.
SOURCES: dict[str, tuple[Source, ...]] = {
    "lead_id": (
        Source("GET /api/v1/leads", "200", "/leads/0/lead_id"),
        Source("GET /api/v1/leads/{lead_id}/group", "200", "/members/0/lead_id"),
    ),
    "case_number": (
        Source("POST /api/v1/case-leads", "201", "/case_number"),
        Source("GET /api/v1/case-leads", "200", "/case_leads/0/standing/case_number"),
        Source("POST /api/v1/case-leads/{case_number}/split", "201", "/case_lead/case_number"),
    ),
    "number": (
        Source("POST /api/v1/case-leads/{case_number}/exports", "201", "/number"),
        Source("GET /api/v1/case-leads/{case_number}/exports", "200", "/0/number"),
    ),
    "mark_id": (Source("GET /api/v1/registry/marks", "200", "/marks/0/mark_id"),),
    "content_sha256": (Source("GET /api/v1/leads", "200", "/leads/0/picture"),),
    "referral_id": (Source("GET /api/v1/referrals", "200", "/0/referral_id"),),
    "own_mark": (
        Source("GET /api/v1/rights", "200", "/0/marks/0/mark_id"),
        Source("POST /api/v1/rights/marks", "201", "/rows/mark/mark_id"),
    ),
    "upload_id": (Source("POST /api/v1/rights/imports", "201", "/upload_id"),),
    "account_id": (
        Source("POST /api/v1/people", "201", "/person/account_id"),
        Source("GET /api/v1/people", "200", "/0/account_id"),
    ),
    "batch_id": (
        Source("POST /api/v1/batches", "201", "/batch/batch_id"),
        Source("GET /api/v1/batches", "200", "/batches/0/batch_id"),
    ),
    "letter_id": (Source("GET /api/v1/letters", "200", "/0/batch_id"),),
    "party_key": (Source("GET /api/v1/operators", "200", "/operators/0/party_key"),),
    "campaign_id": (
        Source("POST /api/v1/campaigns", "201", "/campaign_id"),
        Source("GET /api/v1/campaigns", "200", "/0/campaign_id"),
    ),
    "view_id": (
        Source("POST /api/v1/views", "201", "/view_id"),
        Source("GET /api/v1/views", "200", "/0/view_id"),
    ),
    "act_id": (
        Source("POST /api/v1/bulk-acts", "201", "/act_id"),
        Source("GET /api/v1/bulk-acts", "200", "/0/act_id"),
    ),
    "key_id": (
        Source("POST /api/v1/keys", "201", "/key/key_id"),
        Source("GET /api/v1/keys", "200", "/0/key_id"),
    ),
}


def add_links(document: dict[str, Any]) -> None:
    """Write the links into the document's responses. A source that the document lacks adds nothing."""
    targets = _targets(document)
    for name, sources in SOURCES.items():
        for source in sources:
            method, path = source.call.split(" ")
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is None or source.status not in operation["responses"]:
                continue
            given = {name: f"$response.body#{source.pointer}"}
            given |= {own: f"$request.path.{own}" for own in _names(operation) if own != name}
            links = operation["responses"][source.status].setdefault("links", {})
            for operation_id, asked in targets.items():
                if name in asked and asked <= set(given):
                    links[f"{name} to {operation_id}"] = {
                        "operationId": operation_id,
                        "parameters": {each: given[each] for each in sorted(asked)},
                    }


def _targets(document: dict[str, Any]) -> dict[str, set[str]]:
    """Operations by id, each with the names in its path."""
    return {
        operation["operationId"]: _names(operation)
        for operations in document["paths"].values()
        for operation in operations.values()
        if _names(operation)
    }


def _names(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
