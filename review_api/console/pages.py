"""Rendering: templates, the words and figures they use, and the headers every page carries."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from models.explanations import LANGUAGES, Language, fact_title, field_name
from models.moments import now
from models.queue.places import division_name
from review_api.console.assets import library_built, version
from review_api.console.error_words import in_language
from review_api.console.formats import age, beijing, hourly, money, points, score, short
from review_api.console.texts import HTML_LANGUAGE, LANGUAGE_COOKIE, Texts, language_of
from review_api.console.themes import DARK_MEDIA, THEME_COOKIE, THEMES, theme_of
from review_api.decisions import split_reason
from review_api.sessions import Visitor

# The sections of the console in their order: a visitor is offered those that the policy opens to them.
SECTIONS = (
    "/leads", "/operators", "/referrals", "/rights", "/case-leads", "/batches", "/letters", "/campaigns", "/triage",
    "/registry", "/mark-checks", "/people", "/audit", "/dead-letters",
)  # fmt: skip
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
            "division": division_name,
            "hourly": hourly,
            "points": points,
            "score": score,
            "short": short,
        }
        self._assets = version()
        self._charts_built = library_built()

    def language(self, request: Request) -> Language:
        return language_of(request, self._default)

    def texts(self, request: Request) -> Texts:
        """The words of the request's language, for what is put together before it is rendered."""
        return Texts(self.language(request))

    def render(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HTMLResponse:
        """The page in the request's language, light or dark. What the address asks for of these is remembered."""
        language, theme = self.language(request), theme_of(request)
        texts = Texts(language)
        caller: Visitor | None = getattr(request.state, "visitor", None)
        at = now()
        body = self._environment.get_template(template).render(
            t=texts,
            language=language,
            html_language=HTML_LANGUAGE[language],
            visitor=caller,
            assets=self._assets,
            charts_built=self._charts_built,
            section=request.url.path.split("/")[1],
            sections=[path for path in SECTIONS if caller and caller.may(f"GET {path}")],
            switches=_switches(request, "lang", LANGUAGES),
            theme=theme,
            themes=_switches(request, "theme", THEMES),
            dark_media=DARK_MEDIA[theme],
            fact_title=lambda fact: fact_title(fact, language),
            field_name=lambda field: field_name(field, language),
            error_words=lambda text: in_language(text, language),
            money=money,
            age=lambda moment: age(moment, at, texts),
            split_reason=split_reason,
            **context,
        )
        response = HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
        for asked, cookie, value in (("lang", LANGUAGE_COOKIE, language), ("theme", THEME_COOKIE, theme)):
            if request.query_params.get(asked) == value:
                response.set_cookie(cookie, value, max_age=YEAR_SECONDS, path="/", secure=self._secure, samesite="lax")
        return response


def pages(request: Request) -> Pages:
    """The application's templates."""
    found: Pages = request.app.state.pages
    return found


def _switches(request: Request, name: str, values: Iterable[str]) -> dict[str, str]:
    """The address of this page with each of the values; the start page where this one cannot be asked for again."""
    path = request.url.path if request.method == "GET" else "/"
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != name]
    kept = kept if request.method == "GET" else []
    return {value: f"{path}?{urlencode([*kept, (name, value)])}" for value in values}
