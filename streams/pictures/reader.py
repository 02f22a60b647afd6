"""Reading pictures: bytes in, a `PictureReading` out, whatever the bytes are.

Owns the decoding processes: starting, feeding, timing and replacing them. No decoder ever runs in this process. What
is accepted and how it is hashed is `streams.pictures.decoding`; where bytes come from is `streams.pictures.source`.
"""

import contextlib
import hashlib
import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

from models.errors import TransientFault
from models.pictures import Level, PictureReading, lower
from streams.pictures.failures import sentence
from streams.pictures.frames import LENGTH_BYTES, LEVELS, framed, length
from streams.pictures.settings import PictureSettings
from streams.pictures.words import installed

READER_VERSION = "pictures-2"
"""Changes whenever the same bytes may read differently; readings of another version are made anew."""

START_S = 60.0
CHUNK = 1 << 20


class PictureReader:
    """Reads pictures in up to `settings.children` processes of their own, and to level `full` in up to
    `settings.word_children` others, which hold the models for words and start with the first picture that needs them;
    threads may share one reader. Without the extra `ocr`, what is asked to level `full` is read to `features`.

    A picture that is damaged, too large, or that kills its process yields a reading with a `failure` and harms nobody
    else. Raises `TransientFault` only when no decoding process can be started at all.
    """

    def __init__(self, settings: PictureSettings | None = None) -> None:
        self._settings = settings or PictureSettings()
        self._idle = _places(self._settings.children)
        self._readers_of_words = _places(self._settings.word_children)
        self.highest: Level = "full" if installed() else "features"
        """The highest level that is read here; what is asked above it is read to it."""
        self._closed = threading.Event()

    def read(self, address: str, data: bytes, level: Level = "hash") -> PictureReading:
        """Read one picture to that level, or to the highest there is. `address` is where it came from, kept as
        given."""
        level = lower(level, self.highest)
        if not data:
            return self._reading(address, data, {"failure": sentence("empty")})
        if len(data) > self._settings.max_bytes:
            failure = sentence("file-too-large", limit=self._settings.max_bytes)
            return self._reading(address, data, {"failure": failure})
        return self._reading(address, data, self._decode(data, level))

    def close(self) -> None:
        """End the decoding processes."""
        self._closed.set()
        for places in (self._idle, self._readers_of_words):
            with contextlib.suppress(queue.Empty):
                while True:
                    if child := places.get_nowait():
                        child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _decode(self, data: bytes, level: Level) -> dict[str, Any]:
        """One process at a time has the picture. A process that died for a reason of its own (killed from outside)
        is replaced and asked once more; one that ran out of time is not."""
        if self._closed.is_set():
            raise TransientFault("the picture reader is closed")
        words = level == "full"
        places = self._readers_of_words if words else self._idle
        child = places.get()
        try:
            for _ in range(2):
                child = child or _Child(self._settings, words=words)
                try:
                    return child.ask(data, level)
                except _Overtime:
                    child.end()
                    child = None
                    return {"failure": sentence("too-long")}
                except OSError:
                    child.end()
                    child = None
            return {"failure": sentence("decoder-died")}
        finally:
            places.put(child)

    @staticmethod
    def _reading(address: str, data: bytes, answer: dict[str, Any]) -> PictureReading:
        content = hashlib.sha256(data).hexdigest()
        return PictureReading(address=address, content_sha256=content, reader_version=READER_VERSION, **answer)


def _places(count: int) -> "queue.LifoQueue[_Child | None]":
    """Places for so many processes, none started."""
    places: queue.LifoQueue[_Child | None] = queue.LifoQueue()
    for _ in range(count):
        places.put(None)
    return places


class _Overtime(Exception):
    """A picture took more processor time or waiting than one picture may."""


class _Child:
    """One decoding process and the pipes to it. Never used by two threads at once."""

    def __init__(self, settings: PictureSettings, *, words: bool) -> None:
        limits = {
            "max_pixels": settings.max_pixels,
            "memory_bytes": settings.word_memory_bytes if words else settings.memory_bytes,
            "cpu_s": settings.word_cpu_s if words else settings.cpu_s,
            "word_threads": settings.word_threads if words else 0,
        }
        self._wait_s = settings.wait_s
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "streams.pictures.child", json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
            bufsize=0,
        )
        self._pipes = [pipe for pipe in (self._process.stdin, self._process.stdout) if pipe]
        self._to, self._from = (pipe.fileno() for pipe in self._pipes)
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        try:
            self._receive(time.monotonic() + START_S)
        except (OSError, _Overtime) as fault:
            self.end()
            raise TransientFault(
                "the picture decoder does not start", mend="check pictures.memory_bytes and the installation"
            ) from fault

    def ask(self, data: bytes, level: Level) -> dict[str, Any]:
        """The answer for one picture. Raises `_Overtime`, and `OSError` when the process is gone."""
        ends_at = time.monotonic() + self._wait_s
        try:
            self._send(framed(LEVELS[level] + data), ends_at)
            answer: dict[str, Any] = json.loads(self._receive(ends_at))
            return answer
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self._process.wait(timeout=1) == -signal.SIGXCPU:
                    raise _Overtime from None
            raise

    def end(self) -> None:
        """Kill the process, if it still lives, and take its status."""
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes:
            pipe.close()

    def _send(self, data: bytes, ends_at: float) -> None:
        view = memoryview(data)
        while view:
            self._until_ready(self._to, selectors.EVENT_WRITE, ends_at)
            view = view[os.write(self._to, view[:CHUNK]) :]

    def _receive(self, ends_at: float) -> bytes:
        return self._take(length(self._take(LENGTH_BYTES, ends_at)), ends_at)

    def _take(self, count: int, ends_at: float) -> bytes:
        taken = b""
        while len(taken) < count:
            self._until_ready(self._from, selectors.EVENT_READ, ends_at)
            more = os.read(self._from, count - len(taken))
            if not more:
                raise BrokenPipeError("the decoding process is gone")
            taken += more
        return taken

    @staticmethod
    def _until_ready(pipe: int, event: int, ends_at: float) -> None:
        with selectors.PollSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(0.0, ends_at - time.monotonic())):
                raise _Overtime


def _environment() -> dict[str, str]:
    """What the decoding process may know: where modules are, and to use one thread. No secrets of this process."""
    modules = os.pathsep.join(path for path in sys.path if path)
    return {
        "PYTHONPATH": modules,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }
