"""Disguises: strings with the same letters as a name, and whether anything was done to hide that.

Owns what a likeness is, the folding of a whole string, and the judgement of what is the mark itself: identical, or
behind signs, look-alike letters, digits, variant or traditional forms. Strings with other letters are for
`detectors.trademark.comparators`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from detectors.trademark.alphabet import is_han, plain, simplified_only, skeleton, with_signs_between
from detectors.trademark.lexicon import is_english_word
from detectors.trademark.tables import table

# Signs that stand between the items of a list, and the length from which a name is no such item.
LIST_SIGNS = ",，、;；|/\\"
LISTED = 5
# What parts letters of one word although nothing is abbreviated or compounded there.
WITHIN_WORDS = "./·・_+"
ACCENTED_AT_MOST = 5  # letters for each accent: more accents than that are put there to disguise


@dataclass(frozen=True)
class Likeness:
    """How near two strings are. `score` is 0..1; `fact` a fact code; `trick` a word of `data/tricks.toml`; `detail` the
    changed places as people read them (`帅→师`), most telling first; `same` whether it is the mark itself."""

    score: float
    fact: str
    trick: str
    detail: str = ""
    same: bool = False


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """The text as the index reads it: look-alikes folded, signs gone, letter pairs joined."""
    read = "".join(map(skeleton, with_signs_between(text)))
    for pair, one in table("letters")["sequences"].items():
        read = read.replace(pair, one)
    return read


def same_letters(piece: str, name: str) -> Likeness | None:
    """The likeness of a piece to a name of the same folded letters; None where they are alike by chance."""
    piece, name = with_signs_between(piece), with_signs_between(name)
    said, meant = "".join(map(plain, piece)), "".join(map(plain, name))
    if said != meant:
        if said == _unaccented(meant) or _merely_accented(said, meant):
            return Likeness(1.0, "identical-mark", "none", same=True)
        return _look_alike_letters(piece, name, said, meant)
    between = _separators(piece, name)
    if not any(map(str.isalpha, name)) and _breaks(piece) != _breaks(name):
        return None
    if between:
        return Likeness(between, "disguised-mark", "separator", piece, same=True)
    if any(map(simplified_only, piece)) and not any(map(simplified_only, name)):
        return Likeness(0.97, "disguised-mark", "traditional", piece, same=True)
    if any(map(_drawn, piece)):
        return Likeness(0.97, "disguised-mark", "width", piece, same=True)
    if _laid_over(piece) and not _laid_over(name):
        return Likeness(0.97, "disguised-mark", "combining", piece, same=True)
    return Likeness(1.0, "identical-mark", "none", same=True)


def _unaccented(text: str) -> str:
    """The text without accents: keyboards leave them out, and that hides nothing."""
    return "".join(part for part in unicodedata.normalize("NFD", text) if not unicodedata.combining(part))


def _merely_accented(said: str, meant: str) -> bool:
    """Whether an accent or two was written that the registered text leaves out, as names of Europe are spelled."""
    accents = sum(one != other for one, other in zip(said, meant, strict=True)) if len(said) == len(meant) else 0
    spelled = 0 < accents * ACCENTED_AT_MOST <= len(meant) and _unaccented(said) == _unaccented(meant)
    return spelled and not _laid_over(said)


def _laid_over(text: str) -> bool:
    """Whether signs lie over or under letters that make no letter of Europe's languages or of pinyin together with
    them."""
    return any(
        unicodedata.combining(character) or (_marked(character) and not _spelled_so(character))
        for character in unicodedata.normalize("NFC", text)
    )


def _marked(character: str) -> bool:
    """Whether this is a letter of ASCII with something over or under it."""
    parts = unicodedata.normalize("NFD", character)
    return len(parts) > 1 and parts[0].isascii()


def _spelled_so(letter: str) -> bool:
    """Whether it is of Unicode's Latin-1, of Latin Extended-A, of Romanian, or carries a tone of pinyin."""
    return any(first <= letter <= last for first, last in ("Àſ", "Ǎǜ", "Șț"))


def _drawn(sign: str) -> bool:
    """Whether the sign is a letter in another form: ringed, boxed, mathematical. Full width is what a Chinese keyboard
    types, and signs of units and numbers are used as what they are."""
    letter = unicodedata.normalize("NFKC", sign)
    other = letter != sign and len(letter) == 1 and letter.isalpha() and not is_han(sign)
    return other and unicodedata.category(sign) not in ("Nl", "No") and not 0xFF01 <= ord(sign) <= 0xFF5E


