"""Changes of a dossier as pure functions: amending, merging, splitting; and what has to be settled before hand-over.

Each returns the next version; nothing is looked up, and the version before stays as it was.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.case_leads.answers import Answer
from models.case_leads.dossier import Dossier, once
from models.case_leads.estimate import OFFICER, Estimate, EstimateLine
from models.case_leads.operators import CaseOperator, operator_of
from models.case_leads.records import Amendment
from models.errors import InputError


class Open(StrEnum):
    """What still keeps a dossier from being handed over."""

    SECOND_OFFICER = "second-officer"
    STRONG_COUNTERS = "strong-counters"
    OPERATOR_BASIS = "operator-basis"


def open_points(dossier: Dossier) -> tuple[Open, ...]:
    """What has to be settled before this dossier may be handed over; nothing means it may."""
    points = []
    if not dossier.second_officer.strip() or dossier.second_officer.strip() == dossier.accepted_by.strip():
        points.append(Open.SECOND_OFFICER)
    if dossier.unanswered:
        points.append(Open.STRONG_COUNTERS)
    if not dossier.operator.settled:
        points.append(Open.OPERATOR_BASIS)
    return tuple(points)


def amended(dossier: Dossier, amendment: Amendment, *, by: str, at: datetime) -> Dossier:
    """The next version with these changes. Raises `InputError` for an answer to something that is not there, and for
    a second officer who is the first."""
    known = {counter.finding.finding_id for counter in dossier.counters}
    for answer in amendment.answers:
        if answer.finding_id not in known:
            raise InputError(f"no finding against {answer.finding_id!r} in this dossier", where="answers")
    second = dossier.second_officer if amendment.second_officer is None else amendment.second_officer.strip()
    if second and second == dossier.accepted_by:
        raise InputError("the second officer is another person than the first", where="second_officer")
    leads = {lead.lead_id for lead in dossier.leads}
    for line in amendment.estimate:
        if line.lead_id and line.lead_id not in leads:
            raise InputError(f"no lead {line.lead_id!r} in this dossier", where="estimate")
    changes: dict[str, Any] = {
        "second_officer": second,
        "answers": _answered(dossier.answers, amendment.answers, by=by, at=at),
        "estimate": _estimated(dossier.estimate, amendment.estimate),
        "attachments": once([*dossier.attachments, *amendment.attachments]),
    }
    if amendment.note is not None:
        changes["note"] = amendment.note
    if amendment.reasoning is not None:
        changes["reasoning"] = amendment.reasoning
    if amendment.operator is not None:
        changes["operator"] = _operator(dossier.operator, amendment.operator)
    return next_version(dossier, changes, reason=amendment.reason, by=by, at=at)


def merged(into: Dossier, others: Iterable[Dossier], *, reason: str, by: str, at: datetime) -> Dossier:
    """The next version of `into` with everything the others hold. Raises `ConflictError` for another operator."""
    all_of = [into, *others]
    leads = once(lead for dossier in all_of for lead in dossier.leads)
    shown = operator_of(leads)
    changes = {
        "leads": leads,
        "marks": once(row for dossier in all_of for row in dossier.marks),
        "goods": once(row for dossier in all_of for row in dossier.goods),
        "authorised": once(row for dossier in all_of for row in dossier.authorised),
        "pictures": once(row for dossier in all_of for row in dossier.pictures),
        "attachments": once(row for dossier in all_of for row in dossier.attachments),
        "answers": tuple({row.finding_id: row for dossier in all_of for row in dossier.answers}.values()),
        "estimate": Estimate(lines=once(row for dossier in all_of for row in dossier.estimate.lines)),
        "operator": _with_words(shown, [dossier.operator for dossier in all_of], reason),
    }
    return next_version(into, changes, reason=reason, by=by, at=at)


def parted(dossier: Dossier, lead_ids: Collection[str], *, reason: str, by: str, at: datetime) -> Dossier:
    """The next version with only these leads and what belongs to them. Raises `InputError` for leads that are not in
    it, none, or all."""
    present = {lead.lead_id for lead in dossier.leads}
    if not lead_ids or set(lead_ids) - present or set(lead_ids) == present:
        raise InputError("a split takes some of the dossier's leads, not none and not all", where="leads")
    leads = tuple(lead for lead in dossier.leads if lead.lead_id in set(lead_ids))
    findings = [finding for lead in leads for finding in lead.screening.findings]
    mark_ids = {finding.mark_id for finding in findings} | {lead.screening.assessment.mark_id for lead in leads}
    goods_ids = {finding.goods_id for finding in findings}
    shown = {address for lead in leads for address in getattr(lead.screening.subject, "images", ())}
    others = {a for lead in dossier.leads if lead not in leads for a in getattr(lead.screening.subject, "images", ())}
    finding_ids = {finding.finding_id for finding in findings}
    changes = {
        "leads": leads,
        "marks": tuple(row for row in dossier.marks if row.mark_id in mark_ids),
        "goods": tuple(row for row in dossier.goods if row.goods_id in goods_ids),
        "authorised": tuple(row for row in dossier.authorised if row.mark_id in mark_ids),
        "pictures": tuple(row for row in dossier.pictures if row.address in shown or row.address not in others),
        "answers": tuple(row for row in dossier.answers if row.finding_id in finding_ids),
        "estimate": Estimate(
            lines=tuple(row for row in dossier.estimate.lines if row.lead_id in set(lead_ids) or not row.lead_id)
        ),
        "operator": _with_words(operator_of(leads), [dossier.operator], ""),
    }
    return next_version(dossier, changes, reason=reason, by=by, at=at)


def next_version(dossier: Dossier, changes: dict[str, Any], *, reason: str, by: str, at: datetime) -> Dossier:
    """The dossier with these fields changed, chained to the version before."""
    made = {
        "schema_version": Dossier.model_fields["schema_version"].default,
        "version": dossier.version + 1,
        "made_by": by,
        "made_at": at,
        "amendment": reason.strip(),
        "previous_digest": dossier.digest,
        "law": dossier.law_of_its_day,
    }
    return dossier.model_copy(update={**changes, **made})


def _answered(kept: Iterable[Answer], given: Iterable[Answer], *, by: str, at: datetime) -> tuple[Answer, ...]:
    signed = [answer.model_copy(update={"by": by, "at": at, "words": answer.words.strip()}) for answer in given]
    return tuple({answer.finding_id: answer for answer in [*kept, *signed]}.values())


def _estimated(estimate: Estimate, given: Iterable[EstimateLine]) -> Estimate:
    lines = list(estimate.lines)
    for line in given:
        entered = line.model_copy(
            update={
                f"{level}_method": OFFICER for level in ("low", "middle", "high") if getattr(line, level) is not None
            }
        )
        place = next((at for at, each in enumerate(lines) if line.lead_id and each.lead_id == line.lead_id), None)
        if place is None:
            lines.append(entered)
        else:
            lines[place] = _with_shown(entered, lines[place])
    return Estimate(lines=tuple(lines))


def _with_shown(entered: EstimateLine, shown: EstimateLine) -> EstimateLine:
    """An officer's line keeps what the page showed, where the officer says nothing else."""
    return entered.model_copy(
        update={
            "goods": entered.goods or shown.goods,
            "unit_price": shown.unit_price if entered.unit_price is None else entered.unit_price,
            "shown_sales": shown.shown_sales if entered.shown_sales is None else entered.shown_sales,
        }
    )


def _operator(shown: CaseOperator, given: CaseOperator) -> CaseOperator:
    """The officer's name, code and basis; the shops stay those that pages showed, and any the officer adds."""
    return given.model_copy(update={"shops": once([*shown.shops, *given.shops])})


def _with_words(shown: CaseOperator, kept: Iterable[CaseOperator], reason: str) -> CaseOperator:
    words = dict.fromkeys(text.strip() for text in [*(each.basis for each in kept), reason] if text.strip())
    names = dict.fromkeys(each.name for each in kept if each.name)
    codes = dict.fromkeys(each.uscc for each in kept if each.uscc)
    return shown.model_copy(
        update={
            "basis": "；".join(words),
            "name": shown.name or (next(iter(names)) if len(names) == 1 else ""),
            "uscc": shown.uscc or (next(iter(codes)) if len(codes) == 1 else ""),
        }
    )
