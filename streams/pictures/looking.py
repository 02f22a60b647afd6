"""Looking: what level `full` reads from a whole picture beside its hashes and features.

Owns the list of those who look, and puts together what they found. Who reads words and codes has a module of its own
and a row in `LOOKERS`. All of it runs in the decoding process, inside its limits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from models.pictures import PrintedCode, PrintedWord


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

LOOKERS: tuple[Looker, ...] = ()


def look(picture: Image.Image) -> Found:
    """What all lookers found, in their order."""
    found = [looker(picture) for looker in LOOKERS]
    return Found(
        tuple(word for each in found for word in each.words), tuple(code for each in found for code in each.codes)
    )
