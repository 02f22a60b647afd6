"""Heads: where a title opens, behind signs and words of praise, a name is expected, and fainter likeness counts.

Owns where heads are, and the search there for names of two to four characters of which one is changed into one that is
only faintly like it in shape, or a thing of the same kind (晴妊 for 晴妈, 雨师傅 for 云师傅), and for names of letters
that are heard with one letter more (BOSTRIA for OSTRYA). Elsewhere such likeness is chance; what is near wherever it
stands is for `detectors.trademark.comparators`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import numpy as np

from detectors.trademark import compiled
from detectors.trademark.alphabet import HEARD_FROM, heard_letters, is_han
from detectors.trademark.disguises import Likeness, folded
from detectors.trademark.fields import Text
from detectors.trademark.index import MarkIndex
from detectors.trademark.keys import U64, Channel, Ints, RollingSums, scattered, sealed, text_keys
from detectors.trademark.lexicon import is_chinese_word, is_english_word, stands_free
from detectors.trademark.names import Spelling, is_known_name
from detectors.trademark.readings import Readings
from detectors.trademark.search import Search
from detectors.trademark.tables import faint_likeness, of_one_kind, table
from detectors.trademark.windows import Windows

FIELDS = ("title", "brand")
SHORTEST, LONGEST = 2, 4  # characters of the names that are sought
# What a name is worth with one character for another, by the sum of their likeness in hundredths: straight between.
LEAST, MOST = (17, 0.72), (60, 0.82)
SURE = 44  # the sum from which a name of one character said twice is near with both changed
KIND = 0.74  # the same where both name things of one kind
HEARD_WITH_ONE_MORE = 0.74  # a name of letters that is heard with one letter more
WORD = re.compile(r"[A-Za-z]{4,16}(?![A-Za-z])")
LONGER = 0.03  # what each further kept character adds


def is_head(text: str, start: int) -> bool:
    """Whether nothing but signs and words of praise stands before."""
    return not _praise().sub("", text[:start])


def seen_at_heads(
    texts: Sequence[tuple[int, Text]], classes: U64, readings: Readings, index: MarkIndex
) -> Iterator[tuple[int, int, int, int, str, Likeness]]:
    """Names that the head of a text is faintly like, of marks of its goods' own classes (`classes`, as bits, of each
    text): the text's number, where its head begins and ends, the name's number and words, and the likeness."""
    spans = _heads(texts, readings)
    search = Search([segment.table for segment in index.segments], spans, compiled.kernels(len(index.owner)))
    search.keys(*_questions(readings, spans))
    search.keys(*_heard_questions(readings, spans))
    first = 0
    for segment, (window, name) in zip(index.segments, search.found(), strict=True):
        name = name + first
        own = (index.classes[index.owner[name]] & classes[readings.text[spans.start[window]]]) != 0
        own &= (index.spelling[name] <= Spelling.ALIAS) & index.living(name)
        for head, number in sorted(set(zip(window[own].tolist(), name[own].tolist(), strict=True))):
            start, end = int(spans.start[head]), int(spans.end[head])
            text = int(readings.text[start])
            begin, finish = int(readings.start[start]), int(readings.end[end - 1])
            known = index.name(number)
            piece = readings.piece(start, end)
            likeness = faintly(piece, known) or heard_with_one_more(piece, known)
            if likeness is not None and _is_a_name(texts[text][1].text, begin, finish):
                yield text, begin, finish, number, known, likeness
        first += segment.name_count()


@lru_cache(maxsize=1 << 14)
def faintly(piece: str, name: str) -> Likeness | None:
    """The likeness of a head to a name with one character changed, wherever it stands in it; None where that one is
    unlike."""
    read, meant = folded(piece), folded(name)
    if len(read) != len(meant) or not SHORTEST <= len(meant) <= LONGEST or not all(map(is_han, read + meant)):
        return None
    places = [(one, other) for one, other in zip(read, meant, strict=True) if one != other]
    changed = set(places)
    if len(changed) != 1:
        return None
    ((one, other),) = changed
    alike = faint_likeness().of(ord(other)).get(ord(one))
    if len(places) == len(meant) and (alike or 0) < SURE:
        return None
    if alike is None and one not in of_one_kind().get(other, ()):
        return None
    score = KIND if alike is None else _worth(alike)
    score += LONGER * (len(meant) - SHORTEST)
    trick = "kind" if alike is None else "faint"
    return Likeness(score, "similar-shape" if alike else "similar-spelling", trick, f"{one}→{other}")


@lru_cache(maxsize=1 << 14)
def heard_with_one_more(piece: str, name: str) -> Likeness | None:
    """The likeness of a word of letters to a name that is heard like it but for one letter of the word."""
    meant = heard_letters(name)
    if not meant or meant not in _heard_without_one(piece):
        return None
    return Likeness(HEARD_WITH_ONE_MORE, "similar-sound", "letters", f"{piece.casefold()}→{name.casefold()}")


def _heard_without_one(word: str) -> set[str]:
    heard = heard_letters(word)
    return {heard[:place] + heard[place + 1 :] for place in range(len(heard)) if len(heard) > HEARD_FROM}


def _worth(alike: int) -> float:
    (least, from_), (most, to) = LEAST, MOST
    return from_ + (to - from_) * min(1.0, (alike - least) / (most - least))


def _heads(texts: Sequence[tuple[int, Text]], readings: Readings) -> Windows:
    """The first elements behind signs and praise: characters with nothing between, or one word of letters."""
    starts, ends = [], []
    for number, (_, text) in enumerate(texts):
        if text.field not in FIELDS or text.again is not None:
            continue
        begin = _opening().match(text.text)
        first, last = int(readings.first[number]), int(readings.first[number + 1])
        place = first + int(np.searchsorted(readings.start[first:last], begin.end() if begin else 0))
        word = WORD.match(text.text, begin.end() if begin else 0)
        if word:
            starts.append(place)
            ends.append(first + int(np.searchsorted(readings.start[first:last], word.end())))
        head = readings.start[place : min(place + LONGEST, last)].tolist()
        han = readings.han[place : place + len(head)].tolist()
        for size in range(1, len(head) + 1):
            if not han[size - 1] or head[size - 1] - head[0] != size - 1:
                break
            if size >= SHORTEST:
                starts.append(place)
                ends.append(place + size)
    return Windows(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))


def _is_a_name(text: str, start: int, end: int) -> bool:
    """Whether characters stand as a name does, and are no word and no public name."""
    piece = text[start:end]
    if is_known_name(piece):
        return False
    if piece.isascii():
        return not is_english_word(piece)
    return not is_chinese_word(piece) and stands_free(text, start, end)


def _heard_questions(readings: Readings, spans: Windows) -> tuple[Ints, U64]:
    """Each head of letters as it is heard, without one of its letters: windows and keys."""
    words = [
        (head, heard)
        for head, (start, end) in enumerate(zip(spans.start.tolist(), spans.end.tolist(), strict=True))
        if not readings.han[start]
        for heard in sorted(_heard_without_one(readings.piece(start, end)))
    ]
    keys = text_keys([heard for _, heard in words], Channel.HEARD)
    return np.array([head for head, _ in words], dtype=np.int64), keys


def _questions(readings: Readings, spans: Windows) -> tuple[Ints, Ints]:
    """Each head with each of its characters replaced by each that it could stand for: windows and keys."""
    sums = RollingSums(readings.shape)
    whole = sums.window(spans.start, spans.end)
    rows, keys = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
    for head, (start, end) in enumerate(zip(spans.start.tolist(), spans.end.tolist(), strict=True)):
        if not readings.han[start]:
            continue
        codes = readings.shape[start:end].tolist()
        for code in dict.fromkeys(codes):
            places = [place for place, other in enumerate(codes) if other == code]
            changes = _scattered_instead(code) - sums.hashes[start + places[0]]
            weights = [sums.powers[place] for place in places]
            # One of its places, or all of them: what stands there twice is changed twice.
            for weight in {*weights, np.add.reduce(np.array(weights, dtype=np.uint64))}:
                rows.append(np.full(len(changes), head))
                keys.append(whole[head] + changes * weight)
    return np.concatenate(rows), sealed(np.concatenate(keys), Channel.SHAPE)


@lru_cache(maxsize=1 << 13)
def _scattered_instead(code: int) -> U64:
    """The hashes of the characters that one could stand for."""
    instead = {*faint_likeness().of(code), *map(ord, of_one_kind().get(chr(code), ()))}
    return scattered(np.array(sorted(instead), dtype=np.int64))


@cache
def _praise() -> re.Pattern[str]:
    return re.compile(_before_names())


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(rf"(?:{_before_names()})*")


def _before_names() -> str:
    words = sorted(table("words")["praise"]["words"], key=len, reverse=True)
    return rf"\W+|_|20\d\d年?|{'|'.join(map(re.escape, words))}"
