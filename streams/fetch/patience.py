"""Patience with hosts: one that did not answer a few times in a row is left alone for a while.

Owns the memory of who was silent, within one process. A page of thirty pictures on a dead host costs a few waits, not
thirty. A host that answers anything, even a refusal, is not silent.
"""

import threading
import time
from collections.abc import Callable

from models.errors import FetchError


class Patience:
    """Threads may share one. `tries` silences in a row are borne; then the host rests for `pause_s` seconds."""

    def __init__(self, *, tries: int, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries = tries
        self._pause_s = pause_s
        self._clock = clock
        self._lock = threading.Lock()
        self._silent: dict[str, tuple[int, float]] = {}  # host -> silences in a row, time of the last

    def check(self, host: str) -> None:
        """Raises `FetchError` while the host rests."""
        with self._lock:
            silences, last = self._silent.get(host, (0, 0.0))
            if silences < self._tries:
                return
            if self._clock() - last < self._pause_s:
                raise FetchError(
                    f"the host could not be reached {silences} times in a row and rests now",
                    mend="try again in a minute",
                )
            self._silent[host] = (self._tries - 1, last)  # one more try

    def answered(self, host: str) -> None:
        """The host gave some answer."""
        with self._lock:
            self._silent.pop(host, None)

    def silent(self, host: str) -> None:
        """The host gave none in time."""
        with self._lock:
            silences, _ = self._silent.get(host, (0, 0.0))
            self._silent[host] = (silences + 1, self._clock())
