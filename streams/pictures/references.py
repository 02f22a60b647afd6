"""A registry's official pictures: read from the addresses that marks and goods name."""

from models.identity import LOCAL
from models.pictures import ReferencePicture
from models.registry import Registry
from streams.pictures.source import PictureSource


def read_reference_pictures(
    registry: Registry, source: PictureSource, *, organisation_id: str = LOCAL
) -> tuple[ReferencePicture, ...]:
    """One row for every picture that a mark or its goods name, ordered by mark, goods and address. A picture that
    could not be read has its row too, with the reason in its reading. They are few beside the listings' and read to
    level `full`: parts of them are found again by their features."""
    named = {(mark.mark_id, "", address) for mark in registry.marks for address in mark.images}
    named |= {(goods.mark_id, goods.goods_id, address) for goods in registry.goods for address in goods.images}
    rows = sorted(named)
    readings = source.read_all([address for *_, address in rows], organisation_id=organisation_id, level="features")
    return tuple(
        ReferencePicture(mark_id=mark_id, goods_id=goods_id, reading=readings[address])
        for mark_id, goods_id, address in rows
    )
