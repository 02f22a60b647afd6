"""Looking: what level `full` reads from a whole picture beside its hashes and features.

Owns the list of those who look, and puts together what they found. Who reads words and codes has a module of its own:
`streams.pictures.words`, `streams.pictures.codes`. All of it runs in a decoding process, inside its limits; what it
needs is loaded before that process gives up its rights, and only in processes that are to read at level `full`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from models.pictures import PrintedCode, PrintedWord
from streams.pictures.codes import read_codes
from streams.pictures.words import WordReader


@dataclass(frozen=True)
class Found:
    """What was found in a picture; boxes are in its own points, upright."""

    words: tuple[PrintedWord, ...] = ()
    codes: tuple[PrintedCode, ...] = ()

    def as_json(self) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
        """Words and codes, ready for JSON."""
        return tuple(word.content() for word in self.words), tuple(code.content() for code in self.codes)


Looker = Callable[[Image.Image], Found]
"""Takes an upright RGB picture of full size. What it raises rejects the whole picture as damaged, so it says nothing
where there is nothing to say."""


def lookers(threads: int) -> tuple[Looker, ...]:
    """Those who look, with everything that they need loaded: words and codes, by the extra `ocr`."""
    reader = WordReader(threads)
    return (lambda picture: Found(words=reader.read(picture)), lambda picture: Found(codes=read_codes(picture)))


def look(picture: Image.Image, those: Sequence[Looker]) -> Found:
    """What all lookers found, in their order."""
    found = [looker(picture) for looker in those]
    return Found(
        tuple(word for each in found for word in each.words), tuple(code for each in found for code in each.codes)
    )
