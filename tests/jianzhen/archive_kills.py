"""Archiving in processes that die: run as `python -m tests.jianzhen.archive_kills STORE OBJECTS`.

Each line of standard input is a step and a number; a process of its own archives everything and is gone at that step,
for the so-manieth time. Its exit code is the answer. Processes are forked from this one, which opens nothing itself.
"""

import os
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, event

from jianzhen.archiving import Archiver
from models.archiving import packed
from models.identity import LOCAL
from models.storage import ObjectSettings, StoreSettings, open_objects, open_store
from tests.jianzhen.archive_scene import BATCH, LATER

KILLED = 9


class Killer:
    """What the test holds of that process."""

    def __init__(self, place: StoreSettings, objects: ObjectSettings) -> None:
        command = [sys.executable, "-m", "tests.jianzhen.archive_kills", place.url, objects.url]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, step: str, after: int = 1) -> bool:
        """Whether the process died there; false when it came to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{step} {after}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline()) == KILLED

    def close(self) -> None:
        self._process.communicate(timeout=30)


def archive(place: StoreSettings, objects: ObjectSettings, dies: str, after: int) -> None:
    left = [after]

    def fall(step: str) -> None:
        left[0] -= step == dies
        if left[0] == 0:
            os._exit(KILLED)

    def midway(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("DELETE FROM screenings"):
            fall("midway")

    event.listen(Engine, "after_cursor_execute", midway)
    with closing(open_store(place)) as store:
        if dies == "careless":  # takes out what it has not written yet
            found = store.archive.due(LOCAL, before=LATER, limit=BATCH).subjects
            store.archive.move(LOCAL, found, sha256(packed(LOCAL, found)).hexdigest(), before=LATER, at=LATER)
            os._exit(KILLED)
        Archiver(store, open_objects(objects), LOCAL, checkpoint=fall).run(before=LATER, batch=BATCH)


def main() -> None:
    place, objects = StoreSettings(url=sys.argv[1]), ObjectSettings(url=sys.argv[2])
    for line in sys.stdin:
        step, after = line.split()
        child = os.fork()
        if child == 0:
            archive(place, objects, step, int(after))
            os._exit(0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
