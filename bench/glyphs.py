"""How well the character-shape table knows look-alikes: `python -m bench.glyphs --data DIR` (part of `make eval`).

Look-alikes are the pairs that lead the groups of `confusable_cn_chars`; they are set against random pairs and against
hard ones (the same first four strokes, as many strokes but one, in no common group; with `--inputs` also the same
radical). Pairs are split by hash: thresholds are chosen on one half and reported on the other. Baselines: the share
of equal pixels of two drawings, where the font is installed; any other table given by `--table`, such as the one
that pictures alone give (`python -m detectors.trademark.derivation.glyphs --pictures-alone`).
Where the data is absent it says so and ends with 0.
"""

import argparse
import bz2
import csv
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from detectors.trademark.tables import SHAPE_FLOOR, STRONGLY_ALIKE

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED_CHINESE = 2
PIXELS = 24
RANDOM, HARD = 100_000, 20_000
FALSE_RATES = (("random", 0.001), ("strokes", 0.05))  # at which a threshold is chosen
RANKS = (1, 5, 10, 24)

Pair = tuple[str, str]
Floats = npt.NDArray[np.float64]


class Table:
    """Scores 0..1 of the pairs that a table holds; 0 for all others."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            signs = [chr(code) for code in arrays["characters"]]
            neighbours, scores = arrays["neighbours"], arrays["scores"]
        self.near: dict[str, dict[str, float]] = defaultdict(dict)
        for row, column in np.argwhere(scores > 0):
            one, other = signs[row], signs[neighbours[row, column]]
            for a, b in ((one, other), (other, one)):
                self.near[a][b] = max(self.near[a].get(b, 0.0), int(scores[row, column]) / 255)

    def score(self, pair: Pair) -> float:
        """How near the two are."""
        return self.near.get(pair[0], {}).get(pair[1], 0.0)

    def rank(self, pair: Pair) -> int:
        """At which place among the first's neighbours the second stands, 1 and up; far down when it does not."""
        near = self.near.get(pair[0], {})
        return 1 + sum(score > near[pair[1]] for score in near.values()) if pair[1] in near else 1 << 20


class Bitmaps:
    """The plain baseline: two drawings of 24 x 24 black or white pixels, and the share of them that is equal."""

    def __init__(self, signs: list[str]) -> None:
        font = ImageFont.truetype(FONT, 64, index=SIMPLIFIED_CHINESE)
        self._place = {sign: row for row, sign in enumerate(signs)}
        rows = np.stack([self._drawn(sign, font) for sign in signs])
        self._signed = np.where(rows, 1, -1).astype(np.float32)

    @staticmethod
    def _drawn(sign: str, font: ImageFont.FreeTypeFont) -> npt.NDArray[np.bool_]:
        picture = Image.new("L", (96, 96))
        ImageDraw.Draw(picture).text((16, 4), sign, font=font, fill=255)
        small = picture.crop(picture.getbbox()).resize((PIXELS, PIXELS))
        return np.asarray(small).ravel() > 127

    def _equal(self, sign: str) -> npt.NDArray[np.float32]:
        equal: npt.NDArray[np.float32] = self._signed @ self._signed[self._place[sign]] / PIXELS**2 / 2 + 0.5
        return equal

    def score(self, pair: Pair) -> float:
        """The share of equal pixels."""
        one, other = (self._signed[self._place[sign]] for sign in pair)
        return float(one @ other) / PIXELS**2 / 2 + 0.5

    def rank(self, pair: Pair) -> int:
        """At which place among all characters the second stands beside the first, 1 and up."""
        equal = self._equal(pair[0])
        return int((equal > equal[self._place[pair[1]]]).sum())


@dataclass(frozen=True)
class Sample:
    """Look-alikes in two halves, and pairs that are none: `random`, `strokes` and perhaps `radical`."""

    tuning: list[Pair]
    reported: list[Pair]
    unlike: dict[str, list[Pair]]


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--inputs", type=Path, help="the folder of derivation/inputs.toml, for pairs of one radical")
    parser.add_argument("--table", action="append", default=[], metavar="NAME=FILE", help="another table to compare")
    options = parser.parse_args()
    folder = options.data / "confusable_cn_chars"
    if not folder.is_dir():
        print(f"skipped: no look-alikes at {folder}")
        return
    tables = {"shipped": Path(str(resources.files("detectors.trademark").joinpath("data", "glyphs.npz")))}
    tables |= {name: Path(path) for name, _, path in (given.partition("=") for given in options.table)}
    read = {name: Table(path) for name, path in tables.items()}
    for name, table in read.items():
        _size(name, table)
    sample = _sample(folder, options.inputs)
    print(f"\nlook-alikes: {len(sample.tuning)} to choose thresholds, {len(sample.reported)} reported")
    for name, table in read.items():
        _judged(name, table, sample)
        _at_shipped_thresholds(name, table, sample)
    if FONT.is_file():
        signs = {sign for pairs in (sample.tuning, sample.reported, *sample.unlike.values()) for sign in _signs(pairs)}
        _judged("equal pixels", Bitmaps(sorted(signs)), sample)
    else:
        print(f"skipped: the baseline of equal pixels, no font at {FONT}")
    _marks(read, options.data / "lookalike_marks_reported" / "pairs.csv")


def _signs(pairs: list[Pair]) -> set[str]:
    return {sign for pair in pairs for sign in pair}


def _size(name: str, table: Table) -> None:
    for what, level in (("near", SHAPE_FLOOR / 255), ("strongly alike", STRONGLY_ALIKE)):
        counts = np.array([sum(score >= level for score in near.values()) for near in table.near.values()])
        print(
            f"{name}: {what}: {(counts > 0).sum():,} characters, {counts.sum() // 2:,} pairs, "
            f"mean {counts.mean():.1f}, at most {counts.max()} a character"
        )


