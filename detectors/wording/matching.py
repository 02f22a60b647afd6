"""Matching: where a page says what a rule looks for, and whether it says so honestly.

Owns finding words in any disguise through one index for all rules, and patterns; and the three honest uses: denied
(拒绝高仿), part of another word (高仿真花), said of goods where it means something else (翡翠A货).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import add

from detectors.trademark.alphabet import is_han
from detectors.trademark.wording import crosses_words
from detectors.wording.lines import Line, folded, plainly
from detectors.wording.rules import Denial, Rule, WordingRules
from detectors.wording.variants import Variant, variants

DENIABLE = frozenset({"counterfeit-wording", "contact-diversion"})
DENIAL_REACH = 10  # letters between a word of denial and what it denies
BEHIND_REACH = 4
CLAUSE_ENDS = re.compile(r"[，。；！？,;!?\n|｜【】\[\]]")
# Between the letters of a word: signs that also stand between words of their own, and how many signs at most.
WEAK_SIGNS = frozenset(" \t\u3000-–—，,、;；/|\\()（）[]【】。:：!！?？\"'“”‘’《》<>")
PAUSES = frozenset(" \t\u3000,，、;；。:：!！?？")
SIGNS_AT_MOST = 4
LONG_WORD = 4  # letters from which a word parted by a sign is no accident
LATIN_ENOUGH = 3  # Latin letters of a word among which a digit may stand for one
NOISE = 0.95  # a word with signs put between is a little less sure than the word as it is


@dataclass(frozen=True)
class Match:
    """A rule's words found in a field: span in code points of the original, end exclusive. `word` is what they mean,
    `sure` how surely, 0..1; `denied` that the seller says the opposite; `trick` how the words were disguised."""

    rule: Rule
    field: str
    start: int
    end: int
    text: str
    word: str
    sure: float
    denied: bool = False
    trick: str = ""


@dataclass(frozen=True)
class _Entry:
    rule: Rule
    word: str
    variant: Variant


class Matcher:
    """Every rule ready to be looked for. Built once per version of the rules; costs some hundred milliseconds."""

    def __init__(self, rules: WordingRules) -> None:
        self._denial = _Denials(rules.denial)
        self._patterns = [rule for rule in rules.rules if rule.pattern]
        self._index: dict[str, dict[str, list[_Entry]]] = {}
        for rule in rules.rules:
            known: set[str] = set()
            for word in rule.words:
                for variant in variants(word, disguise=rule.disguise):
                    if len(variant.letters) > 1 and variant.letters not in known:
                        known.add(variant.letters)
                        self._add(_Entry(rule, word, variant))
        for thirds in self._index.values():
            for entries in thirds.values():
                entries.sort(key=lambda entry: (-len(entry.variant.letters), -entry.variant.sure, entry.rule.id))

    def _add(self, entry: _Entry) -> None:
        """Words are looked up by their first two letters, then by their third."""
        letters = entry.variant.letters
        self._index.setdefault(letters[:2], {}).setdefault(letters[2:3], []).append(entry)

    def matches(self, line: Line, around: str = "") -> list[Match]:
        """Everything found in a field, surest first within a rule, by rule in the order of the tables. `around` is what
        else says what the goods are (the category)."""
        found = [*self._words(line), *self._expressions(line)]
        company = line.plain.text + plainly(around) if found else ""
        return [match for match in found if not any(word in company for word in match.rule.honest_company)]

    def _words(self, line: Line) -> Iterator[Match]:
        letters = line.letters.text
        index = self._index
        for place, pair in enumerate(map(add, letters, letters[1:])):
            if pair not in index:
                continue
            third = letters[place + 2 : place + 3]
            for entry in (*index[pair].get("", ()), *(index[pair].get(third, ()) if third else ())):
                if letters.startswith(entry.variant.letters, place):
                    match = self._match(line, place, entry)
                    if match is not None:
                        yield match

    def _match(self, line: Line, place: int, entry: _Entry) -> Match | None:
        letters, rule = line.letters, entry.rule
        behind = place + len(entry.variant.letters)
        start, end = letters.span(place, behind)
        if not _whole(line, start, end, entry.variant.letters) or _inside_another(letters.text, place, behind, rule):
            return None
        sure = entry.variant.sure
        piece = line.text[start:end]
        if entry.variant.trick and crosses_words(line.text, start, end):
            return None
        if _digits_by_chance(piece, entry.word):
            return None
        signs = _signs(line.text, letters.at[place:behind])
        if signs is None:
            return None
        denied = rule.fact in DENIABLE and self._denial.denied(line, place, behind)
        trick = entry.variant.trick or ("separator" if signs else "")
        return Match(rule, line.field, start, end, piece, entry.word, sure * (NOISE if signs else 1.0), denied, trick)

    def _expressions(self, line: Line) -> Iterator[Match]:
        for rule in self._patterns:
            for hit in rule.expression.finditer(line.plain.text):
                start, end = line.plain.span(*hit.span())
                denied = rule.fact in DENIABLE and self._denied_at(line, start, end)
                yield Match(rule, line.field, start, end, line.text[start:end], hit.group(), 1.0, denied)

    def _denied_at(self, line: Line, start: int, end: int) -> bool:
        """The same for a stretch of the original."""
        at = line.letters.at
        return self._denial.denied(line, bisect_left(at, start), bisect_left(at, end))


def _whole(line: Line, start: int, end: int, letters: str) -> bool:
    """Whether Latin letters at either end of the word are not part of a longer run of them."""
    text = line.text
    before, after = text[start - 1 : start], text[end : end + 1]
    if not is_han(letters[0]) and before.isalnum() and not _character(before):
        return False
    return is_han(letters[-1]) or not after.isalnum() or _character(after)


def _digits_by_chance(piece: str, word: str) -> bool:
    """A digit for the one Latin letter of a word (顶4 for 顶a) is no disguise but an amount."""
    letters = sum(character.isascii() and character.isalpha() for character in word)
    return letters < LATIN_ENOUGH and any(map(str.isdigit, piece)) and not any(map(str.isdigit, word))


def _character(sign: str) -> bool:
    return any(map(is_han, folded(sign)))


def _inside_another(letters: str, start: int, end: int, rule: Rule) -> bool:
    return any(letters.endswith(word, 0, start) for word in _folded(rule.not_behind)) or any(
        letters.startswith(word, end) for word in _folded(rule.not_before)
    )


@cache
def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(folded, words))


def _signs(text: str, places: Sequence[int]) -> int | None:
    """How many signs were put between the word's letters; None when they only part two words: many of them, or signs
    that also stand between words. Such signs count in a long word, between all letters, and where the word is cut off
    from the text around it: at both ends for spaces and commas, at one for the others."""
    between = [text[one + 1 : other] for one, other in pairwise(places) if other > one + 1]
    if not between:
        return 0
    if any(len(gap) > SIGNS_AT_MOST for gap in between):
        return None
    signs = {sign for gap in between for sign in gap}
    letters = len(set(places))
    if signs <= WEAK_SIGNS and letters < LONG_WORD and not (letters > 2 and len(between) == letters - 1):
        ends = (text[places[0] - 1 : places[0]], text[places[-1] + 1 : places[-1] + 2])
        cut_off = sum(not end.strip(_WEAK) for end in ends)
        if cut_off < (2 if signs & PAUSES else 1):
            return None
    return sum(map(len, between))


_WEAK = "".join(WEAK_SIGNS)


class _Denials:
    """Whether what stands around words turns them into the opposite."""

    def __init__(self, denial: Denial) -> None:
        self._adjacent = _folded(denial.adjacent)
        self._ahead = _folded(denial.ahead)
        self._behind = _folded(denial.behind)

    def denied(self, line: Line, start: int, end: int) -> bool:
        letters = line.letters
        if any(letters.text.endswith(word, 0, start) for word in self._adjacent):
            return True
        clause = _clause_before(line, start)
        if any(word in clause for word in self._ahead):
            return True
        return any(word in letters.text[end : end + BEHIND_REACH + len(word)] for word in self._behind)


def _clause_before(line: Line, start: int) -> str:
    """The letters before, as far as a denial reaches and no clause ends."""
    letters = line.letters
    first = max(0, start - DENIAL_REACH)
    if first >= start:
        return ""
    original = line.text[letters.at[first] : letters.at[start]]
    ends = [hit.end() for hit in CLAUSE_ENDS.finditer(original)]
    if ends:
        opens = letters.at[first] + ends[-1]
        first = next((place for place in range(first, start) if letters.at[place] >= opens), start)
    return letters.text[first:start]
