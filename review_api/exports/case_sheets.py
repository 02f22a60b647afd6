"""What the workbook shows of a case lead itself: its head, counter-evidence with answers, estimate and annex."""

from collections.abc import Iterator

from models.case_leads import LABEL, Dossier, EstimateLine, annex, method_words
from models.explanations import Language, fact_title
from review_api.exports.cells import Content
from review_api.exports.texts import section
from review_api.wording import sentence


def case_pairs(dossier: Dossier, language: Language) -> dict[str, Content]:
    """Version, source, clock, officers and operator, by the keys of the summary."""
    clock, operator = dossier.clock, dossier.operator
    source = dossier.source
    return {
        "version": dossier.version,
        "amendment": dossier.amendment,
        "source": " ".join(filter(None, [source.name(language), source.detail])) if source else "",
        "due_on": clock.due_on if clock else None,
        "clock_basis": clock.article if clock else "",
        "second_officer": dossier.second_officer,
        "operator": " ".join(filter(None, [operator.name, operator.uscc])),
        "operator_basis": operator.basis,
        "reasoning": dossier.reasoning,
        "estimate_label": LABEL[language],
    }


def counter_rows(dossier: Dossier, language: Language) -> Iterator[dict[str, Content]]:
    numbers = {lead.lead_id: number for number, lead in enumerate(dossier.leads, start=1)}
    marks = {mark.mark_id: mark.text for mark in dossier.marks}
    words = section("strength", language)
    for each in dossier.counters:
        answer = each.answer
        yield {
            "lead": numbers[each.lead_id],
            "title": fact_title(each.finding.fact, language),
            "points": each.points,
            "strong": words["strong" if each.strong else "ordinary"],
            "sentence": sentence(each.finding, language, mark=marks.get(each.finding.mark_id or "", "")),
            "answer": answer.words if answer else words["open"],
            "by": answer.by if answer else "",
            "at": answer.at if answer else None,
        }


def estimate_rows(dossier: Dossier, language: Language) -> Iterator[dict[str, Content]]:
    numbers = {lead.lead_id: number for number, lead in enumerate(dossier.leads, start=1)}
    for line in dossier.estimate.lines:
        yield {
            "lead": numbers.get(line.lead_id),
            "goods": line.goods,
            "currency": line.currency or "",
            "unit_price": line.unit_price,
            "shown_sales": line.shown_sales,
            "low": line.low,
            "middle": line.middle,
            "high": line.high,
            "method": _methods(line, language),
            "words": line.words,
        }


def annex_rows(dossier: Dossier, language: Language) -> Iterator[dict[str, Content]]:
    kinds = section("annex_kinds", language)
    for entry in annex(dossier):
        yield {
            "number": entry.number,
            "kind": kinds[entry.kind],
            "name": entry.name,
            "sha256": entry.sha256,
            "source": entry.source,
            "at": entry.at,
        }


def _methods(line: EstimateLine, language: Language) -> str:
    headings = section("estimate", language)
    levels = {"low": line.low_method, "middle": line.middle_method, "high": line.high_method}
    return "\n".join(f"{headings[level]}: {method_words(code, language)}" for level, code in levels.items() if code)
