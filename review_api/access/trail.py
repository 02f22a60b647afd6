"""The trail as the API writes it: one entry for every act that the policy names, after it was done and before the
answer leaves. An export whose entry cannot be written is not handed out."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from models.audit import Act, AuditEntry
from models.errors import JianzhenError
from review_api import problems
from review_api.access.policy import Policy
from review_api.desk import Desk
from review_api.sessions import Visitor, client_address


def detail(request: Request, **details: str) -> None:
    """What else the entry of this act tells."""
    request.state.details = details


async def with_trail(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Middleware: write down what was done."""
    response = await call_next(request)
    policy: Policy | None = getattr(request.state, "policy", None)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if policy is None or policy.act is None or visitor is None or response.status_code >= 400:
        return response
    named = "/".join(str(value) for value in request.path_params.values())
    made = response.headers.get("location", "").partition("?")[0].rpartition("/")[2]
    about = named or made
    details: dict[str, str] = getattr(request.state, "details", {})
    if policy.act is Act.REGISTERED and "case_number" not in details:
        details = {"case_number": made}
    try:
        await run_in_threadpool(note, request.state.desk, visitor, policy.act, request, about=about, **details)
    except JianzhenError as error:
        return await problems.handle(request, error)
    return response


def note(at_desk: Desk, caller: Visitor, act: Act, request: Request, *, about: str = "", **details: str) -> None:
    """Write an act of the caller down."""
    at_desk.store.audit.append(
        AuditEntry(
            organisation_id=caller.organisation_id,
            at=at_desk.clock(),
            actor=caller.account.name,
            act=act,
            about=about,
            address=client_address(request),
            details=details,
        )
    )
