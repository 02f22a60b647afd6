"""The index of device marks: a snapshot that ranks registered drawings by likeness to a picture's parts.

Owns the arrays and the order of entries: candidates by their outlines, the best of them laid over the picture's parts.
It orders candidates and decides nothing: what is said of a hit is for `detectors.pictures.detector` and for lookups.

A circle is like every circle. So what is like many drawings of the registry counts less, on either side (hubs of a
nearest-neighbour search; M. Radovanović et al., 2010): each part's mean likeness to its nearest among a sample of the
registry is taken off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.pictures.devices.alignment import Edges, agreement, edges
from detectors.pictures.devices.drawings import CUT_OUT, PART, PART_CUT_OUT, WHOLE
from detectors.pictures.devices.outlines import VERSION, Outline, unit, unpacked
from models.identity import digest
from models.pictures import PictureReading, ReferencePicture

Floats = NDArray[np.floating[Any]]

CODE_VERSION = "devices-1"

SAMPLE, CROWD = 1500, 5
"""So many parts of the registry stand for all when crowds are measured, each by so many of its nearest."""

USUAL, FEW = 0.75, 200
"""What a part's crowd usually comes to, and the number of parts from which on a registry's own measure counts most."""

CROWD_SHARE = 0.4
WHOLE_SHARE = 0.15
HANDICAP = {WHOLE: 0.0, PART: 0.02, PART_CUT_OUT: 0.02}
OTHER_HANDICAP = 0.01

LAID_OVER = 12
"""So many of the nearest are laid over the picture's part."""

AGREEMENT_SHARE = 0.1
MIDDLE, SLOPE = 0.82, 0.06
"""Where a likeness is worth one half, and how steeply it rises about there."""

BLOCK = 1 << 14

REGISTERED_PARTS = (WHOLE, CUT_OUT)
"""What of a registered picture is compared: it shows nothing beside the mark."""


@dataclass(frozen=True)
class DeviceHit:
    """One registered drawing beside a picture: `score` 0..1, `outline` the cosine of the two descriptors, `agreement`
    the share of edges that run together, `part` of the picture and `where` it stands there in shares."""

    mark_id: str
    goods_id: str
    score: float
    outline: float
    agreement: float
    part: str
    where: tuple[float, float, float, float]
    reference_address: str


