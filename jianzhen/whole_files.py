"""Writing files: whole or not at all, private ones readable by their owner alone, rejects beside the output."""

import errno
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from models.errors import InputError
from models.formats import Rejects

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # the disk fills while a run writes


def rejects_beside(out: Path) -> Path:
    """`leads.jsonl` has its rejects in `leads.rejects.jsonl`. Raises `InputError` when `out` cannot be a file."""
    _check_place(out)
    return out.with_name(f"{out.stem}.rejects.jsonl")


def rejects_of(out: Path, *inputs: Path | None) -> Rejects:
    """The rejects of this run's output; what an earlier run left there is removed. Raises `InputError`, also when one
    of the inputs would be overwritten."""
    beside = rejects_beside(out)
    keep_inputs(inputs, out, beside)
    return fresh_rejects(beside)


def keep_inputs(inputs: Iterable[Path | None], *outputs: Path) -> None:
    """Raises `InputError` when one of the outputs would overwrite one of the inputs."""
    written = {path.resolve() for path in outputs}
    for path in inputs:
        if path and path.resolve() in written:
            raise InputError(
                "输出会覆盖输入文件 / the output would overwrite this input",
                where=str(path),
                mend="--out 换一个文件名 / give --out another name",
            )


def _check_place(out: Path) -> None:
    """Moving a file into place would put it where a device or a pipe stands: only a file is ever replaced."""
    if not out.name or out.is_dir():
        raise InputError(
            "输出应是文件，这是一个文件夹 / the output is a folder", where=str(out), mend="给出文件名 / name a file"
        )
    if out.exists() and not out.is_file():
        raise InputError(
            "输出不能是设备或管道 / the output is a device or a pipe",
            where=str(out),
            mend="给出普通文件 / name a regular file",
        )


def fresh_rejects(path: Path) -> Rejects:
    """A rejects file of this run alone."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None
    return Rejects(path)


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Write beside the path and move into place when all went well: nobody ever reads half a file. A private file has
    mode 0600 from its first byte on. What is not finished leaves nothing behind. Raises `InputError` when it cannot be
    written there."""
    _check_place(path)
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _opened(beside, private=private)
    except OSError as error:
        raise _unwritten(path, error) from None
    try:
        yield file
        _finish(file, beside, path)
    except BaseException as error:
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise _unwritten(path, error) from None
        raise


def _finish(file: BinaryIO, beside: Path, path: Path) -> None:
    try:
        file.close()
        beside.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> InputError:
    what = f"无法写入: {error.strerror} / cannot be written: {error.strerror}"
    return InputError(what, where=str(path), mend="换一个位置 / choose another place")


def _opened(path: Path, *, private: bool) -> BinaryIO:
    if not private:
        return path.open("wb")
    path.unlink(missing_ok=True)
    return write_private(path)


def write_private(path: Path) -> BinaryIO:
    """Open a new file that only its owner may read (0600). Raises `FileExistsError`."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def json_line(record: Any) -> bytes:
    """One line of JSONL: keys as given, UTF-8; a lone surrogate is written as its escape."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
