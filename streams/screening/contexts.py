"""Contexts: the one place where the snapshots that detectors need are built, and kept while they hold good.

A context is immutable. When the registry, the official pictures, the published peer prices or the day change, a new one
takes its place between two batches; a batch sees one context from end to end.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from detectors.pictures.devices import DeviceIndex
from detectors.pictures.devices.likeness import DEVICES
from detectors.trademark.index import MarkIndex, changes_since, index_version, worth_a_base
from detectors.trademark.segments import Segment, of_these_rules
from models.context import Context, Snapshot
from models.identity import LOCAL
from models.moments import now, start_of_day
from models.pictures import ReferencePicture
from models.ports import RegistryStore
from models.registry import Registry
from streams.screening.index_files import IndexFiles
from streams.screening.market import MarketSnapshots
from streams.screening.picture_base import PICTURES, picture_index
from streams.screening.settling import resting, settle

MARKS = "marks"
CONTEXTS_KEPT = 8


def build_context(
    registry: Registry,
    reference_pictures: Sequence[ReferencePicture] = (),
    *,
    as_of: datetime,
    organisation_id: str = LOCAL,
    index_files: IndexFiles | None = None,
    market: Mapping[str, Snapshot] | None = None,
) -> Context:
    """A context with every snapshot that `detectors.catalogue` reads. With `index_files`, the indexes of marks and of
    many official pictures are built once on a machine and mapped from their files by whoever comes later; of a registry
    that changed a little, only what changed is indexed."""
    return Context(
        registry=registry,
        as_of=as_of,
        organisation_id=organisation_id,
        snapshots={
            MARKS: _mark_index(registry, organisation_id, index_files),
            PICTURES: picture_index(reference_pictures, organisation_id, index_files),
            DEVICES: DeviceIndex.build(reference_pictures),
            **(market or {}),
        },
    )


def _mark_index(registry: Registry, organisation_id: str, index_files: IndexFiles | None) -> MarkIndex:
    """The index of this registry: a base of its own version, mapped; or the newest base there is, with a delta in
    memory; or, where too much has changed since, a new base."""
    if index_files is None:
        return MarkIndex.build(registry)
    found = _over_a_base(registry, organisation_id, index_files)
    if found is None:
        with index_files.one_at_a_time(organisation_id, MARKS):
            found = _over_a_base(registry, organisation_id, index_files)
            if found is None:
                found = _new_base(registry, organisation_id, index_files)
    return found


def _over_a_base(registry: Registry, organisation_id: str, index_files: IndexFiles) -> MarkIndex | None:
    version = index_version(registry)
    for stored in index_files.versions(organisation_id, MARKS):
        arrays = index_files.load(organisation_id, MARKS, stored)
        if arrays is None or not of_these_rules(arrays):
            continue
        if stored == version:
            return MarkIndex.from_arrays(version, arrays)
        base = Segment.from_arrays(arrays)
        changes = changes_since(base, registry)
        return None if worth_a_base(changes, base) else MarkIndex.over(base, registry, changes)
    return None


def _new_base(registry: Registry, organisation_id: str, index_files: IndexFiles) -> MarkIndex:
    built = MarkIndex.build(registry)
    index_files.save(organisation_id, MARKS, built.version, built.arrays())
    arrays = index_files.load(organisation_id, MARKS, built.version)
    return built if arrays is None else MarkIndex.from_arrays(built.version, arrays)


class Contexts(Protocol):
    """Whoever gives contexts out."""

    def current(self, organisation_id: str) -> Context:
        """The context to screen that organisation's next batch with. Raises `TransientFault`."""


@dataclass(frozen=True)
class _Kept:
    fingerprint: str
    context: Context


class ContextSource:
    """The current context of each organisation. One object serves the threads of a process."""

    def __init__(
        self,
        store: RegistryStore,
        *,
        index_files: IndexFiles | None = None,
        market: MarketSnapshots | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store, self._index_files, self._market, self._clock = store, index_files, market, clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def fingerprint(self, organisation_id: str) -> str:
        """Changes when `current` would answer otherwise: a few cheap questions to the store."""
        return f"{start_of_day(self._clock()).isoformat()} {self._shown(organisation_id)}"

    def current(self, organisation_id: str) -> Context:
        """The context of now: one cheap question to the store when nothing has changed."""
        with self._lock:
            as_of = start_of_day(self._clock())
            fingerprint = self._shown(organisation_id)
            kept = self._kept.pop(organisation_id, None)
            if kept is None or kept.fingerprint != fingerprint:
                context = self._build(organisation_id, as_of)
            elif kept.context.as_of != as_of:
                context = replace(kept.context, as_of=as_of)
            else:
                context = kept.context
            self._kept[organisation_id] = _Kept(fingerprint, context)
            while len(self._kept) > CONTEXTS_KEPT:
                self._kept.popitem(last=False)
            return context

    def in_use(self) -> dict[str, Context]:
        """The contexts that were given out last, by organisation: what this process screens with."""
        with self._lock:
            return {organisation_id: kept.context for organisation_id, kept in self._kept.items()}

    def merge(self, organisation_id: str) -> bool:
        """Where the marks are a base with a delta, build a base of all of them, and let the next `current` map it;
        returns whether there was something to merge. Takes as long as building does, and nobody waits for it:
        screening goes on over the old base until the new one is whole. For a thread, or for a moment without work."""
        with self._lock:
            kept = self._kept.get(organisation_id)
        if kept is None or self._index_files is None:
            return False
        registry = kept.context.registry
        if kept.context.snapshot(MARKS, MarkIndex).delta_size() == 0:
            return False
        with self._index_files.one_at_a_time(organisation_id, MARKS):
            merged = _new_base(registry, organisation_id, self._index_files)
        with self._lock:
            now_kept = self._kept.get(organisation_id)
            if now_kept is kept:
                snapshots = {**kept.context.snapshots, MARKS: merged}
                self._kept[organisation_id] = _Kept(kept.fingerprint, replace(kept.context, snapshots=snapshots))
        return True

    def _shown(self, organisation_id: str) -> str:
        fingerprint = self._store.fingerprint(organisation_id)
        return fingerprint + (self._market.fingerprint(organisation_id) if self._market is not None else "")

    def _build(self, organisation_id: str, as_of: datetime) -> Context:
        with resting():
            context = build_context(
                self._store.current(organisation_id),
                self._store.reference_pictures(organisation_id),
                as_of=as_of,
                organisation_id=organisation_id,
                index_files=self._index_files,
                market=self._market.load(organisation_id) if self._market is not None else None,
            )
        settle(len(context.registry.marks))
        return context
