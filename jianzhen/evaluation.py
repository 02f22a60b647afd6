"""Measuring leads against labels: recall, false positives, precision and ranking, for all rows and by group.

Owns the arithmetic of `jianzhen eval`. Reading the two files belongs to `models.formats`, showing the result to
`jianzhen.commands.evaluate`. Nothing here knows how a lead came about.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.findings import Stance
from models.formats import Expectation, Label, ReadLead

UNSEEN_SCORE = float("-inf")
DISPUTED = "disputed"
YES = frozenset({"true", "1", "yes"})


@dataclass(frozen=True)
class Judged:
    """One labelled listing beside what the system said of it. `found` is the label's own test: for `lead`, flagged
    with a finding for the expected mark; for `price-lead`, flagged with a finding for by the detector `price`."""

    listing_id: str
    expected: bool
    flagged: bool
    found: bool
    score: float
    present: bool
    disputed: bool
    groups: Mapping[str, str]


@dataclass(frozen=True)
class Measure:
    """Counts and rates of one set of rows. A rate without a denominator is None. `recall` asks for the right mark,
    `recall_any` for a flag alone; `precision` counts a flag as right only when the label's own test is met;
    `average_precision` ranks every row by score, equal scores as one rank."""

    rows: int
    expected: int
    found: int
    flagged_expected: int
    clean: int
    false_positives: int
    recall: float | None
    recall_any: float | None
    false_positive_rate: float | None
    precision: float | None
    average_precision: float | None


@dataclass(frozen=True)
class Evaluation:
    """The whole answer: all rows, the undisputed and the disputed apart, and each group of each further field."""

    overall: Measure
    undisputed: Measure
    disputed: Measure
    groups: dict[str, dict[str, Measure]]
    missing: tuple[str, ...]
    unlabelled: int


def judge(label: Label, lead: ReadLead | None) -> Judged:
    """Set one label beside its line of leads.jsonl; None where the listing has no line, e.g. was rejected."""
    speaking_for = [finding for finding in lead.findings if finding.stance is Stance.FOR] if lead else []
    flagged = lead is not None and lead.flagged
    if label.expect is Expectation.PRICE_LEAD:
        met = any(finding.detector == "price" for finding in speaking_for)
    else:
        met = any(finding.mark_id == label.mark_id for finding in speaking_for)
    return Judged(
        listing_id=label.listing_id,
        expected=label.expect is not Expectation.NONE,
        flagged=flagged,
        found=flagged and met and label.expect is not Expectation.NONE,
        score=lead.score if lead else UNSEEN_SCORE,
        present=lead is not None,
        disputed=label.groups.get(DISPUTED, "").lower() in YES,
        groups={"expect": label.expect.value, **{n: v for n, v in label.groups.items() if v and n != DISPUTED}},
    )


def evaluate(labels: Sequence[Label], leads: Mapping[str, ReadLead]) -> Evaluation:
    """Measure leads (by listing id) against labels. A labelled listing without a line counts as not flagged."""
    rows = [judge(label, leads.get(label.listing_id)) for label in labels]
    labelled = {row.listing_id for row in rows}
    fields = sorted({name for row in rows for name in row.groups})
    return Evaluation(
        overall=measure(rows),
        undisputed=measure([row for row in rows if not row.disputed]),
        disputed=measure([row for row in rows if row.disputed]),
        groups={name: _by_group(rows, name) for name in fields},
        missing=tuple(row.listing_id for row in rows if not row.present),
        unlabelled=sum(listing_id not in labelled for listing_id in leads),
    )


def measure(rows: Sequence[Judged]) -> Measure:
    """Count one set of rows."""
    positives = [row for row in rows if row.expected]
    negatives = [row for row in rows if not row.expected]
    found = _count(positives, lambda row: row.found)
    flagged_expected = _count(positives, lambda row: row.flagged)
    false_positives = _count(negatives, lambda row: row.flagged)
    return Measure(
        rows=len(rows),
        expected=len(positives),
        found=found,
        flagged_expected=flagged_expected,
        clean=len(negatives),
        false_positives=false_positives,
        recall=_rate(found, len(positives)),
        recall_any=_rate(flagged_expected, len(positives)),
        false_positive_rate=_rate(false_positives, len(negatives)),
        precision=_rate(found, flagged_expected + false_positives),
        average_precision=average_precision([(row.score, row.expected) for row in rows]),
    )


def average_precision(ranked: Iterable[tuple[float, bool]]) -> float | None:
    """Sum over distinct scores, best first, of precision at that score x the recall it adds; None without positives.
    Rows of equal score enter together, so their order in the file cannot change the figure."""
    rows = sorted(ranked, key=lambda row: -row[0])
    positives = sum(positive for _, positive in rows)
    if not positives:
        return None
    total, hits, seen = 0.0, 0, 0
    while seen < len(rows):
        score, before = rows[seen][0], hits
        while seen < len(rows) and rows[seen][0] == score:
            hits += rows[seen][1]
            seen += 1
        total += (hits / seen) * (hits - before) / positives
    return round(total, 6)


def _by_group(rows: Sequence[Judged], name: str) -> dict[str, Measure]:
    values = sorted({row.groups[name] for row in rows if name in row.groups})
    return {value: measure([row for row in rows if row.groups.get(name) == value]) for value in values}


def _count(rows: Sequence[Judged], test: Callable[[Judged], bool]) -> int:
    return sum(test(row) for row in rows)


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
