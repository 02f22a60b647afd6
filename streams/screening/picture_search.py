"""Searching the registry with a picture, and laying official pictures over others: for people to look at.

Owns the way from bytes to what a page shows. Reading is `streams.pictures`, comparing `detectors.pictures`.
"""

from detectors.pictures.index import PictureHit, PictureIndex
from detectors.pictures.matching import CORNERS, MIRRORED, PDQ, RADII
from detectors.pictures.showing import laid_over
from detectors.pictures.turns import TURNED
from models.findings import Finding
from models.pictures import PictureFound, PictureLaid, PictureReading, PictureSearch

LAID = 6
"""Official pictures that are laid over the query: the first few."""


def search(index: PictureIndex, reading: PictureReading, *, top: int) -> PictureSearch:
    """The nearest official pictures, best first, each mark's goods once; none for a picture that could not be read."""
    hits = index.nearest(reading, top)
    found = []
    for place, hit in enumerate(hits):
        reference = hit.reference.reading
        copied = _copied(hit)
        laid = None
        if copied and place < LAID and TURNED not in hit.hash:
            laid = laid_over(reading, reference, mirrored=hit.mirrored, partly=hit.hash.startswith(CORNERS))
        found.append(
            PictureFound(
                mark_id=hit.mark_id,
                goods_id=hit.goods_id,
                reading=reference.without_features(),
                score=hit.score,
                hash=hit.hash,
                distance=hit.distance,
                copied=copied,
                laid=laid,
            )
        )
    return PictureSearch(reading=reading.without_features(), found=tuple(found))


def lay(finding: Finding, reading: PictureReading, reference: PictureReading) -> PictureLaid | None:
    """How the official picture of a finding lies over the picture that it was found on; None for one turned by
    quarters, whose points are not followed."""
    named = str(finding.params.get("hash", ""))
    if TURNED in named:
        return None
    return laid_over(reading, reference, mirrored=named.endswith(MIRRORED), partly=named.startswith(CORNERS))


def _copied(hit: PictureHit) -> bool:
    return bool(hit.corners) or (hit.hash.startswith(PDQ) and hit.distance <= RADII[PDQ])
