"""Lines: a text in its folded and in its plain form, each with the way back to the original.

Owns the two forms in which words and patterns are looked for. `letters` is the text as the trademark detector reads
it (`detectors.trademark.alphabet`): look-alikes folded, signs gone, so 高*仿 and 高仿 are one. `plain` keeps signs and
tells letters from digits: compatibility forms, case, script and every kind of digit folded, spaces gone, so １：１ is
1:1.
"""

import unicodedata
from collections.abc import Callable
from functools import cached_property

from detectors.trademark.alphabet import plain as plain_letter
from detectors.trademark.alphabet import skeleton

# A description may be a whole page: it is read this far, and the work stays bounded.
READ_LIMIT = 4000
# Marks and joiners that are drawn on or between other signs, and spaces of every kind.
UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc", "Zs", "Zl", "Zp", "Cs"})


class Form:
    """One form of a text: `text[i]` stands for the original's code point `at[i]`."""

    def __init__(self, parts: list[str]) -> None:
        self._parts = parts
        self.text = "".join(parts)

    @cached_property
    def at(self) -> list[int]:
        """Found out when something was found: on most pages it never is."""
        return [place for place, part in enumerate(self._parts) for _ in part]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's code points behind [start, end) of this form, end exclusive."""
        return self.at[start], self.at[end - 1] + 1


class Line:
    """A field of a subject, by its name, in both forms. Forms are made when they are first asked for."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        self.text = text[:READ_LIMIT]

    @cached_property
    def letters(self) -> Form:
        return Form([_LETTERS[character] for character in self.text])

    @cached_property
    def plain(self) -> Form:
        return Form([_PLAIN[character] for character in self.text])


class _Readings(dict[str, str]):
    """What each character is read as, found out once."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, character: str) -> str:
        self[character] = self._read(character)
        return self[character]


def plain_sign(character: str) -> str:
    """What one character says, signs included; "" for spaces and what is not seen."""
    if character.isdigit():
        return str(unicodedata.digit(character))
    letters = plain_letter(character)
    if letters:
        return letters
    if unicodedata.category(character) in UNSEEN:
        return ""
    return "".join(sign for sign in unicodedata.normalize("NFKC", character) if not sign.isspace()).casefold()


_LETTERS, _PLAIN = _Readings(skeleton), _Readings(plain_sign)


def folded(text: str) -> str:
    """A word of a table as `letters` reads it."""
    return "".join(map(skeleton, text))


def plainly(text: str) -> str:
    """A word of a table as `plain` reads it."""
    return "".join(map(plain_sign, text))
