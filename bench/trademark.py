"""Marks in text: titles a second against 100,000 marks, and what the index costs. `python -m bench.trademark`

Marks are made up with the clustering of real ones (shared beginnings, common characters, a quarter in letters), titles
of everyday trade words; one title in twenty bears a disguised mark. The baseline is what one would write first:
`rapidfuzz.process.extract` with `partial_ratio` over all marks, on a few of the same titles in the same run.
Times are of the process, one core; arms are taken in turn and the median of the rounds counts.
"""

import random
import statistics
import tracemalloc
from datetime import UTC, datetime
from time import process_time

from rapidfuzz import fuzz, process

from detectors.trademark import MarkIndex, TrademarkDetector
from detectors.trademark.tables import glyph_neighbours, rows
from models.context import Context
from models.findings import Observation
from models.registry import Mark, Registry
from models.subjects import Listing

MARKS = 100_000
TITLES = 4_000
BATCH = 200
ROUNDS = 5
BASELINE_TITLES = 10
HITS = 0.05
SYLLABLES = ("ka", "lo", "mi", "ne", "ra", "to", "vi", "so", "be", "du", "xi", "pa", "gor", "lin", "tex", "mar", "fen")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run() -> dict[str, float]:
    """The figures by name: titles a second, seconds to build, bytes a mark."""
    dice = random.Random(20260301)
    registry = made_up_registry(dice, MARKS)
    registry.version  # noqa: B018 - the digest of the rows is the registry's cost, not the index's
    before = process_time()
    index = MarkIndex.build(registry)
    build = process_time() - before
    context = Context(registry=registry, as_of=NOW, snapshots={"marks": index})
    observations = [Observation(listing) for listing in listings(dice, registry, TITLES)]
    names = [mark.text for mark in registry.marks]
    detector = TrademarkDetector()
    detector.detect(observations[:BATCH], context)
    ours, theirs, bearing = [], [], 0
    for round_ in range(ROUNDS):
        part = observations[round_ * TITLES // ROUNDS : (round_ + 1) * TITLES // ROUNDS]
        before = process_time()
        for start in range(0, len(part), BATCH):
            bearing += sum(map(bool, detector.detect(part[start : start + BATCH], context)))
        ours.append(len(part) / (process_time() - before))
        titles = [observation.subject.title for observation in part[:BASELINE_TITLES]]  # type: ignore[union-attr]
        before = process_time()
        for title in titles:
            process.extract(title, names, scorer=fuzz.partial_ratio, score_cutoff=80, limit=5)
        theirs.append(len(titles) / (process_time() - before))
    rate, baseline = statistics.median(ours), statistics.median(theirs)
    return {
        f"marks: titles/s at {MARKS} marks, batches of {BATCH}, one core": round(rate),
        "marks: titles/s by rapidfuzz process.extract partial_ratio": round(baseline, 1),
        "marks: times faster": round(rate / baseline),
        "marks: share of titles with findings": round(bearing / TITLES, 3),
        "marks: seconds to build the index": round(build, 1),
        "marks: index bytes a mark": round(sum(array.nbytes for array in index.arrays().values()) / MARKS),
        "marks: MB that screening one batch allocates at its peak": round(_peak(detector, observations, context), 1),
    }


def made_up_registry(dice: random.Random, count: int) -> Registry:
    """Marks with shared beginnings: characters by a falling frequency, a third begin as others do."""
    signs = sorted(glyph_neighbours())
    dice.shuffle(signs)
    weights = [1 / (rank + 400) for rank in range(len(signs))]
    beginnings = ["".join(dice.choices(signs, weights, k=2)) for _ in range(count // 20)]
    texts: set[str] = set()
    while len(texts) < count:
        size = dice.choice((2, 3, 3, 3, 3, 4, 4, 4, 5, 6))
        if dice.random() < 0.25:
            texts.add("".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4))))
        elif dice.random() < 0.3 and size > 2:
            texts.add(dice.choice(beginnings) + "".join(dice.choices(signs, weights, k=size - 2)))
        else:
            texts.add("".join(dice.choices(signs, weights, k=size)))
    ordered = sorted(texts)
    dice.shuffle(ordered)
    return Registry(
        marks=tuple(
            Mark(mark_id=f"M{number:07}", text=text, nice_classes=(dice.randint(1, 34),))
            for number, text in enumerate(ordered)
        )
    )


def listings(dice: random.Random, registry: Registry, count: int) -> list[Listing]:
    """Titles of about thirty characters from words of trade; one in twenty opens with a disguised mark."""
    words = [word for word, _ in rows("classes")]
    made = []
    for number in range(count):
        title = "".join(dice.choice(words) for _ in range(12))[: dice.randint(22, 38)]
        nice_class = dice.randint(1, 34)
        if dice.random() < HITS:
            mark = dice.choice(registry.marks)
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
    for name, figure in run().items():
        print(f"{name}: {figure}")
