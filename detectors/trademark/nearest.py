"""Nearest marks: the registry ranked by nearness to a text, without a threshold.

Owns the ranking that a lookup shows. It has no listing, so nothing speaks against: class, seller and use are unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

import numpy as np
from rapidfuzz import fuzz, process

from detectors.trademark.alphabet import folded_sound, is_han, syllables
from detectors.trademark.detector import likeness_parameters
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.index import MarkIndex
from detectors.trademark.names import Spelling
from detectors.trademark.sightings import FLOOR, seen
from detectors.trademark.tables import faint_likeness, glyph_neighbours
from models.explanations import LANGUAGES, explain
from models.findings import Finding, Stance
from models.registry import Registry

TEXT_LIMIT = 200
SPOKEN = 0.7  # syllables spelled with like letters are no sounds alike
HEARD_ALIKE = 0.8  # what a character heard alike is worth beside the same one, in names that no comparator finds near
MEMBERSHIP = 0.02  # what standing within a longer text costs a name, beside being all of it


@dataclass(frozen=True)
class Hit:
    """One mark with its nearness to the text, 0..1, and why, in `zh` and `en`."""

    mark_id: str
    score: float
    explanation: dict[str, str]
    goods_id: str | None = None


def nearest(text: str, index: MarkIndex, registry: Registry, *, top: int, field: str = "query") -> list[Hit]:
    """The `top` marks nearest to the text, best first, then by id. Names within the text count; marks that no
    comparator finds near are ranked below all that one does, by the letters and sounds that they share with the text.
    `field` says in the explanations where the text stood.
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
    return [_hit(field, row[0], known[row[0]].text, *row[1:]) for row in ranked[:top]]


def _order(row: tuple[str, float, str, str, Likeness]) -> tuple[float, str]:
    return -row[1], row[0]


def _remaining(text: str, index: MarkIndex, count: int) -> list[tuple[str, float, str]]:
    """Marks by shared letters and by shared sounds, the better of both, scaled to stay under `FLOOR`."""
    numbers = np.flatnonzero(np.array(index.spelling.tolist(), dtype=np.uint8) <= Spelling.ALIAS)
    numbers = numbers[index.living(numbers)]
    names = [index.name(number) for number in numbers.tolist()]
    owners = index.owner[numbers].tolist()
    rows: dict[str, tuple[str, float, str]] = {}
    for form, worth in ((folded, 1.0), (_spoken, SPOKEN)):
        asked = form(text)
        if not asked:
            continue
        forms: Sequence[str] = [form(name) for name in names]
        for _, score, place in process.extract(asked, forms, scorer=fuzz.ratio, limit=count, processor=None):
            mark_id = index.mark_id(owners[place])
            scaled = round(score / 100 * worth * FLOOR * 0.98, 6)
            if mark_id not in rows or scaled > rows[mark_id][1]:
                rows[mark_id] = (mark_id, scaled, names[place])
    for score, place in _place_by_place(folded(text), list(map(folded, names)), count):
        mark_id = index.mark_id(owners[place])
        scaled = round(score * FLOOR * 0.98, 6)
        if mark_id not in rows or scaled > rows[mark_id][1]:
            rows[mark_id] = (mark_id, scaled, names[place])
    return sorted(rows.values(), key=lambda row: (-row[1], row[0]))


def _place_by_place(text: str, names: Sequence[str], count: int) -> list[tuple[float, int]]:
    """Names of as many characters, by the mean likeness of their characters to those of the text: 1 the same, less for
    one heard alike or that looks alike; a pair that stands there twice counts once. The best, with their places."""
    if len(text) < 2 or not all(map(is_han, text)):
        return []
    alike = {character: _Likenesses(character) for character in text}
    scores = []
    for place, name in enumerate(names):
        if len(name) == len(text):
            pairs = set(zip(text, name, strict=True))
            scores.append((sum(alike[one][other] for one, other in pairs) / len(pairs), place))
    return nlargest(count, scores)


class _Likenesses(dict[str, float]):
    """How like each character is to one: those that look alike are there, those heard alike are found when asked."""

    def __init__(self, character: str) -> None:
        faint = faint_likeness().of(ord(character))
        super().__init__({chr(code): min(sum_, 100) / 100 for code, sum_ in faint.items()})
        self.update(glyph_neighbours().get(character, {}))
        self[character] = 1.0
        self._heard = {folded_sound(syllable)[0] for syllable in syllables(character)}

    def __missing__(self, other: str) -> float:
        heard = {folded_sound(syllable)[0] for syllable in syllables(other)}
        return HEARD_ALIKE if heard & self._heard else 0.0


def _spoken(text: str) -> str:
    return " ".join((syllables(character) or (character,))[0] for character in folded(text))


def _hit(field: str, mark_id: str, mark: str, score: float, piece: str, name: str, likeness: Likeness) -> Hit:
    finding = Finding(
        finding_id="",
        detector="trademark",
        version="",
        mark_id=mark_id,
        stance=Stance.FOR,
        score=round(score, 6),
        fact=likeness.fact,
        field=field,
        subject_value=piece,
        reference_value=name,
        params=dict(likeness_parameters(replace(likeness, score=score), "unknown")),
    )
    words: dict[str, str] = {language: explain(finding, language, mark=mark) for language in LANGUAGES}
    return Hit(mark_id, round(score, 6), words)
