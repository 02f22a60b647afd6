"""Sellers: what the registry says of whoever offers the goods.

Owns the arguments that rest on the list of authorised sellers and licensees: on it today, on it for another part of
the country, on it until some day. Leaves who is the same party to `detectors.authorisation`.
"""

from collections.abc import Iterator

from detectors.authorisation import Terms, place_of
from detectors.trademark.case import Case
from models.findings import Evidence, Stance


def authorised_seller(case: Case) -> Iterator[Evidence]:
    """On the holder's list, on this platform, today, and from within the territory."""
    if case.standing is not None and case.standing.terms is Terms.AUTHORISED:
        yield _told(case, "authorised-seller", Stance.AGAINST, case.standing.row.seller_name)


def outside_territory(case: Case) -> Iterator[Evidence]:
    """On the list for another part of the country: genuine goods outside the authorised channel (窜货), no copy."""
    if case.standing is not None and case.standing.terms is Terms.OUTSIDE_TERRITORY:
        listing = case.page.listing
        yield case.evidence(
            "channel",
            Stance.AGAINST,
            1.0,
            field="ships_from" if listing.ships_from else "seller.location",
            subject_value=place_of(listing),
            reference_value=case.standing.row.territory,
        )


def authorisation_lapsed(case: Case) -> Iterator[Evidence]:
    """On the list until a day that is past. The holder no longer vouches for this seller, who may still sell what was
    bought before: more than is known of a stranger, and little by itself."""
    if case.standing is not None and case.standing.terms is Terms.LAPSED:
        yield _told(case, "authorisation-lapsed", Stance.FOR, str(case.standing.row.valid_to))


def _told(case: Case, fact: str, stance: Stance, reference: str) -> Evidence:
    seller = case.page.listing.seller
    return case.evidence(
        fact,
        stance,
        1.0,
        field="seller.name" if seller.name else "seller.id",
        subject_value=seller.name or seller.id or seller.uscc,
        reference_value=reference,
    )
