"""Common pictures (通用图片): what very many shops show for all kinds of goods, learned and kept as a list.

Owns what makes a picture common, and the snapshot that says so. A template is shown by many shops for goods that have
nothing to do with one another; an official picture that many shops stole is shown for the same goods again and again.
So not the number of shops alone decides, but for how many kinds of goods they show it: titles that share next to no
words are of different kinds.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from detectors.pictures.hamming import Words, pack
from detectors.pictures.matching import BITS, LOWEST_QUALITY, PDQ, RADII
from detectors.pictures.multi_index import HammingIndex, hamming_arrays
from models.identity import digest
from models.pictures import PictureReading

COMMON = "common-pictures"  # the name of the snapshot in a context
FEWEST_SHOPS = 20
FEWEST_KINDS = 10
KINDS_TO_SHOPS = 1 / 3
"""A third as many kinds of goods as shops, or more: shops that sell the same have few between them."""

SAME_KIND = 0.3
"""Titles that share so much of the shorter one's pairs of characters are of one kind."""
TITLES_AT_MOST = 200
UNTOLD = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class PictureUse:
    """One picture in one listing: the shop's key, the listing's title, the picture as read."""

    shop: str
    title: str
    reading: PictureReading


@dataclass(frozen=True)
class Uses:
    """By how many shops and for how many kinds of goods a picture is shown."""

    shops: int
    kinds: int

    @property
    def common(self) -> bool:
        """Whether the picture says nothing about whoever shows it."""
        enough = self.shops >= FEWEST_SHOPS and self.kinds >= FEWEST_KINDS
        return enough and self.kinds >= KINDS_TO_SHOPS * self.shops


@dataclass(frozen=True, eq=False)
class CommonPictures:
    """The list: PDQ hashes with their uses, in one order. Immutable."""

    uses: Mapping[str, Uses]

    @cached_property
    def version(self) -> str:
        return digest(COMMON, self.to_bytes().decode("ascii"))

    def of(self, reading: PictureReading) -> Uses | None:
        """The uses of a picture on the list that this one copies; None where it is on no list."""
        code = reading.hashes.get(PDQ)
        if not self.uses or code is None or reading.quality < LOWEST_QUALITY:
            return None
        near = self._index.within(pack([code], BITS[PDQ]), RADII[PDQ])
        if not len(near.code):
            return None
        return list(self.uses.values())[int(near.code[near.distance.argmin()])]

    @cached_property
    def _index(self) -> HammingIndex:
        codes: Words = pack(list(self.uses), BITS[PDQ])
        return HammingIndex(codes, hamming_arrays(codes))

    def to_bytes(self) -> bytes:
        """The list as JSON."""
        rows = {code: [uses.shops, uses.kinds] for code, uses in sorted(self.uses.items())}
        return json.dumps(rows, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, body: bytes) -> "CommonPictures":
        """The list again. Raises `ValueError` for bytes that are none."""
        rows = json.loads(body)
        return cls({str(code): Uses(int(shops), int(kinds)) for code, (shops, kinds) in rows.items()})


def learn(uses: Iterable[PictureUse]) -> CommonPictures:
    """The list of what is common among these uses. Their order does not matter."""
    shops: dict[str, set[str]] = {}
    titles: dict[str, set[str]] = {}
    for use in uses:
        code = use.reading.hashes.get(PDQ)
        if code is not None and use.reading.quality >= LOWEST_QUALITY and not use.reading.failure and use.shop:
            shops.setdefault(code, set()).add(use.shop)
            titles.setdefault(code, set()).add(use.title)
    codes = sorted(shops)
    if not codes:
        return CommonPictures({})
    packed = pack(codes, BITS[PDQ])
    near = HammingIndex(packed, hamming_arrays(packed)).within(packed, RADII[PDQ])
    ends = near.query.searchsorted(range(len(codes) + 1)).tolist()
    told: dict[str, Uses] = {}
    for place, code in enumerate(codes):
        alike = [codes[other] for other in near.code[ends[place] : ends[place + 1]].tolist()]
        in_shops = set().union(*(shops[other] for other in alike))
        if len(in_shops) >= FEWEST_SHOPS:
            found = Uses(len(in_shops), kinds_of(set().union(*(titles[other] for other in alike))))
            if found.common:
                told[code] = found
    return CommonPictures(told)


def kinds_of(titles: Iterable[str]) -> int:
    """How many kinds of goods these titles are of."""
    kinds: list[set[str]] = []
    for title in sorted(titles)[:TITLES_AT_MOST]:
        pairs = _pairs(title)
        if pairs and not any(_alike(pairs, kind) for kind in kinds):
            kinds.append(pairs)
    return len(kinds)


def _alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= SAME_KIND * min(len(one), len(other))


def _pairs(title: str) -> set[str]:
    told = UNTOLD.sub("", unicodedata.normalize("NFKC", title).casefold())
    return {told[place : place + 2] for place in range(max(1, len(told) - 1))} if told else set()
