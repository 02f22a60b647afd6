"""Marks in text, at registry scale: the cost of a listing as the registry grows tenfold, and what the index costs.

`python -m bench.trademark` takes 10,000, 100,000 and 1,000,000 marks; `--marks 10000000` adds a size (give it hours of
memory: about 5 GB), `--marks` may be given again. Marks are made up with the clustering of real ones: a third begin as
others do, characters fall in frequency as in brand names, a quarter are letters. Titles are of everyday trade words;
one in twenty bears a disguised mark. The baseline is what one would write first: `rapidfuzz.process.extract` with
`partial_ratio` over all marks, on a few of the same titles in the same run. Times are of the process, one core; arms
are taken in turn and the median of the rounds counts. A single title is a batch of one.
"""

import argparse
import random
import statistics
import tempfile
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time
from typing import overload

from rapidfuzz import fuzz, process

from detectors.trademark import MarkIndex, TrademarkDetector, compiled
from detectors.trademark.segments import Segment
from detectors.trademark.tables import glyph_neighbours, rows
from models.context import Context
from models.findings import Observation
from models.registry import Mark, Registry
from models.subjects import Listing
from streams.screening.index_files import IndexFiles

SIZES = (10_000, 100_000, 1_000_000)
MARKS = 100_000  # of the other benches that borrow these marks
TITLES = 2_000
SINGLE = 200
BATCH = 200
ROUNDS = 5
BASELINE_TITLES = {10_000: 25, 100_000: 10, 1_000_000: 2}
BASELINE_UP_TO = 1_000_000
HITS = 0.05
SYLLABLES = ("ka", "lo", "mi", "ne", "ra", "to", "vi", "so", "be", "du", "xi", "pa", "gor", "lin", "tex", "mar", "fen")
BLANK = Mark(mark_id="M")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(sizes: Sequence[int] = SIZES) -> dict[str, float]:
    """The figures by name, for each number of marks."""
    figures: dict[str, float] = {}
    for count in sizes:
        for name, figure in _at(count).items():
            figures[f"marks: {name} at {count}"] = figure
    return figures


def _at(count: int) -> dict[str, float]:
    dice = random.Random(20260301)
    texts = made_up_texts(dice, count)
    marks = Marks(texts, dice.randrange(1 << 30))
    registry = MadeUpRegistry(marks)
    before = process_time()
    index = MarkIndex("made up", Segment.build(marks))
    build = process_time() - before
    index, opening = _mapped(index)
    context = Context(registry=registry, as_of=NOW, snapshots={"marks": index})
    observations = [Observation(listing) for listing in listings(dice, marks, TITLES)]
    detector = TrademarkDetector()
    figures: dict[str, float] = {}
    found = {}
    for path in ("compiled", "plain"):
        if path == "compiled" and not compiled.available():
            continue
        with compiled.switched(on=path == "compiled"):
            detector.detect(observations[:BATCH], context)
            spent, found[path] = _spent(detector, observations, context, BATCH)
            alone, _ = _spent(detector, observations[:SINGLE], context, 1)
        figures[f"ms a listing, {path}, batches of {BATCH}, one core"] = round(spent * 1000, 3)
        figures[f"ms a single title, {path}"] = round(alone * 1000, 2)
    if len(found) == 2 and found["compiled"] != found["plain"]:
        raise AssertionError("the compiled path and the plain one differ")
    if count <= BASELINE_UP_TO:
        theirs = _baseline(observations, texts, BASELINE_TITLES.get(count, 2))
        figures["ms a listing by rapidfuzz process.extract partial_ratio"] = round(theirs * 1000, 1)
        best = min(value for name, value in figures.items() if name.startswith("ms a listing, "))
        figures["times faster"] = round(theirs * 1000 / best)
    figures["share of titles with findings"] = round(sum(map(bool, found["plain"])) / TITLES, 3)
    figures["seconds of one core to build the index"] = round(build, 1)
    figures["seconds to open the built index"] = round(opening, 3)
    figures["index bytes a mark"] = round(sum(array.nbytes for array in index.arrays().values()) / count)
    figures["MB that screening one batch allocates at its peak"] = round(_peak(detector, observations, context), 1)
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


