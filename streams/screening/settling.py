"""Settling: what a context holds lives long, and the collector of cycles need not look through it.

A registry of 100,000 marks is a million objects. While they are made, the collector would walk all of them again and
again, and once in a while later: each time everything stands still for a second. Here it rests while a context is
built, and passes over what was built from then on. Contexts hold no cycles, so that one that is replaced goes at once
though the collector no longer sees it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 10_000  # marks: below, a walk takes no time that anybody would notice


@contextmanager
def resting() -> Iterator[None]:
    """Let the collector rest inside. Two threads may do so at once: the first that is done wakes it."""
    awake = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if awake:
            gc.enable()


def settle(marks: int) -> None:
    """Have the collector pass over everything there is, where so many marks are part of it."""
    if marks >= LARGE:
        gc.freeze()