def _sample(folder: Path, inputs: Path | None) -> Sample:
    """The pairs, always the same: drawn with a fixed seed among the characters of GB 2312."""
    groups = [line.split() for line in (folder / "same_stroke.txt").read_text("utf-8").splitlines()]
    lines = (line.split() for line in (folder / "stroke.txt").read_text("utf-8").splitlines())
    strokes = {line[0]: line[1] for line in lines if len(line) == 2 and _in_use(line[0])}
    together = {pair for group in groups for pair in permutations(group, 2)}
    alike = sorted({(group[0], other) for group in groups for other in group[1:] if group[0] != other})
    halves: tuple[list[Pair], list[Pair]] = ([], [])
    for pair in alike:
        if all(sign in strokes for sign in pair):
            halves[hashlib.sha256("".join(sorted(pair)).encode()).digest()[0] % 2].append(pair)
    draw = random.Random(20)
    signs = sorted(strokes)
    pairs = (tuple(draw.sample(signs, 2)) for _ in range(RANDOM))
    unlike: dict[str, list[Pair]] = {"random": [(a, b) for a, b in pairs if (a, b) not in together]}
    starts = {sign: (written[:4], len(written)) for sign, written in strokes.items() if len(written) > 4}
    unlike["strokes"] = list(_hard(starts, together, draw))
    if inputs:
        radicals = {sign: where for sign, where in _radicals(inputs) if sign in strokes}
        unlike["radical"] = list(_hard(radicals, together, draw))
    return Sample(*halves, unlike)


def _hard(kinds: Mapping[str, tuple[str, int]], together: set[Pair], draw: random.Random) -> Iterator[Pair]:
    """Pairs of one kind whose counts of strokes differ by one at most and that no group has together."""
    groups: dict[str, list[str]] = defaultdict(list)
    for sign, (kind, _) in sorted(kinds.items()):
        groups[kind].append(sign)
    signs, drawn = sorted(kinds), 0
    while drawn < HARD:
        one = draw.choice(signs)
        other = draw.choice(groups[kinds[one][0]])
        if one != other and (one, other) not in together and abs(kinds[one][1] - kinds[other][1]) <= 1:
            drawn += 1
            yield one, other


def _in_use(sign: str) -> bool:
    return bool(sign.encode("gb2312", "ignore"))


def _radicals(inputs: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each character's radical and the strokes beside it, from Unihan."""
    with bz2.open(inputs / "Unihan_IRGSources.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if "\tkRSUnicode\t" in line:
                code, _, value = line.split("\t")
                radical, _, beside = value.split()[0].replace("'", "").partition(".")
                yield chr(int(code[2:], 16)), (radical, int(beside))


def _judged(name: str, method: Table | Bitmaps, sample: Sample) -> None:
    """The chance that a look-alike is nearer than another pair; found at a chosen threshold; and by rank."""
    tuning, reported = (_scores(method, pairs) for pairs in (sample.tuning, sample.reported))
    unlike = {kind: _scores(method, pairs) for kind, pairs in sample.unlike.items()}
    areas = ", ".join(f"{kind} {_area(reported, scores):.3f}" for kind, scores in unlike.items())
    print(f"{name}: area under the curve against {areas}")
    for kind, rate in FALSE_RATES:
        chosen, kept = unlike[kind][::2], unlike[kind][1::2]
        threshold = max(float(np.quantile(chosen, 1 - rate)), 1e-9)
        print(
            f"{name}: at {rate:.1%} of {kind} pairs, threshold {threshold:.3f}: "
            f"found {(tuning > threshold).mean():.3f} (tuning half), {(reported > threshold).mean():.3f} "
            f"(reported half), false {(kept > threshold).mean():.4f}"
        )
    best = np.array([min(method.rank((a, b)), method.rank((b, a))) for a, b in sample.reported])
    print(f"{name}: among the nearest " + ", ".join(f"{k}: {(best <= k).mean():.3f}" for k in RANKS))


def _at_shipped_thresholds(name: str, table: Table, sample: Sample) -> None:
    found = _scores(table, sample.reported)
    for level in (SHAPE_FLOOR / 255, STRONGLY_ALIKE):
        false = ", ".join(
            f"{kind} {(_scores(table, pairs) >= level).mean():.4f}" for kind, pairs in sample.unlike.items()
        )
        print(f"{name}: at {level:.3f}: found {(found >= level).mean():.3f} of the reported half; false: {false}")


def _scores(method: Table | Bitmaps, pairs: list[Pair]) -> Floats:
    return np.array([method.score(pair) for pair in pairs])


def _area(alike: Floats, unlike: Floats) -> float:
    ordered = np.sort(unlike)
    below = np.searchsorted(ordered, alike, "left") + np.searchsorted(ordered, alike, "right")
    return float(below.mean() / 2 / len(ordered))


def _marks(tables: Mapping[str, Table], path: Path) -> None:
    """Of the reported marks that differ in characters only: how many of the changed characters are look-alikes."""
    if not path.is_file():
        print(f"skipped: no reported marks at {path}")
        return
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(row["genuine"], row["lookalike"]) for row in csv.DictReader(lines)]
    changed = [
        pair
        for one, other in rows
        if len(one) == len(other)
        for pair in zip(one, other, strict=True)
        if pair[0] != pair[1] and all(map(_in_use, pair))
    ]
    for name, table in tables.items():
        found = sum(table.score(pair) >= SHAPE_FLOOR / 255 for pair in changed)
        print(f"{name}: {found} of the {len(changed)} characters changed in {len(rows)} reported marks are look-alikes")


if __name__ == "__main__":
    main()