def _spent(
    detector: TrademarkDetector, observations: Sequence[Observation], context: Context, batch: int
) -> tuple[float, list[object]]:
    """Seconds of the process for each listing, the median of the rounds; and every finding."""
    size = len(observations) // ROUNDS
    spent, found = [], []
    for first in range(0, size * ROUNDS, size):
        part = observations[first : first + size]
        before = process_time()
        for start in range(0, len(part), batch):
            found += detector.detect(part[start : start + batch], context)
        spent.append((process_time() - before) / len(part))
    return statistics.median(spent), found


def _baseline(observations: Sequence[Observation], texts: Sequence[str], count: int) -> float:
    spent = []
    for observation in observations[:count]:
        title = observation.subject.title  # type: ignore[union-attr]
        before = process_time()
        process.extract(title, texts, scorer=fuzz.partial_ratio, score_cutoff=80, limit=5)
        spent.append(process_time() - before)
    return statistics.median(spent)


class Marks(Sequence[Mark]):
    """Marks made when they are asked for, so that ten millions of them fit."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        self._texts, self._seed = texts, seed

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, number: int) -> Mark: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Mark]: ...
    def __getitem__(self, number: int | slice) -> Mark | Sequence[Mark]:
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        nice_class = (number * 2654435761 + self._seed) % 2**32 * 34 >> 32
        said = {"mark_id": f"M{number:08}", "text": self._texts[number], "nice_classes": (1 + nice_class,)}
        return BLANK.model_copy(update=said)  # the quickest way: a registry in memory has its marks at hand

    def __iter__(self) -> Iterator[Mark]:
        return (self[number] for number in range(len(self)))


class _ById(Mapping[str, Mark]):
    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def __len__(self) -> int:
        return len(self._marks)

    def __iter__(self) -> Iterator[str]:
        return (mark.mark_id for mark in self._marks)

    def __getitem__(self, mark_id: str) -> Mark:
        return self._marks[int(mark_id[1:])]


class MadeUpRegistry(Registry):
    """A registry over marks that are made when they are asked for."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks=marks, chained_version="made up")  # type: ignore[arg-type]
        self.__dict__["mark_by_id"] = _ById(marks)


def made_up_texts(dice: random.Random, count: int) -> list[str]:
    """Names with shared beginnings: characters by a falling frequency, a third begin as others do."""
    signs = sorted(glyph_neighbours())
    dice.shuffle(signs)
    weights = list(accumulate(1 / (rank + 400) for rank in range(len(signs))))
    beginnings = ["".join(dice.choices(signs, cum_weights=weights, k=2)) for _ in range(count // 20)]
    texts: set[str] = set()
    while len(texts) < count:
        size = dice.choice((2, 3, 3, 3, 3, 4, 4, 4, 5, 6))
        if dice.random() < 0.25:
            texts.add("".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4 + (count > 500_000)))))
        elif dice.random() < 0.3 and size > 2:
            texts.add(dice.choice(beginnings) + "".join(dice.choices(signs, cum_weights=weights, k=size - 2)))
        else:
            texts.add("".join(dice.choices(signs, cum_weights=weights, k=size)))
    ordered = sorted(texts)
    dice.shuffle(ordered)
    return ordered


def made_up_registry(dice: random.Random, count: int) -> Registry:
    """The same names as a registry of plain rows, for the benches of the whole."""
    return Registry(
        marks=tuple(
            Mark(mark_id=f"M{number:07}", text=text, nice_classes=(dice.randint(1, 34),))
            for number, text in enumerate(made_up_texts(dice, count))
        )
    )


def listings(dice: random.Random, marks: Sequence[Mark], count: int) -> list[Listing]:
    """Titles of about thirty characters from words of trade; one in twenty opens with a disguised mark."""
    words = [word for word, *_ in rows("classes")]
    made = []
    for number in range(count):
        title = "".join(dice.choice(words) for _ in range(12))[: dice.randint(22, 38)]
        nice_class = dice.randint(1, 34)
        if dice.random() < HITS:
            mark = marks[dice.randrange(len(marks))]
            place = dice.randrange(len(mark.text))
            title, nice_class = f"{mark.text[:place]}*{mark.text[place:]}{title}", mark.nice_classes[0]
        made.append(Listing(listing_id=str(number), platform="bench", title=title, nice_class=nice_class))
    return made


def _peak(detector: TrademarkDetector, observations: list[Observation], context: Context) -> float:
    tracemalloc.start()
    detector.detect(observations[:BATCH], context)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", type=int, action="append", help="a number of marks; may be given again")
    for name, figure in run(parser.parse_args().marks or SIZES).items():
        print(f"{name}: {figure}", flush=True)
