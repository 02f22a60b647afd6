"""The compiled path: whether this process may use it, and the switch between it and the plain one.

Owns the choice alone. The compiled path is for indexes of real size: loading it takes a second or two. numba is an
extra (`jianzhen[fast]`): without it everything works, a few times slower, and finds the same. The kernels are imported
on first use.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

WORTH_FROM = 50_000  # names: below, a process would wait longer for the kernels than they ever save

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


def kernels(names: int) -> Any:
    """The kernels to ask an index of so many names with, or None on the plain path."""
    wished = getattr(_choice, "on", None)
    taken = names >= WORTH_FROM if wished is None else wished
    return kernels_or_none() if taken and available() else None


@contextmanager
def switched(*, on: bool) -> Iterator[None]:
    """Take the compiled path, or the plain one, within this thread whatever the size: for tests and benches that hold
    one to the other."""
    before = getattr(_choice, "on", None)
    _choice.on = on
    try:
        yield
    finally:
        _choice.on = before
