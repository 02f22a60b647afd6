"""Chance: likeness that nobody meant.

Owns the arguments that what resembles a mark is something else: an everyday word used as one, characters of two words
that meet, a measure or a model number, another mark of the registry, or a name too short or in too crowded a
neighbourhood to point to anyone. Leaves word lists to `detectors.trademark.lexicon` and `detectors.trademark.wording`,
numbers to `detectors.trademark.numerals`.
"""

from collections.abc import Iterator

from detectors.trademark import goods, lexicon, numerals, wording
from detectors.trademark.alphabet import is_han
from detectors.trademark.case import UNDISGUISED, Case, Parameters
from detectors.trademark.disguises import folded
from detectors.trademark.heads import OF_WHOLE_HEADS, is_head
from detectors.trademark.names import is_known_as, is_known_name
from detectors.trademark.origins import is_place
from detectors.trademark.tables import class_mask
from models.findings import Evidence
from models.registry import MarkKind

NAME_GOES_ON = 4  # code points by which a brand's name may be longer than what is near to the mark
NEARER_BY = 0.04  # another mark is nearer when its likeness is higher by this much
AS_NEAR = 0.08  # and as near as another within so much
WHOLE = frozenset({"disguised-mark", "split-character"})  # likeness that no boundary explains,
SURELY_WHOLE = 0.8  # from here on: a dot between two characters is less
LONGEST_ACROSS = 6
NAMED_FROM = 4  # letters of a name that opens a title and is no measure there

# How little a name says, by its letters or characters, where what stands there is only near to it.
SHORT_LATIN = {3: 0.6, 4: 0.5, 5: 0.4, 6: 0.3}
SHORT_HAN = {2: 0.3}
NEIGHBOUR, CROWD = 0.25, 0.75  # each other mark as near to the same words, and all of them together
GENERIC = 0.2  # the mark itself is an everyday word, a place or goods
KEPT = 0.3  # what is kept of the mark is an everyday word, or words of goods and one character: its own part is gone
# On goods of the mark's own class likeness is seldom chance: there only a crowd counts, and less.
ON_SAME_GOODS = 0.3
# What merely looks like the mark is an everyday word; on the mark's own goods, a rarer one or one that opens the title
# as names do.
EVERYDAY, RARE = 0.9, 0.05


def common_word(case: Case) -> Iterator[Evidence]:
    """An everyday word used as one, or what merely looks like the mark is one."""
    best = case.best
    if case.mark.kind is MarkKind.GI:
        return  # a place and its produce: every such name says what the goods are
    if best.likeness.same:
        score = _as_a_word(case)
        if score:
            yield case.pointed("common-word", score)
    elif wording.is_any_word(best.piece):
        head = is_head(best.text, best.start) and not wording.is_common_mark(best.piece)
        everyday = case.relation != "same" or (wording.is_word(best.piece) and not head)
        yield case.pointed("common-word", EVERYDAY if everyday else RARE)


def _as_a_word(case: Case) -> float:
    """How sure it is that a mark's own text stands here as the word that it also is: an amount follows; the goods are
    what the word names; or they are nothing that the mark is known for."""
    best = case.best
    named = goods.classes_of(best.piece)
    if not (named or wording.is_common_mark(best.piece)):
        return 0.0
    if best.field != "brand" and wording.amount_follows(best.text, best.end):
        return 0.95
    own = class_mask(case.mark.nice_classes)
    around = goods.classes_of(f"{best.text[: best.start]} {best.text[best.end :]}") | goods.stated(case.page.listing)
    if named & around and own and not named & own and not around & own:
        return 0.95
    return 0.95 if case.relation == "unrelated" else 0.0


def word_boundary(case: Case) -> Iterator[Evidence]:
    """The characters belong to the words beside them. Titles open with names: there it takes more."""
    best = case.best
    if (
        best.field == "brand"
        or best.end - best.start > LONGEST_ACROSS
        or not (is_han(best.piece[0]) and is_han(best.piece[-1]))
        or (best.likeness.fact in WHOLE and best.likeness.score >= SURELY_WHOLE)
    ):
        return
    expected = best.start == 0 and case.relation == "same"
    found = lexicon.crossing(best.text, best.start, best.end, same=best.likeness.same or expected)
    if found is not None:
        word, gain = found
        yield case.pointed("word-boundary", min(0.95, 0.5 + gain / 20), reference=word)


