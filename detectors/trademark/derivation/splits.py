"""Derives `data/splits.txt`: characters that are put together from two others (妈 from 女 and 马).

    make glyphs INPUTS=folder                                        (the folder holds what `inputs.toml` names)

Owns which takings apart are kept: those of the characters of GB 2312 into two parts, side by side, one below the other
or one around the other, where both can be typed: they are characters of GB 2312 themselves, or `data/splits.toml` says
what is typed for them. What that file adds by hand the decomposition data does not give.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from detectors.trademark.derivation.characters import mainland
from detectors.trademark.derivation.inputs import Inputs
from detectors.trademark.derivation.strokes import RECORD
from detectors.trademark.tables import table

TOGETHER = ("a", "d", "s", "w")  # side by side, one below the other, one around another, one within another
TWICE = ("ra", "rd")  # the same part twice


def splits(records: str) -> Iterator[str]:
    """Lines of three signs: the whole, then its parts in the order written."""
    known, typed = mainland(), table("splits")["typed"]
    for line in records.splitlines():
        found = RECORD.match(line.strip("` ;"))
        if not found or found[1] not in known:
            continue
        parts = [found[3], found[3]] if found[2] in TWICE else found[3].split(",")
        together = found[2] in TWICE or found[2].startswith(TOGETHER)
        if together and len(parts) == 2 and all(part in known or part in typed for part in parts):
            yield found[1] + "".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--inputs", type=Path, required=True, help="the folder with the files of inputs.toml")
    given = parser.parse_args()
    lines = sorted(splits(Inputs(given.inputs).decompositions()))
    out = Path(__file__).parents[1] / "data" / "splits.txt"
    out.write_text("".join(f"{line}\n" for line in lines), "utf-8")
