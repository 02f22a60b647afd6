"""The alphabet: what each code point is read as. One table for shape, one for sound, made once from public data.

Owns the folding of single characters: compatibility forms (NFKC), case, accents, width, traditional to simplified
(OpenCC t2s), look-alike letters (Unicode TR39 through confusable-homoglyphs), digits for letters, cheque numerals.
Signs that are no letter and no digit vanish: whatever stands between two letters, they become neighbours.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
from confusable_homoglyphs import confusables
from opencc import OpenCC
from pypinyin.constants import PINYIN_DICT

from detectors.trademark.tables import table

CODE_POINTS = 0x110000
READ_TO = 0x32000  # beyond the last ideographic plane in use nothing is read
HEARD_FROM = 4  # letters as they are heard: shorter words are heard like too many others
HAN, LETTER, DIGIT = 2, 1, 0

U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Alphabet:
    """Code point `c` is read as `flat[offset[c]:offset[c] + count[c]]`; nothing where `count[c]` is 0.

    `kind` says what the code point shows (`HAN`, `LETTER`, `DIGIT`), `upper` whether it is a capital.
    """

    offset: npt.NDArray[np.int32]
    count: npt.NDArray[np.uint8]
    flat: U32
    kind: npt.NDArray[np.uint8]
    upper: npt.NDArray[np.bool_]


@cache
def alphabet() -> Alphabet:
    """The table of readings by shape. About half a second on first use."""
    offset = np.zeros(CODE_POINTS, dtype=np.int32)
    count = np.zeros(CODE_POINTS, dtype=np.uint8)
    kind = np.full(CODE_POINTS, LETTER, dtype=np.uint8)
    upper = np.zeros(CODE_POINTS, dtype=np.bool_)
    flat: list[int] = []
    for code in range(READ_TO):
        character = chr(code)
        read = skeleton(character)
        if not read:
            continue
        offset[code] = len(flat)
        count[code] = min(len(read), 255)
        flat.extend(map(ord, read[:255]))
        upper[code] = character.isupper()
        kind[code] = _kind(character, read)
    return Alphabet(offset, count, np.array(flat, dtype=np.uint32), kind, upper)


@cache
def skeleton(character: str) -> str:
    """What one character is taken for: lower-case letters with look-alikes folded, simplified characters, or ""."""
    letters = table("letters")
    if character in _homoglyphs():
        return _leet(_homoglyphs()[character], letters["leet"])
    if character in letters["leet"]:
        return str(letters["leet"][character])
    if is_han(character) and unicodedata.normalize("NFKC", character) == character:
        return _numeral(_simplified(character))
    folded = "".join(_fold(part) for part in unicodedata.normalize("NFKC", character))
    return "".join(_leet(part, letters["leet"]) for part in folded)


@cache
def plain(character: str) -> str:
    """What one character says: compatibility form and case folded, simplified; look-alikes and digits left alone."""
    read = unicodedata.normalize("NFKC", character).casefold()
    return "".join(_simplified(part) if is_han(part) else part for part in read if part.isalnum())


def with_signs_between(text: str) -> str:
    """The text with strokes and bars that stand between characters (康丶师) as the signs that they are there."""
    return _between().sub("*", text)


@cache
def _between() -> re.Pattern[str]:
    signs = re.escape("".join(sorted(between_signs())))
    han = f"(?![{signs}])[\u3400-\u9fff]"
    return re.compile(f"(?<=[\u3400-\u9fff])(?<![{signs}])[{signs}](?={han})")


@cache
def between_signs() -> frozenset[str]:
    """Strokes and bars that are characters or letters elsewhere."""
    return frozenset(table("letters")["between"]["signs"])


def is_han(character: str) -> bool:
    """Whether the character is an ideograph."""
    code = ord(character)
    return 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code < READ_TO


@cache
def simplified_only(character: str) -> bool:
    """Whether the character is a traditional form: t2s writes it otherwise."""
    return is_han(character) and _simplified(character) != character


def _kind(character: str, read: str) -> int:
    if is_han(read[0]) or unicodedata.category(character) == "Lo":
        return HAN
    return DIGIT if character.isdigit() else LETTER


def _fold(character: str) -> str:
    """One character of a compatibility form: letters without accents, in lower case, as the letter they look like."""
    if is_han(character):
        return _numeral(_simplified(character))
    if not character.isalnum() or unicodedata.category(character) == "Lm":
        return ""
    alike = _look_alike(character)
    bare = unicodedata.normalize("NFD", alike or character)
    return "".join(part for part in bare if not unicodedata.combining(part)).casefold()


def _look_alike(character: str) -> str:
    """The plain letter, digit or ideograph that TR39 confuses with this one, or ""."""
    if character.isascii():
        return ""
    others = [entry["c"] for entry in confusables.confusables_data.get(character, ()) if len(entry["c"]) == 1]
    for other in others:
        if other.isascii() and other.isalnum():
            return str(other)
    script_letter = unicodedata.category(character) in ("Lo", "Lm")
    return next((str(other) for other in others if script_letter and is_han(other)), "")


def _leet(character: str, leet: dict[str, str]) -> str:
    return leet.get(character, character)


@cache
def _homoglyphs() -> dict[str, str]:
    return {sign: letter for letter, signs in table("letters")["homoglyphs"].items() for sign in signs}


def _numeral(character: str) -> str:
    return str(table("letters")["numerals"].get(character, character))


@cache
def _simplification() -> dict[str, str]:
    """Every traditional character with its simplified form, one character at a time: phrases are left alone."""
    signs = [chr(code) for code in range(0x3400, 0xA000)]
    written = OpenCC("t2s").convert("\n".join(signs)).split("\n")
    return {sign: simple for sign, simple in zip(signs, written, strict=True) if sign != simple and len(simple) == 1}


def _simplified(character: str) -> str:
    return _simplification().get(character, character)


# --- sound ---------------------------------------------------------------------------------------------------------


@cache
def syllables(character: str) -> tuple[str, ...]:
    """The character's readings without tones, the usual one first, at most two; () when it has none."""
    readings = PINYIN_DICT.get(ord(character), "")
    found: list[str] = []
    for reading in readings.split(","):
        bare = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
        syllable = "".join(part for part in bare if part.isascii() and part.isalpha())
        if syllable and syllable not in found:
            found.append(syllable)
    return tuple(found[:2])


