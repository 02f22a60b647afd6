"""Derives `data/glyphs.npz`: which Chinese characters look alike, by their pictures, strokes and parts.

    make glyphs INPUTS=folder             (about four minutes on two cores; the folder holds what `inputs.toml` names)

Owns how pictures, strokes and parts are weighed, what is kept and on which scale. The same inputs give the same table
(another processor, library or number of threads may move a score by one). With `--pictures-alone` it writes the
table as pictures alone would have it, the baseline of `bench/glyphs.py`.

A character's neighbours are sought among those that stand in one text with it: simplified forms are not set beside
traditional ones. For each character the nearest are kept with a score of 0..255.

`data/faint.npz` comes with it: pairs that are more alike than unrelated characters are, however many of one character.
Alone they say nothing; where a name is expected and the rest of it is kept, they do. Only common characters (GB 2312,
level 1) are put in the place of others there.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detectors.trademark.derivation.characters import Characters, characters, common_signs
from detectors.trademark.derivation.inputs import Inputs
from detectors.trademark.derivation.pictures import Matrix, described, nearness
from detectors.trademark.derivation.strokes import Parts, by_parts, by_strokes, written

PICTURES, STROKES, PARTS = 1.0, 0.2, 0.2  # what each nearness, 0..1, adds
# Sum and score: straight between these. The scale is that of earlier tables, so that thresholds keep their meaning: as
# many pairs of GB 2312 reach 140 and more as when pictures alone were compared, and fewer reach 60.
SCALE = ((0.26, 0), (0.444, 60), (0.567, 100), (0.762, 140), (0.945, 180), (1.025, 200), (1.11, 220), (1.32, 255))
SCALE_OF_PICTURES = ((0.0, 0), (1.0, 255))
KEPT, KEPT_TRADITIONAL = 24, 8
WORTH_KEEPING = 40  # lower scores are written as none
AT_ONCE = 512
FAINT_FROM = 0.175  # the sum from which a pair is faintly alike: two in a hundred pairs of common characters

Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]


def derive(inputs: Inputs, out: Path, *, pictures_alone: bool = False) -> None:
    """Write `out`: characters, the indices of the nearest, nearest first, and their scores (0: none); and the faint
    pairs beside it, but for the baseline."""
    known = characters(inputs)
    signs = known.signs
    descriptions = described(signs, inputs.fonts())
    faint: list[Pairs] = []
    common = np.array([sign in common_signs() for sign in signs])
    simplified = np.array([sign not in known.traditional for sign in signs])  # as texts are read
    strings = written(inputs.middle_lines())
    parts = Parts(inputs.decompositions(), {sign: len(string) for sign, string in strings.items()}).matrices(signs)
    in_order = [strings.get(sign, "") for sign in signs]
    kept = np.array([KEPT_TRADITIONAL if sign in known.traditional else KEPT for sign in signs])
    neighbours = np.zeros((len(signs), KEPT), dtype=np.uint16)
    scores = np.zeros((len(signs), KEPT), dtype=np.uint8)
    for start in range(0, len(signs), AT_ONCE):
        rows = slice(start, min(start + AT_ONCE, len(signs)))
        near = nearness(descriptions, rows)
        if not pictures_alone:
            near = PICTURES * near + _as_written(in_order, parts, rows)
        near[_never_together(known, rows)] = -1
        faint.append(_faint(near, rows, common & simplified, simplified[rows]))
        order = np.argsort(-near, axis=1, kind="stable")[:, :KEPT]
        found = _score(np.take_along_axis(near, order, axis=1), SCALE_OF_PICTURES if pictures_alone else SCALE)
        found[np.arange(KEPT) >= kept[rows, None]] = 0
        neighbours[rows], scores[rows] = np.where(found > 0, order, 0), found
    code_points = np.array([ord(sign) for sign in signs], dtype=np.uint16)
    np.savez_compressed(out, characters=code_points, neighbours=neighbours, scores=scores)
    if not pictures_alone:
        one, other, likeness = (np.concatenate(part) for part in zip(*faint, strict=True))
        _write_faint(out.with_name("faint.npz"), code_points[one], code_points[other], likeness)


def _faint(near: Matrix, rows: slice, common: npt.NDArray[np.bool_], read: npt.NDArray[np.bool_]) -> Pairs:
    """The faintly alike pairs of those of these rows that texts are `read` in with common characters: both places, and
    the sum in hundredths."""
    row, column = np.nonzero((near >= FAINT_FROM) & common & read[:, None])
    return row + rows.start, column, np.round(100 * np.minimum(near[row, column], 2)).astype(np.uint8)


def _write_faint(
    out: Path, one: npt.NDArray[np.uint16], other: npt.NDArray[np.uint16], likeness: npt.NDArray[np.uint8]
) -> None:
    """Each pair once, as two code points in one number, in order, with its likeness."""
    pairs = np.minimum(one, other).astype(np.uint32) << 16 | np.maximum(one, other).astype(np.uint32)
    kept, first = np.unique(pairs, return_index=True)
    np.savez_compressed(out, pairs=np.diff(kept, prepend=np.uint32(0)).astype(np.uint32), likeness=likeness[first])


def _as_written(strings: list[str], parts: tuple[Matrix, Matrix], rows: slice) -> Matrix:
    """What strokes and parts add; where the strokes of either are unknown its parts speak for them."""
    common = by_parts(parts, rows)
    unknown = np.array([not string for string in strings])
    strokes = np.where(unknown[rows, None] | unknown[None, :], common, by_strokes(strings, rows))
    added: Matrix = (STROKES * strokes + PARTS * common).astype(np.float32)
    return added


def _never_together(known: Characters, rows: slice) -> npt.NDArray[np.bool_]:
    """Whether these rows and every character stand in one text: not a sign and itself, nor forms of two scripts.

    Texts are read in simplified characters, so a form of both scripts keeps its room for neighbours of that kind.
    """
    simplified = np.array([sign in known.simplified for sign in known.signs])
    traditional = np.array([sign in known.traditional for sign in known.signs])
    apart: npt.NDArray[np.bool_] = (~traditional[rows, None] & traditional) | (traditional[rows, None] & simplified)
    apart[np.arange(len(apart)), np.arange(rows.start, rows.stop)] = True
    return apart


def _score(near: Matrix, scale: tuple[tuple[float, int], ...]) -> npt.NDArray[np.uint8]:
    sums, points = zip(*scale, strict=True)
    scored = np.round(np.interp(near, sums, points)).astype(np.uint8)
    return np.where(scored >= WORTH_KEEPING, scored, 0).astype(np.uint8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--inputs", type=Path, required=True, help="the folder with the files of inputs.toml")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "data" / "glyphs.npz")
    parser.add_argument("--pictures-alone", action="store_true", help="the baseline: strokes and parts left out")
    options = parser.parse_args()
    derive(Inputs(options.inputs), options.out, pictures_alone=options.pictures_alone)
