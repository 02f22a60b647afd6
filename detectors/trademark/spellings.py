"""Spellings: what a likeness to one of a mark's spellings is worth as likeness to the mark.

Owns the weighing of a name by how it is spelled (`detectors.trademark.names`) and by how the text was taken
(`detectors.trademark.rereadings`). How near two strings are is for `detectors.trademark.comparators`.
"""

from dataclasses import replace

from detectors.trademark.disguises import Likeness
from detectors.trademark.fields import Text
from detectors.trademark.lexicon import is_chinese_word
from detectors.trademark.names import Spelling

INITIALS = 0.72  # initials alone are near only where they open the title of goods of the mark's class
SLANG = 0.86  # what the trade says for the mark; met exactly
PINYIN, SPLIT = 0.9, 0.93
SPLIT_WORD_FROM = 3  # characters of a name of which one may be taken apart into what is a word (女子 for 好)
REPEATED, BACKWARDS, MIXED = 0.9, 0.84, 0.95


def spelled(likeness: Likeness, spelling: Spelling, piece: str) -> Likeness | None:
    """The likeness to the mark of a piece that is so like one of its spellings."""
    if spelling is Spelling.TEXT:
        return likeness
    if spelling is Spelling.ALIAS:
        return replace(likeness, fact="alias-mark") if likeness.fact == "identical-mark" else likeness
    if spelling is Spelling.PINYIN and likeness.trick == "letters":
        return replace(likeness, score=PINYIN * likeness.score)
    if not likeness.same:
        return None
    if spelling is Spelling.INITIALS:
        return Likeness(INITIALS, "similar-spelling", "initials", piece) if piece.isupper() else None
    if spelling is Spelling.SLANG:
        return Likeness(SLANG * likeness.score, "trade-slang", "slang", piece)
    return Likeness(PINYIN * likeness.score, "pinyin-spelling", "pinyin", likeness.detail)


def reread(likeness: Likeness, text: Text, start: int, end: int) -> Likeness | None:
    """The likeness of a stretch [start, end) of a rereading; None where nothing of it was taken another way, or where
    it differs from the name in more than that."""
    again = text.again
    if again is None:
        return likeness
    if not any(again.changed[start:end]):
        return None
    if again.trick == "pinyin-mixed":
        return _syllables(likeness, text, start, end)
    if not likeness.same:
        return None
    if again.trick == "split":
        changed = [at for at in range(start, end) if again.changed[at]]
        parts = [text.text[again.start[at] : again.end[at]] for at in changed]
        if end - start < SPLIT_WORD_FROM and any(map(is_chinese_word, parts)):
            return None
        detail = ", ".join(f"{pair}→{again.text[at]}" for pair, at in zip(parts, changed, strict=True))
        return Likeness(SPLIT * likeness.score, "split-character", "split", detail)
    if again.trick == "repeated":
        return Likeness(REPEATED * likeness.score, "similar-spelling", "repeated")
    whole = again.changed[start] and again.changed[end - 1] and (start == 0 or not again.changed[start - 1])
    whole = whole and (end == len(again.text) or not again.changed[end])
    return Likeness(BACKWARDS * likeness.score, "similar-order", "backwards") if whole else None


def _syllables(likeness: Likeness, text: Text, start: int, end: int) -> Likeness | None:
    """Every place that differs in shape must be a syllable of pinyin, and every character must stand there itself."""
    again = text.again
    if again is None or all(again.changed[start:end]):
        return None
    changed = [at for at in range(start, end) if again.changed[at]]
    written = {again.text[at]: text.text[again.start[at] : again.end[at]] for at in changed}
    pairs = [pair.split("→") for pair in likeness.detail.split(", ")]
    heard = likeness.trick in ("sound", "shape-and-sound") and likeness.fact == "similar-sound"
    if not likeness.same and not (heard and all(len(pair) == 2 and pair[0] in written for pair in pairs)):
        return None
    detail = ", ".join(f"{written[one]}→{other}" for one, other in pairs) if not likeness.same else ""
    return Likeness(MIXED * likeness.score, "similar-sound", "pinyin-mixed", detail)
