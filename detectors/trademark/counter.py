"""The counter-case: what speaks against a mark that was seen, and what speaks for it besides its likeness.

Owns the exceptions that an officer must look for before a lead is sent on: authorised sellers, resale, nominative use,
second hand, other goods, everyday words, accidents of word boundaries, nearer marks, marks not in force; and on the
other side contradicted origins. Leaves what they weigh to `detectors.triage`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from detectors.authorisation import authorised
from detectors.trademark import goods, wording
from detectors.trademark.sightings import Sighting
from models.context import Context
from models.findings import Evidence, Stance
from models.registry import Mark, MarkKind
from models.subjects import Listing

UNDISGUISED = frozenset({"identical-mark", "alias-mark"})
NEARER_BY = 0.04  # another mark is nearer when its likeness is higher by this much

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """One listing with everything seen on it: the sightings of every mark, nearest first."""

    listing: Listing
    sightings: Sequence[Sighting]
    context: Context

    @cached_property
    def classes(self) -> int:
        return goods.listing_classes(self.listing)

    @cached_property
    def second_hand_words(self) -> list[wording.Word]:
        return wording.second_hand_words(self.listing.title)


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

    def evidence(self, fact: str, stance: Stance, score: float, **said: object) -> Evidence:
        """A fact on this mark. `said` may set field, subject_value, reference_value and span."""
        return Evidence(
            fact=fact,
            stance=stance,
            score=score,
            mark_id=self.mark.mark_id,
            field=str(said.get("field", self.best.field)),
            subject_value=str(said.get("subject_value", "")),
            reference_value=str(said.get("reference_value", self.mark.text or self.best.name)),
            span=said.get("span"),  # type: ignore[arg-type]
            params=self.parameters,
        )

    def quoted(self, fact: str, stance: Stance, word: wording.Word, score: float) -> Evidence:
        """A fact that rests on words of the title."""
        return self.evidence(fact, stance, score, field="title", subject_value=word.text, span=(word.start, word.end))

    def pointed(self, fact: str, score: float, reference: str = "") -> Evidence:
        """A fact against that rests on the best sighting itself."""
        best = self.best
        said = {"reference_value": reference} if reference else {}
        return self.evidence(fact, Stance.AGAINST, score, subject_value=best.piece, span=(best.start, best.end), **said)


def arguments(case: Case) -> Iterator[Evidence]:
    """Everything besides likeness that speaks for or against the mark, in a fixed order."""
    for argue in ARGUMENTS:
        yield from argue(case)


def other_origin(case: Case) -> Iterator[Evidence]:
    """A geographical indication beside a place that is not where it comes from."""
    mark, listing = case.mark, case.page.listing
    if mark.kind is not MarkKind.GI or case.best.likeness.score < 0.9:
        return
    own = f"{mark.text} {mark.origin} {mark.holder}"
    home = {wording.province_of(place.text) for place in wording.places_in(own)}
    for place in wording.stated_origins(listing.title):
        inside = case.best.field == "title" and case.best.start < place.end and place.start < case.best.end
        if inside or place.text in own or wording.province_of(place.text) in home:
            continue
        if home or place.score == 1:
            yield case.quoted("gi-other-origin", Stance.FOR, place, place.score * (0.95 if home else 0.7))
            return


def authorised_seller(case: Case) -> Iterator[Evidence]:
    """The seller is on the holder's list."""
    row = authorised(case.page.listing, case.mark.mark_id, case.page.context.registry, case.page.context.as_of)
    if row is not None:
        name = case.page.listing.seller.name
        yield case.evidence(
            "authorised-seller",
            Stance.AGAINST,
            1.0,
            field="seller.name",
            subject_value=name,
            reference_value=row.seller_name,
        )


def plain_resale(case: Case) -> Iterator[Evidence]:
    """The mark as registered, nothing hidden, no other origin. Words of copies void it in triage."""
    undisguised = all(sighting.likeness.fact in UNDISGUISED for sighting in case.seen)
    contradicted = any(True for _ in other_origin(case))
    if undisguised and not contradicted and not any(True for _ in authorised_seller(case)):
        yield case.pointed("plain-resale", 1.0)


def nominative_use(case: Case) -> Iterator[Evidence]:
    """Named to say what the goods fit."""
    best = case.best
    if best.field == "title":
        word = wording.nominative_word(best.text, best.start, best.end)
        if word is not None:
            yield case.quoted("nominative-use", Stance.AGAINST, word, 0.9)


def second_hand(case: Case) -> Iterator[Evidence]:
    """Offered as used, by the listing's condition or its words."""
    condition = case.page.listing.condition
    if condition in ("used", "refurbished"):
        yield case.evidence("second-hand", Stance.AGAINST, 1.0, field="condition", subject_value=condition)
    else:
        for word in case.page.second_hand_words[:1]:
            yield case.quoted("second-hand", Stance.AGAINST, word, 0.9)


def unrelated_goods(case: Case) -> Iterator[Evidence]:
    """Classes known on both sides and unrelated."""
    if case.relation == "unrelated":
        listing = case.page.listing
        stated = listing.nice_class is not None
        value = str(listing.nice_class) if stated else listing.category or listing.title
        yield case.evidence(
            "unrelated-goods",
            Stance.AGAINST,
            1.0 if stated else 0.8,
            field="nice_class" if stated else "category" if listing.category else "title",
            subject_value=value,
            reference_value=";".join(map(str, case.mark.nice_classes)),
        )


def common_word(case: Case) -> Iterator[Evidence]:
    """An everyday word, or what merely looks like the mark is one."""
    best = case.best
    if best.likeness.same:
        word = wording.is_common_mark(best.piece)
        amount = best.field == "title" and wording.amount_follows(best.text, best.end)
        if word and (amount or case.relation == "unrelated"):
            yield case.pointed("common-word", 0.95)
    elif wording.is_word(best.piece):
        yield case.pointed("common-word", 0.9)


def word_boundary(case: Case) -> Iterator[Evidence]:
    """The characters belong to the words beside them."""
    best = case.best
    if (
        best.field == "title"
        and len(best.piece) <= 3
        and best.likeness.fact not in ("disguised-mark", "split-character")
    ):
        word = wording.crosses_words(best.text, best.start, best.end)
        if word:
            yield case.pointed("word-boundary", 0.8 if len(best.piece) == 2 else 0.6, reference=word)


def nearer_other_mark(case: Case) -> Iterator[Evidence]:
    """The same words are nearer to another mark of the registry."""
    best = case.best
    for other in case.page.sightings:
        if other.mark_id == case.mark.mark_id or other.field != best.field:
            continue
        overlaps = other.start < best.end and best.start < other.end
        if overlaps and other.likeness.score >= best.likeness.score + NEARER_BY:
            yield case.pointed("nearer-other-mark", min(1.0, other.likeness.score), reference=other.name)
            return


def mark_not_in_force(case: Case) -> Iterator[Evidence]:
    """Pending, lapsed, disputed or outside its dates."""
    if not case.mark.in_force(case.page.context.as_of):
        yield case.evidence("mark-not-in-force", Stance.AGAINST, 1.0, subject_value=case.mark.status.value)


ARGUMENTS = (
    other_origin,
    authorised_seller,
    plain_resale,
    nominative_use,
    second_hand,
    unrelated_goods,
    common_word,
    word_boundary,
    nearer_other_mark,
    mark_not_in_force,
)
