"""What a price buys, from all that a listing tells, and what one piece of reference goods is.

Owns which field is asked first and what is done when fields disagree. Leaves the reading of a text to
`detectors.price.specification`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from detectors.price.specification import Specification, read_specification
from detectors.price.units import units
from models.registry import ReferenceGoods
from models.subjects import Listing

SPECIFICATION_ATTRIBUTES = ("规格", "包装规格", "净含量", "容量", "specification", "size", "net_content", "unit_size")
COUNT_ATTRIBUTES = ("件数", "包装件数", "number_of_items", "item_package_quantity", "pack_size")
MOST_PACKAGES = 300
# How sure a quantity is that fields tell together, or against each other. One visible literal.
SURE = {"together": 0.9, "disagree": 0.6}
SET = re.compile("套装|礼盒|套盒|套组|组合|(?<![a-z])(?:set|kit|bundle)(?![a-z])", re.IGNORECASE)


def read_quantity(listing: Listing, masked: Sequence[tuple[int, int]] = ()) -> Specification:
    """What the price buys: told by the title, by the attributes that state the specification, or by both.

    A size that only an attribute tells is multiplied by the title's packages. Where both tell one and they differ, and
    not by the title's number of packages, the smaller is taken and is less sure.
    """
    told = read_specification(listing.title, masked=masked)
    stated = _stated(listing)
    if stated is None:
        return told
    if not told.amounts:
        return replace(stated, noted=told.noted, share=told.share, spans=())
    if stated.content is None:
        return told
    if told.content is None:
        return told if told.capacity else _together(told, stated)
    return _settled(told, stated)


def read_reference(goods: ReferenceGoods) -> Specification:
    """The quantity of one piece of reference goods: from its specification (`瓶500ml`, `台`), otherwise its name."""
    told = read_specification(goods.specification, of=goods.name)
    word = goods.specification.strip()
    if not told.amounts and word in units().counting:
        return Specification(amounts=((units().counting[word], told.packs),), used=word)
    return told if told.amounts or told.capacity else read_specification(goods.name)


def is_set(goods: ReferenceGoods) -> bool:
    """Whether one piece of these goods holds several (套装, gift set)."""
    return SET.search(f"{goods.name} {goods.specification}") is not None


def _stated(listing: Listing) -> Specification | None:
    """The first attribute that tells a quantity, times the number of pieces that another one tells."""
    given = {name.casefold(): value for name, value in listing.attributes.items()}
    texts = (given[name] for name in SPECIFICATION_ATTRIBUTES if given.get(name))
    stated = next((read for text in texts if (read := read_specification(text, of=listing.title)).amounts), None)
    number = next((count for name in COUNT_ATTRIBUTES if (count := _number(given.get(name, ""))) > 1), 1)
    if number == 1 or (stated is not None and stated.packs != 1):
        return stated
    if stated is None:
        return Specification(amounts=(("", Decimal(number)),), packs=Decimal(number), used=f"×{number}")
    return _times(stated, Decimal(number), f"{stated.used} ×{number}")


def _number(text: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,3})\s*(?:件|个|pcs|pieces|packs?)?\s*", text, re.IGNORECASE)
    return int(found[1]) if found and int(found[1]) <= MOST_PACKAGES else 1


def _together(told: Specification, stated: Specification) -> Specification:
    """The title's packages, each of the size that the attribute tells."""
    used = f"{stated.used} … {told.used}"
    if stated.packs != 1 or told.packs == 1:
        content = [pair for pair in stated.amounts if pair[0] in ("g", "ml")]
        amounts = tuple(sorted((*(pair for pair in told.amounts if pair[0] not in ("g", "ml")), *content)))
        sure = SURE["together"] if told.packs in (1, stated.packs) else SURE["disagree"]
        packs = min(told.packs, stated.packs) if told.packs != 1 else stated.packs
        return replace(told, amounts=amounts, packs=packs, used=used, sure=round(min(told.sure, stated.sure) * sure, 6))
    whole = _times(stated, told.packs, used)
    counts = [pair for pair in told.amounts if whole.amount(pair[0]) is None]
    amounts = tuple(sorted((*whole.amounts, *counts)))
    sure = round(told.sure * stated.sure * SURE["together"], 6)
    return replace(told, amounts=amounts, packs=told.packs, used=used, sure=sure)


def _times(read: Specification, number: Decimal, used: str) -> Specification:
    amounts = tuple((unit, amount * number) for unit, amount in read.amounts)
    return replace(read, amounts=amounts, packs=read.packs * number, used=used)


def _settled(told: Specification, stated: Specification) -> Specification:
    """The title's reading, unless the attribute tells less of the same and is not the size of one of its packages."""
    (unit, amount), (other, said) = told.content or ("", Decimal(0)), stated.content or ("", Decimal(0))
    if unit != other or not amount:
        return told
    if any(abs(said * number - amount) * 20 <= amount for number in (Decimal(1), told.packs)):
        return told
    smaller = stated if said < amount else told
    return replace(
        smaller,
        noted=told.noted,
        share=told.share,
        spans=told.spans if smaller is told else (),
        sure=round(min(told.sure, stated.sure) * SURE["disagree"], 6),
    )
