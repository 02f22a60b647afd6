"""Made-up marks and titles for the benches, shaped as real ones are.

Owns what is invented: names with the lengths, the shared beginnings and endings and the falling frequency of characters
that lists of real brands and firms show, and titles put together as sellers do: a season, praise, goods of one class
named twice over, a size. Every name and title is drawn by a seeded hand; none is anybody's. The shares below were read
off two lists of 11,500 brands and of 60,000 firms' short names: facts about them, nothing of them.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from detectors.trademark.tables import rows
from models.registry import Mark, Registry
from models.subjects import Listing

# Names of characters: lengths, and how they cluster. A third of real ones begin with two characters that many share
# (56 % of 60,000 with at least one other), one in eight ends as many do.
OF_CHARACTERS = 0.75
CHARACTERS_LONG = {2: 0.10, 3: 0.25, 4: 0.40, 5: 0.11, 6: 0.10, 7: 0.02, 8: 0.02}
COMMON_CHARACTERS = 180  # of a real list's characters the commonest 100, 400 and 1,600 make up 36, 70 and 97 %
SHARED_BEGINNING, SHARED_ENDING = 0.3, 0.12
ENDINGS = 60
# Names of letters: words a name, syllables a word; two in five begin with a word that others begin with.
WORDS = {1: 0.65, 2: 0.28, 3: 0.07}
SYLLABLES = {1: 0.15, 2: 0.45, 3: 0.32, 4: 0.08}
SHARED_WORD = 0.4
ONSETS = ("b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "ch", "br", "sh", "")
VOWELS = ("a", "e", "i", "o", "u", "a", "e", "i", "o", "ea", "ou")
CODAS = ("", "", "", "", "", "n", "r", "l", "s", "t", "ck", "x")

SEASONS = ("2026新款", "春季", "夏季", "秋冬", "秋季", "冬季", "2025款", "四季")
PRAISE = (
    *("加厚", "便携", "百搭", "学生", "户外", "简约", "家用", "宽松", "修身", "防水", "防滑", "静音", "可爱", "复古"),
    *("大容量", "高颜值", "批发", "正品", "厂家直销", "现货", "特价", "包邮", "显瘦", "透气", "耐磨", "创意", "韩版"),
    *("男士", "女款", "儿童", "成人", "情侣", "办公室", "宿舍", "厨房", "卧室", "车载", "旅行", "礼盒装", "送礼"),
    *("不锈钢", "纯棉", "陶瓷", "真皮", "硅胶", "实木", "玻璃", "亚麻", "加绒", "双层", "可折叠", "多功能", "全自动"),
)
SIZES = ("500ml*24", "1L", "250g", "2条装", "大号", "1.5m", "3只", "50片", "42码", "黑色", "2瓶", "12支", "80cm", "")
HITS = 0.05  # of the titles open with a mark, a sign put between its characters

Ints = npt.NDArray[np.int64]
BLANK = Mark(mark_id="M")
# The 3,755 characters of everyday use: level 1 of GB 2312, rows 16 to 55.
CHARACTERS = tuple(
    bytes((row, cell)).decode("gb2312")
    for row in range(0xB0, 0xD8)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xD7 and cell > 0xF9)
)


def texts(count: int, seed: int) -> list[str]:
    """So many different names, in no order."""
    hand = np.random.default_rng(seed)
    for_characters = _Characters(hand, count)
    for_letters = _Letters(hand, count)
    found: set[str] = set()
    _fill(found, int(count * OF_CHARACTERS), for_characters.some)
    _fill(found, count, for_letters.some)
    ordered = sorted(found)
    random.Random(seed).shuffle(ordered)
    return ordered


def _fill(found: set[str], count: int, some: Any) -> None:
    while len(found) < count:
        for text in some(min(1 << 16, 2 * (count - len(found)) + 16)):
            if len(found) == count:
                return
            found.add(text)


class _Characters:
    """Names of characters."""

    def __init__(self, hand: np.random.Generator, count: int) -> None:
        self._hand = hand
        self._signs = np.array(CHARACTERS)[hand.permutation(len(CHARACTERS))]
        self._shares = _shares(1 / (np.arange(len(CHARACTERS)) + COMMON_CHARACTERS) ** 2)
        self._beginnings = self._drawn(20 + count // 50, 2)
        self._endings = self._drawn(ENDINGS, 2)

    def some(self, count: int) -> Iterator[str]:
        hand = self._hand
        sizes = hand.choice(list(CHARACTERS_LONG), count, p=list(CHARACTERS_LONG.values()))
        signs = self._drawn(count, max(CHARACTERS_LONG))
        begun = (hand.random(count) < SHARED_BEGINNING) & (sizes > 2)
        signs[begun, :2] = self._beginnings[_falling(hand, len(self._beginnings), np.count_nonzero(begun))]
        found: list[str] = []
        for size in CHARACTERS_LONG:
            of_size = signs[sizes == size, :size]
            if size > 3:
                ended = hand.random(len(of_size)) < SHARED_ENDING
                of_size[ended, -2:] = self._endings[_falling(hand, ENDINGS, np.count_nonzero(ended))]
            found += map("".join, of_size.tolist())
        yield from (found[place] for place in hand.permutation(count).tolist())

    def _drawn(self, count: int, width: int) -> npt.NDArray[np.str_]:
        drawn: npt.NDArray[np.str_] = self._signs[np.searchsorted(self._shares, self._hand.random((count, width)))]
        return drawn


class _Letters:
    """Names of letters."""

    def __init__(self, hand: np.random.Generator, count: int) -> None:
        self._hand = hand
        self._openers = np.array(self._words(20 + count // 200))

    def some(self, count: int) -> Iterator[str]:
        hand = self._hand
        sizes = hand.choice(list(WORDS), count, p=list(WORDS.values()))
        words = iter(self._words(int(sizes.sum())))
        openers = self._openers[_falling(hand, len(self._openers), count)].tolist()
        for size, opener, shared in zip(
            sizes.tolist(), openers, (hand.random(count) < SHARED_WORD).tolist(), strict=True
        ):
            own = [next(words) for _ in range(size)]
            if shared and size == 1:
                yield opener + own[0]
            else:
                yield " ".join([opener, *own[1:]] if shared else own)

    def _words(self, count: int) -> list[str]:
        hand = self._hand
        sizes = hand.choice(list(SYLLABLES), count, p=list(SYLLABLES.values()))
        total = int(sizes.sum())
        parts = (np.array(some)[hand.integers(len(some), size=total)].tolist() for some in (ONSETS, VOWELS, CODAS))
        spoken = map("".join, zip(*parts, strict=True))
        return ["".join(next(spoken) for _ in range(size)) for size in sizes.tolist()]


def _shares(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shares: npt.NDArray[np.float64] = np.cumsum(weights / weights.sum())
    shares[-1] = 1.0
    return shares


def _falling(hand: np.random.Generator, size: int, count: int) -> Ints:
    """Numbers below `size`, the small ones often: what is shared is shared by a few or by very many."""
    shares = _shares(1 / (np.arange(size) + 10.0))
    return np.searchsorted(shares, hand.random(count)).astype(np.int64)


class Marks(Sequence[Mark]):
    """Marks made when they are asked for, so that ten millions of them fit."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        self._texts, self._seed = texts, seed

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, number: int) -> Mark: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Mark]: ...
    def __getitem__(self, number: int | slice) -> Mark | Sequence[Mark]:
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        nice_class = (number * 2654435761 + self._seed) % 2**32 * 34 >> 32
        said = {"mark_id": f"M{number:08}", "text": self._texts[number], "nice_classes": (1 + nice_class,)}
        return BLANK.model_copy(update=said)  # the quickest way: a registry in memory has its marks at hand

    def __iter__(self) -> Iterator[Mark]:
        return (self[number] for number in range(len(self)))


