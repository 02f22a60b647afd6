"""Matching: when two pictures count as copies of one another.

Owns the table of radii and scores. PDQ at 31 of 256 bits is its authors' threshold. pHash at 10 of 64 alone finds
packages of one layout and simple logos to be alike (measured: 10 of 46,500 pairs of different groceries, 231 of 6
million pairs of logos, where PDQ found 0 and 3), so alone it counts little, and only when PDQ agrees half-way.
"""

from dataclasses import dataclass

from models.pictures import PictureReading

PDQ, PHASH = "pdq-256", "phash-64"
MIRRORED = "-mirrored"
BITS = {PDQ: 256, PHASH: 64}
RADII = {PDQ: 31, PHASH: 10}

LOWEST_QUALITY = 50
"""PDQ's own measure of structure, 0..100; hashes of flatter pictures say nothing."""

HALF_WAY = 64
"""What PDQ may differ by when pHash alone is within its radius."""


@dataclass(frozen=True)
class Grade:
    """Which hashes agree, the hash that is named for it, and the score from `least` (at the radius) to `most` (0)."""

    named: str
    least: float
    most: float


BOTH = Grade(PDQ, 0.90, 1.00)
PDQ_ALONE = Grade(PDQ, 0.75, 0.85)
PHASH_ALONE = Grade(PHASH, 0.40, 0.50)


@dataclass(frozen=True)
class Match:
    """Two pictures that agree: by which hash, in how many bits, and whether one had to be mirrored."""

    score: float
    hash: str
    distance: int
    mirrored: bool

    @property
    def copied(self) -> bool:
        """Whether the hash that is named is good enough to speak of a copy: PDQ is, pHash alone is not."""
        return self.hash.startswith(PDQ)


def judge(pdq_distance: int, phash_distance: int, *, mirrored: bool) -> Match | None:
    """The match for two distances in bits, or None when the pictures do not agree."""
    pdq_near, phash_near = pdq_distance <= RADII[PDQ], phash_distance <= RADII[PHASH]
    if pdq_near:
        grade = BOTH if phash_near else PDQ_ALONE
    elif phash_near and pdq_distance <= HALF_WAY:
        grade = PHASH_ALONE
    else:
        return None
    distance = pdq_distance if grade.named == PDQ else phash_distance
    score = grade.most - (grade.most - grade.least) * distance / RADII[grade.named]
    return Match(score, grade.named + (MIRRORED if mirrored else ""), distance, mirrored)


def comparable(reading: PictureReading) -> bool:
    """Whether a reading's hashes say anything: it was decoded and has enough structure."""
    return hashed(reading) and reading.quality >= LOWEST_QUALITY


def hashed(reading: PictureReading) -> bool:
    """Whether a reading has the hashes that are compared."""
    return not reading.failure and PDQ in reading.hashes and PHASH in reading.hashes
