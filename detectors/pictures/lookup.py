"""Lookup by picture: the registry's nearest marks and goods for one picture, by every way in which it can be near.

Owns how the ways are put together: a copy of an official picture, a shape like a registered drawing, and words printed
in the picture that are near to a mark's name. Each is set on one scale, how likely it is that the picture shows the
mark, and taken together as independent signs. It ranks and never decides.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from detectors.pictures.devices import DeviceHit, DeviceIndex
from detectors.pictures.devices.drawings import PART_WORDS
from detectors.pictures.index import PictureHit, PictureIndex
from detectors.trademark import MarkIndex, nearest
from models.explanations import LANGUAGES, explain
from models.findings import Finding, Stance
from models.identity import digest
from models.pictures import PictureReading, PrintedWord
from models.registry import Registry

CONSIDERED = 50
"""So many of the nearest by each way are put together, or as many as are asked for."""

FIELD = "picture"
NEARNESS = "device-mark-nearness"

# Where a likeness is worth one half, and how steeply it rises about there.
COPY_MIDDLE, COPY_SLOPE = 0.75, 0.04
NAME_MIDDLE, NAME_SLOPE = 0.8, 0.05

LEAST_CONFIDENCE = 0.5
LEAST_LETTERS = 2
FULL_LETTERS = 4
SHORT_WORTH = 0.88
"""A single letter is read into many shapes and says nothing; two or three say less than a name."""

LINES_AT_MOST = 12


@dataclass(frozen=True)
class Sign:
    """One way in which a picture is near to a mark or its goods: how likely 0..1, and why, in `zh` and `en`."""

    mark_id: str
    goods_id: str
    likely: float
    explanation: dict[str, str]


@dataclass(frozen=True)
class Nearest:
    """One mark or goods with how likely the picture shows it, 0..1, and why."""

    mark_id: str
    goods_id: str
    score: float
    explanation: dict[str, str]


def nearest_to_picture(
    reading: PictureReading,
    pictures: PictureIndex,
    devices: DeviceIndex,
    marks: MarkIndex,
    registry: Registry,
    *,
    top: int,
) -> list[Nearest]:
    """The `top` nearest marks and goods, best first, without a threshold; none when the picture could not be read."""
    if reading.failure:
        return []
    count = max(top, CONSIDERED)
    known = registry.mark_by_id
    signs: dict[tuple[str, str], list[Sign]] = {}
    ways: Iterable[Sign] = (
        *(_copy(hit, reading, registry) for hit in pictures.nearest(reading, count)),
        *(_shape(hit, reading, registry) for hit in devices.nearest(reading, count)),
        *_names(reading.words, marks, registry, count),
    )
    for sign in ways:
        if sign.mark_id in known:
            signs.setdefault((sign.mark_id, sign.goods_id), []).append(sign)
    together = [_together(mark_id, goods_id, found) for (mark_id, goods_id), found in signs.items()]
    together.sort(key=lambda hit: (-hit.score, hit.mark_id, hit.goods_id))
    return together[:top]


def _together(mark_id: str, goods_id: str, signs: list[Sign]) -> Nearest:
    unlikely = math.prod(1 - sign.likely for sign in signs)
    strongest = max(signs, key=lambda sign: sign.likely)
    return Nearest(mark_id, goods_id, round(1 - unlikely, 6), strongest.explanation)


def _copy(hit: PictureHit, reading: PictureReading, registry: Registry) -> Sign:
    mark = registry.mark_by_id.get(hit.mark_id)
    finding = hit.finding(reading.address)
    told: dict[str, str] = {
        language: explain(finding, language, mark=mark.text if mark else "") for language in LANGUAGES
    }
    likely = _likely(hit.score, COPY_MIDDLE, COPY_SLOPE) / _likely(1.0, COPY_MIDDLE, COPY_SLOPE)
    return Sign(hit.mark_id, hit.goods_id, likely, told)  # the same picture is certainly a copy


def _shape(hit: DeviceHit, reading: PictureReading, registry: Registry) -> Sign:
    mark = registry.mark_by_id.get(hit.mark_id)
    part_zh, part_en = PART_WORDS[hit.part]
    finding = Finding(
        finding_id=digest(NEARNESS, reading.address, hit.mark_id, hit.reference_address),
        detector="pictures",
        version="",
        mark_id=hit.mark_id,
        stance=Stance.FOR,
        score=hit.score,
        fact=NEARNESS,
        field="images",
        subject_value=reading.address,
        reference_value=hit.reference_address,
        params={
            "outline": round(100 * hit.outline),
            "agreement": round(100 * hit.agreement),
            "part_zh": part_zh,
            "part_en": part_en,
        },
    )
    told: dict[str, str] = {
        language: explain(finding, language, mark=mark.text if mark else "") for language in LANGUAGES
    }
    return Sign(hit.mark_id, hit.goods_id, hit.score, told)


def _names(words: Iterable[PrintedWord], marks: MarkIndex, registry: Registry, count: int) -> Iterator[Sign]:
    """The marks whose names are near to what is printed: each by the line, or all lines together, that is nearest."""
    lines = [word.text for word in words if word.confidence >= LEAST_CONFIDENCE][:LINES_AT_MOST]
    best: dict[str, Sign] = {}
    for text in dict.fromkeys([*lines, " ".join(lines), "".join(lines)]):
        letters = sum(map(str.isalnum, text))
        if letters < LEAST_LETTERS:
            continue
        worth = 1.0 if letters >= FULL_LETTERS or any(map(_is_wide, text)) else SHORT_WORTH
        for hit in nearest(text, marks, registry, top=count, field=FIELD):
            likely = _likely(hit.score, NAME_MIDDLE, NAME_SLOPE) * worth
            if hit.mark_id not in best or likely > best[hit.mark_id].likely:
                best[hit.mark_id] = Sign(hit.mark_id, "", likely, hit.explanation)
    yield from best.values()


def _is_wide(character: str) -> bool:
    return character >= "\u2e80"


def _likely(score: float, middle: float, slope: float) -> float:
    return 1 / (1 + math.exp(-(score - middle) / slope))
