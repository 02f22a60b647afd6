"""Errors as pages, in the look of the rest; and the way to the sign-in page."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from review_api.console.error_words import in_language
from review_api.console.pages import pages

# Statuses with words of their own; all others share the general ones.
TOLD = frozenset({403, 404, 405, 409, 413, 422, 429, 501, 503})
# Errors whose code has words of its own, which say more than their status.
TOLD_BY_CODE = frozenset({"unchecked-mark", "no-room"})


def error_page(
    request: Request,
    status: int,
    *,
    code: str,
    headers: dict[str, str],
    detail: str = "",
    mend: str = "",
    about: str = "",
) -> Response:
    """What happened and what to do about it; in `detail` and `mend` the words of the error itself, in `about` what an
    error with words of its own is about."""
    own = code in TOLD_BY_CODE
    key = code if own else str(status) if status in TOLD else "other"
    language = pages(request).language(request)
    detail, mend = (in_language(each, language) for each in (detail, mend))
    words = {"about": about if own else "", "detail": "" if own else detail, "mend": "" if own else mend}
    told = {"number": status, "key": key, "code": code, "back": _back(request), **words}
    response = pages(request).render(request, "error.html", status=status, **told)
    response.headers.update(headers)
    return response


def sign_in_first(request: Request) -> Response:
    """To the sign-in page, and back here afterwards where that is possible."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = f"?{urlencode({'next': target})}" if request.method == "GET" and target != "/" else ""
    return RedirectResponse(f"/signin{query}", status_code=HTTPStatus.SEE_OTHER)


def _back(request: Request) -> str:
    """The page on which the action was taken: a lead's own, or else the start page."""
    parts = request.url.path.split("/")
    if request.method == "POST" and len(parts) > 3 and parts[1] in {"leads", "case-leads", "batches", "letters"}:
        return f"/{parts[1]}/{parts[2]}" + (f"?{request.url.query}" if request.url.query else "")
    return "/"
