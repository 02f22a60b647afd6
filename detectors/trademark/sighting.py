"""The sighting: one mark seen in one field of a page.

Owns the value alone. How marks are seen is for `detectors.trademark.sightings` and `detectors.trademark.heads`.
"""

from dataclasses import dataclass

from detectors.trademark.disguises import Likeness


@dataclass(frozen=True)
class Sighting:
    """One mark seen in one field. `mark_id` names it; `name` is the spelling that was met."""

    mark_id: str
    field: str
    text: str
    start: int
    end: int
    name: str
    likeness: Likeness

    @property
    def piece(self) -> str:
        return self.text[self.start : self.end]
