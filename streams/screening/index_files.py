"""Index files: arrays of a built index, written once, mapped into memory by every worker of the machine.

A version is a folder of `.npy` files that appears under its name by one rename, so that a reader sees all of it or
nothing. Workers that map the same files share their pages. Older versions are cleared away; a worker that still has
one mapped keeps it until it lets go.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import structlog

from models import durability, room
from models.errors import TransientFault

log = structlog.get_logger(__name__)

Arrays = Mapping[str, npt.NDArray[Any]]

VERSIONS_KEPT = 3
UNFINISHED = ".unfinished-"
SHORT_WRITE = "requested and"  # numpy's words for a write that found no room: it tells no number of the error
UNFINISHED_KEPT_S = 3600.0  # longer than any index takes to write


class IndexFiles:
    """A folder of indexes, by organisation, name and version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, organisation_id: str, name: str, version: str) -> Arrays | None:
        """The arrays of that version, mapped and read-only; None when they were not saved here."""
        place = self._place(organisation_id, name, version)
        try:
            paths = sorted(place.iterdir())
            return {path.stem: np.load(path, mmap_mode="r", allow_pickle=False) for path in paths}
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise TransientFault(f"the index cannot be read: {error}", where=str(place)) from error

    def versions(self, organisation_id: str, name: str) -> list[str]:
        """The versions that are saved here, the newest first."""
        folder = self._place(organisation_id, name, "")
        saved = []
        try:
            for path in folder.iterdir():
                with suppress(FileNotFoundError):  # cleared away just now
                    if not path.name.startswith("."):
                        saved.append((path.stat().st_mtime_ns, path.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TransientFault(f"the index cannot be read: {error}", where=str(folder)) from error
        return [version for _, version in sorted(saved, reverse=True)]

    @contextmanager
    def one_at_a_time(self, organisation_id: str, name: str) -> Iterator[None]:
        """Wait until no other process of this machine builds that index: building takes much memory, mapping little. On
        a full disk, where not even a lock can be made, nobody waits."""
        place = self._place(organisation_id, name, ".lock")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            held = place.open("w")
        except OSError as error:
            if _full(error):
                log.warning("index built without a lock", where=str(place), why="the disk is full")
                yield
                return
            raise TransientFault(f"the index folder cannot be written: {error}", where=str(place)) from error
        with held:
            fcntl.flock(held, fcntl.LOCK_EX)  # let go when the file is closed, also by a death
            yield

    def save(self, organisation_id: str, name: str, version: str, arrays: Arrays) -> None:
        """Keep the arrays under that version, durable on return; does nothing when it is there already. Where the disk
        is full they are not kept, which is logged: their builder goes on with what it has in memory."""
        place = self._place(organisation_id, name, version)
        if place.exists():
            return
        unfinished = place.with_name(f"{UNFINISHED}{place.name}-{secrets.token_hex(4)}")
        try:
            unfinished.mkdir(parents=True)
            for key, array in arrays.items():
                with (unfinished / f"{key}.npy").open("wb") as file:
                    np.save(file, array, allow_pickle=False)
                    file.flush()
                    os.fsync(file.fileno())
            _publish(unfinished, place)
        except OSError as error:
            if _full(error):
                log.warning("index not kept", where=str(place), why="the disk is full")
                return
            raise TransientFault(f"the index cannot be written: {error}", where=str(place)) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        self._clear(place)

    def _place(self, organisation_id: str, name: str, version: str) -> Path:
        return self._folder / f"of-{quote(organisation_id, safe='')}" / name / version

    def _clear(self, newest: Path) -> None:
        """Remove all but the newest versions."""
        others = [path for path in newest.parent.iterdir() if path != newest and not path.name.startswith(".")]
        by_age = sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)
        for path in by_age[VERSIONS_KEPT - 1 :]:
            shutil.rmtree(path, ignore_errors=True)
        for path in newest.parent.glob(f"{UNFINISHED}*"):  # of builders that died
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > UNFINISHED_KEPT_S:
                    shutil.rmtree(path, ignore_errors=True)


def _publish(unfinished: Path, place: Path) -> None:
    try:
        unfinished.rename(place)
    except OSError:
        if not place.exists():  # otherwise another worker was quicker, with the same arrays
            raise
    durability.settle(place.parent)


def _full(error: OSError) -> bool:
    return room.none_for_file(error) or SHORT_WRITE in str(error)
