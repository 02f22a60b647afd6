"""Memory of several processes together, as Linux tells it: a page that n of them map counts one n-th to each (PSS), so
that what they share counts once."""

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

EVERY_S = 0.5
KIB = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)


def held_mib(pids: Sequence[int]) -> dict[str, float]:
    """`Pss`, and of it `Pss_Anon` (their own) and `Pss_File` (mapped from files), in MiB. Who is gone holds nothing."""
    total = dict.fromkeys(("Pss", "Pss_Anon", "Pss_File"), 0.0)
    for pid in pids:
        try:
            told = dict(KIB.findall(Path(f"/proc/{pid}/smaps_rollup").read_text()))
        except (FileNotFoundError, ProcessLookupError):
            continue
        for name in total:
            total[name] += int(told.get(name, 0)) / 1024
    return total


class MemoryWatch:
    """Looks every half second, for as long as its `with` block lasts; `most` is the largest it saw."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids, self._done = pids, threading.Event()
        self.most = held_mib(pids)
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(EVERY_S):
            self.most = max(self.most, held_mib(self._pids), key=lambda held: held["Pss"])
