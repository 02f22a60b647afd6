"""Referring a lead to a rights holder, and what a holder or an agent has received."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from models.errors import NotFoundError
from models.leads import Lead
from models.moments import SHANGHAI
from models.organisations import Organisation, OrganisationKind
from models.referrals import Referral, refer
from models.registry import Registry
from models.verification import ANSWER_DAYS
from review_api.desk import Desk
from review_api.sessions import Visitor


def refer_lead(
    at_desk: Desk, caller: Visitor, lead_id: str, holder_id: str, *, answer_days: int = ANSWER_DAYS
) -> Referral:
    """Hand a holder its part of a lead, and ask for its first opinion within so many days. Raises `NotFoundError` for a
    lead that is not there and for an organisation that holds no mark on it, `ConflictError` for a parcel and for what
    the holder has already."""
    lead = at_desk.store.leads.get(caller.organisation_id, lead_id)
    registry = _registry(at_desk, caller, lead)
    holder = next((each for each in _holders(at_desk, registry, lead) if each.organisation_id == holder_id), None)
    if holder is None:
        raise NotFoundError("no rights holder with a mark on this lead has this id", where=holder_id)
    referral = refer(
        lead,
        registry,
        holder,
        unit=caller.organisation,
        referral_id=uuid4().hex,
        by=caller.account.name,
        at=at_desk.clock(),
        answer_by=_end_of_day(at_desk.clock(), answer_days),
    )
    at_desk.store.referrals.add(referral)
    return referral


def holders_of(at_desk: Desk, caller: Visitor, lead: Lead) -> tuple[Organisation, ...]:
    """The rights holders that a lead may be referred to: organisations whose name stands as the holder of a mark that
    a finding is on."""
    return _holders(at_desk, _registry(at_desk, caller, lead), lead)


def received(at_desk: Desk, caller: Visitor) -> tuple[Referral, ...]:
    """What the caller's organisation has been handed: of each lead the newest, newest first."""
    newest: dict[tuple[str, str, str], Referral] = {}
    for each in _everything(at_desk, caller):
        newest.setdefault((each.organisation_id, each.lead_id, each.holder_id), each)
    return tuple(newest.values())


def received_one(at_desk: Desk, caller: Visitor, referral_id: str) -> Referral:
    """One of all that was ever handed over. Raises `NotFoundError`."""
    for referral in _everything(at_desk, caller):
        if referral.referral_id == referral_id:
            return referral
    raise NotFoundError("no such referral", where=referral_id)


def _end_of_day(at: datetime, days: int) -> datetime:
    """The last moment of the Shanghai day that many days on."""
    day = at.astimezone(SHANGHAI).date() + timedelta(days=days)
    return datetime.combine(day, time.max, tzinfo=SHANGHAI).astimezone(UTC)


def _everything(at_desk: Desk, caller: Visitor) -> tuple[Referral, ...]:
    if caller.organisation.kind is OrganisationKind.AGENT:
        return at_desk.store.referrals.received_by_agent(caller.organisation_id, at=at_desk.clock())
    return at_desk.store.referrals.received(caller.organisation_id)


def mark_words(referral: Referral) -> dict[str, str]:
    """The texts of the marks that a referral is about."""
    return {mark.mark_id: mark.text for mark in referral.projection.marks}


def _holders(at_desk: Desk, registry: Registry, lead: Lead) -> tuple[Organisation, ...]:
    return at_desk.store.organisations.holders_named(sorted(_holder_names(registry, lead)))


def _holder_names(registry: Registry, lead: Lead) -> Iterable[str]:
    named = (registry.mark_by_id.get(finding.mark_id or "") for finding in lead.screening.findings)
    return {mark.holder for mark in named if mark is not None and mark.holder}


def _registry(at_desk: Desk, caller: Visitor, lead: Lead) -> Registry:
    version = lead.screening.registry_version
    return at_desk.registries.at_version(at_desk.store.registry, caller.organisation_id, version)
