"""Parties (当事主体): the person or firm that a lead is on, as its page shows it. A case is on a party, not on a page.

The same credit code is one party wherever it stands; without one a party is a shop on its platform. That two shops are
one firm is a person's finding (`models.case_leads.operators`).
"""

import re
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from models.identity import digest
from models.leads import Disposition
from models.queue.places import Place
from models.subjects import AnySubject, Listing
from models.values import Value

CODE = re.compile(r"[0-9A-Z]{18}")


class PartyName(NamedTuple):
    """What names a party; `key` is empty where a page shows nobody."""

    key: str
    name: str = ""
    uscc: str = ""
    platform: str = ""


class Party(Value):
    """One line of the queue by operator. `value` is what a minute on it is expected to yield (`models.queue.worth`):
    its best open lead, reaching as far as it has open leads."""

    party_key: str
    name: str = ""
    uscc: str = ""
    division: str = ""
    place: Place = Place.UNKNOWN
    platforms: tuple[str, ...] = ()
    leads: int = Field(description="All leads on the party")
    open_leads: int = Field(description="Leads that are open or wait for more")
    best_score: float = Field(description="The best score among those")
    value: float
    last_seen: AwareDatetime


# Which leads a party is still worked on for.
WAITING = (Disposition.OPEN, Disposition.MORE_INFORMATION)


def party_of(subject: AnySubject) -> PartyName:
    """Who the subject shows."""
    if isinstance(subject, Listing):
        seller, platform = subject.seller, subject.platform
        code, shop, name = seller.uscc, seller.id or seller.name, seller.name
    else:
        code, shop, name, platform = subject.sender_uscc, subject.sender_token, "", subject.carrier
    code = code.strip().upper()
    if CODE.fullmatch(code):
        return PartyName(digest(subject.organisation_id, "credit code", code), name, code, platform)
    if not shop:
        return PartyName("")
    return PartyName(digest(subject.organisation_id, "shop", platform, shop), name, "", platform)
