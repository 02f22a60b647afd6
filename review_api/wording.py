"""Findings, flips and reasons in words, for pages, API answers and exports alike.

A stored finding may be older than the catalogue: what has no sentence any more is shown by its code and values, never
as an error.
"""

from collections.abc import Iterable, Mapping

from pydantic import Field

from models.errors import ConfigurationError
from models.explanations import LANGUAGES, Language, explain, explain_flip, fact_title, tell_flip
from models.findings import Finding
from models.leads import Flip
from models.registry import Registry
from models.values import Value


class Words(Value):
    """One text in both languages."""

    zh: str
    en: str


class Explanation(Value):
    """A finding in words."""

    title: Words = Field(description="The fact's short name")
    sentence: Words = Field(description="What was seen, as an officer would say it")


def sentence(finding: Finding, language: Language, *, mark: str = "") -> str:
    """The finding's sentence, or its code and the two values where the catalogue cannot tell it."""
    try:
        return explain(finding, language, mark=mark)
    except (ConfigurationError, LookupError, ValueError, AttributeError):
        seen = " / ".join(value for value in (finding.subject_value, finding.reference_value) if value)
        return f"{finding.fact}: {seen}" if seen else finding.fact


def explanations(findings: Iterable[Finding], marks: Mapping[str, str]) -> dict[str, Explanation]:
    """Every finding in words, by finding id. `marks` maps a mark's id to its text."""
    return {
        finding.finding_id: Explanation(
            title=Words(**{language: fact_title(finding.fact, language) for language in LANGUAGES}),
            sentence=Words(
                **{
                    language: sentence(finding, language, mark=marks.get(finding.mark_id or "", ""))
                    for language in LANGUAGES
                }
            ),
        )
        for finding in findings
    }


def mark_texts(registry: Registry) -> Mapping[str, str]:
    """The registry's marks as id -> text."""
    return {mark_id: mark.text for mark_id, mark in registry.mark_by_id.items()}


def flip_sentence(flip: Flip, language: Language) -> str:
    """The condition of a flip in words; its code where the catalogue has none."""
    try:
        return explain_flip(flip, language)
    except (ConfigurationError, LookupError, ValueError):
        return flip.condition


def flip_words(flip: Flip, score: float) -> Words:
    """A flip with both scores: `若该店铺已获许可：7.20 → 0.40`."""
    try:
        return Words(**{language: tell_flip(flip, score, language) for language in LANGUAGES})
    except (ConfigurationError, LookupError, ValueError):
        told = f"{flip.condition}: {score:.2f} → {flip.score:.2f}"
        return Words(zh=told, en=told)
