"""Origins: which places a text names, and where it says that the goods come from.

Owns the table of places (`data/places.csv`) and the wording of origins in `data/words.toml`. What another origin means
for a geographical indication is for `detectors.trademark.indications`.
"""

import re
from functools import cache

from detectors.trademark.tables import rows, table
from detectors.trademark.wording import TEXT_LIMIT, Word

ELSEWHERE = 0.7  # a place that is named and not where the goods are sent from or to


def is_place(text: str) -> bool:
    """Whether the text is a place of the table."""
    return text in _provinces()


def stated_origins(text: str) -> list[Word]:
    """Places of the table that a text names as where the goods are from: surest where it says so (`score` 1), else
    wherever a place is named that is not where they are sent from or to."""
    found = []
    for place in places_in(text):
        if _said_behind().match(text, place.end) or _said_before().search(text[: place.start]):
            found.append(place)
        elif not _in_trade().match(text, place.end):
            found.append(Word(place.start, place.end, place.text, ELSEWHERE))
    return sorted(found, key=lambda word: (-word.score, word.start))


def waters_and_mountains(text: str) -> list[Word]:
    """Lakes, rivers, islands and mountains where a text says that the goods are raised or grown (云溟湖养殖基地). They
    need no table: their last character says what they are."""
    return [Word(*hit.span("place"), hit["place"]) for hit in _raised_there().finditer(text[:TEXT_LIMIT])]


def places_in(text: str) -> list[Word]:
    """Every place of the table named in a text."""
    return [Word(*hit.span(), hit.group()) for hit in _any_place().finditer(text[:TEXT_LIMIT])]


def province_of(place: str) -> str:
    """The province a place of the table lies in, "" for one that is not in it."""
    return _provinces().get(place, "")


@cache
def _provinces() -> dict[str, str]:
    return {place: province for place, province in rows("places")}  # noqa: C416


@cache
def _any_place() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _provinces()), key=len, reverse=True)), re.IGNORECASE)


@cache
def _said_behind() -> re.Pattern[str]:
    return re.compile(rf"[省市县区州]?\w{{0,4}}?(?:{'|'.join(_words('after_place'))})")


@cache
def _said_before() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_words('before_place'))})[:\s]*$")


@cache
def _in_trade() -> re.Pattern[str]:
    return re.compile(rf"[省市县区州]?\w{{0,2}}?(?:{'|'.join(_words('trade'))})")


@cache
def _raised_there() -> re.Pattern[str]:
    kinds = "|".join(map(re.escape, _words("nature")))
    return re.compile(rf"(?P<place>[\u4e00-\u9fff]{{2,3}}?(?:{kinds}))(?={'|'.join(_words('raised'))})")


def _words(kind: str) -> list[str]:
    found: list[str] = table("words")["origin"][kind]
    return found
