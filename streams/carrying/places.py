"""How files come onto a disk: whole and durable before they bear their name; moved aside, never overwritten.

Knows nothing of batches. A disk that is full, gone or read-only is a `TransientFault`: the work waits for it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models import durability
from models.errors import ConflictError, TransientFault


def write_durably(path: Path, data: bytes) -> None:
    """As `models.durability.write`. Raises `TransientFault`."""
    try:
        durability.write(path, data)
    except OSError as error:
        raise away(path, error) from error


def move_aside(path: Path, folder: Path) -> Path:
    """Move a file into a folder under its name, or with a number behind it; returns where it lies now."""
    try:
        folder.mkdir(exist_ok=True)
        target, number = folder / path.name, 1
        while target.exists():
            target, number = folder / f"{path.name}.{number}", number + 1
        path.rename(target)
        durability.settle(folder)
    except OSError as error:
        raise away(path, error) from error
    return target


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process. Raises `ConflictError` while another holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("wb")
    except OSError as error:
        raise away(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(
                "另一进程正在搬运 / another process carries here", where=str(folder), mend="等它结束 / wait for its end"
            ) from None
        yield


def away(path: Path, error: OSError) -> TransientFault:
    """The fault of a disk, named."""
    return TransientFault(
        f"文件夹不可用: {error.strerror} / the folder cannot be used: {error.strerror}", where=str(path)
    )
