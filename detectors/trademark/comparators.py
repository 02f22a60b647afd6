"""Comparators: how near what stands on a page is to a name, and why. Plain functions of two strings.

Owns the judgement of nearness by shape, sound and arrangement, but for strings of the same letters, which are for
`detectors.trademark.disguises`; knows no index, no listing and no registry. Each answers
with a `Likeness` or with nothing. What else is near or speaks against is for `detectors.trademark.counter`.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from detectors.trademark.alphabet import folded_sound, heard_letters, is_han, plain, syllables
from detectors.trademark.disguises import Likeness, folded, same_letters
from detectors.trademark.tables import (
    END_LETTERS,
    SHAPE_FLOOR,
    STRONGLY_ALIKE,
    TWO_LETTERS_FROM,
    TWO_LOOK_ALIKES_UP_TO,
    TWO_NEAR_LETTERS_FROM,
    glyph_neighbours,
    near_letters,
    of_one_kind,
)

# How far one changed place takes a name from itself, before it is set against the name's length.
SAME_SYLLABLE = 0.14
SHAPE_AT_BEST, SHAPE_AT_WORST = 0.04, 0.4  # at likeness 1 and 0
NEAR_LETTER = 0.6
REPLACED = 0.9
OF_ONE_KIND = 0.6  # a character that names a thing of the same kind, in names of three and more
HEARD_LETTER = 0.35  # each letter spelled otherwise in a name that is heard alike
# A character, and a letter: names of letters stand among many words of all languages that differ by one.
ADDED = {True: 0.3, False: 1.0}
DROPPED = {True: 0.75, False: 1.0}
SWAPPED = {True: 0.3, False: 1.0}
CROWDED = 0.9  # above this half counts, so that likeness ends at 0.95
SHUFFLED = 0.8  # more than one moved
OTHER_WORD = 3  # letters by which one word of a name of several may differ when another word is kept
# A name of two has little left when one is changed; a longer one keeps more.
STEEPNESS = {2: 2.6, 3: 1.3}
STEEPNESS_BEYOND = 1.3
SIMILAR = {"shape": "similar-shape", "shape-and-sound": "similar-shape"}


@lru_cache(maxsize=1 << 16)
def compare(piece: str, name: str) -> Likeness | None:
    """The likeness of a stretch of text to a name, or None where they are not near at all."""
    read, meant = folded(piece), folded(name)
    if read == meant:
        return same_letters(piece, name)
    return _heard_alike(piece, name) or _changed(piece, name, read, meant)


def _changed(piece: str, name: str, read: str, meant: str) -> Likeness | None:
    """The likeness of strings of other letters by what was put in place of what."""
    apart = abs(len(read) - len(meant))
    if apart > 2 or len(meant) < 2 or not _comparable(piece, name):
        return None
    if apart == 0:
        return _swapped(read, meant) or _replaced(read, meant) or _two_letters(read, meant, name)
    return (_one_more(read, meant) if apart == 1 else None) or _two_letters(read, meant, name)


def _heard_alike(piece: str, name: str) -> Likeness | None:
    """Names of letters that are spelled otherwise and read aloud alike."""
    heard = heard_letters(piece)
    if not heard or heard != heard_letters(name):
        return None
    read, meant = "".join(map(plain, piece)), "".join(map(plain, name))
    letters = OSA.distance(read, meant)
    if letters == 1 and len(read) != len(meant):
        return None  # one letter more or less, as is plainer to say
    return Likeness(_score(HEARD_LETTER * letters, len(meant)), "similar-sound", "letters", f"{read}→{meant}")


def _comparable(piece: str, name: str) -> bool:
    """Whether a difference could be a disguise: numbers differ because models do, and a name of letters alone is not
    met in characters."""
    if not any(map(str.isalpha, name)):
        return False
    digits = [character for character in piece if character.isdigit()]
    if digits != [character for character in name if character.isdigit()]:
        return False
    return any(map(_ideographic, name)) or not any(map(_ideographic, piece))


def _ideographic(character: str) -> bool:
    return unicodedata.category(character) == "Lo"


# --- other letters --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One place where read and meant differ: how far (0..1), why, and whether the sound is kept."""

    distance: float
    why: str
    kept_sound: bool
    shown: str
    likeness: float = 0.0


