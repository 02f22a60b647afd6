"""Backing an installation up and restoring it: what is kept, in which order, and the manifest that proves it.

A backup is a folder: the store, the embedded log with its groups, objects that are files, what was carried, and
`manifest.json` with every file's size and SHA-256. The order of copying is the promise: offsets first, then messages,
then the store, then objects. Restored, a group goes on from where it was or a little before, and unique keys absorb
that. Servers keep their own (Kafka, an S3 bucket): the manifest says what was left to them.
"""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path

from pydantic import Field, ValidationError

from jianzhen.settings import Settings
from models import durability
from models.errors import ConflictError, FileRejected
from models.moments import now
from models.storage import backup as databases
from models.storage.engine import database_file
from models.storage.migration import revisions
from models.storage.objects import object_folder
from models.values import Value
from streams.bus.embedded.bus import groups_file
from streams.bus.opening import SQLITE

MANIFEST = "manifest.json"
BUS, OBJECTS, CARRIED = "bus", "objects", "carry"


class Kept(Value):
    """One file of a backup."""

    path: str
    bytes: int
    sha256: str


class Manifest(Value):
    """What a backup holds. `left_out` says of everything that lies elsewhere where it lies."""

    format: int = Field(default=1, ge=1, le=1)
    begun_at: datetime
    ended_at: datetime
    version: str
    revision: str
    files: tuple[Kept, ...]
    left_out: dict[str, str] = Field(default_factory=dict)
    damaged: tuple[str, ...] = ()


def back_up(settings: Settings, to: Path) -> Manifest:
    """Make a backup in a new folder; it bears its name when it is whole. Raises `ConflictError` when it exists."""
    if to.exists() and any(to.iterdir() if to.is_dir() else (to,)):
        raise ConflictError(
            "文件夹不为空 / the folder is not empty", where=str(to), mend="每次备份用新的文件夹 / a new folder for each"
        )
    beside = to.with_name(f"{to.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700, parents=True)  # it holds what the store holds
    begun, left_out = now(), {"indexes": "由工作进程重建 / built anew by workers"}
    revision = databases.revision(settings.store)
    _copy_bus(settings, beside / BUS, left_out)
    databases.back_up(settings.store, beside)
    damaged = _copy_objects(settings, beside / OBJECTS, left_out)
    if Path(settings.carry.folder).is_dir():
        shutil.copytree(settings.carry.folder, beside / CARRIED, ignore=shutil.ignore_patterns(".lock", "*.part"))
    files = tuple(_kept(path, beside) for path in _files(beside))
    manifest = Manifest(
        begun_at=begun,
        ended_at=now(),
        version=metadata.version("jianzhen"),
        revision=revision,
        files=files,
        left_out=left_out,
        damaged=damaged,
    )
    (beside / MANIFEST).write_text(manifest.model_dump_json(indent=1), "utf-8")
    durability.settle(*_files(beside), beside)
    if to.exists():
        to.rmdir()
    beside.rename(to)
    return manifest


def verify(folder: Path) -> Manifest:
    """The manifest, after every file was hashed against it. Raises `FileRejected` and names the first that differs."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise FileRejected(
            "不是备份，或不完整 / this is no backup, or it is not whole", where=str(folder / MANIFEST)
        ) from None
    known = {each.path: each for each in manifest.files}
    present = {str(path.relative_to(folder)) for path in _files(folder)} - {MANIFEST}
    for path in sorted(known.keys() | present):
        if path not in present or path not in known or _kept(folder / path, folder) != known[path]:
            raise FileRejected(
                "备份中的文件缺失、多出或被改动 / a file of the backup is missing, added or changed",
                where=str(folder / path),
                mend="换另一份备份 / take another backup",
            )
    return manifest


def restore(settings: Settings, folder: Path) -> Manifest:
    """Bring a verified backup to the empty place that the settings name. Raises `ConflictError` where something is
    already, `FileRejected` for a damaged backup and one of a later version than this. The store comes last: without it
    nothing works, so that a restore that was cut short is noticed."""
    manifest = verify(folder)
    if manifest.revision not in revisions():
        raise FileRejected(
            f"备份来自更新的版本 {manifest.version} / the backup is of a later version, {manifest.version}",
            where=str(folder),
            mend="用该版本恢复 / restore it with that version",
        )
    databases.check_empty(settings.store)
    log = _log_files(settings)
    for path in log.values():
        if path.exists():
            raise ConflictError(
                "已有日志 / there is a log already", where=str(path), mend="另设 data_dir / set another"
            )
    for name, path in log.items():
        if (folder / BUS / name).exists():
            durability.bring(folder / BUS / name, path)
    places = {OBJECTS: object_folder(settings.objects), CARRIED: Path(settings.carry.folder)}
    for part, place in places.items():
        if place is not None:
            for path in _files(folder / part):
                durability.bring(path, place / path.relative_to(folder / part))
    databases.restore(settings.store, folder)
    return manifest


def move_aside(settings: Settings) -> list[Path]:
    """Give the store's file, the log and what was carried other names, so that a restore finds an empty place; returns
    the new names. Objects stay: their names are their contents. A server's database is left to its administrator.
    Everything that uses them must have been stopped."""
    stamp, moved = f"{now():%Y%m%dT%H%M%SZ}", []
    store = database_file(settings.store)
    files = [path for path in (store, *_log_files(settings).values()) if path is not None]
    beside = [path.with_name(f"{path.name}{tail}") for path in files for tail in ("-wal", "-shm")]
    for path in (*files, *beside, Path(settings.carry.folder)):
        if path.exists():
            moved.append(path.rename(path.with_name(f"before-{stamp}-{path.name}")))
    return moved


def _log_files(settings: Settings) -> dict[str, Path]:
    """The files of the embedded log and of a producer's spool by their names in a backup, offsets before messages."""
    found = {}
    if settings.bus.url.startswith(SQLITE):
        messages = Path(settings.bus.url.removeprefix(SQLITE))
        found = {"groups.sqlite": groups_file(messages), "messages.sqlite": messages}
    if settings.bus.spool:
        spool = Path(settings.bus.spool)
        found |= {"spool-groups.sqlite": groups_file(spool), "spool.sqlite": spool}
    return found


def _copy_bus(settings: Settings, to: Path, left_out: dict[str, str]) -> None:
    if not settings.bus.url.startswith(SQLITE):
        left_out["bus"] = "Kafka"
    for name, path in _log_files(settings).items():
        if path.exists():
            to.mkdir(exist_ok=True)
            databases.copy_sqlite(path, to / name)


def _copy_objects(settings: Settings, to: Path, left_out: dict[str, str]) -> tuple[str, ...]:
    """Copy every object; returns those whose bytes are not what their name says."""
    folder = object_folder(settings.objects)
    if folder is None:
        left_out["objects"] = settings.objects.url
        return ()
    damaged = []
    for path in _files(folder):
        target = to / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if _sha256(target) != path.name:
            damaged.append(path.name)
    return tuple(damaged)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _kept(path: Path, folder: Path) -> Kept:
    return Kept(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
