"""The protocol every detector keeps, batch first.

A detector is a pure function of its batch and context: the same batch in any order and any size gives every subject
the same findings. It is listed by hand in `detectors.catalogue`; nothing is found by import magic.
"""

from collections.abc import Sequence
from typing import Protocol

from models.context import Context
from models.findings import Finding, Observation


class Detector(Protocol):
    """One kind of evidence. Its class docstring is shown to officers."""

    @property
    def name(self) -> str:
        """One of `trademark`, `price`, `wording`, `behaviour`, `pictures`, `parcels`."""

    @property
    def version(self) -> str:
        """Changes whenever findings may: code, weights or data."""

    @property
    def kinds(self) -> frozenset[str]:
        """The subject kinds it reads; others get no findings from it."""

    def detect(self, batch: Sequence[Observation], context: Context) -> list[list[Finding]]:
        """One list of findings per observation, in batch order, each list in a fixed order."""
