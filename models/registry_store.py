"""The port of the registry: its versions with who made them, a mark's history, and readings of official pictures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from models.pictures import ReferencePicture
from models.registry import Registry
from models.rights import MarkRevision


class RegistryStore(Protocol):
    """The registry with its history."""

    def commit(
        self,
        organisation_id: str,
        registry: Registry,
        *,
        at: datetime,
        by: str = "",
        acting_for: str = "",
        expected: str | None = None,
    ) -> str:
        """Make the registry hold exactly these rows; returns the new version, a digest chained to the one before.
        The same rows again change nothing and return the same version. `by` is who made the change and `acting_for`
        the organisation in whose name. Where `expected` is given, the version that the change was made on (empty: none
        yet), another one that stands now raises `ConflictError`."""

    def current(self, organisation_id: str) -> Registry:
        """The newest version; an organisation without one has an empty registry."""

    def at_version(self, organisation_id: str, version: str) -> Registry:
        """An earlier state, whole. Raises `NotFoundError`."""

    def fingerprint(self, organisation_id: str) -> str:
        """Names what `current` and `reference_pictures` would answer now, without reading their rows: it changes
        whenever either would answer otherwise. One cheap query, made by workers before every batch."""

    def save_reference_pictures(self, organisation_id: str, pictures: Sequence[ReferencePicture]) -> None:
        """Keep the readings of official pictures; the same (mark, goods, address) again replaces."""

    def reference_pictures(self, organisation_id: str) -> tuple[ReferencePicture, ...]:
        """Every official picture that was read, ordered by mark, goods, address."""

    def drop_reference_pictures(self, organisation_id: str, pictures: Sequence[ReferencePicture]) -> None:
        """These (mark, goods, address) are official pictures no longer; what is not there is left out."""

    def history(self, organisation_id: str, mark_id: str) -> tuple[MarkRevision, ...]:
        """The versions in which something under that mark changed, newest first."""
