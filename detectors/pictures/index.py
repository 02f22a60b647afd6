"""The index of official pictures: a snapshot that answers which of them a picture copies, and which are nearest.

Owns the arrays of hashes and the order of entries. When two pictures count as copies is `detectors.pictures.matching`;
how bits are compared is `detectors.pictures.hamming`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detectors.pictures.hamming import HammingTable, Words, distances, pack
from detectors.pictures.matching import BITS, MIRRORED, PDQ, PHASH, RADII, Match, comparable, hashed, judge
from models.findings import Finding, Parameter, Stance
from models.identity import digest
from models.pictures import PictureReading, ReferencePicture

CODE_VERSION = "pictures-index-1"
VIEWS = ("", MIRRORED)


@dataclass(frozen=True)
class PictureMatch:
    """An official picture and how a picture agrees with it."""

    reference: ReferencePicture
    match: Match


@dataclass(frozen=True)
class PictureHit:
    """One of the nearest official pictures, however far: `score` is 1 for equal hashes and 0 for unrelated ones."""

    mark_id: str
    goods_id: str
    score: float
    reference_address: str
    distance: int
    hash: str
    mirrored: bool

    def finding(self, address: str) -> Finding:
        """The hit in the words of a finding, for `models.explanations.explain`; it belongs to no subject."""
        params: dict[str, Parameter] = {"distance": self.distance, "hash": self.hash, "mirrored": self.mirrored}
        return Finding(
            finding_id=digest(CODE_VERSION, address, self.mark_id, self.goods_id, self.reference_address),
            detector="pictures",
            version=CODE_VERSION,
            mark_id=self.mark_id,
            goods_id=self.goods_id or None,
            stance=Stance.FOR,
            score=self.score,
            fact="official-picture-nearness",
            field="images",
            subject_value=address,
            reference_value=self.reference_address,
            params=params,
        )


@dataclass(frozen=True, eq=False)
class PictureIndex:
    """Every official picture that could be read, with its hashes as arrays. Immutable; build one with `build`."""

    entries: tuple[ReferencePicture, ...]
    version: str
    codes: dict[str, Words] = field(repr=False)

    @classmethod
    def build(cls, reference_pictures: Iterable[ReferencePicture]) -> "PictureIndex":
        """Index the pictures that were read; those that failed are left out. Their order does not matter."""
        entries = sorted(
            (picture for picture in reference_pictures if hashed(picture.reading)),
            key=lambda picture: (picture.mark_id, picture.goods_id, picture.reading.address),
        )
        contents = [
            (entry.mark_id, entry.goods_id, entry.reading.address, entry.reading.hashes, entry.reading.quality)
            for entry in entries
        ]
        codes = {kind: pack([entry.reading.hashes[kind] for entry in entries], BITS[kind]) for kind in BITS}
        return cls(tuple(entries), digest(CODE_VERSION, contents), codes)

    @cached_property
    def _comparable(self) -> list[int]:
        """Rows of the entries with enough structure to be matched."""
        return [row for row, entry in enumerate(self.entries) if comparable(entry.reading)]

    @cached_property
    def _tables(self) -> dict[str, HammingTable]:
        return {kind: HammingTable(self.codes[kind][self._comparable]) for kind in BITS}

    def matches(self, readings: Sequence[PictureReading]) -> list[list[PictureMatch]]:
        """For each reading, the official pictures it agrees with, best first. Readings that failed or have too little
        structure agree with none."""
        answers: list[dict[int, Match]] = [{} for _ in readings]
        asked = [place for place, reading in enumerate(readings) if comparable(reading)]
        for view in VIEWS if asked and self._comparable else ():
            queries = {kind: pack([_code(readings[place], kind, view) for place in asked], BITS[kind]) for kind in BITS}
            for query, entry in self._candidates(queries):
                bits = {kind: int(distances(queries[kind][query], self.codes[kind][entry])) for kind in BITS}
                match = judge(bits[PDQ], bits[PHASH], mirrored=bool(view))
                known = answers[asked[query]].get(entry)
                if match and (known is None or match.score > known.score):
                    answers[asked[query]][entry] = match
        return [
            [PictureMatch(self.entries[entry], match) for entry, match in sorted(answer.items(), key=_best_first)]
            for answer in answers
        ]

    def _candidates(self, queries: dict[str, Words]) -> list[tuple[int, int]]:
        """Pairs of a query and an entry that are within the radius of at least one hash."""
        pairs: set[tuple[int, int]] = set()
        for kind, table in self._tables.items():
            near = table.within(queries[kind], RADII[kind])
            pairs.update(zip(near.query.tolist(), near.code.tolist(), strict=True))
        return [(query, self._comparable[row]) for query, row in sorted(pairs)]

    def nearest(self, reading: PictureReading, top: int) -> list[PictureHit]:
        """The `top` nearest marks and goods, best first, each by its nearest picture, without any threshold; none when
        the reading failed."""
        if not hashed(reading) or not self.entries:
            return []
        bits = {
            view: {
                kind: distances(pack([_code(reading, kind, view)], BITS[kind])[0], self.codes[kind]) for kind in BITS
            }
            for view in VIEWS
        }
        # Half the bits of unrelated codes differ. PDQ tells more, so it weighs three parts of four.
        scores = {
            view: 0.75 * np.clip(1 - found[PDQ] / 128, 0, 1) + 0.25 * np.clip(1 - found[PHASH] / 32, 0, 1)
            for view, found in bits.items()
        }
        best = np.maximum(*(scores[view] for view in VIEWS))
        hits: dict[tuple[str, str], PictureHit] = {}
        for row in np.argsort(-best, kind="stable").tolist():
            entry = self.entries[row]
            view = VIEWS[int(scores[MIRRORED][row] > scores[""][row])]
            hits.setdefault(
                (entry.mark_id, entry.goods_id),
                PictureHit(
                    entry.mark_id,
                    entry.goods_id,
                    round(float(best[row]), 6),
                    entry.reading.address,
                    int(bits[view][PDQ][row]),
                    PDQ + view,
                    bool(view),
                ),
            )
            if len(hits) == top:
                break
        return list(hits.values())


def _code(reading: PictureReading, kind: str, view: str) -> str:
    """A reading's hash in one view; a reading without the mirrored one answers with its plain hash."""
    return reading.hashes.get(kind + view) or reading.hashes[kind]


def _best_first(item: tuple[int, Match]) -> tuple[float, int]:
    entry, match = item
    return (-match.score, entry)