def measure_or_model(case: Case) -> Iterator[Evidence]:
    """Digits read as letters are a measure or a model number."""
    best = case.best
    if not case.mark.text or best.field == "brand":
        return
    found = numerals.number_in(best.text, best.start, best.end, best.name)
    if found is not None:
        quote, score = found
        head = is_head(best.text, best.start) and len(folded(best.name)) >= NAMED_FROM
        sure = case.relation != "same" or (score >= numerals.SURE and not head)
        yield case.pointed("measure-or-model", score if sure else score / 4, params=(("quote", quote),))


def nearer_other_mark(case: Case) -> Iterator[Evidence]:
    """The same words are nearer to another mark of the registry."""
    best = case.best
    for other in case.page.sightings:
        if other.mark_id == case.mark.mark_id or other.field != best.field:
            continue
        overlaps = other.start < best.end and best.start < other.end
        if best.likeness.trick in OF_WHOLE_HEADS and best.start <= other.start and other.end <= best.end:
            continue  # a part of what is said
        if overlaps and other.likeness.score >= best.likeness.score + NEARER_BY:
            yield case.pointed("nearer-other-mark", min(1.0, other.likeness.score), reference=other.name)
            return


def other_known_brand(case: Case) -> Iterator[Evidence]:
    """What merely looks or sounds like the mark is the name, or the beginning of the name, of a brand that is publicly
    known by it."""
    best = case.best
    if best.likeness.same:
        return
    for end in range(best.end, min(len(best.text), best.end + NAME_GOES_ON) + 1):
        name = best.text[best.start : end]
        if is_known_name(name) and not is_known_as(case.mark, name):
            yield case.pointed("other-known-brand", 1.0, reference=name)
            return


def weak_mark(case: Case) -> Iterator[Evidence]:
    """What stands there is near to a name that says little: short, an everyday word itself, or one of many alike."""
    best = case.best
    plain_letters = best.likeness.trick == "homoglyph" and best.piece.isascii()
    if best.likeness.fact in UNDISGUISED or (best.likeness.same and not plain_letters):
        return
    letters, characters = len(folded(best.name)), sum(map(is_han, best.name))
    short = SHORT_HAN.get(letters, 0.0) if characters else SHORT_LATIN.get(letters, 0.0)
    others = len(_as_near(case))
    crowd = min(CROWD, NEIGHBOUR * others)
    generic = GENERIC if _is_generic(case.mark.text or best.name) else 0.0
    kept = KEPT if _keeps_words_alone(best.piece, best.name) else 0.0
    if case.relation == "same":
        short, generic, kept, crowd = 0.0, 0.0, 0.0, crowd * ON_SAME_GOODS
    weakness = 1 - (1 - short) * (1 - crowd) * (1 - generic) * (1 - kept)
    if weakness:
        yield case.pointed("weak-mark", round(weakness, 6), params=_reasons(short, others, generic, kept))


def _as_near(case: Case) -> set[str]:
    """The other names of the registry that the same words are as near to."""
    best = case.best
    own = folded(best.name)
    return {
        folded(other.name)
        for other in case.page.sightings
        if other.mark_id != case.mark.mark_id
        and other.field == best.field
        and other.start < best.end
        and best.start < other.end
        and other.likeness.score >= best.likeness.score - AS_NEAR
        and folded(other.name) != own
    }


def _is_generic(text: str) -> bool:
    return wording.is_common_mark(text) or is_place(text) or bool(goods.classes_of(text))


def _keeps_words_alone(piece: str, name: str) -> bool:
    """Whether all that a piece has of a name of characters is its beginning or end, and that is anybody's word."""
    read, meant = folded(piece), folded(name)
    if len(read) != len(meant) or not any(map(is_han, meant)):
        return False
    kept = "".join(one for one, other in zip(read, meant, strict=True) if one == other)
    if kept not in meant:
        return False
    return wording.is_any_word(kept) or len(goods.without_goods(kept)) <= 1 < len(kept)


def _reasons(short: float, others: int, generic: float, kept: float) -> Parameters:
    zh, en = [], []
    if short:
        zh.append("名称短")
        en.append("the name is short")
    if others:
        zh.append(f"另有{others}个商标同样接近")
        en.append(f"as near to {others} other mark" + ("s" if others > 1 else ""))
    if generic:
        zh.append("商标本身是日常用语、地名或商品名称")
        en.append("the mark itself is an everyday word, a place or goods")
    if kept:
        zh.append("相同的部分只是日常用语或商品名称")
        en.append("what is kept of it is an everyday word or goods")
    return ("reasons_zh", "，".join(zh)), ("reasons_en", ", ".join(en))
