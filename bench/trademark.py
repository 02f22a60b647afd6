"""Marks in text, at registry scale: the cost of a listing as the registry grows tenfold, and what the index costs.

`python -m bench.trademark` takes 10,000 and 100,000 marks; `--marks 1000000` and `--marks 10000000` take other sizes,
and `--marks` may be given again. A million takes some three minutes and 1.1 GB, ten millions half an hour and 8.6 GB.
Marks and titles are made up as `bench.made_up` says. The more marks, the more titles resemble one: so figures are
told twice. *Sparse* titles are chosen among those that come so that 5.5 in a hundred have findings, which is the mix
that the goals are set for; *crowded* ones are taken as they come, and their share with findings is told. Findings are
always made, arguments against included. The baseline is what one would write first: `rapidfuzz.process.extract` with
`partial_ratio` over all marks, on a few of the same titles in the same run. Times are of the process, one core; the
median of the rounds counts. A single title is a batch of one.

Seen on two shared cores (AMD EPYC, Python 3.11, numba 0.68), ms a listing in batches on one core, sparse and crowded
(share with findings); single: a title alone, sparse; one run each, ten millions on another day:

    marks        compiled     plain        (crowded)  single, compiled  plain  rapidfuzz  build, s  bytes a mark
    10,000       0.23  0.26   0.75  0.76   (7 %)      1.2               2.4    5.4        1.4       238
    100,000      0.29  0.40   0.57  0.63   (29 %)     1.4               2.8    73         4.5       244
    1,000,000    0.50  1.3    0.82  1.3    (72 %)     1.6               3.1    913        49        236
    10,000,000   1.6   8.1    2.0   8.0    (99 %)     2.9               4.4    -          1,016     223

The cost of a crowded title is that of judging and telling what it resembles.
"""

import argparse
import random
import resource
import statistics
import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

from rapidfuzz import fuzz, process

from bench.made_up import MadeUpRegistry, Marks, listings, texts
from detectors.trademark import MarkIndex, TrademarkDetector, compiled
from detectors.trademark.segments import Segment
from models.context import Context
from models.findings import Observation
from streams.screening.index_files import IndexFiles

SIZES = (10_000, 100_000)
SEED = 20260301
TITLES = 1_000
SINGLE = 200
BATCH = 200
ROUNDS = 3  # so that a round of the fewest titles is a whole batch
SPARSE = 0.055  # of the sparse titles have findings
LOOKED_THROUGH = 60_000  # titles at most from which the sparse ones are chosen
BASELINE_TITLES = {10_000: 25, 100_000: 10}
BASELINE_UP_TO = 1_000_000
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(sizes: Sequence[int] = SIZES) -> dict[str, float]:
    """The figures by name, for each number of marks, and how the cost of a listing grew from one to the next."""
    figures: dict[str, float] = {}
    before: dict[str, float] = {}
    for count in sizes:
        told = _at(count)
        figures |= {f"marks: {name} at {count}": figure for name, figure in told.items()}
        for name, figure in told.items():
            if name in before and name.startswith("ms a listing, compiled"):
                figures[f"marks: times the cost before, {name.removeprefix('ms a listing, ')} at {count}"] = round(
                    figure / before[name], 2
                )
        before = told
    return figures


@dataclass(frozen=True)
class Bench:
    """One index in its context, asked by the detector."""

    context: Context
    detector: TrademarkDetector

    def found(self, observations: Sequence[Observation], batch: int = BATCH) -> list[list[object]]:
        """The findings on each."""
        return [
            list(findings)
            for first in range(0, len(observations), batch)
            for findings in self.detector.detect(observations[first : first + batch], self.context)
        ]

    def spent(self, observations: Sequence[Observation], batch: int) -> tuple[float, list[list[object]]]:
        """Seconds of the process for each listing, the median of the rounds; and the findings on each."""
        size = len(observations) // ROUNDS
        spent, found = [], []
        for first in range(0, size * ROUNDS, size):
            part = observations[first : first + size]
            before = process_time()
            found += self.found(part, batch)
            spent.append((process_time() - before) / len(part))
        return statistics.median(spent), found


