"""The detector's data files, read once on first use, as typed values.

Owns the reading of `data/*`. What the tables mean is said in the files themselves and by the rooms that use them.
"""

import csv
import io
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from models.identity import digest

SHAPE_FLOOR = 60  # of 255: below this two characters do not look alike
# Two look-alikes in one name are near up to this length, when one of them is at least so alike.
TWO_LOOK_ALIKES_UP_TO = 4
STRONGLY_ALIKE = 0.55
# A name of at least so many letters may differ in two places when one of them is a letter that looks like it,
TWO_NEAR_LETTERS_FROM = 5
# and one of at least so many in any two when so many at either end are its own.
TWO_LETTERS_FROM = 8
END_LETTERS = 4
FILES = (
    "chinese.xz",
    "classes.csv",
    "english.xz",
    "faint.npz",
    "glyphs.npz",
    "kinds.toml",
    "known_names.csv",
    "labels.toml",
    "letters.toml",
    "meanings.toml",
    "places.csv",
    "relations.toml",
    "sounds.toml",
    "splits.toml",
    "splits.txt",
    "tricks.toml",
    "words.toml",
)


def data_file(name: str) -> bytes:
    """One of the shipped files, whole."""
    return resources.files("detectors.trademark").joinpath("data", name).read_bytes()


@cache
def table(name: str) -> dict[str, Any]:
    """A TOML table by its file's stem."""
    return tomllib.loads(data_file(f"{name}.toml").decode("utf-8"))


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a CSV file by its stem, without the heading."""
    return tuple(tuple(row) for row in csv.reader(io.StringIO(data_file(f"{name}.csv").decode("utf-8"))) if row)[1:]


@cache
def data_version() -> str:
    """Names the tables: another word, class or glyph is another version."""
    return digest(*(digest(data_file(name).hex()) for name in FILES))


@cache
def glyph_neighbours() -> dict[str, dict[str, float]]:
    """For each character those that look like it, with their likeness, `SHAPE_FLOOR`/255..1; symmetric."""
    with np.load(io.BytesIO(data_file("glyphs.npz"))) as arrays:
        signs = [chr(code) for code in arrays["characters"]]
        neighbours: npt.NDArray[np.uint16] = arrays["neighbours"]
        scores: npt.NDArray[np.uint8] = arrays["scores"]
    found: dict[str, dict[str, float]] = {}
    for row, column in np.argwhere(scores >= SHAPE_FLOOR):
        one, other = signs[row], signs[neighbours[row, column]]
        likeness = round(int(scores[row, column]) / 255, 3)
        for a, b in ((one, other), (other, one)):
            near = found.setdefault(a, {})
            near[b] = max(near.get(b, 0.0), likeness)
    return found


def look_alike(one: str, other: str) -> bool:
    """Whether two characters look alike, or are the same."""
    return one == other or other in glyph_neighbours().get(one, {})


@dataclass(frozen=True)
class FaintLikeness:
    """Pairs of characters that are more alike than unrelated ones: those of code point `c` (of the basic plane) are
    `others[first[c]:first[c + 1]]`, with the sums of their likeness in hundredths."""

    first: npt.NDArray[np.int64]
    others: npt.NDArray[np.uint16]
    sums: npt.NDArray[np.uint8]

    def of(self, code: int) -> dict[int, int]:
        """Who is faintly like this code point, and the sums."""
        if code >= len(self.first) - 1:
            return {}
        own = slice(int(self.first[code]), int(self.first[code + 1]))
        return dict(zip(self.others[own].tolist(), self.sums[own].tolist(), strict=True))


@cache
def faint_likeness() -> FaintLikeness:
    """The shipped pairs, both ways round."""
    with np.load(io.BytesIO(data_file("faint.npz"))) as arrays:
        pairs = np.cumsum(arrays["pairs"], dtype=np.uint32)
        sums: npt.NDArray[np.uint8] = arrays["likeness"]
    low, high = pairs >> 16, pairs & 0xFFFF
    one, other = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.argsort(one, kind="stable")
    first = np.searchsorted(one[order], np.arange(0x10001))
    return FaintLikeness(first.astype(np.int64), other[order].astype(np.uint16), np.concatenate([sums, sums])[order])


@cache
def of_one_kind() -> dict[str, frozenset[str]]:
    """For each character of `kinds.toml` the others that name things of its kinds."""
    found: dict[str, set[str]] = {}
    for signs in table("kinds").values():
        for sign in signs:
            found.setdefault(sign, set()).update(signs)
    return {sign: frozenset(others - {sign}) for sign, others in found.items()}


@cache
def near_letters() -> frozenset[str]:
    """Pairs of letters that look alike, both ways round."""
    pairs = table("letters")["near"]["pairs"]
    return frozenset(pairs) | {pair[::-1] for pair in pairs}


@cache
def put_together() -> dict[str, str]:
    """Pairs of characters that are one when written as one (女马: 妈), as parts are drawn and as they are typed. Where
    a pair makes several, what `splits.toml` says goes first, then the first in the order of code points."""
    splits = table("splits")
    typed: dict[str, str] = splits["typed"]
    derived = {line[0]: line[1:] for line in data_file("splits.txt").decode("utf-8").split()}
    wholes: dict[str, str] = {}
    for whole, parts in (*splits["parts"].items(), *derived.items()):
        for left in parts[0] + typed.get(parts[0], ""):
            for right in parts[1] + typed.get(parts[1], ""):
                wholes.setdefault(left + right, whole)
    return wholes


def class_mask(classes: tuple[int, ...]) -> int:
    """Nice classes as bits 1..45; 0 is unknown."""
    mask = 0
    for number in classes:
        mask |= 1 << number
    return mask


@cache
def similar_classes() -> tuple[int, ...]:
    """For each class number 0..45 the mask of classes whose goods are commonly held similar, itself included."""
    relations = table("relations")
    masks = [1 << number for number in range(46)]
    for group in relations["groups"]:
        whole = class_mask(tuple(group))
        for number in group:
            masks[number] |= whole
    retail = int(relations["retail"])
    masks = [mask | 1 << retail for mask in masks]
    masks[retail] = (1 << 46) - 2
    return tuple(masks)
