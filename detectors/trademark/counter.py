"""The counter-case: what speaks against a mark that was seen, and what speaks for it besides its likeness.

Owns the order of the exceptions that an officer must look for before a lead is sent on, and those that rest on the
mark itself: other goods, not in force. Leaves who sells to `detectors.trademark.sellers`, how the
name is used to `detectors.trademark.usage`, accidents to `detectors.trademark.chance`, what
indications of origin ask for to `detectors.trademark.indications`, and what all of them weigh to
`detectors.triage`.
"""

from collections.abc import Iterator

from detectors.trademark import chance, labels, sellers, usage
from detectors.trademark.case import UNDISGUISED, Case, Page
from detectors.trademark.indications import as_a_style, other_origin, user_unlisted
from models.findings import Evidence, Stance

__all__ = ["UNDISGUISED", "Case", "Page", "arguments"]


def arguments(case: Case) -> Iterator[Evidence]:
    """Everything besides likeness that speaks for or against the mark, in a fixed order. A fact is told once for a
    mark and a field."""
    told: set[tuple[str, str]] = set()
    for argue in ARGUMENTS:
        for evidence in argue(case):
            if (evidence.fact, evidence.field) not in told:
                told.add((evidence.fact, evidence.field))
                yield evidence


def plain_resale(case: Case) -> Iterator[Evidence]:
    """The mark as registered, and nothing told beside it that contradicts an indication of origin."""
    if not any(True for told in (other_origin, as_a_style) for _ in told(case)):
        yield from usage.plain_resale(case)


def unrelated_goods(case: Case) -> Iterator[Evidence]:
    """Classes known on both sides and unrelated."""
    if case.relation == "unrelated":
        listing = case.page.listing
        stated = listing.nice_class is not None
        value = str(listing.nice_class) if stated else listing.category or listing.title
        yield case.evidence(
            "unrelated-goods",
            Stance.AGAINST,
            1.0 if stated else 0.8,
            field="nice_class" if stated else "category" if listing.category else "title",
            subject_value=value,
            reference_value="/".join(map(str, case.mark.nice_classes)),
        )


def mark_not_in_force(case: Case) -> Iterator[Evidence]:
    """Pending, lapsed, disputed or outside its dates."""
    if not case.mark.in_force(case.page.context.as_of):
        yield case.evidence("mark-not-in-force", Stance.AGAINST, 1.0, subject_value=case.mark.status.value)


ARGUMENTS = (
    other_origin,
    as_a_style,
    user_unlisted,
    labels.mark_on_labels,
    sellers.authorisation_lapsed,
    sellers.authorised_seller,
    sellers.outside_territory,
    usage.style_of_mark,
    plain_resale,
    usage.nominative_use,
    usage.second_hand,
    usage.other_channel,
    usage.export_manufacture,
    unrelated_goods,
    chance.common_word,
    chance.word_boundary,
    chance.measure_or_model,
    chance.nearer_other_mark,
    chance.other_known_brand,
    chance.weak_mark,
    mark_not_in_force,
)