def _replaced(read: str, meant: str) -> Likeness | None:
    """As many elements, some others: by look-alikes, by sound, or one by anything."""
    pairs = [(one, other) for one, other in zip(read, meant, strict=True) if one != other]
    changes = [_change(one, other, len(meant) + (len(pairs) == 1)) for one, other in pairs]
    if not _allowed(changes, read, meant):
        return None
    whys = {change.why for change in changes}
    why = whys.pop() if len(whys) == 1 else "replaced" if "replaced" in whys else "shape-and-sound"
    score = _score(sum(change.distance for change in changes), len(meant))
    detail = ", ".join(change.shown for change in changes)
    fact = "similar-sound" if all(change.kept_sound for change in changes) else SIMILAR.get(why, "similar-spelling")
    return Likeness(score, fact, why, detail)


def _allowed(changes: Sequence[Change], read: str, meant: str) -> bool:
    """Which sets of changes are still the same name to the eye or ear. The index finds exactly these."""
    size, characters = len(meant), any(map(is_han, meant))
    silent = [change for change in changes if not change.kept_sound]
    if not characters:
        shapes = [change for change in changes if change.why == "shape"]
        if len(changes) == 2:
            return size >= TWO_NEAR_LETTERS_FROM and bool(shapes)
        return len(changes) == 1 and (size >= 4 or (size == 3 and bool(shapes)))
    if not silent:
        return True
    if len(silent) == 1:
        alone = len(changes) == 1 and (size >= 3 or silent[0].why == "shape")
        return alone or size >= 4 or silent[0].likeness >= (STRONGLY_ALIKE if size >= 3 else SHAPE_FLOOR / 255)
    strong = any(change.likeness >= STRONGLY_ALIKE for change in silent)
    shapes_alone = len(changes) == 2 == len(silent) and all(change.why == "shape" for change in silent)
    return shapes_alone and strong and 3 <= size <= TWO_LOOK_ALIKES_UP_TO


@lru_cache(maxsize=1 << 15)
def _change(read: str, meant: str, size: int) -> Change:
    """One element for another. Among two that both differ (`size` 2) near sounds do not count as the same."""
    shown = f"{read}→{meant}"
    if not is_han(meant):
        near = read + meant in near_letters()
        return Change(NEAR_LETTER if near else 1.0, "shape" if near else "replaced", False, shown)
    likeness = glyph_neighbours().get(meant, {}).get(read, 0.0)
    by_shape = SHAPE_AT_WORST - (SHAPE_AT_WORST - SHAPE_AT_BEST) * likeness if likeness else REPLACED
    by_sound = _distance_of_sounds(read, meant, exact=size == 2)
    kept = by_sound < REPLACED
    if kept and likeness:
        return Change(min(by_shape, by_sound), "shape-and-sound", True, shown, likeness)
    if kept:
        return Change(by_sound, "sound", True, shown)
    if likeness:
        return Change(by_shape, "shape", False, shown, likeness)
    if read in of_one_kind().get(meant, ()):
        return Change(OF_ONE_KIND, "kind", False, shown)
    initial = bool(read.isalpha() and read.isascii() and syllables(meant) and syllables(meant)[0].startswith(read))
    return Change(SHAPE_AT_WORST if initial else REPLACED, "replaced", False, shown)


def _distance_of_sounds(read: str, meant: str, *, exact: bool) -> float:
    """How far the usual reading of one is from the nearest reading of the other; `REPLACED` when they differ."""
    usual = syllables(read)[:1]
    if not usual or not is_han(read):
        return REPLACED
    folded_usual, near_usual = folded_sound(usual[0])
    best = REPLACED
    for reading in syllables(meant):
        if reading == usual[0]:
            return SAME_SYLLABLE
        folded_reading, near_reading = folded_sound(reading)
        if folded_reading == folded_usual and not exact:
            best = min(best, SAME_SYLLABLE + 1 - near_usual * near_reading)
    return min(best, REPLACED)


