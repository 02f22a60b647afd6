"""Heads: where a title opens, behind signs and words of praise, a name is expected, and fainter likeness counts.

Owns where heads are, and the search there for names that are near in ways that would be chance elsewhere: one character
only faintly like its fellow (`detectors.trademark.faint`), other words of one meaning (`detectors.trademark.meanings`),
characters that spell a name of letters by ear (`detectors.trademark.transliterations`), a short name with one character
more (`detectors.trademark.grown`), and names of letters that are heard with one letter more (BOSTRIA for OSTRYA). What
is near wherever it stands is for `detectors.trademark.comparators`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache

import numpy as np

from detectors.trademark import compiled
from detectors.trademark.alphabet import HEARD_FROM, heard_letters
from detectors.trademark.disguises import Likeness
from detectors.trademark.faint import ask_faintly, faintly
from detectors.trademark.fields import Text
from detectors.trademark.grown import grown, grown_questions
from detectors.trademark.index import MarkIndex
from detectors.trademark.keys import U64, Channel, Ints, RollingSums, text_keys
from detectors.trademark.lexicon import is_english_word, is_everyday_word, stands_free
from detectors.trademark.meanings import meaning, same_meaning
from detectors.trademark.names import Spelling, is_known_name
from detectors.trademark.readings import Readings
from detectors.trademark.search import Search
from detectors.trademark.tables import table
from detectors.trademark.transliterations import consonants, heard_across
from detectors.trademark.windows import Windows

FIELDS = ("title", "brand")
SHORTEST, LONGEST = 2, 6  # characters of a head
HEARD_WITH_ONE_MORE = 0.74  # a name of letters that is heard with one letter more
WORD = re.compile(r"[A-Za-z]{4,16}(?![A-Za-z])")
NEXT_WORD = re.compile(r"[ '-][A-Za-z]+(?![A-Za-z])")
FIRST_WORD = re.compile(r"[A-Za-z]+(?![A-Za-z])")
WORDS_AT_MOST = 4
# Likeness of a whole head, in which another name may be read: 公牛 in 赤色公牛, 晴川 in 晴川达.
OF_WHOLE_HEADS = frozenset({"meaning", "grown"})


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
    sums = RollingSums(readings.shape)
    ask_faintly(search, sums, readings, spans)
    search.keys(*grown_questions(sums, readings, spans))
    search.keys(*_spelled_questions(readings, spans))
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
            likeness = next((found for near in NEAR if (found := near(piece, known)) is not None), None)
            if likeness is not None and _is_a_name(texts[text][1].text, begin, finish):
                yield text, begin, finish, number, known, likeness
        first += segment.name_count()


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


NEAR: tuple[Callable[[str, str], Likeness | None], ...] = (
    faintly,
    heard_with_one_more,
    same_meaning,
    grown,
    heard_across,
)


def _heads(texts: Sequence[tuple[int, Text]], readings: Readings) -> Windows:
    """The first elements behind signs and praise: characters with nothing between, or words of letters."""
    starts, ends = [], []
    for number, (_, text) in enumerate(texts):
        if text.field not in FIELDS or text.again is not None:
            continue
        begin = _opening().match(text.text)
        first, last = int(readings.first[number]), int(readings.first[number + 1])
        place = first + int(np.searchsorted(readings.start[first:last], begin.end() if begin else 0))
        for size in _words(text.text, begin.end() if begin else 0):
            starts.append(place)
            ends.append(first + int(np.searchsorted(readings.start[first:last], size)))
        head = readings.start[place : min(place + LONGEST, last)].tolist()
        han = readings.han[place : place + len(head)].tolist()
        for size in range(1, len(head) + 1):
            if not han[size - 1] or head[size - 1] - head[0] != size - 1:
                break
            if size >= SHORTEST:
                starts.append(place)
                ends.append(place + size)
    return Windows(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))


def _words(text: str, begin: int) -> Iterator[int]:
    """Where a head of letters may end: behind its first word, if that is long enough, and behind each of the next."""
    if long := WORD.match(text, begin):
        yield long.end()
    last = FIRST_WORD.match(text, begin)
    for _ in range(WORDS_AT_MOST - 1):
        last = NEXT_WORD.match(text, last.end()) if last else None
        if last:
            yield last.end()


def _is_a_name(text: str, start: int, end: int) -> bool:
    """Whether characters stand as a name does, and are no everyday word and no public name."""
    piece = text[start:end]
    if is_known_name(piece):
        return False
    if piece.isascii():
        return not is_english_word(piece)
    return not is_everyday_word(piece) and stands_free(text, start, end)


def _spelled_questions(readings: Readings, spans: Windows) -> tuple[Ints, U64]:
    """Each head by its other spellings: heard without one of its letters, by its consonants, by its meaning."""
    rows: list[int] = []
    keys = [np.zeros(0, dtype=np.uint64)]
    asked: dict[Channel, tuple[list[int], list[str]]] = {}
    for head, (start, end) in enumerate(zip(spans.start.tolist(), spans.end.tolist(), strict=True)):
        for channel, spelling in _spellings(readings.piece(start, end)):
            heads, spelled = asked.setdefault(channel, ([], []))
            heads.append(head)
            spelled.append(spelling)
    for channel, (heads, spelled) in asked.items():
        rows += heads
        keys.append(text_keys(spelled, channel))
    return np.array(rows, dtype=np.int64), np.concatenate(keys)


@lru_cache(maxsize=1 << 14)
def _spellings(piece: str) -> tuple[tuple[Channel, str], ...]:
    meant, heard = " ".join(meaning(piece)), consonants(piece)
    if piece.isascii():
        without = [(Channel.HEARD, spelled) for spelled in sorted(_heard_without_one(piece))]
        return (*without, *(((Channel.MEANT, meant),) if meant else ()))
    return tuple((channel, key) for channel, key in ((Channel.MEANT, meant), (Channel.ACROSS, heard)) if key)


@cache
def _praise() -> re.Pattern[str]:
    return re.compile(_before_names())


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(rf"(?:{_before_names()})*")


def _before_names() -> str:
    words = sorted(table("words")["praise"]["words"], key=len, reverse=True)
    return rf"\W+|_|20\d\d年?|{'|'.join(map(re.escape, words))}"
