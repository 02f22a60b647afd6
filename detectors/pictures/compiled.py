"""The compiled path of Hamming search: whether this process may use it. numba is an extra (`jianzhen[fast]`): without
it everything is found just the same, in a few times the time."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

WORTH_FROM = 200_000
"""Codes: below, a process would wait longer for the kernels than they ever save."""


@cache
def _kernels() -> Any:
    if find_spec("numba") is None:
        return None
    try:
        return import_module("detectors.pictures.kernels")
    except ImportError:
        return None


def kernels(codes: int) -> Any:
    """The kernels to search so many codes with, or None on the plain path."""
    return _kernels() if codes >= WORTH_FROM else None
