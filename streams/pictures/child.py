"""The decoding process: reads pictures from its standard input and answers on its standard output.

Started by `streams.pictures.reader` as `python -m streams.pictures.child LIMITS`, LIMITS being JSON; with
`word_threads` above 0 it is one that reads words and codes too, and loads what that takes. It gives up what
it does not need before the first picture: address space beyond its share, files, core dumps, new files; and processor
time beyond one picture's share before each. A picture that breaks a limit takes the process with it and nothing else.

Requests are pictures, answers JSON, both as `streams.pictures.frames`. The first answer, `{}`, says that it is ready;
every other is for one picture: a `Decoded`, or `{"failure": "…"}`.
"""

import json
import math
import os
import resource
import sys
from collections.abc import Sequence
from typing import BinaryIO

from models.errors import PictureRejected
from models.pictures import Level
from streams.pictures.decoding import decode, prepare
from streams.pictures.failures import sentence
from streams.pictures.frames import LENGTH_BYTES, framed, length, request
from streams.pictures.looking import Looker, lookers

OPEN_FILES = 16


def main() -> None:
    """Serve until the input ends."""
    limits = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a decoder may print is no answer
    prepare(limits["max_pixels"])
    those = lookers(limits["word_threads"]) if limits["word_threads"] else ()
    _give_up(limits["memory_bytes"])
    _send(answers, b"{}")
    pictures = sys.stdin.buffer
    while len(head := pictures.read(LENGTH_BYTES)) == LENGTH_BYTES:
        level, data = request(pictures.read(length(head)))
        _allow_time(limits["cpu_s"])
        _send(answers, _answer(data, limits["max_pixels"], level, those))


def _answer(data: bytes, max_pixels: int, level: Level, those: Sequence[Looker]) -> bytes:
    try:
        return decode(data, max_pixels, level, those).to_json()
    except PictureRejected as rejection:
        failure = rejection.what
    except MemoryError:
        failure = sentence("too-much-memory")
    except Exception:  # noqa: BLE001 - decoders raise what they like on damaged bytes; each is one rejected picture
        failure = sentence("damaged")
    return json.dumps({"failure": failure}).encode()


def _give_up(memory_bytes: int) -> None:
    if sys.platform == "linux":  # other systems do not enforce it, and tell the own size differently
        own = int(_status("VmSize")) * 1024
        _limit(resource.RLIMIT_AS, own + memory_bytes)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _allow_time(seconds: int) -> None:
    """The limit counts a process's whole life, so it is moved ahead of each picture."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _status(field: str) -> str:
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - nothing here needs more
        return next(line.split()[1] for line in status if line.startswith(field + ":"))


def _send(answers: BinaryIO, body: bytes) -> None:
    answers.write(framed(body))
    answers.flush()


if __name__ == "__main__":
    main()
