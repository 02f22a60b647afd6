"""The picture detector: official pictures found again on listings.

Owns what is said about a match, for or against. Matching is `detectors.pictures.index`; whether the shop may use the
pictures is `detectors.authorisation`; what a finding weighs is triage's.
"""

from collections.abc import Sequence

from detectors.authorisation import authorised
from detectors.pictures.commonplace import COMMON, CommonPictures, Uses
from detectors.pictures.devices.likeness import SHAPE_BARS, shape_evidence
from detectors.pictures.index import PictureIndex, PictureMatch
from detectors.pictures.matching import BARS, HALF_WAY, LOWEST_QUALITY, RADII, Match
from models.context import Context
from models.findings import Evidence, Finding, Observation, Parameter, Stance, signed
from models.identity import digest
from models.pictures import PictureReading
from models.subjects import Listing

COPIED = "copied-official-picture"
COPIED_PART = "copied-official-picture-part"
SIMILAR = "similar-official-picture"
COMMON_PICTURE = "official-picture-common"
AUTHORISED = "official-picture-authorised"
SNAPSHOT = "pictures"

Key = tuple[str, str, str]
"""Mark, goods and address of an official picture."""


class PictureDetector:
    """Compares a listing's pictures with the rights holder's official pictures (官方图片比对).

    A picture that is the same but for size, compression, brightness, an even border or a left-right flip is reported
    with the official picture it was found to copy. Where local features were read, so is one that shows a part of an
    official picture, has something laid over it, is turned a little, or holds it among other things; corners and
    patches of both must agree. One of merely the same layout is reported as similar and counts for little. In the shop
    of an authorised seller all of it speaks against a suspicion, and so does a picture that very many shops show for
    all kinds of goods: a template, a size chart. A picture that could not be read, or that has too
    little structure to tell (PDQ quality below 50), says nothing. New photographs of the goods are not found.
    """

    name = "pictures"
    kinds = frozenset({"listing"})

    @property
    def version(self) -> str:
        return digest(self.name, "6", SHAPE_BARS, RADII, HALF_WAY, LOWEST_QUALITY, BARS)[:12]

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """At most one finding for each official picture and listing, by the listing's picture nearest to it."""
        index = context.snapshot(SNAPSHOT, PictureIndex)
        readings = _distinct(batch)
        matches = dict(zip(readings, index.matches(list(readings.values())), strict=True))
        common = context.snapshots.get(COMMON)
        known = common if isinstance(common, CommonPictures) else CommonPictures({})
        return [self._findings(observation, matches, known, context) for observation in batch]

    def _findings(
        self,
        observation: Observation,
        matches: dict[str, list[PictureMatch]],
        common: CommonPictures,
        context: Context,
    ) -> list[Finding]:
        listing = observation.subject
        if not isinstance(listing, Listing):
            return []
        best: dict[Key, tuple[PictureReading, PictureMatch]] = {}
        for reading in observation.pictures:
            for found in _best_of_each_goods(matches[_compared(reading)]):
                key = (found.reference.mark_id, found.reference.goods_id, found.reference.reading.address)
                if key not in best or found.match.score > best[key][1].match.score:
                    best[key] = (reading, found)
        copies = [
            _evidence(listing, *best[key], common, context)
            for key in sorted(best)
            if key[0] in context.registry.mark_by_id
        ]
        named = {copy.mark_id for copy in copies}
        shapes = [each for each in shape_evidence(listing, observation.pictures, context) if each.mark_id not in named]
        return [signed(told, listing, detector=self.name, version=self.version) for told in (*copies, *shapes)]


def _evidence(
    listing: Listing, reading: PictureReading, found: PictureMatch, common: CommonPictures, context: Context
) -> Evidence:
    reference, match = found.reference, found.match
    seller = authorised(listing, reference.mark_id, context.registry, context.as_of)
    uses = common.of(reading)
    return Evidence(
        fact=AUTHORISED if seller else (COMMON_PICTURE if uses else _fact(match)),
        stance=Stance.AGAINST if seller or uses else Stance.FOR,
        score=match.score,
        field="images",
        mark_id=reference.mark_id,
        goods_id=reference.goods_id or None,
        subject_value=reading.address,
        reference_value=reference.reading.address,
        params=_params(match) + _uses(uses),
    )


def _uses(uses: Uses | None) -> tuple[tuple[str, Parameter], ...]:
    return (("shops", uses.shops), ("kinds", uses.kinds)) if uses else ()


def _fact(match: Match) -> str:
    if match.partly:
        return COPIED_PART
    return COPIED if match.copied else SIMILAR


def _params(match: Match) -> tuple[tuple[str, Parameter], ...]:
    told: tuple[tuple[str, Parameter], ...] = (
        ("distance", match.distance),
        ("hash", match.hash),
        ("mirrored", match.mirrored),
    )
    if match.partly:
        told += (("corners", match.corners), ("share", round(100 * match.share)))
    return told


def _best_of_each_goods(matches: list[PictureMatch]) -> list[PictureMatch]:
    """One picture shows one thing: of several official pictures of the same goods that it resembles, the nearest."""
    best: dict[tuple[str, str], PictureMatch] = {}
    for found in matches:  # best first
        best.setdefault((found.reference.mark_id, found.reference.goods_id), found)
    return list(best.values())


def _distinct(batch: Sequence[Observation]) -> dict[str, PictureReading]:
    """One reading for all that compare alike: a picture used by many listings of a batch is looked up once."""
    return {_compared(reading): reading for observation in batch for reading in observation.pictures}


def _compared(reading: PictureReading) -> str:
    return digest(reading.hashes, reading.quality, reading.features, reading.failure)