def _at(count: int) -> dict[str, float]:
    names = texts(count, SEED)
    marks = Marks(names, SEED)
    before = process_time()
    index = MarkIndex("made up", Segment.build(marks))
    build = process_time() - before
    index, opening = _mapped(index)
    bench = Bench(Context(MadeUpRegistry(marks), NOW, snapshots={"marks": index}), TrademarkDetector())
    coming = (Observation(listing) for listing in listings(random.Random(SEED), marks, LOOKED_THROUGH + TITLES))
    crowded = list(islice(coming, TITLES))
    figures: dict[str, float] = {}
    for mix, observations in (("sparse", _sparse(bench, coming)), ("crowded", crowded)):
        figures |= _asked(bench, mix, observations)
    if count <= BASELINE_UP_TO:
        theirs = _baseline(crowded, names, BASELINE_TITLES.get(count, 2))
        figures["ms a listing by rapidfuzz process.extract partial_ratio"] = round(theirs * 1000, 1)
        for name in [name for name in figures if name.startswith("ms a listing, ")]:
            figures[f"times rapidfuzz, {name.removeprefix('ms a listing, ')}"] = round(theirs * 1000 / figures[name])
    figures["seconds of one core to build the index"] = round(build, 1)
    figures["seconds to open the built index"] = round(opening, 3)
    figures["index bytes a mark"] = round(sum(array.nbytes for array in index.arrays().values()) / count, 1)
    figures["MB that screening one batch allocates at its peak"] = round(_peak(bench, crowded), 1)
    figures["MiB that this process held at its peak so far"] = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    )
    return figures


def _sparse(bench: Bench, coming: Iterator[Observation]) -> list[Observation]:
    """Of the titles that come those with findings and those without, in the share that is wished; fewer in all where
    too few without findings come."""
    wished = {True: round(TITLES * SPARSE), False: TITLES - round(TITLES * SPARSE)}
    taken: dict[bool, list[Observation]] = {True: [], False: []}
    while any(len(taken[hit]) < wished[hit] for hit in wished) and (some := list(islice(coming, BATCH))):
        for observation, findings in zip(some, bench.found(some), strict=True):
            taken[bool(findings)].append(observation)
    without = taken[False][: wished[False]]
    chosen = [*without, *taken[True][: round(len(without) * SPARSE / (1 - SPARSE))]]
    random.Random(SEED).shuffle(chosen)
    return chosen


def _asked(bench: Bench, mix: str, observations: Sequence[Observation]) -> dict[str, float]:
    """What titles of one mix cost on both paths, which must find the same."""
    figures, found = {}, {}
    for path in ("compiled", "plain"):
        if path == "compiled" and not compiled.available():
            continue
        with compiled.switched(on=path == "compiled"):
            bench.found(observations[:BATCH])
            spent, found[path] = bench.spent(observations, BATCH)
            alone, _ = bench.spent(observations[:SINGLE], 1)
        figures[f"ms a listing, {path}, {mix}"] = round(spent * 1000, 3)
        figures[f"ms a single title, {path}, {mix}"] = round(alone * 1000, 2)
    if len(found) == 2 and found["compiled"] != found["plain"]:
        raise AssertionError("the compiled path and the plain one differ")
    figures[f"share of titles with findings, {mix}"] = round(sum(map(bool, found["plain"])) / len(found["plain"]), 3)
    return figures


def _mapped(index: MarkIndex) -> tuple[MarkIndex, float]:
    """The index written to files and mapped again, and the seconds that mapping took."""
    with tempfile.TemporaryDirectory() as folder:  # what is mapped stays mapped when its name is gone
        files = IndexFiles(Path(folder))
        files.save("bench", "marks", "v", index.arrays())
        before = perf_counter()
        arrays = files.load("bench", "marks", "v")
        assert arrays is not None
        mapped = MarkIndex.from_arrays(index.version, arrays)
        return mapped, perf_counter() - before


def _baseline(observations: Sequence[Observation], names: Sequence[str], count: int) -> float:
    spent = []
    for observation in observations[:count]:
        title = observation.subject.title  # type: ignore[union-attr]
        before = process_time()
        process.extract(title, names, scorer=fuzz.partial_ratio, score_cutoff=80, limit=5)
        spent.append(process_time() - before)
    return statistics.median(spent)


def _peak(bench: Bench, observations: Sequence[Observation]) -> float:
    tracemalloc.start()
    bench.found(observations[:BATCH])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", type=int, action="append", help="a number of marks; may be given again")
    for name, figure in run(parser.parse_args().marks or SIZES).items():
        print(f"{name}: {figure}", flush=True)