@dataclass(frozen=True, eq=False)
class DeviceIndex:
    """The drawings of a registry's mark pictures. Immutable; build one with `build`. Nothing is unpacked before the
    first question: a worker that asks none holds no more than the entries."""

    entries: tuple[ReferencePicture, ...]
    version: str

    @classmethod
    def build(cls, reference_pictures: Iterable[ReferencePicture]) -> "DeviceIndex":
        """Index the pictures of marks that were read for their shapes; those of goods show goods, and are left out.
        Their order does not matter."""
        entries = sorted(
            (picture for picture in reference_pictures if not picture.goods_id and picture.reading.shapes),
            key=lambda picture: (picture.mark_id, picture.reading.address),
        )
        contents = [
            (entry.mark_id, entry.reading.address, entry.reading.content_sha256, entry.reading.reader_version)
            for entry in entries
        ]
        return cls(tuple(entries), digest(CODE_VERSION, VERSION, contents))

    @cached_property
    def _rows(self) -> tuple[tuple[Outline, ...], NDArray[np.int64]]:
        """Every drawing that is compared, with the entry that it belongs to."""
        parts = [
            [part for part in unpacked(entry.reading.shapes) if part.part in REGISTERED_PARTS] for entry in self.entries
        ]
        owner = np.repeat(np.arange(len(self.entries)), [len(some) for some in parts])
        return tuple(part for some in parts for part in some), owner

    @property
    def outlines(self) -> tuple[Outline, ...]:
        return self._rows[0]

    @property
    def owner(self) -> NDArray[np.int64]:
        return self._rows[1]

    @cached_property
    def _descriptors(self) -> NDArray[np.uint8]:
        return np.stack([outline.descriptor for outline in self.outlines])

    @cached_property
    def _sample(self) -> tuple[Floats, NDArray[np.int64]]:
        """Parts spread evenly over the registry, with their entries."""
        step = max(1, len(self.outlines) // SAMPLE)
        return unit(self._descriptors[::step]), self.owner[::step]

    @cached_property
    def _offsets(self) -> Floats:
        """What is taken off the likeness to each part: its crowd, and its handicap."""
        crowds = np.concatenate(
            [
                self._crowds(unit(self._descriptors[at : at + BLOCK]), self.owner[at : at + BLOCK])
                for at in range(0, len(self.outlines), BLOCK)
            ]
        )
        handicaps = np.array([OTHER_HANDICAP if outline.part == CUT_OUT else 0.0 for outline in self.outlines])
        offsets: Floats = CROWD_SHARE * (crowds - USUAL) + handicaps
        return offsets.astype(np.float32)

    @cached_property
    def _wholes(self) -> NDArray[np.bool_]:
        return np.array([outline.part == WHOLE for outline in self.outlines])

    def _crowds(self, parts: Floats, owner: NDArray[np.int64] | None = None) -> Floats:
        sample, sample_owner = self._sample
        alike = parts @ sample.T
        if owner is not None:
            alike[owner[:, None] == sample_owner[None, :]] = -1.0
        count = min(CROWD, alike.shape[1])
        nearest = np.partition(alike, alike.shape[1] - count, axis=1)[:, -count:].mean(axis=1)
        share = len(sample) / (len(sample) + FEW)
        crowds: Floats = (share * nearest + (1 - share) * USUAL).astype(np.float32)
        return crowds

    def nearest(self, reading: PictureReading, top: int) -> list[DeviceHit]:
        """The `top` nearest marks, best first, each by its nearest drawing, without a threshold; none when the picture
        shows no shape."""
        asked = unpacked(reading.shapes)
        if not asked or not self.entries:
            return []
        likeness, pairs = self._likeness(asked)
        laid = {}
        sides: dict[int, Edges] = {}
        for place, entry in enumerate(np.argsort(-likeness, kind="stable")[: max(LAID_OVER, top)].tolist()):
            part, row = divmod(int(pairs[entry]), len(self.outlines))
            alike = 0.0
            if place < LAID_OVER:
                sides.setdefault(part, edges(asked[part].shape))
                alike = agreement(sides[part], edges(self.outlines[row].shape))
            laid[entry] = (float(likeness[entry]) + AGREEMENT_SHARE * (alike - 0.5), alike, part, row)
        hits: dict[str, DeviceHit] = {}
        for entry, (likely, alike, part, row) in sorted(laid.items(), key=lambda item: (-item[1][0], item[0])):
            outline = float(unit(asked[part].descriptor[None])[0] @ unit(self.outlines[row].descriptor[None])[0])
            mark_id = self.entries[entry].mark_id
            if mark_id not in hits and len(hits) < top:
                hits[mark_id] = DeviceHit(
                    mark_id=mark_id,
                    goods_id="",
                    score=round(_calibrated(likely), 6),
                    outline=round(outline, 6),
                    agreement=round(alike, 6),
                    part=asked[part].part,
                    where=asked[part].where,
                    reference_address=self.entries[entry].reading.address,
                )
        return list(hits.values())

    def _likeness(self, asked: Sequence[Outline]) -> tuple[Floats, NDArray[np.int64]]:
        """For each entry its likeness to the nearest part that is asked about, and that pair, as part x rows + row."""
        parts = unit(np.stack([part.descriptor for part in asked]))
        handicap = np.array([HANDICAP.get(part.part, OTHER_HANDICAP) for part in asked], dtype=np.float32)
        taken_off = CROWD_SHARE * (self._crowds(parts) - USUAL) + handicap
        best = np.full(len(self.entries), -9.0, dtype=np.float32)
        pairs = np.zeros(len(self.entries), dtype=np.int64)
        whole = np.zeros(len(self.entries), dtype=np.float32)
        for at in range(0, len(self.outlines), BLOCK):
            rows = slice(at, at + BLOCK)
            alike = parts @ unit(self._descriptors[rows]).T
            weighed = alike - taken_off[:, None] - self._offsets[None, rows]
            part = weighed.argmax(axis=0)
            nearest = weighed[part, np.arange(weighed.shape[1])]
            owner, wholes = self.owner[rows], self._wholes[rows]
            whole[owner[wholes]] = np.maximum(whole[owner[wholes]], alike[0, wholes])
            order = np.argsort(nearest, kind="stable")
            better = order[nearest[order] > best[owner[order]]]
            best[owner[better]] = nearest[better]
            pairs[owner[better]] = part[better] * len(self.outlines) + at + better
        return (1 - WHOLE_SHARE) * best + WHOLE_SHARE * whole, pairs


def _calibrated(likely: float) -> float:
    return float(1 / (1 + np.exp(-(likely - MIDDLE) / SLOPE)))
