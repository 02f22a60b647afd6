"""The console's words: one catalogue, two languages, and which of them a request asks for."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from fastapi import Request

from models.errors import ConfigurationError
from models.explanations import LANGUAGES, Language

LANGUAGE_COOKIE = "jianzhen-language"
HTML_LANGUAGE: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every text as dotted key -> language -> words, from `review_api/console/data/texts.toml`."""
    source = resources.files("review_api.console").joinpath("data", "texts.toml").read_text("utf-8")
    texts: dict[str, dict[str, str]] = {}
    _flatten(tomllib.loads(source), "", texts)
    return texts


class Texts:
    """The words of one language: `texts("queue.total", count=3)`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: Any) -> str:
        words = catalogue().get(key)
        if words is None:
            raise ConfigurationError(f"no text {key!r}", mend="add it to review_api/console/data/texts.toml")
        return words[self.language].format_map(values) if values else words[self.language]

    def has(self, key: str) -> bool:
        return key in catalogue()


def language_of(request: Request, default: Language) -> Language:
    """What `?lang=` asks for, otherwise the cookie, otherwise the default."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        for language in LANGUAGES:
            if wish == language:
                return language
    return default


def _flatten(table: dict[str, Any], prefix: str, texts: dict[str, dict[str, str]]) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and set(value) == set(LANGUAGES):
            texts[key] = value
        elif isinstance(value, dict) and not set(value) & set(LANGUAGES):
            _flatten(value, f"{key}.", texts)
        else:
            raise ConfigurationError(f"text {key!r} lacks a language", where="texts.toml")
