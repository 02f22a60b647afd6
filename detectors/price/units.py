"""Words for quantities as data: base units, counting words and their levels, text that is no quantity.

Owns the reading of `detectors/price/data/units.toml` and the patterns made from it. Leaves sense to
`detectors.price.specification`.
"""

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

INNER, ITEM, PACK, OUTER = range(4)
LEVELS = ("inner", "item", "pack", "outer")
MANY_OF = r"(?:pack|bundle|case|lot)s?\s+of\s+"  # Pack of 6: six of the goods
HOLDING = r"(?:set|box|carton|tin|bag|jar)s?\s+of\s+"  # Set of 6: one thing with six in it
PIECE = "pcs"
DIMENSION = "length"
NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
# After a Latin unit a letter would make another word (256GB), unless it is the x of a product (500mlx12). A single
# letter before digits belongs to a model (i5-1035G1, 73l-00098), unless they count (500g2袋).
LATIN_END = r"(?![A-WYZa-wyz]|[xX](?!\s*\d))"
LETTER_END = LATIN_END + r"(?!-?\d+(?!\d*\s*[瓶袋包盒罐支片个只桶条块]))"
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[一二两三四五六七八九十百]+|半|单|双)"


@dataclass(frozen=True)
class Units:
    """Every unit word by its spelling in lower case, and the patterns that find quantities."""

    content: dict[str, tuple[str, Decimal]]  # spelling -> base unit (g, ml), how many of them
    dimensions: frozenset[str]
    counting: dict[str, str]  # spelling -> counting word
    levels: dict[str, int]  # counting word -> INNER..OUTER
    factor: re.Pattern[str]
    digits: re.Pattern[str]
    noted: tuple[re.Pattern[str], ...]
    ignored: tuple[re.Pattern[str], ...]
    gift: re.Pattern[str]
    totals: re.Pattern[str]
    deals: tuple[re.Pattern[str], re.Pattern[str]]  # how many are paid, and how many come beside them, or in all
    cases: re.Pattern[str]
    memory: re.Pattern[str]  # goods whose g are gigabytes
    vessels: dict[str, re.Pattern[str]]  # base unit -> goods that hold or take it
    plausible: dict[str, Decimal]  # unit or level -> the largest number that is written before it
    multiplied_only: frozenset[str]
    plural_only: frozenset[str]
    pieces: frozenset[str]  # counting words of what a package holds, beside the inner level
    pack_words: str

    def level(self, word: str) -> int:
        return self.levels.get(word, ITEM)

    def counts(self, text: str) -> bool:
        """Whether there is any number in the text at all."""
        return self.digits.search(text) is not None

    def is_plausible(self, value: Decimal, spelling: str) -> bool:
        """Whether so many of this unit are sold at once; a larger number is a colour or a model."""
        lower = spelling.lower()
        limit = self.plausible.get(lower)
        if limit is None and lower in self.counting:
            limit = self.plausible.get(LEVELS[self.level(self.counting[lower])])
        return limit is None or value <= limit


@cache
def units() -> Units:
    """The shipped table, read once, on first use."""
    text = resources.files("detectors.price").joinpath("data", "units.toml").read_text("utf-8")
    table = tomllib.loads(text)
    content = {
        spelling: (base, Decimal(str(amount)))
        for base, spellings in table["content"].items()
        for spelling, amount in spellings.items()
    }
    levels = {word: level for level, name in enumerate(table["levels"]) for word in table["levels"][name]}
    counting = {word: word for word in levels} | table["spellings"]
    dimensions = frozenset(table["dimensions"]["words"])
    unit = _alternatives([*content, *dimensions, *counting], table["not_before"])
    noise = table["noise"]
    gifts = "|".join(noise["gifts"])
    run = rf"{NUMBER}\s*(?:{unit})(?:\s*[*×xX]\s*{NUMBER}\s*(?:{unit})?)*"
    return Units(
        content=content,
        dimensions=dimensions,
        counting=counting,
        levels=levels,
        factor=re.compile(
            rf"(?<![\d.])(?:(?<![a-z])(?:(?P<many>{MANY_OF})|(?P<holding>{HOLDING})))?"
            rf"(?:(?P<number>{NUMBER})(?:\s*|-(?=[a-z]))(?P<unit>{unit})|(?P<bare>{NUMBER}))",
            re.IGNORECASE,
        ),
        digits=re.compile(r"[\d一二两三四五六七八九十百半单双]"),
        noted=tuple(re.compile(pattern, re.IGNORECASE) for pattern in noise["noted"]),
        ignored=tuple(re.compile(pattern, re.IGNORECASE) for pattern in noise["ignored"]),
        gift=re.compile(rf"(?:{gifts})[^\d一二两三四五六七八九十半+，,。;；/*]{{0,6}}{run}", re.IGNORECASE),
        totals=re.compile(noise["totals"], re.IGNORECASE),
        deals=(re.compile(noise["beside"]), re.compile(noise["in_all"])),
        cases=re.compile("|".join(noise["cases"]), re.IGNORECASE),
        memory=re.compile("|".join(table["memory"]["words"]), re.IGNORECASE),
        vessels={base: _vessels(table["vessels"], base) for base in ("ml", "g")},
        plausible={word: Decimal(str(limit)) for word, limit in table["plausible"].items()},
        multiplied_only=frozenset(table["multiplied_only"]["words"]),
        plural_only=frozenset(table["plural_only"]["words"]),
        pieces=frozenset(table["levels_within"]["words"]),
        pack_words="|".join(sorted((word for word, level in levels.items() if level >= ITEM), key=len, reverse=True)),
    )


def number(text: str) -> Decimal:
    """A number as written: digits, Chinese numerals below a thousand, 半 (half), 单 (one) and 双 (two)."""
    if text[0].isdigit():
        return Decimal(text.replace(",", ""))
    if text in ("半", "单", "双"):
        return {"半": Decimal("0.5"), "单": Decimal(1), "双": Decimal(2)}[text]
    total, pending = 0, 0
    for character in text:
        if character in NUMERALS:
            pending = NUMERALS[character]
        else:
            total += (pending or 1) * {"十": 10, "百": 100}[character]
            pending = 0
    return Decimal(total + pending)


def _vessels(table: dict[str, list[str]], base: str) -> re.Pattern[str]:
    """Goods that hold or take so much, but for gifts and for what is made for such goods."""
    given = "".join(f"(?<!{re.escape(word)})" for word in table["given_with"])
    served = "|".join(re.escape(word) for word in table["served_by"])
    words = "|".join(
        rf"(?<![a-z]){re.escape(word)}s?(?![a-z])" if word.isascii() else re.escape(word) for word in table[base]
    )
    return re.compile(rf"{given}(?:{words})(?!{served})", re.IGNORECASE)


def _alternatives(words: list[str], not_before: dict[str, list[str]]) -> str:
    """One pattern for all unit words, longest first, each with what must not follow it."""
    parts = []
    for word in sorted(set(words), key=lambda one: (-len(one), one)):
        ahead = ""
        if word[-1].isascii() and word[-1].isalpha():
            ahead = LETTER_END if len(word) == 1 else LATIN_END
        barred = "|".join(re.escape(follower) for follower in not_before.get(word, ()))
        parts.append(re.escape(word) + ahead + (f"(?!\\s*(?:{barred}))" if barred else ""))
    return "|".join(parts)
