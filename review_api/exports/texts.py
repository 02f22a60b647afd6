"""The exports' words, read from their catalogue."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from models.explanations import Language


@cache
def export_texts() -> dict[str, Any]:
    """The catalogue of `review_api/exports/data/texts.toml`."""
    return tomllib.loads(resources.files("review_api.exports").joinpath("data", "texts.toml").read_text("utf-8"))


def section(name: str, language: Language) -> dict[str, str]:
    """One section in one language, in the order of the catalogue."""
    return {key: words[language] for key, words in export_texts()[name].items()}


def disclaimer(language: Language) -> str:
    text: str = export_texts()["disclaimer"][language]
    return text
