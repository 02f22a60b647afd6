"""The case: one mark on one page, with everything that the arguments for and against it rest on.

Owns the values that `detectors.trademark.counter` argues from and the making of its evidence. Knows no argument.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from detectors.authorisation import Standing, standing
from detectors.trademark import goods, wording
from detectors.trademark.printed import PrintedText
from detectors.trademark.sighting import Sighting
from models.context import Context
from models.findings import Evidence, Stance
from models.registry import Mark
from models.subjects import Listing

UNDISGUISED = frozenset({"identical-mark", "alias-mark"})

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """One listing with everything seen on it: the sightings of every mark, nearest first."""

    listing: Listing
    sightings: Sequence[Sighting]
    context: Context
    printed: Mapping[str, PrintedText] = field(default_factory=dict)
    """The texts of its pictures, by what they say."""

    @cached_property
    def classes(self) -> int:
        return goods.listing_classes(self.listing)

    @cached_property
    def groups(self) -> frozenset[str]:
        return goods.listing_groups(self.listing)

    @cached_property
    def second_hand_words(self) -> list[wording.Word]:
        return wording.second_hand_words(self.listing.title)

    def relation(self, mark: Mark) -> str:
        """How the listing's goods relate to those of the mark: `same`, `similar`, `unrelated` or `unknown`."""
        groups = (
            self.groups if mark.similar_groups else frozenset()
        )  # read only where the mark has some to set them against
        return goods.relation_to(self.classes, groups, mark)


@dataclass(frozen=True)
class Case:
    """One mark on a page: its sightings there, nearest first, and the parameters that all its findings carry."""

    page: Page
    mark: Mark
    seen: Sequence[Sighting]
    relation: str
    parameters: Parameters

    @property
    def best(self) -> Sighting:
        return self.seen[0]

    @cached_property
    def standing(self) -> Standing | None:
        """What the registry says of the seller for this mark."""
        context = self.page.context
        return standing(self.page.listing, self.mark.mark_id, context.registry, context.as_of)

    def evidence(self, fact: str, stance: Stance, score: float, **said: object) -> Evidence:
        """A fact on this mark. `said` may set field, subject_value, reference_value, span, and further params."""
        more: Parameters = said.get("params", ())  # type: ignore[assignment]
        return Evidence(
            fact=fact,
            stance=stance,
            score=score,
            mark_id=self.mark.mark_id,
            field=str(said.get("field", self.best.field)),
            subject_value=str(said.get("subject_value", "")),
            reference_value=str(said.get("reference_value", self.mark.text or self.best.name)),
            span=said.get("span"),  # type: ignore[arg-type]
            params=(*self.parameters, *more),
        )

    def quoted(self, fact: str, stance: Stance, word: wording.Word, score: float, *, field: str = "title") -> Evidence:
        """A fact that rests on words of a field, the title unless said otherwise."""
        return self.evidence(fact, stance, score, field=field, subject_value=word.text, span=(word.start, word.end))

    def pointed(self, fact: str, score: float, reference: str = "", params: Parameters = ()) -> Evidence:
        """A fact against that rests on the best sighting itself."""
        best = self.best
        said: dict[str, object] = {"reference_value": reference} if reference else {}
        span = (best.start, best.end)
        return self.evidence(fact, Stance.AGAINST, score, subject_value=best.piece, span=span, params=params, **said)
