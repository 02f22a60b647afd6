"""Retrying: a step is done again while a server or a disk is away, until somebody stops it.

Owns the pauses, which double, and the stop that ends them; it serves whoever works without end: workers, relays,
carriers. Which step it is, and what follows from giving it up, is the caller's.
"""

import random
import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from models.errors import TransientFault

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

FIRST_S, LONGEST_S = 0.2, 30.0


class Stopped(Exception):
    """Raised inside a step that was given up because its process is to end; caught where the work began."""


def _nothing() -> None:
    """The default for `heard`: nobody counts."""


class Patience:
    """Retries with pauses from `first_s`, doubling up to `longest_s`; `heard` is called before each. `stop` ends the
    waiting."""

    def __init__(
        self, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S, heard: Callable[[], None] = _nothing
    ) -> None:
        self._stopping = threading.Event()
        self._first_s, self._longest_s, self._heard = first_s, longest_s, heard

    def stop(self) -> None:
        """Give up at the next pause. May be called from a signal handler or a thread."""
        self._stopping.set()

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    def pause(self, seconds: float) -> None:
        """Wait so long, or until stopped."""
        self._stopping.wait(seconds)

    def insist(self, step: Callable[[], Answer]) -> Answer:
        """The step's answer. Raises `Stopped`."""
        pause_s = self._first_s
        while True:
            try:
                return step()
            except TransientFault as fault:
                self._heard()
                log.warning("retrying", fault=str(fault), pause_s=round(pause_s, 1))
                if self._stopping.wait(pause_s * random.uniform(0.5, 1.0)):  # noqa: S311  # spreads many, no secret
                    raise Stopped from None
                pause_s = min(pause_s * 2, self._longest_s)
