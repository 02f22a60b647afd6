"""Referrals (转权利人核实): what a unit hands a rights holder of a lead, and nothing more.

A holder sees a projection: the findings on its own marks, and the score added up from those alone. The projection is
made and frozen when an officer refers the lead, so nothing reaches a holder later without a person's act.
"""

from collections.abc import Collection, Iterable

from pydantic import AwareDatetime

from models.errors import ConflictError, InputError
from models.findings import Finding
from models.leads import Cell, Contribution, Lead
from models.organisations import Organisation, holder_key
from models.registry import Mark, Registry
from models.subjects import Listing
from models.values import Value


class Projection(Value):
    """A lead as its holder sees it. `score` is the sum of the points of these findings; `cell` is told only where it
    is about one of the holder's marks."""

    listing: Listing
    findings: tuple[Finding, ...]
    contributions: tuple[Contribution, ...]
    score: float
    cell: Cell | None = None
    marks: tuple[Mark, ...]

    def within(self, mark_ids: Collection[str]) -> "Projection | None":
        """The part on these marks, none where nothing speaks about them."""
        kept = [mark for mark in self.marks if mark.mark_id in mark_ids]
        findings = tuple(finding for finding in self.findings if finding.mark_id in mark_ids)
        if not kept or not findings:
            return None
        points = _points(self.contributions, findings)
        cell = self.cell if len(kept) == len(self.marks) else None
        return Projection(
            listing=self.listing,
            findings=findings,
            contributions=points,
            score=_sum(points),
            cell=cell,
            marks=tuple(kept),
        )


class Referral(Value):
    """One act of referring: which lead, to which holder, by whom, when, and what the holder was given."""

    organisation_id: str
    unit_name: str
    referral_id: str
    holder_id: str
    lead_id: str
    revision: int
    referred_by: str
    referred_at: AwareDatetime
    projection: Projection
    answer_by: AwareDatetime | None = None

    def overdue(self, at: AwareDatetime) -> bool:
        """Whether the holder's first opinion was asked for by a moment that is past."""
        return self.answer_by is not None and at > self.answer_by


def refer(
    lead: Lead,
    registry: Registry,
    holder: Organisation,
    *,
    unit: Organisation,
    referral_id: str,
    by: str,
    at: AwareDatetime,
    answer_by: AwareDatetime | None = None,
) -> Referral:
    """The referral of a lead to a holder, on its marks that are in force, with the moment by which its first opinion
    is asked for. Raises what `project` raises."""
    return Referral(
        organisation_id=lead.organisation_id,
        unit_name=unit.name,
        referral_id=referral_id,
        holder_id=holder.organisation_id,
        lead_id=lead.lead_id,
        revision=lead.revision,
        referred_by=by,
        referred_at=at,
        answer_by=answer_by,
        projection=project(lead, (mark for mark in marks_of_holder(registry, holder.name) if mark.in_force(at))),
    )


def marks_of_holder(registry: Registry, holder_name: str) -> tuple[Mark, ...]:
    """The marks that the registry holds under this name; width and case do not matter."""
    wanted = holder_key(holder_name)
    return tuple(mark for mark in registry.marks if wanted and holder_key(mark.holder) == wanted)


def project(lead: Lead, marks: Iterable[Mark]) -> Projection:
    """The lead reduced to these marks. Raises `ConflictError` for a parcel, whose record is for the authorities alone,
    and `InputError` where no finding speaks for one of the marks."""
    screening, subject = lead.screening, lead.screening.subject
    if not isinstance(subject, Listing):
        raise ConflictError("a parcel's record is not handed to rights holders", where=f"lead {lead.lead_id}")
    own = {mark.mark_id: mark for mark in marks}
    findings = tuple(finding for finding in screening.findings if finding.mark_id in own)
    if not findings:
        raise InputError(
            "no finding on this lead is on a mark of this holder that is in force",
            where=f"lead {lead.lead_id}",
            mend="choose the organisation whose name stands as the mark's holder",
        )
    named = {finding.mark_id for finding in findings}
    points = _points(screening.assessment.contributions, findings)
    return Projection(
        listing=subject,
        findings=findings,
        contributions=points,
        score=_sum(points),
        cell=screening.assessment.cell if screening.assessment.mark_id in named else None,
        marks=tuple(mark for mark_id, mark in own.items() if mark_id in named),
    )


def _points(contributions: Iterable[Contribution], findings: Iterable[Finding]) -> tuple[Contribution, ...]:
    shown = {finding.finding_id for finding in findings}
    return tuple(each for each in contributions if each.finding_id in shown)


def _sum(contributions: Iterable[Contribution]) -> float:
    return round(sum(each.points for each in contributions), 6)
