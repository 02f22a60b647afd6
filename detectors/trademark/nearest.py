"""Nearest marks: the registry ranked by nearness to a text, without a threshold.

Owns the ranking that a lookup shows. It has no listing, so nothing speaks against: class, seller and use are unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz, process

from detectors.trademark.alphabet import syllables
from detectors.trademark.detector import likeness_parameters
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.index import MarkIndex
from detectors.trademark.names import Spelling
from detectors.trademark.sightings import FLOOR, seen
from models.explanations import LANGUAGES, explain
from models.findings import Finding, Stance
from models.registry import Registry

TEXT_LIMIT = 200
MEMBERSHIP = 0.02  # what standing within a longer text costs a name, beside being all of it


@dataclass(frozen=True)
class Hit:
    """One mark with its nearness to the text, 0..1, and why, in `zh` and `en`."""

    mark_id: str
    score: float
    explanation: dict[str, str]
    goods_id: str | None = None


def nearest(text: str, index: MarkIndex, registry: Registry, *, top: int) -> list[Hit]:
    """The `top` marks nearest to the text, best first, then by id. Names within the text count; marks that no
    comparator finds near are ranked below all that one does, by the letters and sounds that they share with the text.
    Work grows with the registry, as a lookup without a threshold must."""
    text = text[:TEXT_LIMIT]
    best: dict[str, tuple[float, str, str, Likeness]] = {}
    for sighting in seen(text, index):
        share = (sighting.end - sighting.start) / max(1, len(text.strip()))
        score = sighting.likeness.score - MEMBERSHIP * (1 - min(1.0, share))
        if sighting.mark_id not in best or score > best[sighting.mark_id][0]:
            best[sighting.mark_id] = (score, sighting.piece, sighting.name, sighting.likeness)
    for mark_id, score, name in _remaining(text, index, top + len(best)):
        likeness = Likeness(score, "distant-mark", "none")
        best.setdefault(mark_id, (score, text, name, likeness))
    known = registry.mark_by_id
    ranked = sorted(((mark_id, *found) for mark_id, found in best.items() if mark_id in known), key=_order)
    return [_hit(row[0], known[row[0]].text, *row[1:]) for row in ranked[:top]]


def _order(row: tuple[str, float, str, str, Likeness]) -> tuple[float, str]:
    return -row[1], row[0]


def _remaining(text: str, index: MarkIndex, count: int) -> list[tuple[str, float, str]]:
    """Marks by shared letters and by shared sounds, the better of both, scaled to stay under `FLOOR`."""
    numbers = np.flatnonzero(np.array(index.spelling.tolist(), dtype=np.uint8) <= Spelling.ALIAS)
    numbers = numbers[index.living(numbers)]
    names = [index.name(number) for number in numbers.tolist()]
    owners = index.owner[numbers].tolist()
    rows: dict[str, tuple[str, float, str]] = {}
    for form in (folded, _spoken):
        asked = form(text)
        if not asked:
            continue
        forms: Sequence[str] = [form(name) for name in names]
        for _, score, place in process.extract(asked, forms, scorer=fuzz.ratio, limit=count, processor=None):
            mark_id = index.mark_id(owners[place])
            scaled = round(score / 100 * FLOOR * 0.98, 6)
            if mark_id not in rows or scaled > rows[mark_id][1]:
                rows[mark_id] = (mark_id, scaled, names[place])
    return sorted(rows.values(), key=lambda row: (-row[1], row[0]))


def _spoken(text: str) -> str:
    return " ".join((syllables(character) or (character,))[0] for character in folded(text))


def _hit(mark_id: str, mark: str, score: float, piece: str, name: str, likeness: Likeness) -> Hit:
    finding = Finding(
        finding_id="",
        detector="trademark",
        version="",
        mark_id=mark_id,
        stance=Stance.FOR,
        score=round(score, 6),
        fact=likeness.fact,
        field="query",
        subject_value=piece,
        reference_value=name,
        params=dict(likeness_parameters(replace(likeness, score=score), "unknown")),
    )
    words: dict[str, str] = {language: explain(finding, language, mark=mark) for language in LANGUAGES}
    return Hit(mark_id, round(score, 6), words)
