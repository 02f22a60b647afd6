"""Contexts: the one place where the snapshots that detectors need are built, and kept while they hold good.

A context is immutable. When the registry, the official pictures, the published peer prices or the day change, a new one
takes its place between two batches; a batch sees one context from end to end.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from detectors.pictures.index import PictureIndex
from detectors.trademark.index import MarkIndex, index_version
from models.context import Context, Snapshot
from models.identity import LOCAL
from models.moments import now, start_of_day
from models.pictures import ReferencePicture
from models.ports import RegistryStore
from models.registry import Registry
from streams.screening.index_files import IndexFiles
from streams.screening.market import MarketSnapshots

MARKS = "marks"
PICTURES = "pictures"
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
    """A context with every snapshot that `detectors.catalogue` reads. With `index_files`, the index of marks is built
    once on a machine and mapped from its files by whoever comes later."""
    return Context(
        registry=registry,
        as_of=as_of,
        organisation_id=organisation_id,
        snapshots={
            MARKS: _mark_index(registry, organisation_id, index_files),
            PICTURES: PictureIndex.build(reference_pictures),
            **(market or {}),
        },
    )


def _mark_index(registry: Registry, organisation_id: str, index_files: IndexFiles | None) -> MarkIndex:
    if index_files is None:
        return MarkIndex.build(registry)
    version = index_version(registry)
    arrays = index_files.load(organisation_id, MARKS, version)
    if arrays is None:
        with index_files.one_at_a_time(organisation_id, MARKS):
            arrays = index_files.load(organisation_id, MARKS, version)
            if arrays is None:
                index_files.save(organisation_id, MARKS, version, MarkIndex.build(registry).arrays())
                arrays = index_files.load(organisation_id, MARKS, version)
    return MarkIndex.build(registry) if arrays is None else MarkIndex.from_arrays(version, arrays)


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

    def current(self, organisation_id: str) -> Context:
        """The context of now: one cheap question to the store when nothing has changed."""
        with self._lock:
            as_of = start_of_day(self._clock())
            fingerprint = self._store.fingerprint(organisation_id)
            if self._market is not None:
                fingerprint += self._market.fingerprint(organisation_id)
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

    def _build(self, organisation_id: str, as_of: datetime) -> Context:
        return build_context(
            self._store.current(organisation_id),
            self._store.reference_pictures(organisation_id),
            as_of=as_of,
            organisation_id=organisation_id,
            index_files=self._index_files,
            market=self._market.load(organisation_id) if self._market is not None else None,
        )
