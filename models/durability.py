"""Durability: files that are whole, and on the disk, before they bear their name.

Owns the order of writing: under a name beside it, wait for the disk, rename, wait for the folder. Whoever reads sees
the old file or the new one, never half, whatever dies when. Raises `OSError`; what that means is the caller's to say.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def write(path: Path, data: bytes) -> None:
    """Make this the content of the file; durable on return. Folders that are missing are made."""
    with _beside(path) as file:
        file.write(data)


def bring(source: Path, target: Path) -> None:
    """Copy a file to a place of that name; durable on return. Folders that are missing are made."""
    with source.open("rb") as given, _beside(target) as file:
        shutil.copyfileobj(given, file)


def settle(*paths: Path) -> None:
    """Wait until these files, and the names in these folders, are on the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _beside(path: Path) -> Iterator[BinaryIO]:
    beside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    settle(path.parent)
