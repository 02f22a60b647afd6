"""The same fictional goods written in every form of pack that titles use: what the pack-form tests are made from.

A form takes goods and a number of packages and gives a title; what it says is bought is always size times number.
Titles are joined with words that hold digits and are no quantities.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

NUMERALS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Ware:
    """Reference goods: one package of `size` in `base` (g or ml), sold in packages called `pack`."""

    goods_id: str
    mark_id: str
    name: str
    size: int
    base: str
    pack: str
    price: Decimal

    @property
    def specification(self) -> str:
        return f"{self.pack}{self.size}{self.base}"


WARES = (
    Ware("G1", "M1", "白鹭泉 深润洗衣液", 2000, "ml", "瓶", Decimal(40)),
    Ware("G2", "M1", "白鹭泉 鲜酿酱油", 500, "ml", "瓶", Decimal(15)),
    Ware("G3", "M2", "KESTRELLO 挂耳咖啡", 250, "g", "盒", Decimal(80)),
    Ware("G4", "M2", "KESTRELLO 每日坚果", 750, "g", "袋", Decimal(150)),
    Ware("G5", "M3", "晴川 雪酿燕麦", 1000, "g", "袋", Decimal(36)),
)

# Digits that are no quantity, as titles hold them before and behind the goods.
BEFORE = ("", "2026新款 ", "【第2件半价】", "48小时发货 ", "满99减20 ", "【3件9折】")
BEHIND = ("", " 包邮", " 送30ml小样", " 满2件打9折", " 保质期18个月", " 220V适用", " 3-6岁", " 12期免息", " 型号KV08-2")


def sizes(ware: Ware) -> Iterator[str]:
    """The size of one package in every unit and script."""
    small, large = {"g": (("g", "克", "G"), ("kg", "公斤", "千克")), "ml": (("ml", "毫升", "mL"), ("L", "升"))}[
        ware.base
    ]
    for unit in small:
        if not (unit == "G" and ware.size < 1100):  # 512G is memory
            yield f"{ware.size}{unit}"
    for unit in large:
        yield f"{Decimal(ware.size) / 1000:f}{unit}"
    if ware.base == "g" and ware.size % 250 == 0:
        yield {250: "半斤"}.get(ware.size, f"{Decimal(ware.size) / 500:f}斤")


Form = Callable[[str, str, str, int], str]  # name, size, word for packages, number
SINGLE: tuple[Form, ...] = (
    lambda name, size, word, number: f"{name}{size}",
    lambda name, size, word, number: f"{name} {size}单{word}装",
    lambda name, size, word, number: f"{name}{size}*1{word}",
    lambda name, size, word, number: f"{name} {size}/{word}",
)
MANY: dict[str, Form] = {
    "product": lambda name, size, word, number: f"{name}{size}*{number}{word}",
    "cross": lambda name, size, word, number: f"{name} {size}×{number}",
    "letter": lambda name, size, word, number: f"{name} {size} x {number}{word}",
    "wide": lambda name, size, word, number: f"{name} {size}＊{number}{word}装",
    "number first": lambda name, size, word, number: f"{number}{word}装*{size}{name}",
    "number first, letter": lambda name, size, word, number: f"{name} {number} x {size}",
    "each": lambda name, size, word, number: f"{name}{size}/{word}*{number}{word}",
    "bracket": lambda name, size, word, number: f"{name}({size}*{number}{word})整箱",
    "total told": lambda name, size, word, number: f"{name}{size}*{number}{word} 共{number}{word}",
    "whole case": lambda name, size, word, number: f"整箱 {name}{size}*{number}{word}",
    "beside": lambda name, size, word, number: f"{name}{size} {number}{word}装",
    "beside, before": lambda name, size, word, number: f"{name} {number}{word} {size}",
    "apart": lambda name, size, word, number: f"{number}{word}装{name}{size}",
    "sum": lambda name, size, word, number: f"{name}{size}+{size}*{number - 1}{word}",
    "case of cases": lambda name, size, word, number: f"{name}{size}*{number}{word}*1箱",
    "Pack of": lambda name, size, word, number: f"{name} {size} (Pack of {number})",
    "Pack of, before": lambda name, size, word, number: f"Pack of {number} {name} {size}",
    "pack": lambda name, size, word, number: f"{name} {size}, {number}-pack",
    "numeral": lambda name, size, word, number: f"{name}{size}{numeral(number)}{word}装",
    "numeral apart": lambda name, size, word, number: f"{numeral(number)}{word}装{name}{size}",
}


def numeral(number: int) -> str:
    """Up to ninety-nine, as counts are written (两 for 2)."""
    if number <= 10:
        return "两" if number == 2 else NUMERALS[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")
