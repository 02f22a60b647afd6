"""Charts: figures drawn by the server as SVG, whole and readable by themselves; where the third-party library was built
(`make assets`), a script draws the same figures over them with values to point at.

Owns what is drawn: `Histogram` (how often prices or scores fall where, and where one of them stands). Templates draw it
with `_charts.html`; nothing here looks anything up.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 640, 196
LEFT, RIGHT, TOP, BOTTOM = 36, 8, 38, 24
GAP = 1.0
MOST_TICKS = 6

LIBRARY = "third-party/chart.js"


class Box(NamedTuple):
    """A rectangle of the drawing, in its units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """Counts over bins that follow each other. `edges` has one more than `counts` and rises; `labels` names the edges
    as readers see them. `here` is where the value of interest stands among the edges, `middle` the median of all; None
    leaves them out. Values outside the edges are drawn at the end."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    labels: tuple[str, ...]
    here: float | None = None
    here_label: str = ""
    middle: float | None = None
    middle_label: str = ""

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.counts) + 1 or len(self.labels) != len(self.edges):
            raise ValueError("a histogram has one edge and one label more than counts")

    @property
    def total(self) -> int:
        """The sample: how many values were counted."""
        return sum(self.counts)

    @property
    def bars(self) -> tuple[Box, ...]:
        """One box for each bin, also an empty one."""
        most = max(self.counts, default=0) or 1
        step = (WIDTH - LEFT - RIGHT) / max(1, len(self.counts))
        tall = HEIGHT - TOP - BOTTOM
        return tuple(
            Box(
                round(LEFT + number * step + GAP / 2, 2),
                round(HEIGHT - BOTTOM - tall * count / most, 2),
                round(step - GAP, 2),
                round(tall * count / most, 2),
            )
            for number, count in enumerate(self.counts)
        )

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Where names of edges stand: few enough to be read."""
        every = max(1, -(-len(self.edges) // MOST_TICKS))
        step = (WIDTH - LEFT - RIGHT) / max(1, len(self.counts))
        return tuple(
            (round(LEFT + number * step, 2), self.labels[number]) for number in range(0, len(self.edges), every)
        )

    @property
    def most(self) -> int:
        return max(self.counts, default=0)

    def across(self, value: float | None) -> float | None:
        """The place of a value on the axis."""
        share = self.share(value)
        return None if share is None else round(LEFT + share * (WIDTH - LEFT - RIGHT), 2)

    def share(self, value: float | None) -> float | None:
        """The place of a value among the bins, 0 to 1: bins are equally wide whatever they span."""
        if value is None or not self.counts:
            return None
        last = len(self.counts)
        if value <= self.edges[0]:
            return 0.0
        for number in range(last):
            low, high = self.edges[number], self.edges[number + 1]
            if value < high:
                return (number + (value - low) / (high - low)) / last
        return 1.0

    def data(self) -> str:
        """What the script draws from."""
        rows = [f"{low} – {high}" for low, high in zip(self.labels, self.labels[1:], strict=False)]
        return json.dumps(
            {
                "labels": rows,
                "counts": self.counts,
                "here": self.share(self.here),
                "hereLabel": self.here_label,
                "middle": self.share(self.middle),
                "middleLabel": self.middle_label,
            },
            ensure_ascii=False,
        )


def evenly(values: Sequence[float], *, bins: int, low: float, high: float) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Edges and counts of equally wide bins between `low` and `high`; what lies outside counts at its end."""
    width = (high - low) / bins
    edges = tuple(low + number * width for number in range(bins + 1))
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int((value - low) / width)))] += 1
    return edges, tuple(counts)
