"""The detector's data files, read once on first use, as typed values.

Owns the reading of `data/*`. What the tables mean is said in the files themselves and by the rooms that use them.
"""

import csv
import io
import tomllib
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
# A name of at least so many letters may differ in two places when so many at either end are its own.
TWO_LETTERS_FROM = 8
END_LETTERS = 4
FILES = (
    "chinese.xz",
    "classes.csv",
    "english.xz",
    "glyphs.npz",
    "known_names.csv",
    "labels.toml",
    "letters.toml",
    "places.csv",
    "relations.toml",
    "sounds.toml",
    "splits.toml",
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


@cache
def near_letters() -> frozenset[str]:
    """Pairs of letters that look alike, both ways round."""
    pairs = table("letters")["near"]["pairs"]
    return frozenset(pairs) | {pair[::-1] for pair in pairs}


@cache
def parts_of() -> dict[str, tuple[str, ...]]:
    """Characters and the pairs that they are taken apart into, as they are drawn and as they are typed."""
    splits = table("splits")
    typed: dict[str, str] = splits["typed"]
    return {
        whole: tuple(
            left + right for left in parts[0] + typed.get(parts[0], "") for right in parts[1] + typed.get(parts[1], "")
        )
        for whole, parts in splits["parts"].items()
    }


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