class _ById(Mapping[str, Mark]):
    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def __len__(self) -> int:
        return len(self._marks)

    def __iter__(self) -> Iterator[str]:
        return (mark.mark_id for mark in self._marks)

    def __getitem__(self, mark_id: str) -> Mark:
        return self._marks[int(mark_id[1:])]


class MadeUpRegistry(Registry):
    """A registry over marks that are made when they are asked for."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks=marks, chained_version="made up")  # type: ignore[arg-type]
        self.__dict__["mark_by_id"] = _ById(marks)


def listings(dice: random.Random, marks: Sequence[Mark], count: int) -> Iterator[Listing]:
    """Listings of about thirty characters; one in twenty opens with a disguised mark."""
    for number in range(count):
        nice_class = dice.choice(_classes())
        title = _title(dice, nice_class)
        if dice.random() < HITS:
            mark = marks[dice.randrange(len(marks))]
            place = dice.randrange(1, len(mark.text))
            title, nice_class = f"{mark.text[:place]}*{mark.text[place:]}{title}", mark.nice_classes[0]
        yield Listing(listing_id=str(number), platform="bench", title=title, nice_class=nice_class)


def _title(dice: random.Random, nice_class: int) -> str:
    goods = dice.choices(_goods()[nice_class], k=3)
    praise = dice.sample(PRAISE, 6)
    season = dice.choice(SEASONS) if dice.random() < 0.4 else ""
    words = [season, praise[0], goods[0], praise[1], praise[2], goods[1], praise[3], praise[4], goods[2], praise[5]]
    return "".join(words)[: dice.randint(22, 36)] + dice.choice(SIZES)


@cache
def _goods() -> dict[int, list[str]]:
    """The words of goods of each class, those of several classes left out."""
    found: dict[int, list[str]] = {}
    for word, numbers, *_ in rows("classes"):
        if numbers.isdigit() and int(numbers) <= 34:
            found.setdefault(int(numbers), []).append(word)
    return found


@cache
def _classes() -> list[int]:
    """Each class as often as it has words."""
    return [number for number, words in sorted(_goods().items()) for _ in words]
