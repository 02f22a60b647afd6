"""Registries at hand: the few registry states that pages ask for again and again, kept while they are in use."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from models.errors import NotFoundError
from models.pictures import ReferencePicture
from models.ports import RegistryStore
from models.registry import Registry

MOST_KEPT = 8


class Registries:
    """A small cache. States are immutable, so only the question which one is current is asked each time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Registry] = OrderedDict()
        self._pictures: dict[str, tuple[str, dict[str, tuple[ReferencePicture, ...]]]] = {}
        self._lock = threading.Lock()
        self.writing = threading.Lock()
        """Held by whoever compares the current version and commits on top of it."""

    def current(self, store: RegistryStore, organisation_id: str) -> Registry:
        """The newest version, read again only when its fingerprint changed."""
        key = (organisation_id, f"fingerprint {store.fingerprint(organisation_id)}")
        return self._known(key) or self._keep(key, store.current(organisation_id))

    def at_version(self, store: RegistryStore, organisation_id: str, version: str) -> Registry:
        """That version, or the current one where the store no longer (or never) had it as a committed state."""
        key = (organisation_id, version)
        known = self._known(key)
        if known is not None:
            return known
        try:
            return self._keep(key, store.at_version(organisation_id, version))
        except NotFoundError:
            return self.current(store, organisation_id)

    def official_pictures(
        self, store: RegistryStore, organisation_id: str, mark_ids: Iterable[str]
    ) -> tuple[ReferencePicture, ...]:
        """The official pictures of these marks, as they are now."""
        fingerprint = store.fingerprint(organisation_id)
        with self._lock:
            known_for, by_mark = self._pictures.get(organisation_id, ("", {}))
        if known_for != fingerprint:
            by_mark = {}
            for picture in store.reference_pictures(organisation_id):
                by_mark[picture.mark_id] = (*by_mark.get(picture.mark_id, ()), picture)
            with self._lock:
                self._pictures[organisation_id] = (fingerprint, by_mark)
        return tuple(picture for mark_id in dict.fromkeys(mark_ids) for picture in by_mark.get(mark_id, ()))

    def _known(self, key: tuple[str, str]) -> Registry | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: tuple[str, str], registry: Registry) -> Registry:
        with self._lock:
            self._kept[key] = registry
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return registry
