"""A small disk for tests that fill one: a tmpfs in a mount namespace of its own, gone with the process that runs on it.

The test's part that needs the disk is a module of its own, run in that namespace by `run_on_small_disk`; nothing is
mounted where anybody else could see it.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.jianzhen.command_line import environment
from tests.servers.require import missing

PATIENCE_S = 240
MOUNT = 'mount -t tmpfs -o "size=$1,mode=0755" tmpfs "$2"'


def run_on_small_disk(size: str, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the module with a folder, which is a disk of that size there, and these arguments. Skips where this machine
    allows no mounts."""
    space = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    with TemporaryDirectory(prefix="jianzhen-disk-") as folder:  # in reach of the user that a server runs as
        mounted = [*space, "sh", "-c", f'{MOUNT} && shift 2 && exec "$@"', "sh"]
        probe = subprocess.run([*mounted, "1m", folder, "true"], capture_output=True, text=True, check=False)
        if probe.returncode:
            missing("a small disk", f"no tmpfs can be mounted in a namespace of one's own: {probe.stderr.strip()}")
        command = [*mounted, size, folder, sys.executable, "-m", module, folder, *arguments]
        return subprocess.run(
            command, env=environment(), capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )


class Ballast:
    """A file that takes all the room there is on a disk, and gives it back."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ballast"

    def fill(self, *, but: int = 0) -> None:
        """Until not one byte more fits, or until so many are left."""
        for size in (1 << 20, 4096, 1):
            while self._add(size):
                pass
        if but:
            os.truncate(self._file, self._file.stat().st_size - but)

    def drop(self) -> None:
        self._file.unlink()

    def _add(self, size: int) -> bool:
        try:
            with self._file.open("ab", buffering=0) as file:
                return file.write(b"\x00" * size) == size
        except OSError:
            return False
