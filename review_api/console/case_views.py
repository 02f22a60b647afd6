"""A case lead arranged for reading: estimate, thresholds, law and counter-evidence in the words of one language.

Nothing here looks anything up: it is given the detail that the API gives to programs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from models.case_leads import LABEL, Counter, Dossier, EstimateLine, Reached, method_words
from models.explanations import Language, fact_title
from models.leads import Cell
from review_api.wording import sentence

LEVELS = ("low", "middle", "high")


@dataclass(frozen=True)
class EstimateView:
    """One line with its methods in words, each method once with the levels that it made."""

    line: EstimateLine
    methods: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True)
class CounterView:
    """One finding against, in words, with the officer's answer where there is one."""

    number: int
    counter: Counter
    title: str
    sentence: str


@dataclass(frozen=True)
class LawView:
    """A cell of the legal test, and the rule of the dossier's day that it rests on."""

    cell: Cell
    article: str
    sentence: str


@dataclass(frozen=True)
class ThresholdView:
    """A threshold of the dossier's day, and which levels of the estimate come up to it."""

    reached: Reached
    sentence: str


@dataclass(frozen=True)
class CaseView:
    """What the page of a case lead shows beside its leads."""

    label: str
    estimate: tuple[EstimateView, ...]
    counters: tuple[CounterView, ...]
    law: tuple[LawView, ...]
    thresholds: tuple[ThresholdView, ...]


def case_view(dossier: Dossier, reached: tuple[Reached, ...], language: Language) -> CaseView:
    """Arrange one version of a dossier."""
    marks = {mark.mark_id: mark.text for mark in dossier.marks}
    return CaseView(
        label=LABEL[language],
        estimate=tuple(EstimateView(line, tuple(_methods(line, language))) for line in dossier.estimate.lines),
        counters=tuple(
            CounterView(
                number=number,
                counter=counter,
                title=fact_title(counter.finding.fact, language),
                sentence=sentence(counter.finding, language, mark=marks.get(counter.finding.mark_id or "", "")),
            )
            for number, counter in enumerate(dossier.counters, start=1)
        ),
        law=tuple(_law(dossier, language)),
        thresholds=tuple(ThresholdView(each, each.rule.sentence(language)) for each in reached),
    )


def _law(dossier: Dossier, language: Language) -> Iterator[LawView]:
    for cell in dict.fromkeys(lead.screening.assessment.cell for lead in dossier.leads):
        if cell is not None:
            rule = dossier.rule_of(cell)
            yield LawView(cell, rule.article if rule else "", rule.sentence(language) if rule else "")


def _methods(line: EstimateLine, language: Language) -> Iterator[tuple[tuple[str, ...], str]]:
    by_code: dict[str, list[str]] = {}
    for level in LEVELS:
        code = getattr(line, f"{level}_method")
        if code:
            by_code.setdefault(code, []).append(level)
    for code, levels in by_code.items():
        yield tuple(levels), method_words(code, language)