def _look_alike_letters(piece: str, name: str, said: str, meant: str) -> Likeness | None:
    """Same to the eye, other letters: digits for letters, signs of other scripts, cheque numerals."""
    if any(map(is_han, meant)):
        numerals = table("letters")["numerals"]
        trick = "traditional" if any(character in numerals for character in piece) else "homoglyph"
        return Likeness(0.97, "disguised-mark", trick, piece, same=True)
    digits = sum(character.isdigit() for character in said)
    wanted = sum(character.isdigit() for character in meant)
    if digits > wanted:
        if digits * 2 > len(said) or len(meant) < 3:
            return None
        return Likeness(0.97 if len(meant) > 3 else 0.85, "disguised-mark", "leet", piece, same=True)
    if digits < wanted and said.isascii():
        return None
    if said.isascii() and not _same_but_look_alikes(piece, name):
        return Likeness(0.7, "similar-shape", "shape", f"{said}→{meant}")
    if len(meant) < 4 and said.isascii():
        return Likeness(0.72, "disguised-mark", "homoglyph", piece, same=True)
    return Likeness(0.97, "disguised-mark", "homoglyph", piece, same=True)


def _breaks(text: str) -> list[tuple[int, str]]:
    """The signs between letters: after how many letters, and which."""
    letters, found = 0, []
    for character in text:
        if plain(character):
            letters += 1
        elif letters and not unicodedata.combining(character):
            found.append((letters, character))
    return found


def _same_but_look_alikes(piece: str, name: str) -> bool:
    """Whether two strings of plain letters are the same as written but for letters that look alike: an I and an l are
    alike only where the letters around them have the same case. Two letters seen as one always are."""
    one, other = (
        [character for character in unicodedata.normalize("NFKC", text) if character.isalnum()]
        for text in (piece, name)
    )
    return len(one) != len(other) or sum(a != b for a, b in zip(one, other, strict=True)) * 2 <= len(one)


def _separators(piece: str, name: str) -> float:
    """How sure it is that signs were put between to disguise; 0 where none were or they mean nothing."""
    own = _breaks(name)
    foreign = [sign for place, sign in _breaks(piece) if place not in {known for known, _ in own}]
    if not foreign:
        return 0.0
    runs = "".join(character if plain(character) else " " for character in piece).split()
    singles = all(len(run) == 1 for run in runs)
    if len(folded(name)) < LISTED and any(sign in LIST_SIGNS for sign in foreign):
        # Short items of a list stand beside each other; a character alone is seldom one.
        return 0.62 if singles and any(map(is_han, name)) else 0.5
    harmless = table("letters")["harmless"]["signs"]
    if any(sign not in harmless for sign in foreign):
        return 0.97
    if singles and len(runs) > 2:
        return 0.9
    if any(map(is_han, name)):
        return 0.0 if any(sign.isspace() for sign in foreign) else 0.62
    if singles and len(runs) == 2:
        return 0.75 if any(sign in WITHIN_WORDS for sign in foreign) else 0.0  # the two letters of a short name
    return 0.9 if _parts_a_word(piece, name) else 0.0


def _parts_a_word(piece: str, name: str) -> bool:
    """Whether a sign stands inside one word of a name of letters: no initial, compound, English words or address."""
    letters = [sign for sign in name if plain(sign)]
    own, found = {place for place, _ in _breaks(name)}, False
    for match in re.finditer(rf"([^\W\d_]+)([{re.escape(WITHIN_WORDS)}])(?=([^\W\d_]+))", piece):
        before, sign, behind = match.groups()
        place = sum(1 for letter in piece[: match.end(1)] if plain(letter))
        compound = place >= len(letters) or (letters[place].isupper() and letters[place - 1].islower())
        compound = compound or (before[-1].islower() and behind[0].isupper())
        initial = len(before) == 1 and sign == "."
        words = is_english_word(before) and is_english_word(behind)
        address = sign == "." and 2 <= len(behind) <= 3 and behind.islower() and match.end() + len(behind) == len(piece)
        found = found or not (place in own or compound or initial or words or address)
    return found and len(folded(name)) >= LISTED
