"""Matching: when two pictures count as copies of one another.

Owns the table of radii, bars and scores. PDQ at 31 of 256 bits is its authors' threshold. pHash at 10 of 64 alone finds
packages of one layout and simple logos to be alike (measured: 10 of 46,500 pairs of different groceries, 231 of 6
million pairs of logos, where PDQ found 0 and 3), so alone it counts little, and only when PDQ agrees half-way.

Where one picture lies over another by their corners, patches decide: in copies of a photograph, whatever was cut off or
laid over them, nearly all patches that are related at all agree; in other photographs of the same goods, and in
packages of one series, fewer do (decision 0034). Under a watermark many patches are disturbed, and the rest are equal
but for compression: of the patches of other photographs, and of packages of one series, that many never are.
"""

from dataclasses import dataclass

from detectors.pictures.agreement import Agreement
from detectors.pictures.turns import TURNED
from models.pictures import PictureReading

PDQ, PHASH, CORNERS = "pdq-256", "phash-64", "corners-128"
MIRRORED, TRIMMED = "-mirrored", "-trimmed"
BITS = {PDQ: 256, PHASH: 64}
RADII = {PDQ: 31, PHASH: 10}

LOWEST_QUALITY = 50
"""PDQ's own measure of structure, 0..100; hashes of flatter pictures say nothing."""

HALF_WAY = 64
"""What PDQ may differ by when pHash alone is within its radius."""

LEAST_AGREEING = 15
"""Patches that must agree before a part is told as copied."""
OF_RELATED = 0.88
"""Of the related patches, at least so many must agree."""
OF_TEXTURED = 0.6
"""And of all patches that lie on top of one another: what was laid over a copy covers less than the rest."""
LEAST_EXACT = 20
"""Or so many patches must be equal but for compression,"""
OF_ALL_EXACT = 0.45
"""and so many of all that lie on top of one another,"""
OF_ALL_RELATED = 0.7
"""of which so many are related: what is seen through hides nothing, and drawings of one plan differ in parts."""

BARS = (LEAST_AGREEING, OF_RELATED, OF_TEXTURED, LEAST_EXACT, OF_ALL_EXACT, OF_ALL_RELATED)


@dataclass(frozen=True)
class Grade:
    """Which comparison agrees, the hash that is named for it, and the score from `least` (at the bar) to `most`."""

    named: str
    least: float
    most: float


BOTH = Grade(PDQ, 0.90, 1.00)
PDQ_ALONE = Grade(PDQ, 0.75, 0.85)
PART = Grade(CORNERS, 0.70, 0.89)
PHASH_ALONE = Grade(PHASH, 0.40, 0.50)


@dataclass(frozen=True)
class Match:
    """Two pictures that agree: by which hash and in how many bits (0 where corners speak), and whether one had to be
    mirrored or, as the hash's name tells, turned by quarters. Of a picture laid over the other: how many corners fit,
    and the share of the official one that is seen, 0..1."""

    score: float
    hash: str
    distance: int
    mirrored: bool
    corners: int = 0
    share: float = 1.0

    @property
    def copied(self) -> bool:
        """Whether what agrees is good enough to speak of a copy: PDQ and corners are, pHash alone is not."""
        return self.hash.startswith((PDQ, CORNERS))

    @property
    def turned(self) -> bool:
        """Whether one of the two had to be turned by quarters."""
        return TURNED in self.hash

    @property
    def partly(self) -> bool:
        """Whether corners speak, and hashes of the whole do not."""
        return self.hash.startswith(CORNERS)


def judge(pdq_distance: int, phash_distance: int, *, mirrored: bool, turn: str = "") -> Match | None:
    """The match for two distances in bits, or None when the pictures do not agree. `turn` names the turn by quarters
    that the hash was told for; it stands in the name of the hash."""
    pdq_near, phash_near = pdq_distance <= RADII[PDQ], phash_distance <= RADII[PHASH]
    if pdq_near:
        grade = BOTH if phash_near else PDQ_ALONE
    elif phash_near and pdq_distance <= HALF_WAY:
        grade = PHASH_ALONE
    else:
        return None
    distance = pdq_distance if grade.named == PDQ else phash_distance
    score = grade.most - (grade.most - grade.least) * distance / RADII[grade.named]
    return Match(score, grade.named + turn + (MIRRORED if mirrored else ""), distance, mirrored)


def judge_part(seen: Agreement, corners: int, *, mirrored: bool) -> Match | None:
    """The match for pictures of which one lies over the other, or None when what is seen does not agree."""
    share = seen.agreeing / max(1, seen.related)
    mostly = seen.agreeing >= LEAST_AGREEING and seen.agreeing >= OF_TEXTURED * seen.textured and share >= OF_RELATED
    exactly = (
        seen.exact >= LEAST_EXACT
        and seen.exact >= OF_ALL_EXACT * seen.textured
        and seen.related >= OF_ALL_RELATED * seen.textured
    )
    if not mostly and not exactly:
        return None
    score = PART.least + (PART.most - PART.least) * max(0.0, share - OF_RELATED) / (1 - OF_RELATED)
    return Match(score, CORNERS + (MIRRORED if mirrored else ""), 0, mirrored, corners, round(seen.share, 3))


def comparable(reading: PictureReading) -> bool:
    """Whether a reading's hashes say anything: it was decoded and has enough structure."""
    return hashed(reading) and reading.quality >= LOWEST_QUALITY


def hashed(reading: PictureReading) -> bool:
    """Whether a reading has the hashes that are compared."""
    return not reading.failure and PDQ in reading.hashes and PHASH in reading.hashes
