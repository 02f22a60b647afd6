"""Likeness of shapes as findings: which registered drawings a listing's pictures show, where the shape is surely alike.

Owns the bars from which a likeness is told, and what is told of it. Ranking is `detectors.pictures.devices.index`. A
shape alone never flags: triage counts it only beside other findings.
"""

from collections.abc import Iterator, Sequence

from detectors.authorisation import authorised
from detectors.pictures.devices.drawings import PART_WORDS
from detectors.pictures.devices.index import DeviceHit, DeviceIndex
from models.context import Context
from models.findings import Evidence, Stance
from models.pictures import PictureReading
from models.subjects import Listing

DEVICES = "devices"
LIKENESS = "device-mark-likeness"

LEAST_OUTLINE, LEAST_AGREEMENT, LEAST_SCORE = 0.93, 0.93, 0.80
SHAPE_BARS = (LEAST_OUTLINE, LEAST_AGREEMENT, LEAST_SCORE)
"""Told from here on. Of 25 photographs of goods against 3,470 marks `python -m bench.devices` says how many pass."""

MARKS_AT_MOST = 2


def shape_evidence(listing: Listing, readings: Sequence[PictureReading], context: Context) -> Iterator[Evidence]:
    """The marks whose drawings a listing's pictures surely show, nearest first; nothing where the context has no index
    of drawings or the pictures were not read for shapes, and nothing on the marks that this seller may use."""
    index = context.snapshots.get(DEVICES)
    if not isinstance(index, DeviceIndex):
        return
    best: dict[str, tuple[DeviceHit, PictureReading]] = {}
    for reading in readings:
        for hit in index.nearest(reading, MARKS_AT_MOST) if reading.shapes else ():
            if surely(hit) and (hit.mark_id not in best or hit.score > best[hit.mark_id][0].score):
                best[hit.mark_id] = (hit, reading)
    ranked = sorted(best.values(), key=lambda one: (-one[0].score, one[0].mark_id))
    for hit, reading in ranked[:MARKS_AT_MOST]:
        known = hit.mark_id in context.registry.mark_by_id
        if known and not authorised(listing, hit.mark_id, context.registry, context.as_of):
            yield _evidence(hit, reading)


def surely(hit: DeviceHit) -> bool:
    """Whether a hit is near enough to be told."""
    return hit.outline >= LEAST_OUTLINE and hit.agreement >= LEAST_AGREEMENT and hit.score >= LEAST_SCORE


def _evidence(hit: DeviceHit, reading: PictureReading) -> Evidence:
    part_zh, part_en = PART_WORDS[hit.part]
    left, right = (round(share * reading.width) for share in (hit.where[0], hit.where[2]))
    top, bottom = (round(share * reading.height) for share in (hit.where[1], hit.where[3]))
    return Evidence(
        fact=LIKENESS,
        stance=Stance.FOR,
        score=hit.score,
        field="images",
        mark_id=hit.mark_id,
        subject_value=reading.address,
        reference_value=hit.reference_address,
        params=(
            ("agreement", round(100 * hit.agreement)),
            ("part_zh", part_zh),
            ("part_en", part_en),
            ("picture", reading.content_sha256 or ""),
            ("box", f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"),
        ),
    )
