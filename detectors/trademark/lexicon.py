"""Lexicon: the everyday words of Chinese and English, and how a run of characters falls into words.

Owns the word lists (`data/chinese.xz`, `data/english.xz`) and the segmentation by the likeliest words: a word's cost is
the negative natural logarithm of its share of the corpus, and the cheapest way to read a run wins. Leaves to
`detectors.trademark.chance` what a reading means for a name.
"""

import lzma
import math
from collections.abc import Mapping
from functools import cache

from detectors.trademark.alphabet import is_han
from detectors.trademark.tables import data_file, rows

LONGEST = 4
OF_GOODS = 13.0  # what a word for goods costs that is not in the list: in listings such words are met every day
EVERYDAY = 14.0  # the cost up to which a word is met every day: about once in a million words
BESIDE = 4  # characters on either side of a name that are read with it
# What it costs to read a stretch as a name: so much, and so much more for each character. A name is as likely as a
# rare word; what is only near to a registered one is less likely than what is the same.
NAMED = "牌家款"  # said behind names
LIGHT = "无大小高低新老纯全双多超男女"  # words of one character with which what follows a name may begin
NAME = {True: (9.0, 3.0), False: (11.0, 4.5)}


def is_chinese_word(text: str) -> bool:
    """Whether the text is a word of the list of two characters or more."""
    return len(text) >= 2 and text in _chinese()[0]


def is_everyday_word(text: str) -> bool:
    """Whether the text is a word of the list, and not one of its rarest."""
    return is_chinese_word(text) and _cost(text) <= EVERYDAY


def holds_no_word(text: str) -> bool:
    """Whether no everyday word of two characters or more is in the likeliest reading of these characters."""
    return not any(is_everyday_word(text[begin:end]) for begin, end in _words(_cheapest(text)[1]))


def is_english_word(text: str, *, common: bool = False) -> bool:
    """Whether the text is an English word without regard to case; `common`: one of the ten thousand commonest."""
    level = _english().get(text.casefold())
    return level is not None and (level == 1 or not common)


def crossing(text: str, start: int, end: int, *, same: bool) -> tuple[str, float] | None:
    """The word that crosses an edge of [start, end) when the characters around are read as words, and how much cheaper
    that reading is than the one with the stretch as a name, in natural logarithms; None where no word crosses or the
    name is the cheaper reading. `same`: the stretch is a registered mark's very text, or a name is expected there."""
    first, last = _run(text, start, end)
    run = text[first:last]
    inside = (start - first, end - first)
    costs, back = _cheapest(run)
    crossed = [run[begin:stop] for begin, stop in _words(back) if _crosses(begin, stop, *inside)]
    if not crossed:
        return None
    base, each = NAME[same]
    as_name = base + each * sum(map(is_han, text[start:end]))
    named = costs[inside[0]] + min(as_name, _cost(run[slice(*inside)])) + _cost(run[inside[1] :])
    gain = named - costs[-1]
    return (max(crossed, key=len), gain) if gain > 0 else None


def stands_free(text: str, start: int, end: int) -> bool:
    """Whether the words on either side end where the stretch begins and begin where it ends, as they do around a name:
    beside it stand words of two characters or more, signs, letters, or nothing; one light word may come between."""
    first, last = _run(text, start, end)
    return (
        _ends_with_a_word(text[first:start])
        and _begins_with_a_word(text[end:last])
        and crossing(text, start, end, same=True) is None
    )


def _ends_with_a_word(before: str) -> bool:
    return not before or _size(_words(_cheapest(before)[1])[-1]) >= 2


def _begins_with_a_word(behind: str) -> bool:
    if not behind or behind[0] in NAMED:
        return True
    words = _words(_cheapest(behind)[1])
    if len(words) > 1 and _size(words[0]) == 1 and behind[0] in LIGHT:
        words = words[1:]
    return _size(words[0]) >= 2


def _size(word: tuple[int, int]) -> int:
    return word[1] - word[0]


def _crosses(begin: int, stop: int, start: int, end: int) -> bool:
    return begin < start < stop or begin < end < stop


def _run(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the unbroken characters on either side, `BESIDE` at most."""
    first, last = start, end
    while first > max(0, start - BESIDE) and is_han(text[first - 1]):
        first -= 1
    while last < min(len(text), end + BESIDE) and is_han(text[last]):
        last += 1
    return first, last


def _words(back: list[int]) -> list[tuple[int, int]]:
    """A reading as ranges, in order."""
    ranges = []
    end = len(back) - 1
    while end:
        ranges.append((back[end], end))
        end = back[end]
    return ranges[::-1]


def _cost(run: str) -> float:
    return _cheapest(run)[0][-1]


def _cheapest(run: str) -> tuple[list[float], list[int]]:
    """For each place the cost of the cheapest reading so far, and where its last word begins."""
    known, unknown = _chinese()
    costs, back = [0.0], [0]
    for end in range(1, len(run) + 1):
        last = end - 1
        alone = unknown if is_han(run[last]) else 0.0  # a sign costs nothing
        cost, begin = costs[last] + known.get(run[last], alone), last
        for longer in range(last - 1, max(-1, last - LONGEST), -1):
            word = known.get(run[longer:end])
            if word is not None and costs[longer] + word <= cost:
                cost, begin = costs[longer] + word, longer
        costs.append(cost)
        back.append(begin)
    return costs, back


@cache
def _chinese() -> tuple[Mapping[str, float], float]:
    """Each word's cost, and that of a character that is in no list."""
    lines = lzma.decompress(data_file("chinese.xz")).decode("utf-8").splitlines()
    size = math.log(int(lines[0].split()[1]))
    goods = {word: OF_GOODS for word, *_ in rows("classes") if 2 <= len(word) <= LONGEST and all(map(is_han, word))}
    counted = (line.split() for line in lines[1:])
    return goods | {word: size - math.log(int(count)) for word, count in counted}, size


@cache
def _english() -> Mapping[str, int]:
    lines = lzma.decompress(data_file("english.xz")).decode("utf-8").splitlines()
    return {word: int(level) for word, level in map(str.split, lines)}
