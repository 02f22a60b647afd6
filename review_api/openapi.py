"""The OpenAPI document: what the API says about itself, complete enough to generate a client from."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from models.organisations import Role
from review_api.access.policy import policy_for
from review_api.desk import SAFE_METHODS
from review_api.links import add_links
from review_api.problems import FieldProblem, Problem, answers
from review_api.sessions import CSRF_HEADER, cookie_name

VERSION = "1"
DESCRIPTION = (
    "Leads (疑似信息) on suspected trademark infringement and counterfeit goods, decided by officers and registered as "
    "case leads (案件线索). Every answer is limited to the signed-in account's organisation: what belongs to another "
    "does not exist (404). A machine's result is suspected information and states nothing about whether anyone broke "
    "the law."
)
TAGS = [
    {
        "name": "session",
        "description": "Sign in with a cookie; changes carry the session's form token. Machines send a key.",
    },
    {"name": "leads", "description": "The queue of suspected information, its counts, and decisions."},
    {"name": "groups", "description": "Twins of a lead; split and merge by a person stick."},
    {"name": "operators", "description": "The queue by whom leads are on; public records of a firm."},
    {"name": "campaigns", "description": "Periods in which some leads come first; statements of parties."},
    {"name": "search", "description": "Leads, operators, shops and marks by their words."},
    {"name": "triage", "description": "Operating points, comparisons of rules, outcomes of cases."},
    {"name": "case leads", "description": "Frozen dossiers of accepted leads, and their exports."},
    {"name": "registry", "description": "Marks, reference goods and authorised sellers, by version."},
    {"name": "preview", "description": "Screening without storing."},
    {"name": "pictures", "description": "Captured and official pictures by content hash."},
    {"name": "referrals", "description": "What a unit hands rights holders of a lead: their own part of it."},
    {
        "name": "liaison",
        "description": "Letters to platforms: batches, signatures, answers, statements and their clock.",
    },
    {"name": "verification", "description": "Holders' opinions, feedback to them, and records about goods."},
    {"name": "rights", "description": "A rights holder's own marks in a unit's registry."},
    {"name": "mark checks", "description": "An officer's checks of marks: nothing leaves on an unchecked one."},
    {"name": "dead letters", "description": "Messages that could not be processed, and replaying them."},
    {"name": "people", "description": "People, roles and machine keys of one's own organisation."},
    {"name": "audit", "description": "Who did what, on which thing, when, from which address."},
    {"name": "health", "description": "For whatever watches the service."},
]

router = APIRouter(include_in_schema=False)


@router.get("/api/v1/openapi.json")
def document(request: Request) -> JSONResponse:
    """The document itself, for whoever is signed in."""
    return JSONResponse(request.app.openapi())


def with_document(app: FastAPI) -> None:
    """Give the application its document: our error model, and what each operation needs of its caller."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build(app)
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def _build(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=VERSION, description=app.description, tags=app.openapi_tags, routes=app.routes
    )
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    problem.pop("$defs", None)
    schemas["Problem"] = problem
    schemas["FieldProblem"] = FieldProblem.model_json_schema()
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(app.state.desk.settings)},
        "formToken": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
        "key": {"type": "http", "scheme": "bearer", "description": "A machine key, limited to its scopes."},
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _finish(operation, path, method.upper())
    add_links(schema)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return schema


def _finish(operation: dict[str, Any], path: str, method: str) -> None:
    policy = policy_for(method, path)
    if policy is None or policy.open_to_all:
        operation["security"] = []
    else:
        cookie: dict[str, list[str]] = {"session": []} if method in SAFE_METHODS else {"session": [], "formToken": []}
        scope = [policy.scope.value] if policy.scope else []
        operation["security"] = [cookie, {"key": scope}] if scope or policy.any_key else [cookie]
        operation["x-kinds"] = sorted(policy.kinds)
        operation["x-roles"] = [role for role in Role if role in policy.roles]
    if "requestBody" in operation:
        told = answers(HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        for status in (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            operation["responses"].setdefault(str(int(status)), told[int(status)])
    invalid = operation["responses"].get("422", {})
    if "application/json" in invalid.get("content", {}):
        del operation["responses"]["422"]
