"""Captures and pictures by their SHA-256, in a folder or an S3-compatible bucket, both through obstore.

An object lies at `HH/HASH` (the hash's first two digits, then the hash). Its name is its content: writing twice is
harmless, and reading verifies. A file is complete before it has its name, and on the disk before `put` returns.
"""

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from models import durability, room
from models.errors import ConfigurationError, JianzhenError, NotFoundError, TransientFault
from models.storage.settings import ObjectSettings

if TYPE_CHECKING:
    from obstore.store import S3Config

HASH = re.compile(r"[0-9a-f]{64}")


def open_objects(settings: ObjectSettings) -> "FileObjects | BucketObjects":
    """The object store at that address. A folder is created; a bucket must exist. Raises `ConfigurationError`."""
    address = urlsplit(settings.url)
    if address.scheme == "s3":
        return BucketObjects(settings)
    if address.scheme == "file":
        return FileObjects(Path(unquote(address.path)))
    if "://" in settings.url or not settings.url:
        raise ConfigurationError(
            f"no object store is known for {settings.url!r}",
            where="objects url",
            mend="write a folder's path, file:///PATH or s3://BUCKET/PREFIX",
        )
    return FileObjects(Path(settings.url))


def object_folder(settings: ObjectSettings) -> Path | None:
    """The folder of an object store that is one; None for a bucket."""
    address = urlsplit(settings.url)
    if address.scheme == "s3":
        return None
    return Path(unquote(address.path)) if address.scheme == "file" else Path(settings.url)


class FileObjects:
    """Implements `models.ports.ObjectStore` on a folder. Many processes may share it."""

    def __init__(self, folder: Path) -> None:
        try:
            self._store = LocalStore(folder, mkdir=True)
        except (BaseError, OSError) as fault:
            raise ConfigurationError(f"the object folder cannot be made: {fault}", where=str(folder)) from fault
        self._folder = folder

    def put(self, data: bytes) -> str:
        """See the port. A damaged file of that name is replaced."""
        name = hashlib.sha256(data).hexdigest()
        try:
            if not self._holds(name, data):
                obstore.put(self._store, _path(name), data)
            file = self._folder / _path(name)
            durability.settle(file, file.parent, self._folder)  # and the names that lead to it
        except (BaseError, OSError) as fault:
            raise _fault(fault, str(self._folder)) from fault
        return name

    def get(self, sha256: str) -> bytes:
        """See the port."""
        return _read(self._store, sha256, str(self._folder))

    def has(self, sha256: str) -> bool:
        """See the port."""
        return _has(self._store, sha256, str(self._folder))

    def _holds(self, name: str, data: bytes) -> bool:
        try:
            return bytes(obstore.get(self._store, _path(name)).bytes()) == data
        except FileNotFoundError:
            return False


class BucketObjects:
    """Implements `models.ports.ObjectStore` on a bucket of an S3-compatible server."""

    def __init__(self, settings: ObjectSettings) -> None:
        address = urlsplit(settings.url)
        if not address.netloc:
            raise ConfigurationError("the bucket is missing", where="objects url", mend="write s3://BUCKET/PREFIX")
        config: S3Config = {"region": settings.region}
        if settings.endpoint:
            config["endpoint"] = settings.endpoint
        if settings.access_key:
            config["access_key_id"] = settings.access_key
            config["secret_access_key"] = settings.secret_key.get_secret_value()
        self._where = settings.url
        self.client = S3Store(
            address.netloc,
            prefix=address.path.strip("/") or None,
            config=config,
            client_options={
                "allow_http": settings.endpoint.startswith("http://"),
                "timeout": timedelta(seconds=settings.timeout_s),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=settings.timeout_s)},
        )

    def put(self, data: bytes) -> str:
        """See the port. An object of that name but another size is replaced."""
        name = hashlib.sha256(data).hexdigest()
        try:
            if self._size(name) != len(data):
                obstore.put(self.client, _path(name), data)
        except (BaseError, OSError) as fault:
            raise _fault(fault, self._where) from fault
        return name

    def get(self, sha256: str) -> bytes:
        """See the port."""
        return _read(self.client, sha256, self._where)

    def has(self, sha256: str) -> bool:
        """See the port."""
        return _has(self.client, sha256, self._where)

    def _size(self, name: str) -> int | None:
        try:
            return int(obstore.head(self.client, _path(name))["size"])
        except FileNotFoundError:
            return None


def _path(name: str) -> str:
    return f"{name[:2]}/{name}"


def _read(store: LocalStore | S3Store, sha256: str, where: str) -> bytes:
    if not HASH.fullmatch(sha256):
        raise NotFoundError(f"{sha256!r} is not a SHA-256 in lower-case hex", where=where)
    try:
        data = bytes(obstore.get(store, _path(sha256)).bytes())
    except FileNotFoundError:
        raise NotFoundError(f"no object {sha256}", where=where) from None
    except (BaseError, OSError) as fault:
        raise _fault(fault, where) from fault
    if hashlib.sha256(data).hexdigest() != sha256:
        raise JianzhenError(f"the bytes of object {sha256} were changed", where=where, mend="restore it from a backup")
    return data


def _has(store: LocalStore | S3Store, sha256: str, where: str) -> bool:
    if not HASH.fullmatch(sha256):
        return False
    try:
        obstore.head(store, _path(sha256))
    except FileNotFoundError:
        return False
    except (BaseError, OSError) as fault:
        raise _fault(fault, where) from fault
    return True


def _fault(fault: Exception, where: str) -> JianzhenError:
    if room.none_for_file(fault):
        return room.none_left(where)
    first = (str(fault).splitlines() or [type(fault).__name__])[0]
    if isinstance(fault, PermissionDeniedError | UnauthenticatedError | PermissionError | FileNotFoundError):
        return ConfigurationError(
            f"the object store refuses: {first}", where=where, mend="check the bucket, the keys and the rights"
        )
    return TransientFault(f"the object store does not answer: {first}", where=where)
