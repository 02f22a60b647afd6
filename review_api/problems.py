"""What goes wrong, told: every error becomes a problem document (RFC 9457) for programs or a page for people.

One table names the handlers; the statuses come from `models.errors`. No traceback, no input and no internal name ever
reaches a caller.
"""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from models.errors import JianzhenError, NoRoom, NotReady, NotSignedInError, TooManyAttempts, TransientFault, told
from models.values import Value
from review_api.console.error_pages import error_page, sign_in_first
from review_api.headers import protect

PROBLEM_TYPE = "application/problem+json"
RETRY_SECONDS = 5
AGAIN = "稍候用同一个 Idempotency-Key 重试 / send it again in a moment, with the same Idempotency-Key"
# Where a person is looking: what an error says itself is told beside the words of these statuses.
TOLD_TO_PEOPLE = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_IMPLEMENTED}
)
PROGRAM_PATHS = ("/api/", "/healthz", "/readyz")


class FieldProblem(Value):
    """One field of a request that was not understood."""

    where: str = Field(description="The path to the field", examples=["body.reason"])
    what: str = Field(description="What is wrong with it", examples=["Field required"])


class Problem(Value):
    """A problem document: what is wrong, where, and how to mend it."""

    type: str = Field(default="about:blank", description="Always about:blank; `code` names the kind")
    title: str = Field(description="The status in words", examples=["Conflict"])
    status: int = Field(description="The HTTP status", examples=[409])
    code: str = Field(description="The kind of error, stable for programs", examples=["conflict"])
    detail: str = Field(description="What is wrong", examples=["the lead was changed by somebody else"])
    where: str = Field(default="", description="The place: a field, an address, an id")
    mend: str = Field(default="", description="What to do about it", examples=["load the lead again"])
    errors: tuple[FieldProblem, ...] = Field(default=(), description="The fields of the request that are wrong")


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """The problem document of an error, and the headers that go with it."""
    match error:
        case JianzhenError():
            return _told(error), _headers(error)
        case RequestValidationError():
            fields = tuple(
                FieldProblem(where=".".join(str(part) for part in each["loc"]), what=_plain(str(each["msg"])))
                for each in error.errors()
            )
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return _problem(status, "input", "the request was not understood", errors=fields), {}
        case HTTPException(status_code=HTTPStatus.BAD_REQUEST):
            what = "the body of the request could not be read"
            mend = "send text in UTF-8, in the form that Content-Type names"
            return _problem(HTTPStatus.BAD_REQUEST, "bad-request", what, where="body", mend=mend), {}
        case HTTPException():
            status = HTTPStatus(error.status_code)
            return _problem(status, status.name.lower().replace("_", "-"), status.description or status.phrase), dict(
                error.headers or {}
            )
        case _:
            return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "error", "the service failed; it has been logged"), {}


async def handle(request: Request, error: Exception) -> Response:
    """Answer with a problem document, or a page where a person is looking."""
    problem, headers = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        structlog.get_logger("review_api").error(
            "request failed", path=request.url.path, status=problem.status, error=type(error).__name__, why=told(error)
        )
    if request.url.path.startswith(PROGRAM_PATHS):
        body = problem.model_dump(mode="json")
        return protect(JSONResponse(body, status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers))
    if isinstance(error, NotSignedInError):
        return sign_in_first(request)
    ours = isinstance(error, JianzhenError) and error.status in TOLD_TO_PEOPLE
    words = {"detail": problem.detail, "mend": problem.mend} if ours else {}
    return protect(
        error_page(request, problem.status, code=problem.code, headers=headers, about=problem.where, **words)
    )


# The one table: which errors are handled, all by `handle`.
HANDLED: tuple[type[Exception], ...] = (JianzhenError, RequestValidationError, HTTPException, Exception)


def install(app: FastAPI) -> None:
    for kind in HANDLED:
        app.add_exception_handler(kind, handle)


def answers(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The error responses of an operation, for the OpenAPI document."""
    common = (HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        int(status): {"description": status.phrase, "content": {PROBLEM_TYPE: schema}}
        for status in sorted({*common, *statuses})
    }


def _told(error: JianzhenError) -> Problem:
    if isinstance(error, NotReady):
        fields = tuple(FieldProblem(where=name, what=why) for name, why in error.reasons.items())
        return _problem(error.status, error.code, "the service cannot do its work now", errors=fields)
    if isinstance(error, TransientFault):  # how a server is reached, and its own words, are for the log
        mend = error.mend if isinstance(error, NoRoom) else AGAIN
        return _problem(error.status, error.code, _plain(error.what.partition(":")[0]), mend=_plain(mend))
    if error.status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return _problem(error.status, error.code, "the service failed; it has been logged")
    return _problem(error.status, error.code, _plain(error.what), where=_plain(error.where), mend=_plain(error.mend))


def _headers(error: JianzhenError) -> dict[str, str]:
    if isinstance(error, TooManyAttempts):
        return {"Retry-After": str(error.seconds)}
    return {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, TransientFault) else {}


def _problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    where: str = "",
    mend: str = "",
    errors: tuple[FieldProblem, ...] = (),
) -> Problem:
    return Problem(
        title=status.phrase, status=int(status), code=code, detail=detail, where=where, mend=mend, errors=errors
    )


def _plain(text: str) -> str:
    """Text that every encoder can carry: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
