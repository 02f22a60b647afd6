"""The operator (经营主体) that a case lead is on, with its shops as the pages showed them.

A case lead is on one operator. Pages that show different credit codes contradict that; shops without a code leave it
open, and the officer's `basis` says why they are held to be one.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from models.errors import ConflictError
from models.leads import Lead
from models.subjects import Listing
from models.values import Value


class CaseShop(Value):
    """A shop (店铺) as its pages named it."""

    platform: str
    seller_id: str = ""
    name: str = ""
    location: str = ""
    uscc: str = ""


class CaseOperator(Value):
    """Who the case lead is on. `basis` is the officer's: why these shops are one operator, how its name was found."""

    name: str = ""
    uscc: Annotated[str, Field(max_length=18)] = ""
    shops: tuple[CaseShop, ...] = ()
    basis: str = ""

    @property
    def settled(self) -> bool:
        """One shop, one code shown by all of them, or an officer's word."""
        codes = {shop.uscc for shop in self.shops}
        return len(self.shops) < 2 or (len(codes) == 1 and "" not in codes) or bool(self.basis.strip())


def operator_of(leads: Iterable[Lead]) -> CaseOperator:
    """The operator that these leads' pages show. Raises `ConflictError` when they show different credit codes."""
    shops = dict.fromkeys(shop for lead in leads if (shop := _shop(lead)) is not None)
    codes = sorted({shop.uscc for shop in shops} - {""})
    if len(codes) > 1:
        raise ConflictError(
            f"the leads are on different operators: credit codes {', '.join(codes)}",
            where="leads",
            mend="register one case lead for each operator",
        )
    names = {shop.name for shop in shops}
    return CaseOperator(name=names.pop() if len(names) == 1 else "", uscc=codes[0] if codes else "", shops=tuple(shops))


def _shop(lead: Lead) -> CaseShop | None:
    subject = lead.screening.subject
    if isinstance(subject, Listing):
        seller = subject.seller
        if not (seller.id or seller.name or seller.uscc):
            return None
        return CaseShop(
            platform=subject.platform,
            seller_id=seller.id,
            name=seller.name,
            location=seller.location,
            uscc=seller.uscc,
        )
    return CaseShop(platform=subject.carrier, uscc=subject.sender_uscc) if subject.sender_uscc else None
