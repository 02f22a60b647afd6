"""Authorisation: whether the shop behind a listing may lawfully use a mark or sell its goods.

Owns the one rule by which a registry row and a seller are the same party, so that every detector that argues against
a suspicion does so by the same rule. What an authorisation weighs is left to the detectors and to triage.

A shop's name is easily copied, so the strongest identifier that both sides state decides alone: the credit code
(统一社会信用代码), then the shop's id, then the name. Territory is not judged here: where a shop
sells is not stated on its page.
"""

import unicodedata
from datetime import datetime
from functools import lru_cache

from models.registry import AuthorisedSeller, Registry, within
from models.subjects import Listing


def authorised(listing: Listing, mark_id: str, registry: Registry, as_of: datetime) -> AuthorisedSeller | None:
    """The first registry row, in registry order, that lets this listing's seller deal in the mark's goods on the
    Shanghai day of `as_of` (any zone); None when no row does. Licensees count like authorised sellers."""
    for row in registry.authorised_by_mark.get(mark_id, ()):
        if _on_platform(row, listing) and within(row.valid_from, row.valid_to, as_of) and _same_party(row, listing):
            return row
    return None


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