@cache
def folded_sound(syllable: str) -> tuple[str, float]:
    """The syllable with near initials and finals folded, and how near the fold keeps it to itself, 0..1."""
    sounds = table("sounds")
    near = 1.0
    for initial in ("zh", "ch", "sh", "n", "r", "f"):
        if syllable.startswith(initial):
            rule = sounds["initials"][initial]
            syllable, near = rule["to"] + syllable[len(initial) :], near * rule["near"]
            break
    for final in ("iang", "uang", "ang", "eng", "ing"):
        if syllable.endswith(final):
            rule = sounds["finals"][final]
            syllable, near = syllable[: -len(final)] + rule["to"], near * rule["near"]
            break
    return syllable, near


@lru_cache(maxsize=1 << 16)
def heard_letters(text: str) -> str:
    """How a name of letters is read aloud, spelled so that names heard alike are equal; "" where it holds anything but
    letters of ASCII, or too little to be told by its sound."""
    heard = "".join(map(plain, text))
    if not (heard.isascii() and heard.isalpha()):
        return ""
    for pattern, instead in _heard_rules():
        heard = pattern.sub(instead, heard)
    return heard if len(heard) >= HEARD_FROM else ""


@cache
def _heard_rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), instead) for pattern, instead in table("sounds")["letters"]["heard"])


@cache
def sound_number(syllable: str) -> int:
    """A number for a syllable beyond all code points: letters may stand among syllables and are never one."""
    number = 0
    for letter in syllable[:6]:
        number = number * 27 + ord(letter) - 96
    return CODE_POINTS + number


@cache
def sound_tables() -> tuple[U32, U32]:
    """For each code point the number of its usual reading, folded and as it is; the code point where it has none."""
    folded = np.arange(CODE_POINTS, dtype=np.uint32)
    exact = folded.copy()
    for code in PINYIN_DICT:
        readings = syllables(chr(code)) if 0x3400 <= code < READ_TO else ()
        if readings:
            exact[code] = sound_number(readings[0])
            folded[code] = sound_number(folded_sound(readings[0])[0])
    return folded, exact
