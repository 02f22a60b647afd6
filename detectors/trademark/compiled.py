"""The compiled path: whether this process may use it, and the switch between it and the plain one.

Owns the choice alone. numba is an extra (`jianzhen[fast]`): without it everything works, a few times slower, and finds
the same. The kernels are imported on first use, so that a process that screens nothing never waits for them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_choice = threading.local()


@cache
def available() -> bool:
    """Whether numba can be imported."""
    return find_spec("numba") is not None and kernels_or_none() is not None


@cache
def kernels_or_none() -> Any:
    """The kernels, or None where numba is missing or does not fit the machine's other libraries."""
    try:
        return import_module("detectors.trademark.kernels")
    except ImportError:
        return None


def kernels() -> Any:
    """The kernels to use now, or None on the plain path."""
    return kernels_or_none() if getattr(_choice, "on", True) and available() else None


@contextmanager
def switched(*, on: bool) -> Iterator[None]:
    """Take the compiled path, or the plain one, within this thread: for tests and benches that hold one to the
    other."""
    before = getattr(_choice, "on", True)
    _choice.on = on
    try:
        yield
    finally:
        _choice.on = before
