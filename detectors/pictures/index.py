"""The index of official pictures: a snapshot that answers which of them a picture copies, and which are nearest.

Owns which entries there are and in which segments they lie: a base that was mapped, and what was added since. When two
pictures count as copies is `detectors.pictures.matching`; what a segment holds is `detectors.pictures.segment`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.pictures.features import Features, unpacked
from detectors.pictures.hamming import Counts, Words, distances, pack
from detectors.pictures.matching import (
    BITS,
    MIRRORED,
    PDQ,
    PHASH,
    TRIMMED,
    Match,
    comparable,
    hashed,
    judge,
    judge_part,
)
from detectors.pictures.overlay import Overlay, overlay
from detectors.pictures.segment import Arrays, PictureSegment, entry_key, segment_arrays
from detectors.pictures.turns import QUARTERS, turn_name, turned
from models.findings import Finding, Parameter, Stance
from models.identity import digest
from models.pictures import PictureReading, ReferencePicture

CODE_VERSION = "pictures-index-3"
VIEWS = ("", MIRRORED, TRIMMED, TRIMMED + MIRRORED)
GONE = -1


@dataclass(frozen=True)
class PictureMatch:
    """An official picture, by its place among the index's entries too, and how a picture agrees with it."""

    reference: ReferencePicture
    match: Match
    place: int


@dataclass(frozen=True)
class PictureHit:
    """One of the nearest official pictures, however far: `score` is 1 for equal hashes and 0 for unrelated ones."""

    reference: ReferencePicture
    score: float
    distance: int
    hash: str
    mirrored: bool
    corners: int = 0

    @property
    def mark_id(self) -> str:
        """Whose picture it is."""
        return self.reference.mark_id

    @property
    def goods_id(self) -> str:
        """The goods that it shows; empty for a picture of the mark."""
        return self.reference.goods_id

    @property
    def reference_address(self) -> str:
        """Where the official picture came from."""
        return self.reference.reading.address

    def finding(self, address: str) -> Finding:
        """The hit in the words of a finding, for `models.explanations.explain`; it belongs to no subject."""
        params: dict[str, Parameter] = {"distance": self.distance, "hash": self.hash, "mirrored": self.mirrored}
        if self.corners:
            params["corners"] = self.corners
        return Finding(
            finding_id=digest(CODE_VERSION, address, self.mark_id, self.goods_id, self.reference_address),
            detector="pictures",
            version=CODE_VERSION,
            mark_id=self.mark_id,
            goods_id=self.goods_id or None,
            stance=Stance.FOR,
            score=self.score,
            fact="official-picture-part-nearness" if self.corners else "official-picture-nearness",
            field="images",
            subject_value=address,
            reference_value=self.reference_address,
            params=params,
        )


class _View(NamedTuple):
    """One way to look at a picture: its hashes by kind, whether in the mirror, and the name of its turn by quarters."""

    codes: dict[str, str]
    mirrored: bool
    turn: str


@dataclass(frozen=True, eq=False)
class Part:
    """A segment, and for each of its rows the entry that it is; `GONE` where there is no such entry any more."""

    segment: PictureSegment
    entry_of: npt.NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True, eq=False)
