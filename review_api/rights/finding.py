"""What would this find? A mark that is only thought of, tried on the listings that were screened last.

Told are a count, a few titles, and what makes a mark flood a queue. A title and its platform are what anybody sees on
the page; shops, prices, links and what a unit made of a listing stay with the unit.
"""

import unicodedata
from enum import StrEnum

from pydantic import Field

from models.findings import Stance
from models.leads import Screening
from models.ports import ScreeningPort
from models.registry import Mark, Registry
from models.rights import RowsBefore
from models.subjects import Listing
from models.values import Value
from review_api.console.marking import stretches
from review_api.rights.seats import Seat
from review_api.wording import Explanation, explanations

SAMPLE = 500
EXAMPLES = 12
FLOOD_SHARE, FLOOD_COUNT = 0.03, 10
# Titles that hold the text and are no suspects all the same: a word that people use for the goods themselves.
COMMON_SHARE, COMMON_COUNT = 0.02, 3
SHORTEST_LATIN = 4


class Warning(StrEnum):
    """What is told before a mark is saved."""

    SHORT = "short"
    COMMON = "common"
    FLOOD = "flood"
    NO_CLASS = "no-class"
    NO_TEXT = "no-text"
    NO_LISTINGS = "no-listings"


class Example(Value):
    """One listing that would be flagged: its title in parts, with those marked that were matched."""

    title: str
    parts: tuple[tuple[str, bool], ...]
    platform: str
    score: float
    explanations: tuple[Explanation, ...]


class Found(Value):
    """The answer: of `sample` listings `count` would be flagged; `containing` hold the mark's text as it stands."""

    sample: int
    count: int
    containing: int
    share: float = Field(description="0..1")
    warnings: tuple[Warning, ...]
    examples: tuple[Example, ...]


def try_mark(seat: Seat, screening: ScreeningPort, rows: RowsBefore, mark: Mark, *, sample: int = SAMPLE) -> Found:
    """Try the mark with the goods and sellers that stand under it."""
    listings = seat.store.screenings.recent_listings(seat.unit_id, limit=sample)
    draft = Registry(
        marks=(mark,),
        goods=tuple(each for each in rows.goods if each.mark_id == mark.mark_id),
        authorised=tuple(each for each in rows.authorised if each.mark_id == mark.mark_id),
    )
    screenings = screening.find_with(seat.unit_id, draft, listings) if listings else ()
    flagged = sorted((each for each in screenings if _is_on(each, mark)), key=lambda one: -one.assessment.score)
    wanted, found = _folded(mark.text), {each.subject.key.token for each in flagged}
    bearing = [listing for listing in listings if wanted and wanted in _folded(listing.title)]
    unflagged = sum(listing.key.token not in found for listing in bearing)
    examples = []
    for each in flagged[:EXAMPLES]:
        subject = each.subject
        if not isinstance(subject, Listing):
            continue
        words = explanations(each.findings, {mark.mark_id: mark.text})
        examples.append(
            Example(
                title=subject.title,
                parts=tuple((part.text, part.marked) for part in stretches(subject.title, each.findings, "title")),
                platform=subject.platform,
                score=each.assessment.score,
                explanations=tuple(words[finding.finding_id] for finding in each.findings if finding.field == "title"),
            )
        )
    return Found(
        sample=len(listings),
        count=len(flagged),
        containing=len(bearing),
        share=round(len(flagged) / len(listings), 4) if listings else 0.0,
        warnings=_warnings(mark, len(listings), len(flagged), unflagged),
        examples=tuple(examples),
    )


def _warnings(mark: Mark, sample: int, count: int, unflagged: int) -> tuple[Warning, ...]:
    text = _folded(mark.text)
    told = {
        Warning.NO_TEXT: not text,
        Warning.SHORT: bool(text) and _is_short(text),
        Warning.COMMON: unflagged >= max(COMMON_COUNT, COMMON_SHARE * sample),
        Warning.FLOOD: count >= max(FLOOD_COUNT, FLOOD_SHARE * sample),
        Warning.NO_CLASS: not mark.nice_classes,
        Warning.NO_LISTINGS: sample == 0,
    }
    return tuple(each for each in Warning if told[each])


def _is_on(screening: Screening, mark: Mark) -> bool:
    """Whether it would be flagged, and for this mark: words that copies are sold with are found without any."""
    speaking = (each for each in screening.findings if each.stance is Stance.FOR and each.mark_id == mark.mark_id)
    return screening.assessment.flagged and any(speaking)


def _is_short(text: str) -> bool:
    """One Chinese character, or fewer than four letters or digits: too little to tell goods apart by."""
    return len(text) < (SHORTEST_LATIN if text.isascii() else 2)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
