"""Twins of one operator: a card of the queue stands for several pages on the same goods, and accepting it means all of
them that the same operator shows. Pages of others are another operator's case lead and stay out."""

from collections.abc import Iterable

from models.leads import Disposition, Lead
from models.subjects import Listing
from review_api.desk import Desk
from review_api.sessions import Visitor

ACCEPTABLE = frozenset({Disposition.OPEN, Disposition.MORE_INFORMATION})


def with_twins(at_desk: Desk, caller: Visitor, leads: Iterable[Lead], *, most: int) -> list[Lead]:
    """These leads, each followed by the twins that its operator shows and that can still be accepted; `most` in all."""
    chosen = {lead.lead_id: lead for lead in leads}
    found: dict[str, Lead] = {}
    for lead in chosen.values():
        found.setdefault(lead.lead_id, lead)
        for twin in _twins(at_desk, caller, lead, most - len(found)):
            if twin.lead_id not in chosen:
                found.setdefault(twin.lead_id, twin)
    return list(found.values())[:most]


def _twins(at_desk: Desk, caller: Visitor, lead: Lead, most: int) -> list[Lead]:
    operator = _operator(lead)
    if operator is None or most <= 0:
        return []
    group = at_desk.store.groups.of_lead(caller.organisation_id, lead.lead_id, limit=most + 1)
    others = [
        at_desk.store.leads.get(caller.organisation_id, member.lead_id)
        for member in group.members
        if member.lead_id != lead.lead_id and member.disposition in ACCEPTABLE
    ]
    return [other for other in others if _operator(other) == operator]


def _operator(lead: Lead) -> tuple[str, ...] | None:
    """What tells one operator's pages: the credit code that they show, or else the shop on its platform."""
    subject = lead.screening.subject
    if not isinstance(subject, Listing):
        return None
    if subject.seller.uscc:
        return ("uscc", subject.seller.uscc)
    shop = subject.seller.id or subject.seller.name
    return ("shop", subject.platform, shop) if shop else None
