"""Authorisation: whether the shop behind a listing may lawfully use a mark or sell its goods.

Owns the one rule by which a registry row and a seller are the same party, and what that row says of them today, so
that every detector that argues about a seller does so by the same rule. What a standing weighs is left to the
detectors and to triage.

A shop's name is easily copied, so the strongest identifier that both sides state decides alone: the credit code
(统一社会信用代码), then the shop's id, then the name. A seller's territory is judged by the place of dispatch, else by
the seller's own place, where the listing tells one that `detectors.territory` knows; otherwise it is taken as kept.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from detectors.territory import covers
from models.moments import SHANGHAI
from models.registry import AuthorisedSeller, Registry, within
from models.subjects import Listing


class Terms(StrEnum):
    """What a registry row says of its party today, the best first."""

    AUTHORISED = "authorised"
    OUTSIDE_TERRITORY = "outside-territory"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Standing:
    """One row that names this seller for this mark, and what it says today."""

    terms: Terms
    row: AuthorisedSeller


def authorised(listing: Listing, mark_id: str, registry: Registry, as_of: datetime) -> AuthorisedSeller | None:
    """The first registry row, in registry order, that lets this listing's seller deal in the mark's goods on the
    Shanghai day of `as_of` (any zone), from where they are sent; None when no row does. Licensees count like
    authorised sellers."""
    found = standing(listing, mark_id, registry, as_of)
    return found.row if found is not None and found.terms is Terms.AUTHORISED else None


def standing(listing: Listing, mark_id: str, registry: Registry, as_of: datetime) -> Standing | None:
    """What the registry says of this seller and this mark: the best terms of any of its rows, the first in registry
    order among equals; None where no row names the seller. Rows that are not yet valid say nothing."""
    found: dict[Terms, AuthorisedSeller] = {}
    for row in registry.authorised_by_mark.get(mark_id, ()):
        if _on_platform(row, listing) and _same_party(row, listing):
            terms = _terms(row, listing, as_of)
            if terms is not None:
                found.setdefault(terms, row)
    return next((Standing(terms, found[terms]) for terms in Terms if terms in found), None)


def place_of(listing: Listing) -> str:
    """Where the goods come from, as far as the listing says."""
    return listing.ships_from or listing.seller.location


def _terms(row: AuthorisedSeller, listing: Listing, as_of: datetime) -> Terms | None:
    if within(row.valid_from, row.valid_to, as_of):
        return Terms.OUTSIDE_TERRITORY if covers(row.territory, place_of(listing)) is False else Terms.AUTHORISED
    ended = row.valid_to is not None and row.valid_to < as_of.astimezone(SHANGHAI).date()
    return Terms.LAPSED if ended else None


def _on_platform(row: AuthorisedSeller, listing: Listing) -> bool:
    return not row.platform or _comparable(row.platform) == _comparable(listing.platform)


def _same_party(row: AuthorisedSeller, listing: Listing) -> bool:
    seller = listing.seller
    if row.uscc and seller.uscc:
        return row.uscc.strip().upper() == seller.uscc.strip().upper()
    if row.seller_id and seller.id:
        same_id = row.seller_id.strip() == seller.id.strip()
        if same_id or row.platform:  # one party has other ids elsewhere: without a platform a different id says nothing
            return same_id
    name = _comparable(row.seller_name)
    return bool(name) and name == _comparable(seller.name)


@lru_cache(maxsize=65536)
def _comparable(text: str) -> str:
    """Width, case, spaces and punctuation do not tell two shop names apart: letters and digits alone remain."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