def _swapped(read: str, meant: str) -> Likeness | None:
    """The same elements in another order; of letters, only one moved, since many words share their letters."""
    characters = any(map(is_han, meant))
    if sorted(read) != sorted(meant) or (not characters and (len(meant) < 4 or not _one_moved(read, meant))):
        return None
    distance = SWAPPED[characters] if _one_moved(read, meant) else SHUFFLED
    return Likeness(_score(distance, len(meant)), "similar-order", "order", f"{read}→{meant}")


def _one_moved(read: str, meant: str) -> bool:
    return any(
        read[:place] + read[place + 1 :] == meant[:other] + meant[other + 1 :]
        for place in range(len(read))
        for other in range(len(meant))
        if read[place] == meant[other]
    )


def _one_more(read: str, meant: str) -> Likeness | None:
    """One element more or less; in longer names others may also differ by near sounds, one of them at most where an
    element is left out: else too little remains."""
    longer, shorter = (read, meant) if len(read) > len(meant) else (meant, read)
    added = len(read) > len(meant)
    han = any(map(is_han, meant))
    if added and len(read) == 3 and all(map(is_han, read)) and read[0] + read[2] == meant:
        return Likeness(_score(ADDED[True], 2), "similar-spelling", "added", f"+{read[1]}")
    if len(meant) < (3 if added else 4) + (not han):
        return None
    best: Likeness | None = None
    for place, character in enumerate(longer):
        rest = longer[:place] + longer[place + 1 :]
        distance = (ADDED if added else DROPPED)[han]
        if rest != shorter:
            pair = (rest, shorter) if added else (shorter, rest)
            differing = sum(one != other for one, other in zip(*pair, strict=True))
            heard = _heard(*pair) if han and len(meant) >= 4 and len(shorter) >= 3 else None
            if heard is None or (differing > 1 and not added):
                continue
            distance += heard
        score = _score(distance, len(meant))
        if best is None or score > best.score:
            shown = f"+{character}" if added else f"-{character}"
            best = Likeness(score, "similar-spelling", "added" if added else "dropped", shown)
    return best


def _two_letters(read: str, meant: str, name: str) -> Likeness | None:
    """A long name of letters that differs in two places and keeps its beginning or its ending."""
    if len(meant) < TWO_LETTERS_FROM or any(map(is_han, meant)) or any(map(is_han, read)):
        return None
    if read[:END_LETTERS] != meant[:END_LETTERS] and read[-END_LETTERS:] != meant[-END_LETTERS:]:
        return None
    distance = OSA.distance(read, meant, score_cutoff=OTHER_WORD)
    if distance > 2:
        if distance > OTHER_WORD or not (_keeps_a_word(read, name) or _keeps_half(read, meant)):
            return None
        return Likeness(_score(distance * REPLACED, len(meant)), "similar-spelling", "word", f"{read}→{meant}")
    return Likeness(_score(2 * REPLACED, len(meant)), "similar-spelling", "two", f"{read}→{meant}")


def _keeps_a_word(read: str, name: str) -> bool:
    """Whether the first or the last word of a name of several stands there whole."""
    words = [folded(word) for word in name.split()]
    first, last = words[0], words[-1]
    kept = (len(first) >= END_LETTERS and read.startswith(first)) or (len(last) >= END_LETTERS and read.endswith(last))
    return len(words) > 1 and kept


def _keeps_half(read: str, meant: str) -> bool:
    """Whether the beginning or the ending that both have is half of the name."""
    half = (len(meant) + 1) // 2
    return read[:half] == meant[:half] or read[-half:] == meant[-half:]


def _heard(read: str, meant: str) -> float | None:
    """How far two strings of one length are when every difference keeps the sound; None when one does not."""
    changes = [_change(one, other, 3) for one, other in zip(read, meant, strict=True) if one != other]
    if not all(change.kept_sound for change in changes):
        return None
    return sum(change.distance for change in changes)


def _score(distance: float, size: int) -> float:
    """What is left of 1. However long the name, what differs stays below what is the mark itself."""
    left = max(0.0, 1 - STEEPNESS.get(size, STEEPNESS_BEYOND) * distance / size)
    return left if left <= CROWDED else CROWDED + (left - CROWDED) / 2
