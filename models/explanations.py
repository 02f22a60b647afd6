"""Explanations: fact codes and parameters become sentences here, in Chinese or English, from one catalogue.

The catalogue is `models/data/explanations/*.toml`: a table per fact code with `zh`, `en`, and `title.zh`, `title.en`
for the short name. A sentence may use `{subject_value}`, `{reference_value}`, `{mark}`, `{field}`, `{percent}` (the
score as a whole percentage), `{named}` (the mark in quotation marks, and the alias that was met, if one was) and every
parameter of the finding. A fact's `values` tell codes that stand in place of a quote (申请中 for `pending`). Sentences
stand without their full stop; it is put here.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from models.errors import ConfigurationError
from models.findings import Finding
from models.leads import Flip

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FULL_STOPS: dict[Language, str] = {"zh": "。", "en": "."}


@dataclass(frozen=True)
class FactText:
    """The words for one fact code in both languages."""

    title: dict[str, str]
    sentence: dict[str, str]
    values: dict[str, dict[str, str]]


@cache
def catalogue() -> dict[str, FactText]:
    """Every fact code with its words. Raises `ConfigurationError` when a code is told twice or lacks a language."""
    texts: dict[str, FactText] = {}
    for entry in sorted(resources.files("models").joinpath("data", "explanations").iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".toml"):
            continue
        for fact, words in tomllib.loads(entry.read_text("utf-8")).items():
            if fact in texts:
                raise ConfigurationError(f"fact {fact!r} is explained twice", where=entry.name)
            texts[fact] = _fact_text(fact, words, entry.name)
    return texts


def explain(finding: Finding, language: Language, *, mark: str = "") -> str:
    """The finding as the sentence an officer would say. `mark` is the mark's text, when the caller knows it."""
    text = catalogue().get(finding.fact)
    if text is None:
        raise ConfigurationError(f"no explanation for fact {finding.fact!r}", mend="add it to models/data/explanations")
    shown = finding.subject_value
    if finding.span is None:
        shown = text.values.get(shown, {}).get(language, shown)
    values: dict[str, Any] = {
        "subject_value": shown,
        "reference_value": finding.reference_value,
        "mark": mark or finding.reference_value,
        "named": _named(mark or finding.reference_value, finding.reference_value, language),
        "field": field_name(finding.field, language),
        "percent": round(finding.score * 100),
        **finding.params,
    }
    told = text.sentence[language].format_map(values)
    return told if told.endswith(FULL_STOPS[language]) else told + FULL_STOPS[language]


def _named(mark: str, met: str, language: Language) -> str:
    """The mark in quotation marks; where another of its spellings was met, that too."""
    if mark == met or not met:
        return f"“{mark}”"
    return f"“{mark}”（别称“{met}”）" if language == "zh" else f"“{mark}” (alias “{met}”)"


def explain_flip(flip: Flip, language: Language) -> str:
    """The condition of a flip as the clause an officer would say (若该店铺已获授权)."""
    text = catalogue().get(flip.condition)
    if text is None:
        raise ConfigurationError(
            f"no explanation for condition {flip.condition!r}", mend="add it to models/data/explanations/triage.toml"
        )
    titles = [fact_title(fact, language) for fact in str(flip.params.get("facts", "")).split()]
    values = {
        "fact_title": fact_title(str(flip.params.get("fact", "")), language),
        "fact_titles": ("、" if language == "zh" else ", ").join(titles),
        "mark": "",
    }
    return text.sentence[language].format_map({**values, **flip.params})


def tell_flip(flip: Flip, score: float, language: Language) -> str:
    """A flip whole, with the score as it is and as it would be: `若该店铺已获许可：7.20 → 0.40`."""
    colon = "：" if language == "zh" else ": "
    return f"{explain_flip(flip, language)}{colon}{score:.2f} → {flip.score:.2f}"


def fact_title(fact: str, language: Language) -> str:
    """The short name of a fact code."""
    text = catalogue().get(fact)
    return text.title[language] if text else fact


def field_name(field: str, language: Language) -> str:
    """A field's name for people; unknown fields (attributes) stand for themselves."""
    words = _fields().get(field)
    return words[language] if words else field


@cache
def _fields() -> dict[str, dict[str, str]]:
    text = resources.files("models").joinpath("data", "fields.toml").read_text("utf-8")
    return tomllib.loads(text)


def _fact_text(fact: str, words: dict[str, Any], where: str) -> FactText:
    missing = [
        f"{part}.{language}" for part in ("title",) for language in LANGUAGES if not words.get(part, {}).get(language)
    ]
    missing += [language for language in LANGUAGES if not words.get(language)]
    if missing:
        raise ConfigurationError(f"fact {fact!r} lacks {', '.join(missing)}", where=where)
    return FactText(
        title=words["title"],
        sentence={language: words[language] for language in LANGUAGES},
        values=words.get("values", {}),
    )
