"""Rendering: templates, the words and figures they use, and the headers every page carries."""

import hashlib
from http import HTTPStatus
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from models.explanations import Language, fact_title, field_name
from models.moments import now
from review_api.console.formats import age, beijing, hourly, money, points, score, short
from review_api.console.texts import HTML_LANGUAGE, LANGUAGE_COOKIE, Texts, language_of
from review_api.decisions import split_reason
from review_api.sessions import Visitor

# The sections of the console in their order: a visitor is offered those that the policy opens to them.
SECTIONS = (
    "/leads",
    "/operators",
    "/referrals",
    "/case-leads",
    "/campaigns",
    "/triage",
    "/registry",
    "/people",
    "/audit",
)
YEAR_SECONDS = 365 * 86_400


class Pages:
    """The console's templates; built once by `review_api.app.create_app`."""

    def __init__(self, default_language: Language, *, secure_cookies: bool) -> None:
        self._default = default_language
        self._secure = secure_cookies
        self._environment = Environment(
            loader=PackageLoader("review_api.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "beijing": beijing,
            "hourly": hourly,
            "points": points,
            "score": score,
            "short": short,
        }
        self._assets = _assets_version()

    def language(self, request: Request) -> Language:
        return language_of(request, self._default)

    def render(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HTMLResponse:
        """The page in the request's language. A language asked for in the address is remembered."""
        language = self.language(request)
        texts = Texts(language)
        caller: Visitor | None = getattr(request.state, "visitor", None)
        at = now()
        body = self._environment.get_template(template).render(
            t=texts,
            language=language,
            html_language=HTML_LANGUAGE[language],
            visitor=caller,
            assets=self._assets,
            section=request.url.path.split("/")[1],
            sections=[path for path in SECTIONS if caller and caller.may(f"GET {path}")],
            switches=_switches(request),
            fact_title=lambda fact: fact_title(fact, language),
            field_name=lambda field: field_name(field, language),
            money=money,
            age=lambda moment: age(moment, at, texts),
            split_reason=split_reason,
            **context,
        )
        response = HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
        if request.query_params.get("lang") == language:
            response.set_cookie(
                LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, path="/", secure=self._secure, samesite="lax"
            )
        return response


def pages(request: Request) -> Pages:
    """The application's templates."""
    found: Pages = request.app.state.pages
    return found


def _switches(request: Request) -> dict[str, str]:
    """The address of this page in each language; the start page where this one cannot be asked for again."""
    path = request.url.path if request.method == "GET" else "/"
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    kept = kept if request.method == "GET" else []
    return {language: f"{path}?{urlencode([*kept, ('lang', language)])}" for language in ("zh", "en")}


def _assets_version() -> str:
    """Changes when any static file does, so that a browser never shows old styles on new pages."""
    state = hashlib.sha256()
    for entry in sorted(resources.files("review_api.console").joinpath("static").iterdir(), key=lambda e: e.name):
        state.update(entry.name.encode() + entry.read_bytes())
    return state.hexdigest()[:12]