class PictureIndex:
    """Every official picture that could be read. Immutable: made by `build`, or by `over` from a mapped base."""

    entries: tuple[ReferencePicture, ...]
    version: str
    parts: tuple[Part, ...] = field(repr=False)

    @classmethod
    def build(cls, reference_pictures: Iterable[ReferencePicture]) -> "PictureIndex":
        """Index the pictures that were read; those that failed are left out. Their order does not matter."""
        entries = usable(reference_pictures)
        segment = PictureSegment(segment_arrays(entries))
        return cls(entries, version_of(entries), (Part(segment, np.arange(len(entries))),))

    @classmethod
    def over(cls, base: Arrays, reference_pictures: Iterable[ReferencePicture]) -> "PictureIndex":
        """The same index over a base that was built of other pictures: what it lacks is indexed, what is no longer
        there is passed over."""
        entries = usable(reference_pictures)
        segment = PictureSegment(base)
        places = {entry_key(entry): place for place, entry in enumerate(entries)}
        entry_of = np.array([places.pop(key, GONE) for key in segment.keys], dtype=np.int64)
        added = sorted(places.values())
        parts = [Part(segment, entry_of)]
        if added:
            delta = PictureSegment(segment_arrays([entries[place] for place in added]))
            parts.append(Part(delta, np.array(added, dtype=np.int64)))
        return cls(entries, version_of(entries), tuple(parts))

    def delta_size(self) -> int:
        """How many rows are not those of a base made of exactly these pictures: added ones and gone ones."""
        return sum(len(part.entry_of) for part in self.parts[1:]) + int((self.parts[0].entry_of == GONE).sum())

    def matches(self, readings: Sequence[PictureReading]) -> list[list[PictureMatch]]:
        """For each reading, the official pictures it agrees with, best first. Readings that failed or have too little
        structure agree with none."""
        answers: list[dict[int, Match]] = [{} for _ in readings]
        for place, entry, match in self._by_hashes(readings):
            _keep_better(answers[place], entry, match)
        for reading, answer in zip(readings, answers, strict=True):
            for entry, match in self._by_corners(reading, answer):
                _keep_better(answer, entry, match)
        return [
            [
                PictureMatch(self.entries[entry], match, entry)
                for entry, match in sorted(answer.items(), key=_best_first)
            ]
            for answer in answers
        ]

    def _by_hashes(self, readings: Sequence[PictureReading]) -> Iterator[tuple[int, int, Match]]:
        asked = [
            (place, view)
            for place, reading in enumerate(readings)
            if comparable(reading)
            for view in _views_of(reading)
        ]
        if not asked:
            return
        queries = {kind: pack([view.codes[kind] for _, view in asked], BITS[kind]) for kind in BITS}
        for part in self.parts:
            for hit in part.segment.within_radii(queries):
                entry, (place, view) = int(part.entry_of[hit.row]), asked[hit.query]
                match = judge(hit.bits[PDQ], hit.bits[PHASH], mirrored=view.mirrored, turn=view.turn)
                if match and entry != GONE:
                    yield place, entry, match

    def _by_corners(self, reading: PictureReading, known: dict[int, Match]) -> Iterator[tuple[int, Match]]:
        """Official pictures that lie in the picture, or it in them, but for those whose hashes agree already."""
        found = unpacked(reading.features) if not reading.failure else None
        if found is None:
            return
        for part in self.parts:
            for candidate in part.segment.sharing_corners(found):
                entry = int(part.entry_of[candidate.row])
                if entry == GONE or (entry in known and known[entry].copied):
                    continue
                laid = _laid(found, part.segment.features(candidate.row), mirrored=candidate.mirrored)
                match = laid and judge_part(laid.seen, len(laid.pairs), mirrored=candidate.mirrored)
                if match:
                    yield entry, match

    def nearest(self, reading: PictureReading, top: int) -> list[PictureHit]:
        """The `top` nearest marks and goods, best first, each by its nearest picture, without any threshold; none when
        the reading failed."""
        if not hashed(reading) or not self.entries:
            return []
        bits = {view: self._distances(reading, view) for view in ("", MIRRORED)}
        # Half the bits of unrelated codes differ. PDQ tells more, so it weighs three parts of four.
        scores = {
            view: 0.75 * np.clip(1 - found[PDQ] / 128, 0, 1) + 0.25 * np.clip(1 - found[PHASH] / 32, 0, 1)
            for view, found in bits.items()
        }
        best = np.maximum(scores[""], scores[MIRRORED])
        matched = {found.place: found.match for found in self.matches([reading])[0]}
        for row, match in matched.items():
            best[row] = max(best[row], match.score)
        hits: dict[tuple[str, str], PictureHit] = {}
        for row in np.argsort(-best, kind="stable").tolist():
            entry = self.entries[row]
            view = MIRRORED if scores[MIRRORED][row] > scores[""][row] else ""
            hit = _hit(entry, float(best[row]), int(bits[view][PDQ][row]), view, matched.get(row))
            hits.setdefault((entry.mark_id, entry.goods_id), hit)
            if len(hits) == top:
                break
        return list(hits.values())

    def _distances(self, reading: PictureReading, view: str) -> dict[str, Counts]:
        """Bits that differ between one view of a reading and the plain hash of every entry."""
        found = {}
        for kind, bits in BITS.items():
            query: Words = pack([reading.hashes.get(kind + view) or reading.hashes[kind]], bits)[0]
            counts = np.zeros(len(self.entries), dtype=np.int64)
            for part in self.parts:
                here = part.entry_of != GONE
                counts[part.entry_of[here]] = distances(query, part.segment.codes(kind))[here]
            found[kind] = counts
        return found


def usable(reference_pictures: Iterable[ReferencePicture]) -> tuple[ReferencePicture, ...]:
    """The pictures that can be compared, in one order."""
    return tuple(
        sorted(
            (picture for picture in reference_pictures if hashed(picture.reading)),
            key=lambda picture: (picture.mark_id, picture.goods_id, picture.reading.address),
        )
    )


def changes(base: Arrays, entries: Sequence[ReferencePicture]) -> int:
    """How many rows a base of these arrays and one of these entries do not share."""
    return len(set(PictureSegment(base).keys) ^ {entry_key(entry) for entry in entries})


def version_of(entries: Sequence[ReferencePicture]) -> str:
    """Names an index of these entries."""
    return digest(CODE_VERSION, [entry_key(entry).hex() for entry in entries])


def _views_of(reading: PictureReading) -> Iterator[_View]:
    """Every way in which a picture is looked at: as it is and within an even border, either in the mirror too; and
    the whole, either way round, turned by quarters."""
    for view in VIEWS:
        if all(kind + view in reading.hashes for kind in BITS):
            yield _View({kind: reading.hashes[kind + view] for kind in BITS}, view.endswith(MIRRORED), "")
    for view in ("", MIRRORED):
        if all(kind + view in reading.hashes for kind in BITS):
            for quarters in QUARTERS:
                codes = {kind: turned(reading.hashes[kind + view], quarters) for kind in BITS}
                yield _View(codes, bool(view), turn_name(quarters))


def _laid(query: Features, reference: Features | None, *, mirrored: bool) -> Overlay | None:
    if reference is None:
        return None
    return overlay(query.in_mirror() if mirrored else query, reference)


def _hit(entry: ReferencePicture, score: float, distance: int, view: str, match: Match | None) -> PictureHit:
    named = match if match is not None and (match.partly or match.turned) and match.score >= score else None
    return PictureHit(
        entry,
        round(score, 6),
        named.distance if named else distance,
        named.hash if named else PDQ + view,
        named.mirrored if named else bool(view),
        named.corners if named else 0,
    )


def _keep_better(answer: dict[int, Match], entry: int, match: Match) -> None:
    known = answer.get(entry)
    if known is None or match.score > known.score:
        answer[entry] = match


def _best_first(item: tuple[int, Match]) -> tuple[float, int]:
    entry, match = item
    return (-match.score, entry)
