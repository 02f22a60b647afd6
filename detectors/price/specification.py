"""What a title or specification says is bought: `105g*24袋` is 2520 g in 24 bags.

Owns the reading of quantities in Chinese and English text, what was used for it and how sure the reading is. Leaves
phrases that are no quantities to `detectors.price.plain`, numbers to `detectors.price.factors`, unit words to
`detectors.price.units` and prices to `detectors.price.comparison`.

Where a text allows several readings, the smallest quantity is taken (it makes the unit price highest, so that doubt
never makes a price look low) and the reading is less sure.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from itertools import pairwise

from detectors.price.factors import Chain, Factor, read_chains
from detectors.price.plain import Plain, is_vessel, make_plain
from detectors.price.units import INNER, ITEM, OUTER, PACK, Units, units

# How sure a reading is: the product of what applies. One visible literal; 1 is a statement in so many words.
SURE = {
    "beside": 0.95,  # 500ml 两瓶: size and count side by side, without a sign of multiplication
    "apart": 0.7,  # 3kg … 两瓶: size and count in different places
    "within": 0.7,  # 720g(36只装): the size of one or of all
    "numeral": 0.9,  # 两瓶: the count in Chinese numerals, which names may hold too
    "choice": 0.5,  # 50ml/100ml: the price may be that of either
    "range": 0.6,  # 10-15斤
    "several": 0.5,  # 50ml … 15ml: unconnected sizes
    "repeated": 0.8,  # 10斤 … 20斤 … 20斤: unconnected sizes, one of them told again
    "bundle": 0.4,  # 精华50ml+面霜50ml: goods of two kinds, of which the price tells one sum
    "extra": 0.9,  # 3kg+1支: something of another kind comes with it
    "levels": 0.4,  # 2提24卷: whether of each or in all
    "total": 0.8,  # 赠12片共32片: told by the total alone
    "other_total": 0.6,  # 500g … 共1kg: the total is that of something else
    "case": 0.5,  # 500ml 整箱: a whole case of a number untold
}


@dataclass(frozen=True)
class Specification:
    """A quantity. `amounts` holds totals by unit: `g`, `ml`, or a counting word (瓶, 片); the empty word counts the
    goods themselves (`*2`). `packs` is how many packages are bought; `sure` is 0..1; `used` is the text it was read
    from and `spans` where that stands (code points, end exclusive); `noted` is what was seen and not counted (买2送1,
    gifts). `share` is how many goods come for each one paid (1.5 with 买2送1; 1 without such a deal). `capacity` is
    what the goods hold (ml) or take (g), which is no quantity bought: that of a cup, a beaker, a washing machine."""

    amounts: tuple[tuple[str, Decimal], ...] = ()
    packs: Decimal = Decimal(1)
    sure: float = 1.0
    used: str = ""
    noted: tuple[str, ...] = ()
    share: Decimal = Decimal(1)
    capacity: tuple[Decimal, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    def amount(self, unit: str) -> Decimal | None:
        return dict(self.amounts).get(unit)

    @property
    def content(self) -> tuple[str, Decimal] | None:
        """The total mass in g or volume in ml, when one is told."""
        return next(((unit, amount) for unit, amount in self.amounts if unit in ("g", "ml")), None)


NOTHING = Specification()


def read_specification(text: str, *, masked: Sequence[tuple[int, int]] = (), of: str = "") -> Specification:
    """The quantity that `text` says is bought; an empty `Specification` when it says none.

    `masked` are spans (code points, end exclusive) whose words are names and no quantities, such as a mark. `of` names
    the goods where the text itself does not (a specification column): it tells a cup of 500ml from a drink.
    """
    table = units()
    if not table.counts(text):
        return NOTHING
    plain = make_plain(text, table, masked)
    chains = read_chains(plain.text, table)
    held = _held((plain.whole, of), {size.unit for chain in chains for size in chain.content}, table)
    chains, capacity = _without_capacity(chains, held, table)
    chains = _without_piece_weights(chains, table)
    read = _combine(chains, plain, table) if chains else _of_total(plain, table)
    return replace(read, noted=(*plain.noted, *read.noted), share=plain.share, capacity=capacity)


def _held(texts: Sequence[str], told: set[str], table: Units) -> frozenset[str]:
    """The base units of those told that the goods hold or take rather than consist of."""
    return frozenset(base for base in told if any(is_vessel(text, base, table) for text in texts))


def _without_capacity(
    chains: list[Chain], held: frozenset[str], table: Units
) -> tuple[list[Chain], tuple[Decimal, ...]]:
    """What a vessel holds is taken out, unless it is multiplied by packages of goods (500ml*6瓶)."""
    kept: list[Chain] = []
    capacity: list[Decimal] = []
    for chain in chains:
        packaged = any(factor.multiplied and table.level(factor.unit) == PACK for factor in chain.counts if factor.unit)
        if packaged or not any(factor.unit in held for factor in chain.content):
            kept.append(chain)
            continue
        capacity += [factor.value for factor in chain.content]
        if chain.counts:
            kept.append(Chain(chain.counts))
    return kept, tuple(sorted(set(capacity)))


def _without_piece_weights(chains: list[Chain], table: Units) -> list[Chain]:
    """A range of weights beside a count of pieces is what each piece weighs (净重2-3两 … 6只)."""
    pieces = [chain for chain in chains if not chain.content and any(_is_piece(one, table) for one in chain.counts)]
    if not pieces:
        return chains
    return [chain for chain in chains if not (chain.content and chain.content[0].ranged and not chain.counts)]


def _is_piece(factor: Factor, table: Units) -> bool:
    return bool(factor.unit) and table.level(factor.unit) in (INNER, ITEM)


def _of_total(plain: Plain, table: Units) -> Specification:
    """What a total alone tells (赠12片共32片)."""
    chains = read_chains(plain.total, table)
    if not chains or _held((plain.whole,), {"ml", "g"}, table):
        return NOTHING
    read = _read(chains, plain.total, table)
    return replace(read, sure=round(read.sure * SURE["total"], 6), spans=())


def _combine(chains: list[Chain], plain: Plain, table: Units) -> Specification:
    read = _read(chains, plain.text, table)
    sure = read.sure
    if plain.case and read.packs == 1 and not any(unit not in ("g", "ml") for unit, _ in read.amounts):
        sure *= SURE["case"]
    total = next((chain.content[0] for chain in read_chains(plain.total, table) if chain.content), None)
    if total is not None and read.content is None and not _held((plain.whole,), {total.unit}, table):  # 2袋共1.5kg
        read = replace(read, amounts=tuple(sorted((*read.amounts, (total.unit, total.value)))))
        sure *= SURE["total"]
    elif total is not None and read.content is not None:
        unit, amount = read.content
        if unit == total.unit and abs(amount - total.value) * 100 > total.value:
            sure *= SURE["other_total"]
    spans = tuple(plain.original(start, end) for start, end in read.spans)
    return replace(read, sure=round(sure, 6), spans=spans)


def _read(chains: list[Chain], text: str, table: Units) -> Specification:
    with_content = [chain for chain in chains if chain.content]
    if not with_content:
        return _counted(chains, text, table)
    chosen, sure = _contents(with_content, text, table)
    return _totals(chosen, chains, text, table, sure)


def _contents(chains: list[Chain], text: str, table: Units) -> tuple[list[Chain], float]:
    """The content chains that the price buys together, and how sure that is."""
    if (again := _repeated(chains, text)) is not None:
        return [again], SURE["repeated"]
    first = chains[0].content[0]
    together, sure = [chains[0]], SURE["range"] if first.ranged else SURE["choice"] if first.choice else 1.0
    for chain in chains[1:]:
        gap = text[together[-1].end : chain.start]
        size, last = chain.content[0], together[-1].content[0]
        if not gap and size.unit == last.unit and size.scale < last.scale:  # 1斤2两
            merged = replace(last, value=last.value + size.value, end=size.end)
            together[-1] = Chain((*together[-1].counts, merged, *chain.counts))
        elif "+" in gap and len(gap) <= 12 and size.unit == last.unit:
            together.append(chain)
            sure = min(sure, SURE["bundle"] if _names_other_goods(gap, table) else 1.0)
        elif re.fullmatch(r"[^\d]{0,3}[/、,，或|][^\d]{0,3}", gap):
            together, sure = [_smaller(together[0], chain)], SURE["choice"]
        elif _total(chain.factors) != sum(_total(one.factors) for one in together):
            if size.unit == last.unit:
                together = [_smaller(together[0], chain)]
            elif chain.counts and not together[-1].counts:  # what is multiplied is what is bought
                together = [chain]
            sure = min(sure, SURE["several"])
    return together, sure


def _names_other_goods(gap: str, table: Units) -> bool:
    """Whether a word for goods stands between two sizes (洗发水400ml+护发素400ml), not only one for packages."""
    plain = re.sub(rf"(?:{table.pack_words})|装|每|大|小|送|\W|\0", "", gap)
    return len(plain) >= 2


def _repeated(chains: list[Chain], text: str) -> Chain | None:
    """Of several unconnected sizes the only one that is told again (10斤 … 20斤 … 10kg)."""
    if len(chains) < 3 or "+" in text[chains[0].end : chains[-1].start]:
        return None
    told = Counter((chain.content[0].unit, _total(chain.factors)) for chain in chains)
    again = [size for size, times in told.items() if times > 1]
    if len(told) < 2 or len(again) != 1:
        return None
    return next(chain for chain in chains if (chain.content[0].unit, _total(chain.factors)) == again[0])


def _smaller(one: Chain, other: Chain) -> Chain:
    return one if _total(one.factors) <= _total(other.factors) else other


def _total(factors: tuple[Factor, ...]) -> Decimal:
    return reduce(lambda product, factor: product * factor.value, factors, Decimal(1))


def _totals(chosen: list[Chain], chains: list[Chain], text: str, table: Units, sure: float) -> Specification:
    """Totals by unit over the chosen chains, taking in a count that stands beside a single size."""
    counts = [one for one in chains if not one.content]
    within: tuple[Factor, ...] = ()
    if len(chosen) == 1 and not chosen[0].counts:
        chain, within, count_sure = _with_count(chosen[0], counts, text, table)
        chosen, sure = [chain], sure * count_sure
    elif any("+" in text[chosen[-1].end : one.start][:4] for one in chains if one.start > chosen[-1].end):
        sure *= SURE["extra"]
    total: dict[str, Decimal] = {}
    packs = Decimal(0)
    for chain in chosen:
        for unit, amount in _amounts(chain, table).items():
            total[unit] = total.get(unit, Decimal(0)) + amount
        packs += _total(_packages(chain, table))
    for factor in within:
        total.setdefault(factor.unit, factor.value)
    used = " + ".join(_quote(chain, text) for chain in chosen)
    return Specification(tuple(sorted(total.items())), packs, round(sure, 6), used, spans=_spans(chosen))


def _spans(chains: list[Chain]) -> tuple[tuple[int, int], ...]:
    """Where the numbers with their units stand, in order."""
    return tuple(sorted((factor.start, factor.end) for chain in chains for factor in chain.factors))


def _quote(chain: Chain, text: str) -> str:
    """The words that a chain was read from; what lies between distant ones is left out."""
    factors = sorted(chain.factors, key=lambda factor: factor.start)
    quoted = text[factors[0].start : factors[0].end]
    for before, factor in pairwise(factors):
        gap = text[before.end : factor.start]
        quoted += (gap if len(gap) <= 6 else " … ") + text[factor.start : factor.end]
    return quoted.replace("\0", "")


def _with_count(size: Chain, counts: list[Chain], text: str, table: Units) -> tuple[Chain, tuple[Factor, ...], float]:
    """Multiply a size by the count beside it, or by the only package count elsewhere; also the counts of what one
    package holds, and how sure that is."""
    for chain in counts:
        between = text[size.end : chain.start] if chain.start >= size.end else text[chain.end : size.start]
        if "+" in between and all(table.level(factor.unit) == INNER for factor in chain.counts if factor.unit):
            return size, chain.counts, SURE["extra"]
        if "+" not in between and re.fullmatch(rf"\s*(?:/|每)?(?:{table.pack_words})?装?[\s,，()（）]*", between):
            if any(factor.multiplied for factor in chain.factors):
                return _product(size, chain), (), 1.0
            before = chain.end <= size.start  # 3根1克, 8只250克
            if all(_is_within(factor, table) or (before and _is_piece(factor, table)) for factor in chain.factors):
                return size, chain.counts, SURE["within"]
            return _product(size, chain), (), SURE["beside"] * _numeral(chain)
    if counts and all(_total(chain.factors) == 1 for chain in counts):  # 单瓶
        return size, (), 1.0
    apart = [chain for chain in counts if any(_packaged(factor, table) for factor in chain.factors)]
    apart = [chain for chain in apart if "+" not in text[size.end : chain.start][:2]]
    if len(apart) == 1:
        if text[: apart[0].start].endswith(("共", "内含", "内装", "含")):
            return size, (), SURE["within"] * SURE["apart"]
        return _product(size, apart[0]), (), SURE["apart"] * _numeral(apart[0])
    return size, (), SURE["several"] if len(apart) > 1 else 1.0


def _product(size: Chain, count: Chain) -> Chain:
    return Chain(tuple(sorted((*size.factors, *count.factors), key=lambda factor: factor.start)))


def _is_within(factor: Factor, table: Units) -> bool:
    """Pieces that a package holds, of which the size is rather that of the package."""
    return bool(factor.unit) and (table.level(factor.unit) == INNER or factor.unit in table.pieces)


def _packaged(factor: Factor, table: Units) -> bool:
    return factor.multiplied or (bool(factor.unit) and table.level(factor.unit) >= PACK)


def _numeral(chain: Chain) -> float:
    return SURE["numeral"] if any(factor.numeral and factor.value > 1 for factor in chain.factors) else 1.0


def _packages(chain: Chain, table: Units) -> tuple[Factor, ...]:
    """The counts that make packages: not the tablets in a box."""
    return tuple(factor for factor in chain.counts if not factor.unit or table.level(factor.unit) > INNER)


def _amounts(chain: Chain, table: Units) -> dict[str, Decimal]:
    """Totals by unit: what a unit counts, times every count of a higher level."""
    amounts: dict[str, Decimal] = {}
    for factor in chain.content:
        amounts[factor.unit] = _total(chain.factors)
    for factor in chain.counts:
        if not factor.unit:
            continue
        level = table.level(factor.unit)
        outer = [other for other in chain.counts if other is not factor and _above(other, factor, level, table)]
        amounts[factor.unit] = amounts.get(factor.unit, Decimal(1)) * factor.value * _total(tuple(outer))
    bare = [factor for factor in chain.counts if not factor.unit]
    if bare:
        amounts[""] = _total(chain.counts)
    return amounts


def _above(other: Factor, factor: Factor, level: int, table: Units) -> bool:
    if not other.unit:
        return level < OUTER
    if table.level(other.unit) != level:
        return table.level(other.unit) > level
    return other.start > factor.start and other.unit != factor.unit


def _counted(chains: list[Chain], text: str, table: Units) -> Specification:
    """Goods told by count alone; what a sign of addition puts beside uncounted goods is of another kind."""
    own = [chain for chain in chains if not _is_added(chain, text)]
    if not own:
        return replace(NOTHING, sure=SURE["extra"], noted=tuple("+" + _quote(chain, text) for chain in chains))
    stated = [chain for chain in own if len(chain.factors) > 1 or chain.factors[0].multiplied]
    chosen = stated or [chain for chain in own if _total(chain.factors) != 1] or own[:1]
    first = chosen[0]
    sure = _numeral(first)
    if len(chosen) == 2 and _are_pairs(chosen, text):
        first = chosen[1]
    elif len(chosen) > 1:
        others = {_total(chain.factors) for chain in chosen[1:]}
        if others != {_total(first.factors)}:
            first = min(chosen, key=lambda chain: _total(_packages(chain, table) or chain.factors))
            sure = SURE["levels"]
    if not stated and text[first.end : first.end + 1] != "装":
        sure *= SURE["beside"]
    amounts = _amounts(first, table)
    packs = _total(_packages(first, table))
    return Specification(
        tuple(sorted(amounts.items())), packs, round(sure, 6), _quote(first, text), spans=_spans([first])
    )


def _are_pairs(chains: list[Chain], text: str) -> bool:
    """4对8只: the same goods told as pairs and as pieces."""
    pairs, pieces = chains
    return (
        text[pairs.end : pieces.start].strip(" ()") in ("", "共")
        and pairs.factors[-1].unit in ("对", "双")
        and _total(pieces.factors) == 2 * _total(pairs.factors)
    )


def _is_added(chain: Chain, text: str) -> bool:
    before = text[: chain.start].rstrip(" \0")
    return before.endswith("+") and bool(before[:-1].strip(" \0"))
