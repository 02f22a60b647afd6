"""Refreshing: contexts for a worker, made anew beside its work when the registry or anything else they show changes.

The worker goes on with the context it has while a thread builds or maps the next, which then takes its place between
two batches: a batch sees the old or the new one, whole, and its screenings name it. A base with a delta over it is
merged in the same thread. What a context holds is `contexts`' business.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import structlog

from models.context import Context
from models.errors import JianzhenError
from streams.screening.contexts import CONTEXTS_KEPT, ContextSource

log = structlog.get_logger(__name__)

# How long a batch waits for a change to take effect; most changes are small and are there by then. A worker that
# takes longer goes on with what it has: the pause is never longer than this.
PATIENCE_S = 0.25


@dataclass(frozen=True)
class _Held:
    fingerprint: str
    context: Context


class RefreshedContexts:
    """Stands before a `ContextSource`, for one worker's thread. Ends with `close`, or with the process."""

    def __init__(self, source: ContextSource, *, patience_s: float = PATIENCE_S) -> None:
        self._source, self._patience_s = source, patience_s
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._changed = threading.Condition()
        self._wanted: dict[str, None] = {}
        self._closing = False
        self._thread: threading.Thread | None = None

    def current(self, organisation_id: str) -> Context:
        """The newest context that is whole: built on the spot at first, beside the work from then on. Raises
        `TransientFault` when the store is away."""
        fingerprint = self._source.fingerprint(organisation_id)
        with self._changed:
            held = self._held.get(organisation_id)
            if held is not None and held.fingerprint != fingerprint:
                self._want(organisation_id)
                self._changed.wait_for(lambda: organisation_id not in self._wanted, self._patience_s)
                held = self._held.get(organisation_id)
        if held is None:
            held = _Held(fingerprint, self._source.current(organisation_id))
            self._hold(organisation_id, held)
        return held.context

    def close(self) -> None:
        """Begin nothing further; wait for what is being built."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _want(self, organisation_id: str) -> None:
        self._wanted[organisation_id] = None
        self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_refreshing, name="contexts", daemon=True)
            self._thread.start()

    def _hold(self, organisation_id: str, held: _Held) -> None:
        with self._changed:
            self._held[organisation_id] = held
            self._held.move_to_end(organisation_id)
            while len(self._held) > CONTEXTS_KEPT:
                self._held.popitem(last=False)

    def _keep_refreshing(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._closing)
                if self._closing:
                    return
                organisation_id = next(iter(self._wanted))
            try:
                self._refresh(organisation_id)
            except JianzhenError as fault:  # the old one stands; the next batch asks again
                log.error("the context cannot be made anew", organisation_id=organisation_id, fault=str(fault))
            finally:
                self._done(organisation_id)

    def _refresh(self, organisation_id: str) -> None:
        fingerprint = self._source.fingerprint(organisation_id)
        context = self._source.current(organisation_id)
        self._hold(organisation_id, _Held(fingerprint, context))
        self._done(organisation_id)
        versions = {"registry_version": context.registry.version, "context_version": context.version}
        log.info("context made anew", organisation_id=organisation_id, **versions)
        if self._source.merge(organisation_id):
            self._hold(organisation_id, _Held(fingerprint, self._source.current(organisation_id)))

    def _done(self, organisation_id: str) -> None:
        with self._changed:
            self._wanted.pop(organisation_id, None)
            self._changed.notify_all()
