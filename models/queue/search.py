"""Search: how a text becomes terms, how a hit is ranked, and where it matched.

Chinese has no spaces: a run of its characters becomes pairs of neighbours and the last character alone, so that any
piece of it is found by the pairs it holds, and a single character as the beginning of a pair. Letters and digits are
words, found by their beginning. Width and case do not matter. Ranking is a fixed table, told with every hit.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from models.folding import fold
from models.values import Value

LONGEST_QUERY = 100
LONGEST_WORD = 32
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\uac00-\ud7af"
RUN = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+)")


class SearchKind(StrEnum):
    """What is found."""

    LEAD = "lead"
    OPERATOR = "operator"
    SHOP = "shop"
    MARK = "mark"


class Match(StrEnum):
    """How a hit matched, best first: the whole field, its beginning, somewhere in it as it stands, in pieces."""

    WHOLE = "whole"
    BEGINNING = "beginning"
    WITHIN = "within"
    PIECES = "pieces"


class SearchHit(Value):
    """One thing that was found: the field that matched best with its text, and the stretches to mark in it (code
    points, end exclusive). `title` is what the thing is called; `about` names the party behind a shop."""

    kind: SearchKind
    thing_id: str
    title: str
    about: str = ""
    field: str
    text: str
    spans: tuple[tuple[int, int], ...] = ()
    match: Match


class SearchEntry(NamedTuple):
    """A thing as it is kept to be found: its fields by name, in order of weight; the first is its title."""

    kind: SearchKind
    thing_id: str
    fields: Mapping[str, str]
    about: str = ""


class Term(NamedTuple):
    """A term of a question; `open` ones stand for every term that begins so."""

    text: str
    open: bool


def terms_of(texts: Sequence[str]) -> set[str]:
    """The terms under which these texts are found."""
    found: set[str] = set()
    for text in texts:
        for run in RUN.finditer(fold(text)):
            characters, word = run.groups()
            if characters:
                found.update(characters[place : place + 2] for place in range(len(characters)))
            else:
                found.add(word[:LONGEST_WORD])
    return found


def terms_asked(text: str) -> tuple[Term, ...]:
    """The terms that a question asks for, all of which must be there; each once."""
    found: list[Term] = []
    for run in RUN.finditer(fold(text[:LONGEST_QUERY])):
        characters, word = run.groups()
        if word:
            found.append(Term(word[:LONGEST_WORD], open=True))
        elif len(characters) == 1:
            found.append(Term(characters, open=True))
        else:
            found += [Term(characters[place : place + 2], open=False) for place in range(len(characters) - 1)]
    return tuple(dict.fromkeys(found))


def hit_of(entry: SearchEntry, asked: str) -> SearchHit:
    """The entry as a hit on the question: by its best field."""
    ranked = [(*_match(text, asked), place, name) for place, (name, text) in enumerate(entry.fields.items()) if text]
    match, spans, _, name = min(
        ranked, key=lambda each: (tuple(Match).index(each[0]), not each[1], each[2]), default=(Match.PIECES, (), 0, "")
    )
    return SearchHit(
        kind=entry.kind,
        thing_id=entry.thing_id,
        title=next(iter(entry.fields.values()), ""),
        about=entry.about,
        field=name,
        text=entry.fields.get(name, ""),
        spans=spans,
        match=match,
    )


def place_in_list(hit: SearchHit, number: int) -> tuple[int, int]:
    """The order of hits: the better match first, then the newer entry."""
    return tuple(Match).index(hit.match), -number


def _match(text: str, asked: str) -> tuple[Match, tuple[tuple[int, int], ...]]:
    """How a field matches, and where. Folding may change lengths: places are told only where it does not."""
    folded, wanted = fold(text), fold(asked).strip()
    same = len(folded) == len(text)
    start = folded.find(wanted)
    if wanted and start >= 0:
        kind = Match.WITHIN if start else (Match.WHOLE if len(folded.strip()) == len(wanted) else Match.BEGINNING)
        return kind, ((start, start + len(wanted)),) if same else ()
    spans = sorted({(at, at + len(term.text)) for term in terms_asked(asked) if (at := folded.find(term.text)) >= 0})
    return Match.PIECES, _merged(spans) if same else ()


def _merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, stop in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return tuple(merged)
